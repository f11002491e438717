"""The trail on its way out: CSV for a spreadsheet, JSON lines for programs, a batch of entries at a time.

An entry about many things is followed by a line for each of them.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from productkeys.models import TrailEntry, TrailRow, TrailSeal
from productkeys.services import trail_rows
from productkeys.tables.harmless import harmless

_BATCH = 500
COLUMNS = (
    "sequence",
    "id",
    "uid",
    "at",
    "action",
    "actor_name",
    "actor_uid",
    "address",
    "subject_name",
    "subject_uid",
    "reason",
    "before",
    "after",
    "row_of",
)
"""What is exported of an entry: `sequence` is its place in the chain, empty until it is sealed.

A row has an id, its subject and its values as `after`; `row_of` is the uid of its entry.
"""


def csv_lines(entries: QuerySet[TrailEntry]) -> Iterator[str]:
    """A head and one line for each entry, newest first; with the mark by which spreadsheets recognise UTF-8."""
    writer = csv.writer(_Passing())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for values in _values(entries):
        yield writer.writerow([harmless(_cell(values.get(column))) for column in COLUMNS])


def json_lines(entries: QuerySet[TrailEntry]) -> Iterator[str]:
    """One JSON object for each entry, newest first, and for each of its rows."""
    for values in _values(entries):
        yield json.dumps(values, ensure_ascii=False) + "\n"


class _Passing:
    """What `csv.writer` writes to: it hands the line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _values(entries: QuerySet[TrailEntry]) -> Iterator[dict[str, Any]]:
    batch = list(entries[:_BATCH])
    while batch:
        yield from _described(batch)
        batch = list(entries.filter(id__lt=batch[-1].pk)[:_BATCH])


def _described(batch: Iterable[TrailEntry]) -> Iterator[dict[str, Any]]:
    batch = list(batch)
    places = dict(TrailSeal.objects.filter(entry__in=[entry.pk for entry in batch]).values_list("entry", "sequence"))
    having_rows = trail_rows.with_rows(batch)
    for entry in batch:
        yield {"sequence": places.get(entry.pk)} | entry.plain()
        if entry.uid in having_rows:
            yield from map(_row, trail_rows.rows_of(entry))


def _row(row: TrailRow) -> dict[str, Any]:
    return {
        "id": row.pk,
        "subject_name": row.subject_name,
        "subject_uid": str(row.subject_uid),
        "after": row.values,
        "row_of": str(row.entry_uid),
    }
