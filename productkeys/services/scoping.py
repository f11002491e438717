"""Whose keys a person may keep: the scopes in which they hold the right to it."""

from collections.abc import Collection

from productkeys.domain import rulebook
from productkeys.domain.rulebook import Problem
from productkeys.models import ProductKey
from productkeys.services.origin import Origin

ADD, CHANGE = "productkeys.add_productkey", "productkeys.change_productkey"


def problems_of(scope: int | None, *, origin: Origin, key: ProductKey | None = None) -> list[Problem]:
    """What stands against a new key in `scope` (an id; None is everybody's), or against `key` being there.

    Who moves a key needs the right to change it where it is, and the right to add one where it goes.
    """
    if origin.person is None:
        return []
    moves = key is None or scope != key.scope_id
    allowed = (key is None or _reaches(origin.person.scopes_with(CHANGE), key.scope_id)) and (
        not moves or _reaches(origin.person.scopes_with(ADD), scope)
    )
    return [] if allowed else [rulebook.SCOPE_NOT_YOURS.broken()]


def _reaches(scopes: Collection[int] | None, scope: int | None) -> bool:
    return scopes is None or scope in scopes
