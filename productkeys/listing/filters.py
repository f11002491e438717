"""The filters of the list: what each can be set to, which keys it finds, and how many of them there are.

A filter means "usable for": Windows 11 also finds the keys of "Windows 11 / Windows 10", x64 also finds "any" where the
system has x64. What a filter finds and what it counts are read from one statement, so that a count never promises other
keys than the filter then shows.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from productkeys.domain import microsoft_count
from productkeys.domain.choices import Architecture, Difference, KeyType, Status, Usage
from productkeys.listing import agreement_filter, import_filter, labels
from productkeys.listing.agreement_filter import AGREEMENT
from productkeys.listing.badges import SHORT_FROM_PERMILLE
from productkeys.listing.scopes import ScopeNames, scope_label
from productkeys.models import reference
from productkeys.models.label import identity_of
from productkeys.models.product_key import ProductKeyQuerySet

Labels = Mapping[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. `reads` are the columns that decide about a key; `finds` says which of their values a choice finds.

    `condition` says the same to the database, for any number of choices at once. `labels` are the choices, for a reader
    to whom these scopes are named. `value_of` gives the one value that a choice finds, where there are many of them.
    """

    name: str
    label: str | Promise
    labels: Callable[[ScopeNames], Labels]
    reads: tuple[str | Combinable, ...]
    finds: Callable[[str, Any], bool]
    condition: Callable[[Collection[str]], Q]
    value_of: Callable[[str], Hashable] | None = field(default=None, kw_only=True)

    def called(self, choice: str, scopes: ScopeNames) -> str:
        """What a choice in an address is called."""
        return str(self.labels(scopes).get(choice, _("unknown")))

    def count(self, groups: Counter[Hashable], choices: Iterable[str]) -> dict[str, int]:
        """How many keys each of `choices` finds, among groups of keys by the values of `reads`."""
        if self.value_of:
            return {choice: groups[self.value_of(choice)] for choice in choices}
        return {
            choice: sum(number for value, number in groups.items() if self.finds(choice, value)) for choice in choices
        }


@dataclass(frozen=True, slots=True)
class OpenFilter(Filter):
    """A filter whose choices are rows of the database; `labels` knows none of them.

    `understood` are those values of an address that can be choices, `naming` is what one is called. Two choices with
    the same `identity` are one. Where the filter stands in a menu, `counted` gives the choices that some of the keys
    have, with how many of them each finds; `in_use` those of keys that are too many to be counted, with their names.
    """

    understood: Callable[[Iterable[str]], tuple[str, ...]]
    in_use: Callable[[ProductKeyQuerySet], Labels] = lambda _keys: {}
    counted: Callable[[ProductKeyQuerySet], Mapping[str, int]] = lambda _keys: {}
    identity: Callable[[str], str] = str
    naming: Callable[[str], str] = str

    def called(self, choice: str, scopes: ScopeNames) -> str:
        return self.naming(choice)


def _plain(name: str, label: str | Promise, column: str, labels: Callable[[ScopeNames], Labels]) -> Filter:
    """A filter whose choices are the values of a column."""
    return Filter(
        name,
        label,
        labels,
        (column,),
        lambda choice, value: bool(choice == value),
        lambda choices: Q(**{f"{column}__in": sorted(choices)}),
    )


def _systems(_scopes: ScopeNames) -> Labels:
    return {slug: system.name for slug, system in reference.current().systems.items()}


def _system_condition(choices: Collection[str]) -> Q:
    covering = reference.current().covering
    return Q(operating_system_id__in=sorted(frozenset().union(*(covering[choice] for choice in choices))))


def _runs_on(choice: str, value: tuple[str, str, str]) -> bool:
    architecture, slug, edition = value
    if architecture != Architecture.ANY:
        return architecture == choice
    system = reference.current().systems.get(slug)
    if choice == Architecture.ANY or system is None:
        return choice == Architecture.ANY
    # An edition that the system does not list (any more) is judged by the system.
    return choice in (system.architectures_of(edition) or system.architectures)


def _architecture_condition(choices: Collection[str]) -> Q:
    found = Q(architecture__in=sorted(choices))
    if Architecture.ANY in choices:
        return found
    # Nearly every edition of a system runs on the same: few systems have to be asked for their editions.
    whole = []
    for slug, system in reference.current().systems.items():
        if not any(choice in system.architectures for choice in choices):
            continue
        lacking = [
            edition
            for edition in system.offerings
            if not any(_runs_on(choice, (Architecture.ANY, slug, edition)) for choice in choices)
        ]
        if lacking:
            found |= Q(architecture=Architecture.ANY, operating_system_id=slug) & ~Q(edition__in=lacking)
        else:
            whole.append(slug)
    return found | Q(architecture=Architecture.ANY, operating_system_id__in=whole)


_STOCK: dict[str, tuple[str | Promise, Q]] = {
    "free": (_("Free (below 90 %)"), Q(unlimited=0, stock_level__lt=SHORT_FROM_PERMILLE)),
    "short": (_("Short (90 % and more)"), Q(unlimited=0, stock_level__gte=SHORT_FROM_PERMILLE, stock_level__lt=1000)),
    "gone": (_("Used up"), Q(unlimited=0, stock_level__gte=1000)),
    "unlimited": (_("No limit"), Q(unlimited=1)),
}
_ORIGIN: Labels = {"standard": _("Standard key of Microsoft"), "own": _("Own key")}


