"""The trail on its way out: CSV for a spreadsheet, JSON lines for programs, a batch of entries at a time.

A spreadsheet takes a cell for a formula by its first sign, also in a file of plain text. Such a cell begins with an
apostrophe here, which tells it that this is text.
"""

import csv
import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from productkeys.models import TrailEntry, TrailSeal

_BATCH = 500
_STARTS_FORMULAS = ("=", "+", "-", "@")
_HIDES_A_START = ("\t", "\r", "\n")
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
)
"""What is exported of an entry: `sequence` is its place in the chain, empty until it is sealed."""


def csv_lines(entries: QuerySet[TrailEntry]) -> Iterator[str]:
    """A head and one line for each entry, newest first; with the mark by which spreadsheets recognise UTF-8."""
    writer = csv.writer(_Passing())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for values in _values(entries):
        yield writer.writerow([safe_cell(_cell(value)) for value in values.values()])


def json_lines(entries: QuerySet[TrailEntry]) -> Iterator[str]:
    """One JSON object for each entry, newest first."""
    for values in _values(entries):
        yield json.dumps(values, ensure_ascii=False) + "\n"


def safe_cell(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula: also behind spaces, and in signs of double width."""
    seen = unicodedata.normalize("NFKC", text).lstrip()
    return f"'{text}" if seen.startswith(_STARTS_FORMULAS) or text.startswith(_HIDES_A_START) else text


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
    for entry in batch:
        yield {"sequence": places.get(entry.pk)} | entry.plain()
