"""Checking the rows of an import: read from the file and judged, a chunk at a time, each chunk one transaction.

It can be interrupted anywhere: what follows begins with the rows that are there, and the file is read on behind them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from productkeys.incoming.fields import Field
from productkeys.models import Import
from productkeys.models.importing import State
from productkeys.services.importing import plan as plans
from productkeys.services.importing import staging
from productkeys.services.importing.judging import Judge
from productkeys.services.importing.outcomes import Outcome, counted
from productkeys.services.importing.plan import AT_MOST_UNKNOWN, Plan, Unknown
from productkeys.services.importing.staging import CHUNK_ROWS, StagedRow
from productkeys.services.importing.verdict import Verdict
from productkeys.services.origin import Origin
from productkeys.tables.reading import Format, Row, open_table

LEASE = timedelta(seconds=30)
"""How long a worker is trusted to live that says nothing."""


class Superseded(Exception):
    """Somebody cancelled the import, changed its plan or took it over: what was to be written is of yesterday."""


def take(imp: Import) -> bool:
    """Take the check of `imp`, unless another worker has it. It is kept as long as chunks are written."""
    now = timezone.now()
    free = Import.objects.filter(pk=imp.pk, state=State.CHECKING, attempt=imp.attempt).exclude(lease_until__gt=now)
    imp.lease_until = now + LEASE
    return bool(free.update(lease_until=imp.lease_until, began_at=now, checked=0, counts={}))


def give_back(imp: Import) -> None:
    """Leave the rest of a check that was taken to whoever comes next."""
    _taken(imp).update(lease_until=None)


def check(imp: Import, *, origin: Origin, at_most: int | None = None, opened: Iterator[Row] | None = None) -> None:
    """Check the rows of `imp`, or the first `at_most` of them, which leaves the rest to a worker.

    `opened` are the rows of the file, where somebody has opened it already: with a large one that takes a while.
    Raises Superseded, and Unreadable where the file cannot be read on.
    """
    plan = plans.read(imp)
    run = _Run(imp, plan, origin)
    for chunk in staging.chunks_of(imp):
        rows = staging.rows_of(chunk)
        with transaction.atomic():
            verdicts = run.judge(rows)
            run.advance()
            staging.rewrite_chunk(chunk, rows, (verdict.letter for verdict in verdicts))
        if at_most is not None and run.checked >= at_most:
            return
    for rows in _rest_of_file(imp, run.checked, opened):
        with transaction.atomic():
            first = run.checked
            verdicts = run.judge(rows)
            letters = [verdict.letter for verdict in verdicts]
            run.advance()
            staging.add_chunk(imp, number=run.chunks - 1, first=first, rows=rows, outcomes=letters)
        if at_most is not None and run.checked >= at_most:
            return
    with transaction.atomic():
        run.finish()


class _Run:
    """One walk over all rows: what was found so far, and how far it is."""

    def __init__(self, imp: Import, plan: Plan, origin: Origin) -> None:
        self.checked, self.chunks = 0, 0
        self._imp, self._plan = imp, plan
        self._judge = Judge(imp, replace(plan, papers=()), origin=origin)
        self._counts: dict[str, int] = {}
        self._unknown: dict[tuple[str, str], int] = {}

    def judge(self, rows: Sequence[StagedRow]) -> list[Verdict]:
        for row in rows:
            row.twin = None
        verdicts = self._judge.judge(rows)
        for letter, number in counted(verdict.letter for verdict in verdicts).items():
            self._counts[letter] = self._counts.get(letter, 0) + number
        for verdict in verdicts:
            if verdict.outcome is Outcome.REFUSED:
                for said in verdict.said.unknown:
                    self._note(*said)
        self.checked += len(rows)
        self.chunks += 1
        return verdicts

    def _note(self, name: Field, text: str) -> None:
        known = (str(name), text)
        if known in self._unknown or len(self._unknown) < AT_MOST_UNKNOWN:
            self._unknown[known] = self._unknown.get(known, 0) + 1

    def advance(self) -> None:
        """Say how far it is, in the transaction of the chunk: all of it is written, or none. Raises Superseded.

        Said before the chunk is written: whoever steps in takes the import first as well, so nobody waits crosswise.
        """
        lease = timezone.now() + LEASE
        self._say(checked=self.checked, counts=self._counts, lease_until=lease)
        self._imp.lease_until = lease

    def finish(self) -> None:
        self._say(state=State.CHECKED, total=self.checked, counts=self._counts, lease_until=None)
        unknown = tuple(Unknown(name, text, rows) for (name, text), rows in self._unknown.items())
        found = replace(plans.read(self._imp), unknown=unknown, papers=self._judge.papers.kept())
        plans.keep(self._imp, found)

    def _say(self, **columns: object) -> None:
        if not _taken(self._imp).update(**columns):
            raise Superseded


def _taken(imp: Import) -> QuerySet[Import]:
    """`imp`, as long as nobody has taken it over: its lease is that of whoever works on it."""
    return Import.objects.filter(pk=imp.pk, state=State.CHECKING, attempt=imp.attempt, lease_until=imp.lease_until)


def _rest_of_file(imp: Import, known: int, opened: Iterator[Row] | None) -> Iterator[list[StagedRow]]:
    rows = islice(opened or open_table(staging.read_file(imp), Format.of(imp.format)).rows, known, None)
    while batch := [_staged(row) for row in islice(rows, CHUNK_ROWS)]:
        yield batch


def _staged(row: Row) -> StagedRow:
    fault = (row.fault.code, dict(row.fault.params)) if row.fault else None
    return StagedRow(number=row.number, cells=row.cells, fault=fault)
