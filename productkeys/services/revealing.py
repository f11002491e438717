"""Revealing a product key: the entry in the trail is committed before the key leaves."""

import uuid

from django.db import transaction

from productkeys.domain import rules
from productkeys.domain.keycode import KeyCode, parse
from productkeys.models import ProductKey, TrailEntry
from productkeys.models.trail import Action, Why
from productkeys.services import reveal_limit, trail
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.reveal_limit import Stopped


class Repeated(Exception):
    """This act is in the trail already."""


def reveal(key: ProductKey, *, reason: str, origin: Origin, act: uuid.UUID | None = None) -> KeyCode:
    """The key of `key`, after who, when and why are in the trail for good.

    `act` becomes the uid of the entry. Raises Repeated where the trail has it already, Refused where the reason
    contains a product key, Stopped where too many keys were revealed, InvalidTag where the ciphertext belongs to
    another entry.
    """
    if problem := rules.problem_of_text(reason, "reason"):
        raise Refused([problem])
    # durable: never inside another transaction, whose rollback would take the entry away after the key was shown.
    with transaction.atomic(durable=True):
        reveal_limit.wait_for_turn(origin)
        if act and TrailEntry.objects.filter(uid=act).exists():
            raise Repeated
        stopped = reveal_limit.stop() is not None
        passed = not stopped and reveal_limit.is_passed(origin)
        if passed:
            trail.record(trail.entry(Action.REVEALS_STOPPED, origin=origin))
        if stopped or passed:
            trail.record(_refusal(key, Why.TOO_MANY if passed else Why.STOPPED, origin))
        else:
            trail.record(trail.entry(Action.REVEALED, uid=act, origin=origin, key=key, reason=reason))
    if stopped or passed:
        raise Stopped(passed=passed)
    return parse(key.code.open())


def refuse(key: ProductKey, why: Why, *, origin: Origin) -> None:
    """Keep in the trail that somebody wanted to read `key` and was not let, and why."""
    trail.record(_refusal(key, why, origin))


def _refusal(key: ProductKey, why: Why, origin: Origin) -> TrailEntry:
    return trail.entry(Action.REVEAL_REFUSED, origin=origin, key=key, reason=why.value)
