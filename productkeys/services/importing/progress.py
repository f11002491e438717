"""How far an import is, for people who wait for it."""

import time
from dataclasses import dataclass

from django.utils import timezone

from productkeys.models import Import
from productkeys.models.importing import State
from productkeys.services.importing import running


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` rows (None where nobody knows yet), rows per second and seconds left (None before they can be
    told). `working` says whether a worker has said anything lately: without one nothing goes on.
    """

    done: int
    total: int | None
    per_second: int | None
    seconds_left: int | None
    working: bool


def progress(imp: Import) -> Progress:
    """How far `imp` is with what the portal is doing with it."""
    if imp.state in (State.STORING, State.UNDOING):
        total = imp.total if imp.state == State.STORING else imp.stored
        said = running.told(imp.uid)
        if said is None:
            return Progress(0, total, None, None, working=False)
        return _progress(said.done, total, time.time() - said.began, working=said.is_fresh)
    seconds = (timezone.now() - imp.began_at).total_seconds() if imp.began_at else 0
    working = bool(imp.lease_until and imp.lease_until > timezone.now())
    return _progress(imp.checked, imp.total, seconds, working=working)


def _progress(done: int, total: int | None, seconds: float, *, working: bool) -> Progress:
    rate = done / seconds if done and seconds > 0 else 0
    left = round((total - done) / rate) if rate and total is not None else None
    return Progress(done, total, round(rate) or None, left, working)
