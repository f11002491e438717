"""The one gate of all reveals: how many keys one person may have in an hour.

One more stops all reveals until an administrator has looked. Whoever reads keys in a row is perhaps not who they say
they are: then the next account is stopped as well. The trail itself holds whether reveals are stopped: by its last
entry about it. An export with whole keys counts as one reveal, however many keys it has: auditors are told of each.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from productkeys.models import TrailEntry
from productkeys.models.trail import Action, Why
from productkeys.services import trail
from productkeys.services.origin import Origin

HOUR = timedelta(hours=1)

T = TypeVar("T")


class Stopped(Exception):
    """Nobody reveals a key now. `passed` tells whether it was this very act that passed the limit."""

    def __init__(self, *, passed: bool) -> None:
        super().__init__("reveals are stopped")
        self.passed = passed


class Repeated(Exception):
    """This act is in the trail already."""


def stop() -> TrailEntry | None:
    """The entry that stopped the reveals, with who passed the limit; None where they are not stopped."""
    about = TrailEntry.objects.filter(action__in=(Action.REVEALS_STOPPED, Action.REVEALS_RELEASED))
    last = about.order_by("-id").first()
    return last if last and last.action == Action.REVEALS_STOPPED else None


def within_limit(
    record: Callable[[], T], *, refusal: Callable[[Why], TrailEntry], origin: Origin, act: UUID | None = None
) -> T:
    """Let `record` put a reveal into the trail for good, unless it is one too many: then `refusal` says why not.

    Gives what `record` gives. Raises Repeated where the trail has an entry with the uid `act` already, Stopped
    where too many keys were revealed.
    """
    # durable: never inside another transaction, whose rollback would take the entry away after the key was shown.
    with transaction.atomic(durable=True):
        _wait_for_turn(origin)
        if act and TrailEntry.objects.filter(uid=act).exists():
            raise Repeated
        if stop() is not None:
            why = Why.STOPPED
        elif is_passed(origin):
            why = Why.TOO_MANY
            trail.record(trail.entry(Action.REVEALS_STOPPED, origin=origin))
        else:
            return record()
        trail.record(refusal(why))
    raise Stopped(passed=why is Why.TOO_MANY)


def _wait_for_turn(origin: Origin) -> None:
    """Until this transaction ends, no other act of the same person comes this far: each sees what the last one did."""
    if origin.person:
        get_user_model().objects.select_for_update().get(pk=origin.person.pk)


def is_passed(origin: Origin) -> bool:
    """Whether the person of `origin` has had all reveals of this hour."""
    limit = settings.REVEALS_PER_HOUR
    if not limit or origin.person is None:
        return False
    since = max(timezone.now() - HOUR, _last_release())
    reads = Q(action=Action.REVEALED) | Q(action=Action.KEYS_EXPORTED, after__plain=True)
    had = TrailEntry.objects.filter(reads, actor_uid=origin.person.uid, at__gt=since)
    return bool(had.count() >= limit)


@transaction.atomic
def release(*, origin: Origin) -> None:
    """Let keys be revealed again, and count from now on; does nothing where they are not stopped."""
    if stop():
        trail.record(trail.entry(Action.REVEALS_RELEASED, origin=origin))


def _last_release() -> datetime:
    released = TrailEntry.objects.filter(action=Action.REVEALS_RELEASED).order_by("-id")
    return released.values_list("at", flat=True).first() or timezone.now() - HOUR
