"""What a person does with an import: bring a file, say what it means, let it be stored, stop it, take it back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from productkeys.domain import invisible, keycode
from productkeys.incoming.columns import Guess, dates_begin_with_the_day, recognise_columns
from productkeys.incoming.fields import Field
from productkeys.models import Import, reference
from productkeys.models.importing import OPEN_STATES, State
from productkeys.services.importing import checking, mending, running, staging, undoing
from productkeys.services.importing import plan as plans
from productkeys.services.importing.checking import Superseded
from productkeys.services.importing.plan import Plan
from productkeys.services.importing.strange_scopes import without_strange_scopes
from productkeys.services.origin import Origin
from productkeys.tables.reading import Format, Row, Unreadable, open_table, recognise

_LOOKED_AT = 200
"""So many rows tell what columns mean."""
_COUNTED_AT_ONCE = ("delimited", "lines")
"""The kinds of file whose rows are counted in no time, as long as there are not too many lines."""
_LINES_COUNTED_AT_ONCE = 150_000


class NotNow(Exception):
    """The import is not where this step can be taken: it is over, or somebody else took another step."""


def begin(data: bytes, *, name: str, origin: Origin) -> Import:
    """Keep the brought file and say what is recognised of it; its first rows are checked at once.

    Raises Unreadable where it is no table.
    """
    fmt = recognise(data, name=name)
    plan, rows = _recognised(data, fmt)
    with transaction.atomic():
        imp = Import.objects.create(
            person=origin.person,
            address=origin.address,
            name=invisible.without(keycode.redact(name))[:200],
            size=len(data),
            format=fmt.as_dict(),
            total=_count(data, fmt),
        )
        staging.keep_file(imp, data)
        plans.keep(imp, plan)
    try:
        _check_first(imp, origin, rows)
    except Unreadable:
        drop(imp)
        raise
    return imp


def change_format(imp: Import, fmt: Format, *, origin: Origin) -> None:
    """Read the file anew, as a person says; what was mended of it is gone, and what columns and texts mean.

    Raises Unreadable, NotNow.
    """
    data = staging.read_file(imp)
    plan, rows = _recognised(data, fmt)
    before = plans.read(imp)
    plan = replace(plan, sheets=before.sheets, defaults=before.defaults)
    with transaction.atomic():
        _check_anew(imp, format=fmt.as_dict(), total=_count(data, fmt))
        staging.discard_rows(imp)
        plans.keep(imp, plan)
    _check_first(imp, origin, rows)


def change_plan(
    imp: Import,
    *,
    fields: Sequence[str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    defaults: Mapping[str, str] | None = None,
    existing: str | None = None,
    origin: Origin,
) -> None:
    """Say what columns and texts mean, what missing columns stand for, and whether existing keys change. Raises NotNow.

    What is not given stays; `values` come to those that were said before, an empty one takes its text away again.
    """
    with transaction.atomic():
        _check_anew(imp, **({"existing": existing} if existing else {}))
        plan = plans.read(imp)
        if fields is not None:
            plan = replace(plan, fields=tuple(fields), certainties=(1.0,) * len(fields))
        if values is not None:
            plan = replace(plan, values=_merged(plan.values, values))
        if defaults is not None:
            plan = replace(plan, defaults={name: text for name, text in defaults.items() if text})
        plans.keep(imp, plan)
    _check_first(imp, origin)


def mend(imp: Import, index: int, texts: Mapping[str, str], *, origin: Origin) -> None:
    """Put `texts` by field in place of what the row `index` says; a key that is not given stays. Raises NotNow.

    All rows are checked anew only where others may depend on this one.
    """
    with transaction.atomic():
        found = Import.objects.select_for_update(of=("self",)).filter(pk=imp.pk, attempt=imp.attempt).first()
        chunk = imp.chunks.filter(first__lte=index).order_by("-first").first()
        rows = staging.rows_of(chunk) if chunk else []
        if found is None or chunk is None or index - chunk.first >= len(rows):
            raise NotNow
        place = index - chunk.first
        given = {name: text for name, text in texts.items() if text or name != Field.CODE}
        mended = {**(rows[place].mended or {}), **given}
        if not (alone := mending.mend_alone(found, chunk, rows, place, mended, origin=origin)):
            _check_anew(imp)
            rows[place].mended = mended
            staging.rewrite_chunk(chunk, rows, chunk.outcomes)
    if alone:
        imp.refresh_from_db()
    else:
        _check_first(imp, origin)


def start(imp: Import, *, mode: str, origin: Origin) -> None:
    """Let a worker store what the preview shows. Raises NotNow."""
    checked = Import.objects.filter(pk=imp.pk, state=State.CHECKED, attempt=imp.attempt)
    _hand_over(imp, checked, state=State.STORING, mode=mode, address=origin.address)


def undo(imp: Import, *, origin: Origin) -> None:
    """Let a worker take back what `imp` stored. Raises NotUndone where the portal knows at once that it has to stay,
    and NotNow.
    """
    undoing.require_undoable(imp, origin=origin)
    done = Import.objects.filter(pk=imp.pk, state=State.DONE)
    _hand_over(imp, done, state=State.UNDOING, address=origin.address)


def _hand_over(imp: Import, waiting: QuerySet[Import], **columns: object) -> None:
    """Let a worker take up `imp` if it is still among those `waiting`. Raises NotNow."""
    with transaction.atomic():
        if not waiting.update(**columns, began_at=timezone.now(), lease_until=None, fault={}):
            raise NotNow  # what somebody wished of the run that is under way still counts
        running.forget(imp.uid)
    imp.refresh_from_db()


def cancel(imp: Import) -> None:
    """End an import that is not done, or let one stay that is being undone. Raises NotNow.

    A worker that has it sees the wish at its next chunk, and the database takes back what it did; until then this
    waits for it.
    """
    running.ask_to_stop(imp.uid)
    stopped = State.DONE if imp.state == State.UNDOING else State.CANCELLED
    with transaction.atomic():
        found = Import.objects.select_for_update(of=("self",)).filter(pk=imp.pk).first()
        if found is None or found.state not in (*OPEN_STATES, State.UNDOING, stopped):
            raise NotNow
        if found.state == State.UNDOING:
            let_stay(found)
        elif found.is_open:  # otherwise the worker has seen the wish, and was faster
            end(found, State.CANCELLED)


def end(imp: Import, state: State, fault: Mapping[str, object] | None = None) -> None:
    """Close an import without its keys, in a transaction of the caller: everything secret of it goes."""
    staging.discard(imp)
    Import.objects.filter(pk=imp.pk).update(
        state=state, fault=fault or {}, plan=None, lease_until=None, finished_at=timezone.now()
    )


@transaction.atomic
def drop(imp: Import) -> None:
    """Remove an import that was not stored, as if nobody had brought it. Waits for a worker as `cancel` does."""
    running.ask_to_stop(imp.uid)
    with transaction.atomic():
        found = Import.objects.select_for_update(of=("self",)).filter(pk=imp.pk).first()
        if found is not None and found.state not in (State.DONE, State.UNDOING, State.UNDONE):
            staging.discard(found)
            found.delete()


def check_again(imp: Import, fault: Mapping[str, object]) -> None:
    """Back to the preview, which has to be looked at anew because of `fault`."""
    Import.objects.filter(pk=imp.pk, state=State.STORING).update(
        state=State.CHECKING, attempt=imp.attempt + 1, checked=0, counts={}, lease_until=None, fault=fault
    )


def let_stay(imp: Import, fault: Mapping[str, object] | None = None) -> None:
    """Back to the result of an import that is not undone after all, because of `fault` where there is any."""
    Import.objects.filter(pk=imp.pk, state=State.UNDOING).update(state=State.DONE, fault=fault or {})


def _recognised(data: bytes, fmt: Format) -> tuple[Plan, Iterator[Row]]:
    """What is recognised of the file, and its rows."""
    table = open_table(data, fmt)
    first = list(islice(table.rows, _LOOKED_AT))
    sample = [row.cells for row in first]
    guesses = recognise_columns(table.columns, sample, reference.current().systems)
    guesses = without_strange_scopes(guesses, sample, table.columns)
    plan = Plan(
        columns=table.columns,
        fields=tuple(guess.field for guess in guesses),
        certainties=tuple(guess.certainty for guess in guesses),
        samples=tuple(map(_example, zip(*sample, strict=True), guesses)),
        sheets=fmt.sheets,
        day_first=dates_begin_with_the_day([guess.field for guess in guesses], sample),
    )
    return plan, chain(first, table.rows)


def _example(cells: Sequence[str], guess: Guess) -> str:
    """What shows people what a column holds: its first text, of the keys the first that is one."""
    keys = filter(keycode.contains_key, cells if guess.field is Field.CODE else ())
    return next(keys, "") or next(filter(str.strip, cells), "")


def _count(data: bytes, fmt: Format) -> int | None:
    """How many rows there are; None where counting them would let the person wait: the worker finds out."""
    lines = max(data.count(b"\n"), data.count(b"\r"))
    if fmt.kind not in _COUNTED_AT_ONCE or lines > _LINES_COUNTED_AT_ONCE:
        return None
    return sum(1 for _row in open_table(data, fmt).rows)


def _check_anew(imp: Import, **columns: object) -> None:
    """A new attempt: whoever works on the last one notices. Raises NotNow where the import is not open any more."""
    last = Import.objects.filter(pk=imp.pk, state__in=(State.CHECKING, State.CHECKED), attempt=imp.attempt)
    if not last.update(
        state=State.CHECKING, attempt=imp.attempt + 1, checked=0, counts={}, lease_until=None, fault={}, **columns
    ):
        raise NotNow
    imp.refresh_from_db()


def _check_first(imp: Import, origin: Origin, opened: Iterator[Row] | None = None) -> None:
    """Show something at once: the first rows, unless a worker was faster; it goes on with the rest."""
    try:
        if checking.take(imp):
            checking.check(imp, origin=origin, at_most=staging.CHUNK_ROWS, opened=opened)
            checking.give_back(imp)
    except Superseded:
        pass
    except Unreadable as unreadable:
        with transaction.atomic():
            end(imp, State.FAILED, {"code": unreadable.problem.code, "params": dict(unreadable.problem.params)})
    imp.refresh_from_db()


def _merged(
    before: Mapping[str, Mapping[str, str]], said: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    merged = {name: dict(texts) for name, texts in before.items()}
    for name, texts in said.items():
        merged[name] = {text: meant for text, meant in {**merged.get(name, {}), **texts}.items() if meant}
    return merged
