"""The handbook's list of rules, made from the rules themselves."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from productkeys.domain import agreements
from productkeys.domain.rulebook import KEY_FORMAT_RULES, RULES
from productkeys.models import reference

_TITLES = {
    "key_type": _("Type"),
    "usage": _("Used for"),
    "quantity": _("Quantity"),
    "in_use": _("In use"),
    "microsoft_used": _("Microsoft's count"),
    "microsoft_counted_on": _("Day of Microsoft's count"),
    "operating_system": _("Operating system"),
    "edition": _("Edition"),
    "architecture": _("Architecture"),
    "code": _("Product key"),
    "name": _("Name and standard keys"),
    "comment": _("Name, comment and reasons"),
    "labels": _("Labels"),
    "scope": _("Scope"),
    "shared_with": _("Also shared with"),
    "agreement": _("Agreement"),
}
_OF_SCOPES = frozenset({"scope", "shared_with"})

IN_GENERAL: Mapping[str, Promise] = {
    "architecture": _("[architecture]"),
    "character": _("[character]"),
    "count": _("[number]"),
    "declared": _("[type]"),
    "edition": _("[edition]"),
    "found": _("[number]"),
    "in_use": _("[number]"),
    "known": _("[architectures]"),
    "label": _("[label]"),
    "limit": _("[number]"),
    "name": _("[name]"),
    "place": _("[place]"),
    "proposal": _("[what it may be instead]."),
    "system": _("[operating system]"),
    "type": _("[type]"),
}
"""What stands for the particulars where a rule is told in general."""


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule by the field it speaks of: what is wrong, what to do, where the rule comes from.

    A portal with a single scope does not speak of scopes.
    """
    all_rules = [*RULES, *KEY_FORMAT_RULES.values()]
    groups = [
        (title, [(rule, *rule.told(IN_GENERAL)) for rule in all_rules if rule.field == field])
        for field, title in _TITLES.items()
        if field not in _OF_SCOPES or reference.current().has_scopes
    ]
    groups.append((_("Agreements"), [(rule, *rule.told(IN_GENERAL)) for rule in agreements.RULES]))
    return render(request, "productkeys/rules.html", {"groups": groups})
