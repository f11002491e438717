"""What was entered on the first page of the wizard, as the second one sums it up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from productkeys.listing.scopes import scope_label
from productkeys.models import Agreement, reference
from productkeys.services.labelling import in_order

if TYPE_CHECKING:
    from keyportal.people.models import User


def entered(general: Mapping[str, Any], *, reader: "User") -> list[tuple[str, str]]:
    """Whose the key will be, what it was bought under and its labels, as labelled facts; `general` is page 1, cleaned.

    What was left out is no fact, nor is the scope in a portal that speaks of no scopes.
    """
    facts: list[tuple[str, str]] = []
    if reference.current().has_scopes:
        facts.append((_("Scope"), scope_label(general.get("scope"), reference.current().scopes)))
    if chosen := general.get("agreement"):
        papers = Agreement.objects.visible_to(reader).filter(pk=chosen).values_list("number", "vendor")
        facts += [(_("Agreement"), " · ".join(filter(None, paper))) for paper in papers]
    if names := general.get("labels"):
        facts.append((_("Labels"), ", ".join(in_order(names))))
    return facts
