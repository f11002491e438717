"""What an import would do, row by row: judged again when it is looked at, so that it is told as things stand now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from productkeys.domain import keycode
from productkeys.domain.rule import Problem
from productkeys.models import Import, ImportChunk
from productkeys.services import scoping
from productkeys.services.importing import plan as plans
from productkeys.services.importing import staging
from productkeys.services.importing.comparing import AGREEMENT, SHARED_WITH, Changes
from productkeys.services.importing.judging import Judge
from productkeys.services.importing.outcomes import Outcome, is_like
from productkeys.services.importing.remarks import Remark
from productkeys.services.importing.staging import StagedRow
from productkeys.services.importing.verdict import Verdict
from productkeys.services.keys import DECLARED_FIELDS
from productkeys.services.origin import Origin


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row at one field, and what to do; never a key."""

    field: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as people look at it. `index` is its place from 0, `number` its line in the file.

    `values` are the declared values of the key by name (those of the existing key as it would become), `shown_key` its
    mask, or all of it where Microsoft published it. `changes` are (name, before, after), `remarks` about what comes of
    nothing; `existing` is (id, name).
    """

    index: int
    number: int
    outcome: Outcome
    values: Mapping[str, Any]
    shown_key: str
    last_five: str
    problems: Sequence[RowProblem]
    changes: Sequence[tuple[str, Any, Any]]
    remarks: Sequence[Remark]
    existing: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Rows of a page; the next one begins at the row `next_start`, if there is any."""

    rows: Sequence[PreviewRow]
    next_start: int | None


def page(imp: Import, *, outcome: str = "", start: int = 0, size: int = 50) -> PreviewPage:
    """The rows from the index `start` on, or those with this outcome alone (or `outcomes.REMARKED`)."""
    wanted = _places(imp, outcome, start, size + 1)
    shown = _shown(imp, wanted[:size])
    return PreviewPage(shown, wanted[size] if len(wanted) > size else None)


def row(imp: Import, index: int) -> PreviewRow | None:
    """One row; None where the import has no such row, or not yet."""
    found = _shown(imp, [index])
    return found[0] if found else None


def texts_of(imp: Import, index: int) -> Mapping[str, str]:
    """What a row says by field, as it was brought or mended, without its key and any other one masked: to be mended."""
    plan = plans.read(imp)
    for staged in _staged(imp, [index]).values():
        texts = dict[str, str]()
        for name, cell in zip(plan.fields, staged.cells, strict=False):
            texts[name] = "; ".join(filter(None, (texts.get(name), cell)))  # there may be several columns of labels
        texts |= staged.mended or {}
        return {name: keycode.redact(text) for name, text in texts.items() if name != "code"}
    return {}


def _places(imp: Import, outcome: str, start: int, count: int) -> list[int]:
    """The indexes of at most `count` rows from `start` on; by the letters of the chunks, which hold no secret."""
    found: list[int] = []
    chunks = imp.chunks.order_by("number").values_list("first", "outcomes")
    last = chunks.filter(first__lte=start).order_by("-first").values_list("first", flat=True).first() or 0
    for first, letters in chunks.filter(first__gte=last).iterator(chunk_size=20):
        found += [
            first + place
            for place, letter in enumerate(letters)
            if first + place >= start and (not outcome or is_like(letter, outcome))
        ]
        if len(found) >= count:
            break
    return found[:count]


def _staged(imp: Import, indexes: Sequence[int]) -> dict[int, StagedRow]:
    """The rows of these rising indexes, each chunk opened once."""
    found: dict[int, StagedRow] = {}
    if not indexes:
        return found
    before = imp.chunks.filter(first__lte=indexes[0]).order_by("-first").values_list("first", flat=True).first() or 0
    wanted = set(indexes)
    for chunk in _with_any(imp, before, wanted, indexes[-1]):
        rows = staging.rows_of(chunk)
        found |= {index: rows[index - chunk.first] for index in indexes if 0 <= index - chunk.first < len(rows)}
    return found


