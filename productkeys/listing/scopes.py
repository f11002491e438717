"""Whose a key is, in the words that a person may read: a scope is named to those alone who may look keys up in it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from productkeys.models import ProductKey, reference

if TYPE_CHECKING:
    from keyportal.people.models import User

ScopeNames = tuple[tuple[int, str], ...]
"""Scopes by id and name. What is made for a reader and kept for others is kept under these as well."""


def scopes_named_to(person: "User") -> ScopeNames:
    """The scopes whose names `person` may read; none where the portal has nothing to tell apart. Asks nothing."""
    facts, own = reference.current(), person.scopes_with("productkeys.view_productkey")
    if not facts.has_scopes:
        return ()
    return tuple((pk, name) for pk, name in facts.scopes.items() if own is None or pk in own)


def scope_label(scope: int | None, names: Mapping[int, str]) -> str:
    """What the scope of a key is called for a reader who may know `names`: a key shared with them is "shared"."""
    return _("everybody's") if scope is None else names.get(scope) or _("shared with you")


def belonging_of(key: ProductKey, *, reader: "User") -> list[tuple[str, str]]:
    """Whose `key` is, and with whom it is shared, as labelled facts; empty in a portal that speaks of no scopes."""
    names = dict(scopes_named_to(reader))
    if not reference.current().has_scopes:
        return []
    facts = [(_("Scope"), scope_label(key.scope_id, names))]
    if key.scope_id in names:
        shared = [names[pk] for pk in key.shared_with.values_list("pk", flat=True) if pk in names]
        if shared:
            facts.append((_("Also shared with"), ", ".join(shared)))
    return facts
