"""How many keys one person may reveal in an hour. One more stops all reveals until an administrator has looked.

Whoever reads keys in a row is perhaps not who they say they are: then the next account is stopped as well. The trail
itself holds whether reveals are stopped: by its last entry about it. An export with whole keys counts as one reveal,
however many keys it has: auditors are told of each.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from productkeys.models import TrailEntry
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.origin import Origin

HOUR = timedelta(hours=1)


class Stopped(Exception):
    """Nobody reveals a key now. `passed` tells whether it was this very act that passed the limit."""

    def __init__(self, *, passed: bool) -> None:
        super().__init__("reveals are stopped")
        self.passed = passed


def stop() -> TrailEntry | None:
    """The entry that stopped the reveals, with who passed the limit; None where they are not stopped."""
    about = TrailEntry.objects.filter(action__in=(Action.REVEALS_STOPPED, Action.REVEALS_RELEASED))
    last = about.order_by("-id").first()
    return last if last and last.action == Action.REVEALS_STOPPED else None


def wait_for_turn(origin: Origin) -> None:
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