def _with_any(imp: Import, first: int, wanted: set[int], last: int) -> Iterator[ImportChunk]:
    for chunk in imp.chunks.filter(first__gte=first, first__lte=last).order_by("number"):
        if wanted.intersection(range(chunk.first, chunk.first + len(chunk.outcomes))):
            yield chunk


def _shown(imp: Import, indexes: Sequence[int]) -> list[PreviewRow]:
    staged = _staged(imp, indexes)
    origin = Origin(imp.person, imp.address)
    judge = Judge(imp, plans.read(imp), origin=origin)
    verdicts = judge.judge(list(staged.values()))
    return [_as_row(index, verdict, origin) for index, verdict in zip(staged, verdicts, strict=True)]


def _as_row(index: int, verdict: Verdict, origin: Origin) -> PreviewRow:
    said, code, existing = verdict.said, verdict.code, verdict.existing
    source = verdict.values or said
    values = {name.removesuffix("_id"): getattr(source, name, None) for name in DECLARED_FIELDS}
    values |= {
        "in_use": existing.in_use if existing and "in_use" not in verdict.changes else said.in_use,
        "scope": said.scope,
        "status": said.status,
        "labels": said.labels,
    }
    values |= {"agreement": _paper(verdict), "microsoft_used": said.microsoft_used}
    values |= {"microsoft_counted_on": verdict.counted_on}
    whole = code and verdict.outcome is Outcome.STANDARD
    return PreviewRow(
        index=index,
        number=verdict.row.number,
        outcome=verdict.outcome,
        values={name: _masked(value) for name, value in values.items()},
        shown_key=code.open() if code and whole else str(code or ""),
        last_five=code.last_five if code else "",
        problems=[_told(problem) for problem in verdict.problems],
        changes=[
            (name.removesuffix("_id"), _masked(before), _masked(after))
            for name, (before, after) in _named(_of_paper(verdict, origin), origin)
        ],
        remarks=[_shown_remark(remark, origin) for remark in verdict.remarks],
        existing=(existing.pk, existing.name) if existing else None,
    )


def _named(changes: Changes, origin: Origin) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """`changes`, with the names of those scopes that the person may know of."""
    for name, sides in changes.items():
        if name == SHARED_WITH:
            known = scoping.scopes_known_to(origin)
            before, after = ([known[scope] for scope in side if scope in known] for side in sides)
            yield name, (before, after)
        else:
            yield name, sides


def _of_paper(verdict: Verdict, origin: Origin) -> Changes:
    """The changes of a row, without an agreement under which the key is now and that the person may not know of."""
    if AGREEMENT not in verdict.changes or verdict.existing is None:
        return verdict.changes
    paper = verdict.existing.agreement
    if paper is None or paper.scope_id is None or scoping.holds(origin, scoping.VIEW, paper.scope_id):
        return verdict.changes
    _before, after = verdict.changes[AGREEMENT]
    return {**verdict.changes, AGREEMENT: ("", after)}


def _shown_remark(remark: Remark, origin: Origin) -> Remark:
    said, has = remark.said, remark.has
    if remark.field == SHARED_WITH and has is not None:
        ((_name, (has, said)),) = _named({SHARED_WITH: (has, said)}, origin)
    return replace(remark, said=_masked(said), has=_masked(has))


def _paper(verdict: Verdict) -> str:
    """The number of the agreement that the row names, and that it is new where it is."""
    if verdict.paper is None:
        return ""
    return _("%(number)s (new)") % {"number": verdict.paper.number} if verdict.paper.new else verdict.paper.number


def _masked(value: Any) -> Any:
    """`value` as a page may show it: a cell can hold a product key wherever people wrote one."""
    if isinstance(value, str):
        return keycode.redact(value)
    return [_masked(item) for item in value] if isinstance(value, list | tuple | frozenset) else value


def _told(problem: Problem) -> RowProblem:
    return RowProblem(problem.field, problem.message, problem.advice)
