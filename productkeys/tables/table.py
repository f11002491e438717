"""A table that is read row by row: its columns, its rows, and what is wrong with one of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from statistics import median_low
from typing import NamedTuple

from django.utils.translation import gettext

from productkeys.domain.rule import Problem
from productkeys.tables import faults
from productkeys.tables.formats import Limits
from productkeys.tables.head import place_of_head

LOOKED_AT = 50
"""So many rows tell what a table is like."""
_MOST_BLANK = 1_048_576


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` is the line or the sheet's row as people see it; `cells` has one for each column.

    With a `fault`, the cells are what could be made of the row: to be shown, and mended, before they are believed.
    """

    number: int
    cells: tuple[str, ...]
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, all different, and the rows, which can be gone through once."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


class Record(NamedTuple):
    """A row before the columns of its table are known."""

    number: int
    cells: list[str]
    fault: Problem | None = None


def first_rows(records: Iterator[Record]) -> list[Record]:
    """The first rows that are not empty: what a format is recognised by."""
    return list(islice(_not_empty(records), LOOKED_AT))


def table_of(records: Iterator[Record], *, header: bool, grid: bool, joint: str, limits: Limits) -> Table:
    """The table that `records` are the rows of. Raises Unreadable if there are none, or too many columns.

    With `grid`, every cell has its place in a sheet, so the widest of the first rows tells the columns. Elsewhere a
    wider row than most is taken for a broken one, whose last cells are put together again by `joint`.
    """
    rest = _not_empty(records)
    first = list(islice(rest, LOOKED_AT))
    if not first:
        raise faults.Unreadable(faults.EMPTY.broken())
    head: list[str] = []
    if header:
        place = place_of_head([record.cells for record in first])
        head = first[place].cells
        first = first[place + 1 :]
        if not first:
            raise faults.Unreadable(faults.HEADER_ONLY.broken())
    width = max(len(head), _width(first, widest=grid or not header))
    if width > limits.max_columns:
        raise faults.Unreadable(faults.TOO_MANY_COLUMNS.broken(limit=limits.max_columns))
    return Table(names(head, width), rows(chain(first, rest), width, joint, limits))


def names(head: Sequence[str], width: int) -> tuple[str, ...]:
    """`width` different names of columns: those of `head`, and made-up ones where it has none."""
    given = [" ".join(name.split()) for name in head] + [""] * (width - len(head))
    taken, found = set(given), list[str]()
    for number, name in enumerate(given, start=1):
        wanted = name or gettext("Column %(number)s") % {"number": number}
        unique, count = wanted, 1
        while unique in found or (unique != name and unique in taken):
            count += 1
            unique = f"{wanted} ({count})"
        found.append(unique)
    return tuple(found)


def rows(records: Iterable[Record], width: int, joint: str, limits: Limits) -> Iterator[Row]:
    """`records` with exactly `width` cells each. Raises Unreadable where there are too many of them."""
    padding, longest = ("",) * width, limits.max_cell
    for count, record in enumerate(records, start=1):
        if count > limits.max_rows:
            raise faults.Unreadable(faults.TOO_MANY_ROWS.broken(limit=limits.max_rows))
        cells, fault = tuple(record.cells), record.fault
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) > width:
            fault = fault or faults.TOO_MANY_CELLS.broken(found=len(cells), columns=width)
            cells = (*cells[: width - 1], joint.join(cells[width - 1 :]))
        elif len(cells) < width:
            cells += padding[len(cells) :]
        if max(map(len, cells)) > longest:
            fault = fault or faults.CELL_TOO_LONG.broken(limit=longest)
            cells = tuple(cell[:longest] for cell in cells)
        yield Row(record.number, cells, fault)


def _not_empty(records: Iterable[Record]) -> Iterator[Record]:
    """Leave out what is nothing but blanks, and the empty cells at the end of every other row.

    Raises Unreadable where more blank rows follow each other than a spreadsheet has: nothing else comes of reading on.
    """
    blank = 0
    for record in records:
        cells = record.cells
        while cells and not cells[-1]:
            cells.pop()
        if record.fault or any(map(str.strip, cells)):
            blank = 0
            yield record
        elif (blank := blank + 1) > _MOST_BLANK:
            raise faults.Unreadable(faults.TOO_MANY_ROWS.broken(limit=_MOST_BLANK))


def _width(records: Sequence[Record], *, widest: bool) -> int:
    widths = [len(record.cells) for record in records if not record.fault] or [1]
    return max(widths) if widest else median_low(widths)
