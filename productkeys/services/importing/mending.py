"""Judging a mended row anew: by itself, where nothing that is said of other rows depends on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from productkeys.incoming.fields import Field
from productkeys.models import Import, ImportChunk
from productkeys.models.importing import State
from productkeys.services.importing import plan as plans
from productkeys.services.importing import staging
from productkeys.services.importing.judging import Judge
from productkeys.services.importing.outcomes import Outcome, counted
from productkeys.services.importing.plan import AT_MOST_UNKNOWN, Plan, Unknown
from productkeys.services.importing.staging import StagedRow
from productkeys.services.importing.verdict import Verdict
from productkeys.services.origin import Origin


def mend_alone(
    imp: Import, chunk: ImportChunk, rows: Sequence[StagedRow], place: int, mended: Mapping[str, str], *, origin: Origin
) -> bool:
    """Mend the row at `place` of `chunk`, in a transaction that has locked `imp`, all rows of which were checked.

    Returns False, and changes nothing, where other rows have to be looked at as well: its key becomes another one, or
    it names an agreement, which is made as the first row that names it says.
    """
    row, plan = rows[place], plans.read(imp)
    if imp.state != State.CHECKED or mended.get(Field.CODE) != (row.mended or {}).get(Field.CODE):
        return False
    before = _judged(imp, plan, row, origin)
    row.mended, unmended = mended, row.mended
    after = _judged(imp, plan, row, origin)
    if before.said.agreement or after.said.agreement:
        row.mended = unmended
        return False
    letters = [*chunk.outcomes]
    counts = Counter(imp.counts)
    counts.subtract(counted(letters[place]))
    letters[place] = after.letter
    counts.update(counted(letters[place]))
    staging.rewrite_chunk(chunk, rows, letters)
    plans.keep(imp, replace(plan, unknown=_unknown(plan, before, after)))
    Import.objects.filter(pk=imp.pk).update(attempt=imp.attempt + 1, counts=dict(+counts), fault={})
    return True


def _judged(imp: Import, plan: Plan, row: StagedRow, origin: Origin) -> Verdict:
    (verdict,) = Judge(imp, plan, origin=origin).judge([row])
    return verdict


def _unknown(plan: Plan, before: Verdict, after: Verdict) -> tuple[Unknown, ...]:
    """The texts that nobody understands, once the row no longer says what it said `before`."""
    rows = Counter({(entry.field, entry.text): entry.rows for entry in plan.unknown})
    known = len(rows)
    rows.subtract(said for said in _not_understood(before) if said in rows)
    rows.update(said for said in _not_understood(after) if said in rows or known < AT_MOST_UNKNOWN)
    return tuple(Unknown(name, text, number) for (name, text), number in rows.items() if number > 0)


def _not_understood(verdict: Verdict) -> list[tuple[str, str]]:
    return [(str(name), text) for name, text in verdict.said.unknown] if verdict.outcome is Outcome.REFUSED else []
