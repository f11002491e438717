"""What stands around the rows: views, types, filters, chips, heads, page numbers, each with the address it leads to.

All of it is hashable: what says the same as before is not made again, nor rendered again (the tag `kept`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from productkeys.domain.choices import KeyType, Status
from productkeys.listing.columns import COLUMNS, Column
from productkeys.listing.counts import Choice, HouseCounts, choices_of
from productkeys.listing.filters import FILTERS, VIEWS
from productkeys.listing.paging import Page
from productkeys.listing.query import COLUMNS_MENU, ListQuery
from productkeys.listing.sorting import SORTS
from productkeys.models.product_key import ProductKeyQuerySet

USUAL_TYPES = (KeyType.GVLK, KeyType.MAK, KeyType.KMS_HOST, KeyType.RETAIL)
"""Types that stand side by side; the menu "More" has the others as well."""

NAMED_IN_CHIP = 3


@dataclass(frozen=True, slots=True)
class Link:
    """One way on. `count` is how many keys are there; None where nobody counted."""

    name: str
    label: str
    url: str
    current: bool = False
    count: int | None = None


def _views(query: ListQuery, house: HouseCounts | None) -> tuple[Link, ...]:
    """Active, archive and compromised; the last are part of the first, and not counted apart."""
    shelves = {Status.ACTIVE: False, Status.ARCHIVED: True}
    return tuple(
        Link(
            view,
            str(label),
            query.address(status=view),
            view == query.status,
            house.on_shelf(archived=shelves[Status(view)]) if house and view in shelves else None,
        )
        for view, (label, _condition) in VIEWS.items()
    )


def _types(query: ListQuery, house: HouseCounts | None) -> tuple[Link, ...]:
    """All types, and each of the usual ones alone."""
    chosen = query.chosen.get("type", ())

    def link(key_type: str, label: str | Promise, choices: tuple[str, ...]) -> Link:
        count = house.on_shelf(archived=query.is_archive, key_type=key_type) if house else None
        return Link(key_type, str(label), query.choosing("type", choices), chosen == choices, count)

    return (link("", _("All"), ()), *(link(usual.value, usual.label, (usual.value,)) for usual in USUAL_TYPES))


def _missing_type(query: ListQuery) -> str:
    """The type of which there is no key, where an empty list means just that; else empty."""
    alone = dict(query.chosen) == {"type": query.chosen.get("type", ())[:1]}
    is_meant = alone and not query.text and query.status == Status.ACTIVE
    return str(KeyType(query.chosen["type"][0]).label) if is_meant else ""


@dataclass(frozen=True, slots=True)
class Group:
    """One filter in a menu."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A menu of the bar. Only an open one has `groups`, which are counted, and `fields` that keep the other filters."""

    name: str
    label: str
    number_chosen: int
    url: str
    clear_url: str
    groups: tuple[Group, ...] = ()
    fields: tuple[tuple[str, Any], ...] = ()


MENUS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    **{name: (FILTERS[name].label, (name,)) for name in ("os", "edition", "architecture", "stock")},
    "more": (gettext_lazy("More"), ("label", "type", "scope", "agreement", "usage", "origin", "difference")),
}
"""The menus of the bar and the filters in each; in one row even beside an opened key."""


def facets(keys: ProductKeyQuerySet, query: ListQuery) -> tuple[Facet, ...]:
    """The menus of the bar. `query.facet` names the open one, or a filter in it."""
    bar = _closed_facets(query, get_language() or "")
    if not query.facet:
        return bar
    return tuple(
        _opened(keys, query, facet) if query.facet in (facet.name, *MENUS[facet.name][1]) else facet for facet in bar
    )


def _opened(keys: ProductKeyQuerySet, query: ListQuery, facet: Facet) -> Facet:
    _label, names = MENUS[facet.name]
    rest = {other: choices for other, choices in query.chosen.items() if other not in names}
    found = choices_of(keys, query, names)
    groups = (Group(one, str(FILTERS[one].label), choices) for one, choices in found.items() if choices)
    return replace(facet, groups=tuple(groups), fields=tuple(query.parameters(chosen=rest)))


