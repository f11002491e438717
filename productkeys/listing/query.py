"""What the list was asked for: the state of its address, read, written, and turned into conditions.

Reading never fails: what is unknown is left out and its parameter named in `ignored`, so that the page can say so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from productkeys.domain.choices import Status
from productkeys.domain.keycode import ALPHABET
from productkeys.listing import filters
from productkeys.listing.agreement_filter import AGREEMENT
from productkeys.listing.filters import FILTERS, VIEWS
from productkeys.listing.scopes import ScopeNames
from productkeys.listing.sorting import SORTS, Cursor, Sort
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.models.text import fold

MAX_TEXT = 100
COLUMNS_MENU = "columns"
"""The one menu that is no filter: it opens by the same parameter."""
_PARAMETERS = frozenset({"q", "page", "sort", "status", "after", "open", "facet", *FILTERS})
_MENUS = frozenset({*FILTERS, COLUMNS_MENU})
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_LAST_FIVE = re.compile(f"[{ALPHABET}N]{{5}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """One question to the list. `page` is None where none is named; `ignored` are the parameters not understood.

    `scopes` are those named to who asks: two people never share what is made of an equal question.
    """

    text: str = ""
    status: str = Status.ACTIVE.value
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    sort: Sort = SORTS[""]
    page: int | None = None
    after: Cursor | None = None
    opened: int | None = None
    facet: str = ""
    ignored: tuple[str, ...] = ()
    scopes: ScopeNames = ()

    @classmethod
    def read(cls, parameters: QueryDict, scopes: ScopeNames) -> "ListQuery":
        """The question that an address asks, of a reader to whom `scopes` are named."""
        names = _PARAMETERS if scopes else _PARAMETERS - {filters.SCOPE}
        given = {name: [value for value in parameters.getlist(name) if value] for name in parameters if name in names}
        one = {name: values[-1] for name, values in given.items() if values}
        chosen = {
            name: values for name in FILTERS if name in given and (values := filters.known(name, given[name], scopes))
        }
        sort = SORTS.get(one.get("sort", ""), SORTS[""])
        after = Cursor.read(one.get("after", ""))
        query = cls(
            text=searchable(one.get("q", "")),
            status=one["status"] if one.get("status") in VIEWS else Status.ACTIVE.value,
            chosen=chosen,
            sort=sort,
            page=_number(one.get("page", "")),
            after=after if after and after.sort == sort.name else None,
            opened=_number(one.get("open", "")),
            facet=one["facet"] if one.get("facet") in _MENUS else "",
            scopes=scopes,
        )
        understood = {
            "status": one.get("status") in VIEWS,
            "sort": one.get("sort") in SORTS,
            "after": query.after is not None,
            "page": query.page is not None,
            "open": query.opened is not None,
            "facet": bool(query.facet),
        } | {name: set(given[name]) == set(chosen.get(name, ())) for name in FILTERS if name in given}
        understood[filters.SCOPE] = understood[AGREEMENT] = True
        return replace(query, ignored=tuple(name for name in one if not understood.get(name, True)))

    @property
    def narrows(self) -> bool:
        """Whether anything but the shelf is asked for."""
        return bool(self.text or self.chosen or self.status == Status.COMPROMISED)

    @property
    def is_archive(self) -> bool:
        return self.status == Status.ARCHIVED

    @property
    def words(self) -> list[str]:
        return fold(self.text).split()

    def select(self, keys: ProductKeyQuerySet, *, without: str = "", with_archive: bool = False) -> ProductKeyQuerySet:
        """Those of `keys` that were asked for, unsorted; `without` leaves one filter aside.

        With `with_archive`, those in the archive that are like the active ones asked for come along.
        """
        shelves = Q() if with_archive and self.status == Status.ACTIVE else VIEWS[self.status][1]
        found = keys.filter(shelves)
        for name, choices in self.chosen.items():
            if name != without:
                found = found.filter(FILTERS[name].condition(choices))
        if _LAST_FIVE.fullmatch(self.text) and found.filter(last_five=self.text.upper()).exists():
            # Five characters of a key: the index answers at once, and nobody means a word by them.
            return found.filter(last_five=self.text.upper())
        return found.with_words(self.words)

    def parameters(self, **changes: Any) -> list[tuple[str, Any]]:
        """The parameters of an address that asks this with `changes`; to the first page unless they name one."""
        asked = replace(self, **({"page": None, "after": None, "facet": ""} | changes))
        # With a key opened, an address without a page means the page on which that key stands.
        page = asked.page or 1
        pairs: list[tuple[str, Any]] = [
            ("q", asked.text),
            ("status", asked.status if asked.status != Status.ACTIVE else ""),
            *((name, choice) for name, choices in asked.chosen.items() for choice in choices),
            ("sort", asked.sort.name),
            ("page", page if page > 1 or asked.opened else ""),
            ("after", asked.after.sign() if asked.after else ""),
            ("facet", asked.facet),
            ("open", asked.opened or ""),
        ]
        return [(name, value) for name, value in pairs if value]

    def address(self, **changes: Any) -> str:
        """The address, relative to the list, that asks this with `changes`."""
        parameters = self.parameters(**changes)
        return f"?{urlencode(parameters)}" if parameters else "."

    def here(self, **changes: Any) -> str:
        """The address of the very page that is shown, with `changes`."""
        return self.address(**({"page": self.page, "after": self.after} | changes))

    def opening(self, page: int | None) -> str:
        """The address, but for the id at its end, that opens a key beside the page that is shown."""
        shown = self.parameters(page=page, after=self.after, opened=None)
        if not self.after and not any(name == "page" for name, _value in shown):
            shown.append(("page", 1))
        return f"?{urlencode([*shown, ('open', '')])}"

    def choosing(self, name: str, choices: tuple[str, ...]) -> str:
        """The address with the filter `name` set to `choices`, or taken away."""
        return self.address(chosen=self.with_filter(name, choices))

    def with_filter(self, name: str, choices: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        chosen = {**self.chosen, name: choices}
        return {known: chosen[known] for known in FILTERS if chosen.get(known)}


def _number(text: str) -> int | None:
    return (int(text) or None) if _NUMBER.fullmatch(text) else None


def searchable(text: str) -> str:
    """What somebody typed to search for, as it can be searched for."""
    # PostgreSQL refuses the character NUL, and no other control character was ever meant to be searched for.
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:MAX_TEXT]
