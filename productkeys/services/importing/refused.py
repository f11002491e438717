"""The refused rows of an import as a table: to be mended elsewhere, and brought again."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from productkeys.models import Import
from productkeys.services.importing import plan as plans
from productkeys.services.importing import staging
from productkeys.services.importing.judging import Judge
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.verdict import Verdict
from productkeys.services.origin import Origin


def refused_table(imp: Import) -> tuple[list[str], Iterator[list[str]]]:
    """The columns of the file and a last one that says why; the refused rows, with what was mended of them."""
    return [*plans.read(imp).columns, _("Why refused")], _rows(imp)


def _rows(imp: Import) -> Iterator[list[str]]:
    plan = plans.read(imp)
    judge = Judge(imp, plan, origin=Origin(imp.person, imp.address))
    for chunk in staging.chunks_of(imp):
        if Outcome.REFUSED not in chunk.outcomes:
            continue
        refused = [
            row for row, letter in zip(staging.rows_of(chunk), chunk.outcomes, strict=True) if letter == Outcome.REFUSED
        ]
        for verdict in judge.judge(refused):
            yield [*_cells(verdict, plan.fields), " ".join(problem.text for problem in verdict.problems)]


def _cells(verdict: Verdict, fields: tuple[str, ...]) -> list[str]:
    mended = verdict.row.mended or {}
    return [mended.get(name, cell) for name, cell in zip(fields, verdict.row.cells, strict=True)]
