"""The way back for somebody who lost phone and key: others remove the second factor, and the trail says who did."""

from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import transaction

from keyportal.people import recording
from keyportal.people.models import User
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.origin import Origin

_COUNTED_AS = {"app": "allauth.account", "action": "login_failed"}


@transaction.atomic
def remove_all(person: User, *, origin: Origin, reason: str = "") -> int:
    """Remove every second factor of `person`, recovery codes too, and the lock after wrong ones; returns how many."""
    factors = list(Authenticator.objects.select_for_update().filter(user=person).order_by("pk"))
    if factors:
        Authenticator.objects.filter(pk__in=[factor.pk for factor in factors]).delete()
        trail.record(
            trail.entry(
                Action.FACTOR_REMOVED,
                origin=origin,
                subject=(person.uid, person.get_username()),
                reason=reason,
                before={"second_factor": [recording.in_words(factor) for factor in factors]},
            )
        )
    transaction.on_commit(lambda: _end_the_lock(person))
    return len(factors)


def _end_the_lock(person: User) -> None:
    for rate in ratelimit.get_rates(**_COUNTED_AS):
        if rate.per == "key":
            cache.delete(ratelimit.get_cache_key(None, rate=rate, key=f"mfa-auth-user-{person.pk}", **_COUNTED_AS))
