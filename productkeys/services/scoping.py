"""Whose keys a person may keep: the scopes in which they hold the right to it."""

from collections.abc import Collection

from productkeys.domain import rulebook
from productkeys.domain.rulebook import Problem
from productkeys.models import ProductKey
from productkeys.services.origin import Origin

ADD = "productkeys.add_productkey"
CHANGE = "productkeys.change_productkey"
DELETE = "productkeys.delete_productkey"


def problems_of(scope: int | None, *, origin: Origin, key: ProductKey | None = None) -> list[Problem]:
    """What stands against a new key in `scope` (an id; None is everybody's), or against `key` being there.

    Who moves a key needs the right to change it where it is, and the right to add one where it goes.
    """
    if key and (found := problems_of_act(key, CHANGE, origin=origin)):
        return found
    stays = key is not None and scope == key.scope_id
    return [] if stays or _holds(origin, ADD, scope) else [rulebook.SCOPE_NOT_YOURS.broken()]


def problems_of_act(key: ProductKey, right: str, *, origin: Origin) -> list[Problem]:
    """What stands against doing to `key` what needs `right`: that it belongs where the person does not hold it.

    Asks the database nothing beyond the person, who comes with their rights, so that thousands of keys can be judged.
    """
    return [] if _holds(origin, right, key.scope_id) else [rulebook.KEY_NOT_YOURS.broken()]


def _holds(origin: Origin, right: str, scope: int | None) -> bool:
    """Whether the right reaches what belongs to `scope`; the portal itself may do everything."""
    if origin.person is None:
        return True
    scopes: Collection[int] | None = origin.person.scopes_with(right)
    return scopes is None or scope in scopes