@lru_cache(maxsize=256)
def _closed_facets(query: ListQuery, _language: str) -> tuple[Facet, ...]:
    bar: list[Facet] = []
    stands_beside = query.chosen.get("type", ()) in {(usual.value,) for usual in USUAL_TYPES}
    in_menus = {name: choices for name, choices in query.chosen.items() if not (name == "type" and stands_beside)}
    for name, (label, names) in MENUS.items():
        rest = {other: choices for other, choices in query.chosen.items() if other not in names}
        bar.append(
            Facet(
                name,
                str(label),
                sum(len(choices) for one, choices in in_menus.items() if one in names),
                query.here(facet=names[0]),
                query.address(chosen=rest),
            )
        )
    return tuple(bar)


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the question that can be taken away."""

    label: str
    value: str
    url: str


def chips(query: ListQuery) -> tuple[Chip, ...]:
    """Every part of the question that narrows the list; not kept, for it speaks of reference data, which changes."""
    found = [Chip(_("Search"), query.text, query.address(text=""))] if query.text else []
    if query.status == Status.COMPROMISED:
        found.append(Chip(_("Status"), str(VIEWS[query.status][0]), query.address(status=Status.ACTIVE.value)))
    for name, choices in query.chosen.items():
        value = ", ".join(FILTERS[name].called(choice, query.scopes) for choice in choices[:NAMED_IN_CHIP])
        if len(choices) > NAMED_IN_CHIP:
            value = _("%(values)s and %(count)d more") % {"values": value, "count": len(choices) - NAMED_IN_CHIP}
        found.append(Chip(str(FILTERS[name].label), value, query.choosing(name, ())))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; without `url` it does not sort. `direction` is "ascending", "descending" or empty."""

    name: str
    label: str
    css: str
    url: str
    direction: str


_FIXED: tuple[tuple[str, str | Promise, str], ...] = (
    ("type", gettext_lazy("Type"), "c-type"),
    ("name", gettext_lazy("Name and key"), "c-name"),
)


def _heads(query: ListQuery, columns: Sequence[Column]) -> tuple[Head, ...]:
    """The heads of the table: a click sorts, the next one turns the order round, the third returns to the usual one."""
    return (
        *(_head(query, name, label, css, name) for name, label, css in _FIXED),
        *(_head(query, column.name, column.label, column.css, column.sort) for column in columns),
    )


def _head(query: ListQuery, name: str, label: str | Promise, css: str, first: str) -> Head:
    if not first:
        return Head(name, str(label), css, "", "")
    other = first.removeprefix("-") if first.startswith("-") else f"-{first}"
    wanted = {first: other, other: ""}.get(query.sort.name, first)
    direction = ""
    if query.sort.name in (first, other):
        direction = "descending" if query.sort.name.startswith("-") else "ascending"
    return Head(name, str(label), css, query.address(sort=SORTS[wanted]), direction)


@dataclass(frozen=True, slots=True)
class Pages:
    """The page numbers, None for those left out, and the ways back and forward, empty where there are none."""

    numbers: tuple[Link | None, ...] = ()
    previous: str = ""
    next: str = ""


def pages(query: ListQuery, page: Page) -> Pages:
    """The ways through the pages; behind the counted rows there is only first and next."""
    if page.number is None:
        onward = query.address(after=page.onward) if page.onward else ""
        return Pages((Link("1", "1", query.address(page=1)),), next=onward)
    forward = ""
    if page.onward:
        forward = query.address(after=page.onward)
    elif page.more:
        forward = query.address(page=page.number + 1)
    numbers = tuple(
        Link(str(number), str(number), query.address(page=number), number == page.number)
        if isinstance(number, int)
        else None
        for number in page.numbers
    )
    return Pages(numbers, query.address(page=page.number - 1) if page.number > 1 else "", forward)


@dataclass(frozen=True, slots=True)
class Controls:
    """What stands around the rows whatever they are. `export_query` is the query of the address that exports them all,
    `missing_type` is the one type that an empty list is about."""

    views: tuple[Link, ...]
    types: tuple[Link, ...]
    heads: tuple[Head, ...]
    last_five_head: Head
    reset_url: str
    menu_url: str
    export_query: str
    missing_type: str


def controls(query: ListQuery, house: HouseCounts | None, columns: Sequence[Column]) -> Controls:
    """The controls for a list with these columns; `house` brings the counts, where there are any."""
    return _controls(query, house, tuple(column.name for column in columns), get_language() or "")


@lru_cache(maxsize=256)
def _controls(query: ListQuery, house: HouseCounts | None, columns: tuple[str, ...], _language: str) -> Controls:
    return Controls(
        _views(query, house),
        _types(query, house),
        _heads(query, [COLUMNS[name] for name in columns]),
        _head(query, "last_five", _("Last 5"), "c-five", "last_five"),
        query.address(text="", chosen={}, status=(Status.ARCHIVED if query.is_archive else Status.ACTIVE).value),
        query.here(facet=COLUMNS_MENU),
        urlencode(query.parameters(opened=None)),
        _missing_type(query),
    )
