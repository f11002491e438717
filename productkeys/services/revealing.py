"""Revealing a product key: the entry in the trail is committed before the key leaves."""

from django.db import transaction

from productkeys.domain import rules
from productkeys.domain.keycode import KeyCode, parse
from productkeys.models import ProductKey
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin


def reveal(key: ProductKey, *, reason: str, origin: Origin) -> KeyCode:
    """The key of `key`, after who, when and why are in the trail for good.

    Raises Refused where the reason contains a product key, InvalidTag where the ciphertext belongs to another entry.
    """
    if problem := rules.problem_of_text(reason, "reason"):
        raise Refused([problem])
    # durable: never inside another transaction, whose rollback would take the entry away after the key was shown.
    with transaction.atomic(durable=True):
        trail.record(trail.entry(Action.REVEALED, origin=origin, key=key, reason=reason))
    return parse(key.code.open())
