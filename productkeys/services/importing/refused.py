"""The refused rows of an import as a table: to be mended elsewhere, and brought again.

They hold keys as the person brought them: no right to reveal is needed, but the trail says that they left again.
"""

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from productkeys.incoming.fields import Field
from productkeys.models import Import
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.importing import plan as plans
from productkeys.services.importing import staging
from productkeys.services.importing.judging import Judge
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.plan import Plan
from productkeys.services.importing.staging import StagedRow
from productkeys.services.importing.verdict import Verdict
from productkeys.services.origin import Origin


def take_out(imp: Import, *, origin: Origin) -> tuple[list[str], Iterator[list[str]]]:
    """The table of the refused rows of `imp`, after the trail says for good who took them out."""
    what = {"format": "csv", "refused_rows": imp.counts.get(Outcome.REFUSED, 0)}
    # durable: never inside another transaction, whose rollback would take the entry away after the rows have left.
    with transaction.atomic(durable=True):
        trail.record(trail.entry(Action.KEYS_EXPORTED, origin=origin, subject=(imp.uid, imp.name), after=what))
    return refused_table(imp)


def refused_table(imp: Import) -> tuple[list[str], Iterator[list[str]]]:
    """The columns of the file and a last one that says why; the refused rows, with what was mended of them.

    What was mended without a column of the file stands in one of its own, under a name that an import recognises.
    """
    plan = plans.read(imp)
    mended = {name for rows in _refused(imp) for row in rows for name in row.mended or {}}
    added = [field.value for field in Field if field in mended.difference(plan.fields)]
    return [*plan.columns, *added, _("Why refused")], _rows(imp, plan, added, get_language())


def _rows(imp: Import, plan: Plan, added: Sequence[str], language: str | None) -> Iterator[list[str]]:
    judge = Judge(imp, plan, origin=Origin(imp.person, imp.address))
    for rows in _refused(imp):
        for verdict in judge.judge(rows):
            with override(language):
                why = " ".join(problem.text for problem in verdict.problems)
            yield [*_cells(verdict, plan.fields, added), why]


def _refused(imp: Import) -> Iterator[list[StagedRow]]:
    for chunk in staging.chunks_of(imp):
        if Outcome.REFUSED in chunk.outcomes:
            rows = zip(staging.rows_of(chunk), chunk.outcomes, strict=True)
            yield [row for row, letter in rows if letter == Outcome.REFUSED]


def _cells(verdict: Verdict, fields: Sequence[str], added: Sequence[str]) -> list[str]:
    mended = verdict.row.mended or {}
    replaced = plans.replaced_by(mended)
    cells = zip(fields, verdict.row.cells, strict=True)
    kept = [mended.get(name, "") if name in replaced else cell for name, cell in cells]
    return [*kept, *(mended.get(name, "") for name in added)]
