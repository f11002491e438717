"""Revealing a product key: the entry in the trail is committed before the key leaves."""

import uuid

from productkeys.domain import rules
from productkeys.domain.keycode import KeyCode, parse
from productkeys.models import ProductKey, TrailEntry
from productkeys.models.trail import Action, Why
from productkeys.services import reveal_limit, trail
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin


def reveal(key: ProductKey, *, reason: str, origin: Origin, act: uuid.UUID | None = None) -> KeyCode:
    """The key of `key`, after who, when and why are in the trail for good.

    `act` becomes the uid of the entry. Raises Repeated where the trail has it already, Refused where the reason
    contains a product key, Stopped where too many keys were revealed, InvalidTag where the ciphertext belongs to
    another entry.
    """
    if problem := rules.problem_of_text(reason, "reason"):
        raise Refused([problem])
    reveal_limit.within_limit(
        lambda: trail.record(trail.entry(Action.REVEALED, uid=act, origin=origin, key=key, reason=reason)),
        refusal=lambda why: _refusal(key, why, origin),
        origin=origin,
        act=act,
    )
    return parse(key.code.open())


def refuse(key: ProductKey, why: Why, *, origin: Origin) -> None:
    """Keep in the trail that somebody wanted to read `key` and was not let, and why."""
    trail.record(_refusal(key, why, origin))


def _refusal(key: ProductKey, why: Why, origin: Origin) -> TrailEntry:
    return trail.entry(Action.REVEAL_REFUSED, origin=origin, key=key, reason=why.value)