def _any_stock(choices: Collection[str]) -> Q:
    return reduce(or_, (_STOCK[choice][1] for choice in sorted(choices)))


_COUNTED_BY_MICROSOFT = Q(key_type__in=sorted(microsoft_count.COUNTED_TYPES))
_DIFFERENCE: dict[str, Q] = {
    Difference.MORE.value: _COUNTED_BY_MICROSOFT & Q(microsoft_used__gt=F("in_use")),
    Difference.LESS.value: _COUNTED_BY_MICROSOFT & Q(microsoft_used__lt=F("in_use")),
    Difference.SAME.value: _COUNTED_BY_MICROSOFT & Q(microsoft_used=F("in_use")),
    Difference.NEVER.value: _COUNTED_BY_MICROSOFT & Q(microsoft_used__isnull=True),
}

SCOPE = "scope"
EVERYBODYS = "everybody"
NOT_NAMED = "unknown"
"""A scope that is not there or not named to this reader: it finds nothing, and both look alike."""


def _scopes(scopes: ScopeNames) -> Labels:
    return {EVERYBODYS: scope_label(None, {}), **{str(pk): name for pk, name in scopes}} if scopes else {}


def _scope_condition(choices: Collection[str]) -> Q:
    named = Q(scope__in=sorted(int(choice) for choice in choices if choice not in (EVERYBODYS, NOT_NAMED)))
    return named | Q(scope__isnull=True) if EVERYBODYS in choices else named


FILTERS: dict[str, Filter] = {
    wanted.name: wanted
    for wanted in (
        _plain("type", _("Type"), "key_type", lambda _scopes: dict(KeyType.choices)),
        Filter(
            "os",
            _("Operating system"),
            _systems,
            ("operating_system_id",),
            lambda choice, value: value in reference.current().covering[choice],
            _system_condition,
        ),
        _plain(
            "edition",
            _("Edition"),
            "edition",
            lambda _scopes: {edition: facts.local_label for edition, facts in reference.current().editions.items()},
        ),
        Filter(
            "architecture",
            _("Architecture"),
            lambda _scopes: dict(Architecture.choices),
            ("architecture", "operating_system_id", "edition"),
            _runs_on,
            _architecture_condition,
        ),
        _plain("usage", _("Used for"), "usage", lambda _scopes: dict(Usage.choices)),
        Filter(
            "stock",
            pgettext_lazy("filter", "Stock"),
            lambda _scopes: {choice: label for choice, (label, _condition) in _STOCK.items()},
            (Case(*(When(condition, then=Value(choice)) for choice, (_label, condition) in _STOCK.items())),),
            lambda choice, value: bool(choice == value),
            _any_stock,
        ),
        Filter(
            "origin",
            _("Origin"),
            lambda _scopes: _ORIGIN,
            ("published",),
            lambda choice, published: published is (choice == "standard"),
            lambda choices: Q(published__in=sorted(choice == "standard" for choice in choices)),
        ),
        Filter(
            SCOPE,
            _("Scope"),
            _scopes,
            ("scope_id",),
            lambda choice, scope: bool(choice == (EVERYBODYS if scope is None else str(scope))),
            _scope_condition,
        ),
        OpenFilter(
            labels.FILTER,
            _("Label"),
            lambda _scopes: {},
            (),
            lambda _choice, _value: False,
            labels.condition,
            labels.understood,
            labels.in_use,
            labels.counted,
            identity_of,
        ),
        Filter(
            "difference",
            _("Microsoft's count"),
            lambda _scopes: dict(Difference.choices),
            (Case(*(When(condition, then=Value(choice)) for choice, condition in _DIFFERENCE.items())),),
            lambda choice, value: bool(choice == value),
            lambda choices: reduce(or_, (_DIFFERENCE[choice] for choice in sorted(choices))),
        ),
        Filter(
            AGREEMENT,
            _("Agreement"),
            agreement_filter.labels,
            ("agreement_id",),
            lambda choice, agreement: bool(agreement_filter.value_of(choice) == agreement),
            agreement_filter.condition,
            value_of=agreement_filter.value_of,
        ),
        OpenFilter(
            import_filter.FILTER,
            _("Imported on"),
            lambda _scopes: {},
            (),
            lambda _choice, _value: False,
            import_filter.condition,
            import_filter.understood,
            naming=import_filter.called,
        ),
    )
}
"""The filters that combine freely, by their name in the address."""

VIEWS: dict[str, tuple[str | Promise, Q]] = {
    Status.ACTIVE.value: (_("Active"), Q(shelf=0)),
    Status.ARCHIVED.value: (pgettext_lazy("place", "Archive"), Q(shelf=1)),
    Status.COMPROMISED.value: (_("Compromised"), Q(shelf=0, status=Status.COMPROMISED)),
}
"""Which shelf is looked at; a compromised key stands among the active ones, marked, until it is archived."""


def known(name: str, values: Iterable[str], scopes: ScopeNames) -> tuple[str, ...]:
    """Those of `values` that the filter `name` knows, in its own order and each once.

    A scope or an agreement that is not named to this reader is no value to leave out: without it, the list would show
    more, not less.
    """
    if name == AGREEMENT:
        return agreement_filter.known(set(values), scopes)
    asked, wanted = FILTERS[name], set(values)
    if isinstance(asked, OpenFilter):
        return asked.understood(values)
    found = tuple(choice for choice in asked.labels(scopes) if choice in wanted)
    return (*found, NOT_NAMED) if name == SCOPE and wanted - set(found) else found
