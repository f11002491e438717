"""Whose keys a person may keep: the scopes in which they hold the right to it."""

from collections.abc import Collection, Container

from productkeys.domain import rulebook
from productkeys.domain.rulebook import Problem
from productkeys.models import Agreement, ProductKey, reference
from productkeys.services.origin import Origin

VIEW = "productkeys.view_productkey"
ADD = "productkeys.add_productkey"
CHANGE = "productkeys.change_productkey"
DELETE = "productkeys.delete_productkey"

Place = int | None
"""Where a key may be: the id of a scope, or None for everybody's."""


def problems_of(scope: Place, *, origin: Origin, key: ProductKey | None = None) -> list[Problem]:
    """What stands against a new key in `scope`, or against `key` being there.

    Who moves a key needs the right to change it where it is, and the right to add one where it goes.
    """
    if key and (found := problems_of_act(key, CHANGE, origin=origin)):
        return found
    stays = key is not None and scope == key.scope_id
    return [] if stays or may_come_to(scope, ADD, origin=origin) else [rulebook.SCOPE_NOT_YOURS.broken()]


def may_come_to(scope: Place, right: str, *, origin: Origin) -> bool:
    """Whether something that takes `right` may come to `scope`, which somebody may have deleted meanwhile."""
    return holds(origin, right, scope) and (scope is None or scope in reference.current().scopes)


def problems_of_act(key: ProductKey, right: str, *, origin: Origin) -> list[Problem]:
    """What stands against doing to `key` what needs `right`: that it belongs where the person does not hold it.

    Asks the database nothing beyond the person, who comes with their rights, so that thousands of keys can be judged.
    """
    return [] if holds(origin, right, key.scope_id) else [rulebook.KEY_NOT_YOURS.broken()]


def problems_of_sharing(origin: Origin) -> list[Problem]:
    """What stands against sharing a key with other scopes than now."""
    return [] if origin.person is None or may_share(origin) else [rulebook.SHARING_NOT_YOURS.broken()]


def problems_of_agreement(
    agreement: int | None, *, origin: Origin, visible: Container[int] | None = None
) -> list[Problem]:
    """What stands against putting a key under `agreement` (its id): that there is none for this person.

    `visible` are ids that were looked up before, where many keys are judged (`visible_agreements`).
    """
    if agreement is None:
        return []
    found = visible_agreements(origin, [agreement]) if visible is None else visible
    return [] if agreement in found else [rulebook.AGREEMENT_UNKNOWN.broken()]


def visible_agreements(origin: Origin, wanted: Collection[int]) -> frozenset[int]:
    """Those of the agreements `wanted` (their ids) that are there for the acting person."""
    found = Agreement.objects.filter(pk__in=wanted)
    if origin.person is not None:
        found = found.visible_to(origin.person)
    return frozenset(found.values_list("pk", flat=True))


def may_share(origin: Origin) -> bool:
    """Whether the acting person may share keys with further scopes: it concerns people of all of them."""
    return origin.person is not None and origin.person.scopes_with(CHANGE) is None


def places(origin: Origin, key: ProductKey | Agreement | None = None) -> list[Place]:
    """Where the acting person may put a new key or agreement, or `key` (where it is comes into it).

    Everybody's comes first, then the scopes by name.
    """
    everywhere: list[Place] = [None, *reference.current().scopes]
    return [place for place in everywhere if holds(origin, ADD, place) or (key is not None and place == key.scope_id)]


def scopes_known_to(origin: Origin) -> dict[int, str]:
    """The names of the scopes that the acting person may know of, by id: those in which they may look keys up."""
    return {scope: name for scope, name in reference.current().scopes.items() if holds(origin, VIEW, scope)}


def holds(origin: Origin, right: str, scope: Place) -> bool:
    """Whether the right reaches what belongs to `scope`; the portal itself may do everything."""
    if origin.person is None:
        return True
    scopes: Collection[int] | None = origin.person.scopes_with(right)
    return scopes is None or scope in scopes
