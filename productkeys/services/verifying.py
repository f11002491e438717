"""Proving that the trail is as it was written: nothing changed, removed, put in between, or cut off at its end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Max, TextChoices

from productkeys.models import TrailEntry, TrailSeal
from productkeys.services import chain, pruning, trail_rows
from productkeys.services.sealing import Head, unsealed

_BATCH = 500


class Break(TextChoices):
    """What is wrong at a place, in words for administrators."""

    CHANGED = "changed", "the entry was changed after it was written"
    REMOVED = "removed", "the entry was removed"
    SEALS_REMOVED = "seals removed", "seals, and what they sealed, were removed"
    MOVED = "moved", "entry or seal are not in the place that they were sealed in"
    PUT_IN = "put in", "the portal has not written this entry"
    ROWS_CHANGED = "rows changed", "rows of the entry were changed, removed or added after it was written"
    ROW_ALONE = "row alone", "the row belongs to no entry"
    COPIED = "copied", "there is another entry with the same uid"
    CUT = "cut", "the trail once went on at least to here: its end was cut off"
    ANOTHER_CHAIN = "another chain", "the chain is not the one of the exported head"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken place: the number in the chain and the id of the entry or of the row, as far as each is known.

    `last` is the last missing number where several seals in a row are gone.
    """

    what: Break
    sequence: int | None = None
    entry: int | None = None
    last: int | None = None
    row: int | None = None


@dataclass(slots=True)
class Report:
    """What verifying found. `first` is the broken place with the lowest number; entries not sealed yet come last."""

    entries: int = 0
    waiting: int = 0
    head: Head | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.findings

    @property
    def first(self) -> Finding | None:
        return self.findings[0] if self.findings else None


def verify(heads: Iterable[Head] = ()) -> Report:
    """Go through the whole trail. `heads` are ends that it once had, kept elsewhere: the chain has to pass them all."""
    report = Report()
    last = start = pruning.start_of_chain()
    kept = defaultdict(set)
    for head in heads:
        if head.sequence >= start.sequence:
            kept[head.sequence].add(head.digest)
    if kept.get(start.sequence, set()) - {start.digest}:
        report.findings.append(Finding(Break.ANOTHER_CHAIN, start.sequence))
    for place in _sealed():
        seal = place.seal
        if seal.sequence <= start.sequence:
            report.findings.append(Finding(Break.PUT_IN, seal.sequence, seal.entry))
            continue
        report.entries += place.is_there
        if seal.sequence > last.sequence + 1:
            gap = Finding(Break.SEALS_REMOVED, last.sequence + 1, last=seal.sequence - 1)
            report.findings.append(gap)
            last = Head(seal.sequence - 1, "")
        report.findings.extend(_wrong_at(place, before=last))
        if kept.get(seal.sequence, set()) - {seal.digest}:
            report.findings.append(Finding(Break.ANOTHER_CHAIN, seal.sequence, seal.entry))
        last = Head(seal.sequence, seal.digest)
    report.head = last if last != start else None
    if (furthest := max(kept, default=0)) > last.sequence:
        report.findings.append(Finding(Break.CUT, last.sequence + 1, last=furthest))
    _look_at_the_rest(report)
    return report


@dataclass(frozen=True, slots=True)
class _Place:
    """A seal with its entry, and whether that is there: it may be unreadable. `has_rows` where rows name the entry."""

    seal: TrailSeal
    entry: TrailEntry | None
    is_there: bool
    has_rows: bool


def _sealed() -> Iterator[_Place]:
    """Each seal in the order of the chain."""
    seals = TrailSeal.objects.order_by("sequence")
    batch = list(seals[:_BATCH])
    while batch:
        entries = chain.read([seal.entry for seal in batch])
        having_rows = _having_rows(entries.values())
        for seal in batch:
            yield _Place(seal, entries.get(seal.entry), seal.entry in entries, seal.entry in having_rows)
        batch = list(seals.filter(sequence__gt=batch[-1].sequence)[:_BATCH])


def _having_rows(entries: Iterable[TrailEntry | None]) -> set[int]:
    """The ids of those entries that have rows, or say that they have."""
    readable = [entry for entry in entries if entry is not None]
    having = trail_rows.with_rows(readable)
    return {entry.pk for entry in readable if entry.uid in having or trail_rows.COUNT in entry.after}


def _wrong_at(place: _Place, *, before: Head) -> Iterator[Finding]:
    seal, entry = place.seal, place.entry
    if not place.is_there:
        yield Finding(Break.REMOVED, seal.sequence, seal.entry)
        return
    if entry is None or not chain.is_proven(entry):
        yield Finding(Break.CHANGED, seal.sequence, seal.entry)
        return
    if place.has_rows and not trail_rows.are_as_said(entry):
        yield Finding(Break.ROWS_CHANGED, seal.sequence, seal.entry)
    behind_a_gap = before.sequence > 0 and not before.digest
    if not behind_a_gap and chain.digest_of(entry, sequence=seal.sequence, before=before.digest) != seal.digest:
        yield Finding(Break.MOVED, seal.sequence, seal.entry)


def _look_at_the_rest(report: Report) -> None:
    """Entries that are not sealed yet, copies, and rows of no entry."""
    ids = unsealed()
    while ids:
        entries = chain.read(ids)
        having_rows = _having_rows(entries.values())
        for pk, entry in entries.items():
            if entry is None or not chain.is_proven(entry):
                report.findings.append(Finding(Break.PUT_IN, entry=pk))
                continue
            report.waiting += 1
            if pk in having_rows and not trail_rows.are_as_said(entry):
                report.findings.append(Finding(Break.ROWS_CHANGED, entry=pk))
        ids = unsealed(behind=ids[-1])
    twice = TrailEntry.objects.order_by().values("uid").annotate(copies=Count("id"), newest=Max("id"))
    for pk in twice.filter(copies__gt=1).values_list("newest", flat=True):
        report.findings.append(Finding(Break.COPIED, entry=pk))
    report.findings.extend(Finding(Break.ROW_ALONE, row=pk) for pk in trail_rows.of_no_entry())
