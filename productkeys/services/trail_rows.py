"""The rows of an entry that was about many things: the digest over them that it holds, and whether it still fits."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Exists, Min, OuterRef

from productkeys.models import TrailEntry, TrailRow

COUNT, DIGEST = "rows", "rows_digest"
"""What `after` of an entry says about its rows: how many there are, and the digest over them in their order."""

_BATCH = 2000

_as_text = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Digest:
    """A SHA-256 over rows, in the order in which they are added."""

    def __init__(self) -> None:
        self._count = 0
        self._hash = hashlib.sha256()

    def add(self, subject_uid: UUID, subject_name: str, values: Mapping[str, Any]) -> None:
        self._count += 1
        self._hash.update(f"{_as_text([str(subject_uid), subject_name, values])}\n".encode())

    @property
    def said(self) -> dict[str, Any]:
        """What an entry with these rows says about them."""
        return {COUNT: self._count, DIGEST: self._hash.hexdigest()}


def with_rows(entries: Iterable[TrailEntry]) -> set[UUID]:
    """The uids of those of `entries` that have rows in the database, whatever they say themselves."""
    rows = TrailRow.objects.filter(entry_uid__in=[entry.uid for entry in entries])
    return set(rows.order_by().values_list("entry_uid", flat=True).distinct())


def are_as_said(entry: TrailEntry) -> bool:
    """Whether the rows of `entry` are those that it had when it was written: reads them, a batch at a time."""
    found = Digest()
    try:
        for row in rows_of(entry):
            found.add(row.subject_uid, row.subject_name, row.values)
    except (ValueError, TypeError):
        return False  # SQLite keeps whatever somebody writes past the portal, also what is no uid
    return found.said == {name: entry.after.get(name) for name in found.said}


def rows_of(entry: TrailEntry) -> Iterator[TrailRow]:
    """The rows of `entry` in their order, read a batch at a time."""
    rows = TrailRow.objects.filter(entry_uid=entry.uid).order_by("id")
    batch = list(rows[:_BATCH])
    while batch:
        yield from batch
        batch = list(rows.filter(id__gt=batch[-1].pk)[:_BATCH])


def of_no_entry() -> Iterator[int]:
    """The id of the first row of each entry that is not there."""
    entries = TrailEntry.objects.filter(uid=OuterRef("entry_uid"))
    alone = TrailRow.objects.filter(~Exists(entries)).order_by().values("entry_uid").annotate(first=Min("id"))
    yield from alone.order_by("first").values_list("first", flat=True)
