"""The filters of the workspace's list at the side of the admin's list: same names in the address, same meaning.

They only offer the choices. What is found is read from the whole address at once, by listing/query.py.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Status
from productkeys.listing.filters import FILTERS, VIEWS, OpenFilter
from productkeys.listing.scopes import scopes_named_to
from productkeys.models import ProductKey


class _OfTheList(admin.SimpleListFilter):
    """A filter that leaves finding to `ListQuery`."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[ProductKey]) -> None:
        """Nothing: see ProductKeyAdmin.get_search_results."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Django calls its first choice "All", which reads like an architecture's "any" in German."""
        without, *others = super().choices(changelist)
        yield {**without, "display": _("No filter")}
        yield from others


class StatusFilter(_OfTheList):
    """Which shelf is looked at; without a choice the active keys."""

    title, parameter_name = _("Status"), "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _condition) in VIEWS.items()]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        chosen = self.value() if self.value() in VIEWS else Status.ACTIVE.value
        for name, label in self.lookup_choices:
            address = changelist.get_query_string({"status": name if name != Status.ACTIVE else None}, ["status"])
            yield {"selected": chosen == name, "query_string": address, "display": label}


def _filter(name: str) -> type[_OfTheList]:
    declared = FILTERS[name]

    def lookups(self: _OfTheList, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if isinstance(declared, OpenFilter):
            # The admin's list does not ask for all there are: it says what the address holds, and can take it away.
            return [(choice, declared.called(choice, ())) for choice in declared.understood(request.GET.getlist(name))]
        assert request.user.is_authenticated
        return list(declared.labels(scopes_named_to(request.user)).items())

    return type(
        f"{name.capitalize()}Filter",
        (_OfTheList,),
        {"title": declared.label, "parameter_name": name, "lookups": lookups},
    )


LIST_FILTERS: tuple[type[admin.ListFilter], ...] = (StatusFilter, *(_filter(name) for name in FILTERS))
PARAMETERS = frozenset({"status", *FILTERS})
"""The only lookups that an address of the admin's list may hold: none on the columns of the key itself."""
