"""Rows from text: cells divided by a sign, by a line of Markdown, by two blanks and more, or one on each line.

A row that is broken is handed on with what is wrong with it, and the next line begins anew: an open quotation mark
swallows no more than its own line.
"""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from itertools import dropwhile, islice
from typing import NamedTuple

from productkeys.domain import keycode
from productkeys.tables import faults
from productkeys.tables.aligned import aligned_records
from productkeys.tables.encoding import Line
from productkeys.tables.formats import ALIGNED, COLON, DELIMITERS, RARE_DELIMITERS
from productkeys.tables.harmless import plain
from productkeys.tables.table import LOOKED_AT, Record

_NAMED_DELIMITER = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_MARKDOWN_RULE = re.compile(r"[\s|:+=-]+")
_ONE_QUOTED_CELL = re.compile(r'"[^"]++"\s*+')
_QUOTED_CELL = r'"(?:[^"]|"")*+"'
_QUOTED_CELLS = re.compile(rf"{_QUOTED_CELL}([;,|\t]){_QUOTED_CELL}(?:\1{_QUOTED_CELL})*+\s*")
_LONGEST_RECORD = 2_500  # lines; a comment of 2,000 characters can be as many line breaks
_LINES_READ_TWICE = 1_000_000
_LOOKED_AT_CHARACTERS = 200_000
_SHOWN_OF_BROKEN = 20_000
_SEEN = 300  # characters of a cell that tell whether there is a key in it
_UNDASHED, _AS_ISSUED = 25, 29  # characters of a key


def records_of(lines: Iterator[Line], delimiter: str) -> Iterator[Record]:
    """The rows of a text; with "" as the delimiter, one cell on each line.

    Raises Unreadable where so many quotation marks stay open that reading on would take without end.
    """
    number, lines = _after_named_delimiter(lines)
    if not delimiter:
        return _single_cells(number, lines)
    if delimiter == ALIGNED:
        return aligned_records(number, lines)
    if delimiter == "|":
        lines, looked_at = _looked_at(lines, LOOKED_AT)
        if any(_in_markdown(line) for line, _fault in looked_at):
            return _markdown(number, lines)
    return iter(_Quoted(number, lines, delimiter))


def delimiter_of(lines: Iterator[Line]) -> str:
    """The delimiter that divides the first rows most evenly, "" if none does."""
    first, room = list[Line](), _LOOKED_AT_CHARACTERS
    for line in islice(lines, LOOKED_AT * 4):
        first.append(line)
        room -= len(line[0])
        if room < 0:
            break
    named = _NAMED_DELIMITER.fullmatch(first[0][0]) if first else None
    # Where all cells of the first row are in quotation marks, there is no doubt, whatever the rows below hold.
    plain_to_see = named or (_QUOTED_CELLS.fullmatch(first[0][0]) if first else None)
    if plain_to_see and plain_to_see[1] in DELIMITERS:
        return plain_to_see[1]
    fits = {delimiter: _fit(first, delimiter) for delimiter in DELIMITERS if delimiter != COLON}
    best = max(fits, key=lambda delimiter: fits[delimiter])  # the first of equals
    if fits[best].evenness > 0 and (fits[best].keys or best not in RARE_DELIMITERS):
        return best
    return "," if first and _ONE_QUOTED_CELL.fullmatch(first[0][0]) else ""


class _Fit(NamedTuple):
    """How well a delimiter divides the first rows, what tells most in front.

    `keys` is in how many of them each key stands alone in its cell: a sign that does not divide may stand in a cell of
    every row. `evenness` is the share of rows that have as many cells as most rows have, 0 for a text that is not
    divided. `passed` is, below 0, how many rows above the first divided one are passed over as titles.
    """

    keys: int = 0
    evenness: float = 0.0
    passed: int = 0


def _fit(first: list[Line], delimiter: str) -> _Fit:
    records = [record for record in records_of(iter(first), delimiter) if any(map(str.strip, record.cells))]
    above, records = len(records), list(dropwhile(lambda record: len(record.cells) < 2, records))
    broken = (faults.QUOTES_BROKEN.code, faults.CELLS_UNCLEAR.code)
    # Empty cells at the end of a row may be written or not.
    fitting: Counter[int] = Counter()
    for record in records:
        if not record.fault or record.fault.code not in broken:
            filled = max(place for place, cell in enumerate(record.cells, start=1) if cell.strip())
            fitting.update(range(max(filled, 2), len(record.cells) + 1))
    share = max(fitting.values(), default=0) / (len(records) or 1)
    # A comma or a gap in every other line is writing, not a table.
    if share < (0.7 if delimiter in (",", ALIGNED, *RARE_DELIMITERS) else 0.5):
        return _Fit()
    return _Fit(sum(_sets_keys_free(record.cells) for record in records), share, len(records) - above)


