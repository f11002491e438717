"""The filter of the list by agreement. Its choices are those that are there for the reader and have keys."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.listing.scopes import ScopeNames
from productkeys.models import Agreement, ProductKey, reference
from productkeys.models.agreement import AgreementQuerySet

AGREEMENT = "agreement"
NO_AGREEMENT = "none"
NOT_THERE = "unknown"
"""An agreement that is gone or not there for this reader: it finds nothing, and both look alike."""


def labels(scopes: ScopeNames) -> dict[str, str | Promise]:
    """The agreements with keys, by number, for a reader to whom these scopes are named; empty where there are none."""
    if not reference.current().agreements:
        return {}
    with_keys = ProductKey.objects.filter(agreement=OuterRef("pk"))
    found = _there_for(scopes).filter(Exists(with_keys)).values_list("pk", "number", "vendor")
    named = {str(pk): f"{number} · {vendor}" if vendor else number for pk, number, vendor in found}
    return {NO_AGREEMENT: _("none"), **named} if named else {}


def known(values: Collection[str], scopes: ScopeNames) -> tuple[str, ...]:
    """Those of `values` that the filter knows, and `NOT_THERE` for all others: without it, the list would show more."""
    numbers = {int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 16}
    there = (
        {str(pk) for pk in _there_for(scopes).filter(pk__in=numbers).values_list("pk", flat=True)} if numbers else set()
    )
    found = (*([NO_AGREEMENT] if NO_AGREEMENT in values else []), *sorted(there))
    return (*found, NOT_THERE) if set(values) - set(found) else found


def value_of(choice: str) -> int | None:
    """What the choice stands for in the column."""
    return int(choice) if choice.isdecimal() else None


def condition(choices: Iterable[str]) -> Q:
    """Which keys any of `choices` finds."""
    chosen = set(choices)
    under = Q(agreement__in=sorted(int(choice) for choice in chosen if choice.isdecimal()))
    return under | Q(agreement__isnull=True) if NO_AGREEMENT in chosen else under


def _there_for(scopes: ScopeNames) -> AgreementQuerySet:
    """The agreements that are there for a reader to whom `scopes` are named; all where there is a single scope."""
    if not reference.current().has_scopes:
        return Agreement.objects.all()
    return Agreement.objects.filter(Q(scope__isnull=True) | Q(scope__in=[pk for pk, _name in scopes]))
