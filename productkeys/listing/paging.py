"""One page of the list: which rows, which number, and where it goes on; never a count or an offset without a bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

from productkeys.listing.query import ListQuery
from productkeys.listing.sorting import Cursor, values_of
from productkeys.models import ProductKey
from productkeys.models.product_key import ProductKeyQuerySet

COUNTED = 10_000
"""Rows are counted, and pages numbered, up to here."""

_SHALLOW = 1_000
"""From this row on the ids are looked up first: an index alone skips rows faster than a table does."""


@dataclass(frozen=True)
class Page:
    """The rows `first` to `last`. `total` is None where nobody counted; `number` is None behind the counted rows."""

    rows: Sequence[tuple[Any, ...]]
    number: int | None
    first: int
    total: int | None
    size: int
    onward: Cursor | None = None
    more: bool = False

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.total is not None and self.total > COUNTED

    @cached_property
    def numbers(self) -> list[int | str]:
        """The page numbers to offer, with an ellipsis for those left out; empty where the total is unknown."""
        if self.total is None:
            return []
        pages = Paginator(range(min(self.total, COUNTED)), self.size)
        if self.number is None or pages.num_pages == 1:
            return [1] if self.number is None else []
        return list(pages.get_elided_page_range(self.number, on_each_side=1, on_ends=1))


def count(keys: ProductKeyQuerySet, *, bound: int | None = None, along: Sequence[str] = ()) -> int:
    """How many keys there are, at most one more than `bound`, else `COUNTED`.

    `along` is an order with an index of its own, for keys that nothing but the shelf narrows: SQLite would read the
    table itself for them.
    """
    return keys.order_by(*along)[: (COUNTED if bound is None else bound) + 1].count()


def page_of(
    keys: ProductKeyQuerySet,
    query: ListQuery,
    fields: Sequence[Any],
    *,
    size: int,
    total: int | None,
    of_all: bool = False,
) -> Page:
    """The page of `keys` that `query` asks for, as tuples of `fields`, whose first is the id.

    `of_all` says that `keys` were selected from all that there are, so that the rows can be read by a kept question.
    A page behind the last one is the last one. Without a page the one is meant on which the opened key stands.
    """
    if query.after:
        ordered = keys.order_by(*query.sort.order)
        return _page_behind(query.after, ordered, query, fields, size=size, total=total)
    is_plain = of_all and not query.narrows
    number = min(query.page or _page_with(query.opened, keys, query, size) or 1, COUNTED // size)
    rows = _rows(keys, query, number, fields, size=size, is_plain=is_plain)
    if not rows and number > 1:
        known = min(count(keys) if total is None else total, COUNTED)
        number = max(1, -(-known // size))
        rows = _rows(keys, query, number, fields, size=size, is_plain=is_plain)
    first = (number - 1) * size + 1
    more = len(rows) > size
    rows = rows[:size]
    onward = None
    if more and number * size >= COUNTED:
        onward = _cursor(keys, query, rows[-1][0], number * size)
    return Page(rows, number, first, total, size, onward, more)


def _page_behind(
    cursor: Cursor,
    ordered: ProductKeyQuerySet,
    query: ListQuery,
    fields: Sequence[Any],
    *,
    size: int,
    total: int | None,
) -> Page:
    rows: list[tuple[Any, ...]] = []
    for stretch in query.sort.behind(cursor.values):
        rows += ordered.filter(stretch).values_list(*fields)[: size + 1 - len(rows)]
        if len(rows) > size:
            break
    more = len(rows) > size
    rows = rows[:size]
    onward = _cursor(ordered, query, rows[-1][0], cursor.number + size) if more else None
    return Page(rows, None, cursor.number + 1, total, size, onward, more)


def _rows(
    keys: ProductKeyQuerySet, query: ListQuery, number: int, fields: Sequence[Any], *, size: int, is_plain: bool
) -> list[tuple[Any, ...]]:
    """The rows of page `number` and, where there is one, the first of the next."""
    start = (number - 1) * size
    wanted = slice(start, start + size + 1)
    if is_plain and start < _SHALLOW:
        return list(_plain_rows(query.is_archive, query.sort.order, tuple(fields), start, wanted.stop).all())
    ordered = keys.order_by(*query.sort.order)
    if start < _SHALLOW:
        return list(ordered.values_list(*fields)[wanted])
    ids = list(ordered.values_list("pk", flat=True)[wanted])
    return list(ordered.filter(pk__in=ids).values_list(*fields))


@lru_cache(maxsize=256)
def _plain_rows(
    is_archive: bool, order: Sequence[str], fields: Sequence[Any], start: int, stop: int
) -> "QuerySet[ProductKey, tuple[Any, ...]]":
    """The question for some rows of a shelf, kept: putting it together takes as long as the database takes for it."""
    shelf: ProductKeyQuerySet = ProductKey.objects.filter(shelf=int(is_archive))
    return shelf.order_by(*order).values_list(*fields)[start:stop]


def _page_with(pk: int | None, keys: ProductKeyQuerySet, query: ListQuery, size: int) -> int | None:
    values = values_of(keys, query.sort, pk) if pk else None
    if values is None:
        return None
    before = sum(count(keys.filter(stretch)) for stretch in query.sort.behind(values, before=True))
    return before // size + 1 if before < COUNTED else None


def _cursor(keys: ProductKeyQuerySet, query: ListQuery, pk: int, number: int) -> Cursor | None:
    values = values_of(keys, query.sort, pk)
    return Cursor(query.sort.name, number, values) if values else None
