"""Tables whose columns stand apart by two blanks or more, as they are copied from a mail or a terminal."""

import re
from collections.abc import Iterator

from productkeys.domain.rule import Problem
from productkeys.tables import faults
from productkeys.tables.encoding import Line
from productkeys.tables.table import Record

_CELL = re.compile(r"\S+(?:[ \u00a0]\S+)*+")
_RULE = re.compile(r"[\s=_+-]+")
_LONGEST = 100_000

Spans = list[tuple[int, int]]


def aligned_records(number: int, lines: Iterator[Line]) -> Iterator[Record]:
    """The rows of such a table. Its first line tells the columns.

    An empty cell leaves no trace but a wide gap: a cell belongs to the column under whose beginning or end it stands.
    """
    columns: Spans = []
    for place, (line, fault) in enumerate(lines, start=number):
        text = line[:_LONGEST].expandtabs()
        if _RULE.fullmatch(text):
            continue
        spans = [match.span() for match in _CELL.finditer(text)]
        cells = [text[start:end] for start, end in spans]
        if len(cells) >= len(columns):
            columns = columns or (spans if len(spans) > 1 else [])
            yield Record(place, cells, fault)
        else:
            yield _with_gaps(place, cells, spans, columns, fault)


def _with_gaps(number: int, cells: list[str], spans: Spans, columns: Spans, fault: Problem | None) -> Record:
    placed = [""] * len(columns)
    for cell, (start, end) in zip(cells, spans, strict=True):
        fitting = [place for place, (left, right) in enumerate(columns) if left == start or right == end]
        if not fitting:
            return Record(number, cells, fault or faults.CELLS_UNCLEAR.broken())
        placed[fitting[0]] = cell
    return Record(number, placed, fault)