def _sets_keys_free(cells: list[str]) -> bool:
    with_keys = [
        cell for cell in map(str.strip, cells) if len(cell) >= _UNDASHED and keycode.contains_key(cell[:_SEEN])
    ]
    return bool(with_keys) and all(len(cell) <= _AS_ISSUED for cell in with_keys)


def _after_named_delimiter(lines: Iterator[Line]) -> tuple[int, Iterator[Line]]:
    """Pass over a first line ``sep=;``, by which files tell Excel their delimiter. The number of the next line."""
    lines, first = _looked_at(lines, 1)
    if first and _NAMED_DELIMITER.fullmatch(first[0][0]):
        next(lines)
        return 2, lines
    return 1, lines


def _looked_at(lines: Iterator[Line], count: int) -> tuple[Iterator[Line], list[Line]]:
    first = list(islice(lines, count))
    return _chained(deque(first), lines), first


def _chained(before: deque[Line], lines: Iterator[Line]) -> Iterator[Line]:
    while before:
        yield before.popleft()
    yield from lines


def _single_cells(number: int, lines: Iterator[Line]) -> Iterator[Record]:
    for place, (line, fault) in enumerate(lines, start=number):
        yield Record(place, [line.strip()], fault)


class _Quoted:
    """The rows of CSV, whose cells may be in quotation marks and then hold delimiters and line breaks."""

    def __init__(self, number: int, lines: Iterator[Line], delimiter: str) -> None:
        self._number, self._lines, self._delimiter = number, lines, delimiter
        self._again: deque[Line] = deque()
        self._taken: list[Line] = []
        self._read_twice = 0
        self._usual = 0

    def __iter__(self) -> Iterator[Record]:
        parsed = self._parsed()
        while True:
            self._taken.clear()
            try:
                cells = next(parsed)
                broken = self._swallowed(cells)
            except StopIteration:
                return
            except csv.Error:
                broken = True
            if broken:
                yield self._first_line_alone()
                parsed = self._parsed()
            else:
                if len(self._taken) == 1:
                    self._usual = len(cells)
                fault = next((fault for _line, fault in self._taken if fault), None)
                yield Record(self._number, [plain(cell) for cell in cells], fault)
            self._number += len(self._taken)

    def _parsed(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._delimiter, skipinitialspace=True, strict=True)

    def _feed(self) -> Iterator[str]:
        """The lines, of which `_taken` keeps those of the present row: too many of them are no row."""
        while len(self._taken) < _LONGEST_RECORD:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._taken.append(line)
            yield line[0]

    def _first_line_alone(self) -> Record:
        """The first line as a row, with the quotation marks as they stand; the other lines are read again."""
        self._read_twice += len(self._taken)
        if self._read_twice > _LINES_READ_TWICE:
            raise faults.Unreadable(faults.QUOTES_BROKEN_THROUGHOUT.broken())
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        line, fault = self._taken[0]
        if len(line) > csv.field_size_limit():
            fault = fault or faults.CELL_TOO_LONG.broken(limit=_SHOWN_OF_BROKEN)
        cells = [cell.strip() for cell in line[:_SHOWN_OF_BROKEN].split(self._delimiter)]
        # Spreadsheets put no marks around what they copy: one that stands in a cell belongs to it.
        copied = self._delimiter == "\t" and len(cells) == (self._usual or len(cells))
        return Record(self._number, cells, fault or (None if copied else faults.QUOTES_BROKEN.broken()))

    def _swallowed(self, cells: list[str]) -> bool:
        """Tell whether a row of several lines is one that stray quotation marks made: its first line alone is a row.

        Where all cells are in quotation marks, as in the portal's own files, no such row can be; nor is a row one that
        has all its cells, and one key for its first and its last line.
        """
        if len(self._taken) < 2 or self._usual < 2:
            return False
        first, last = self._taken[0][0], self._taken[-1][0]
        a_row, ends_a_row = (line.count(self._delimiter) + 1 == self._usual for line in (first, last))
        one_mark_each = first.count('"') == last.count('"') == 1
        if not (one_mark_each and a_row and (ends_a_row or len(cells) < self._usual)):
            return False
        return len(cells) != self._usual or keycode.contains_key(first) == keycode.contains_key(last)


def _in_markdown(line: str) -> bool:
    line = line.strip()
    return len(line) > 2 and line.startswith("|") and line.endswith("|")


def _markdown(number: int, lines: Iterator[Line]) -> Iterator[Record]:
    for place, (line, fault) in enumerate(lines, start=number):
        if _MARKDOWN_RULE.fullmatch(line) and "--" in line:
            continue
        cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
        yield Record(place, [cell.strip().replace("\\|", "|") for cell in cells], fault)
