"""Undoing an import: its keys go and what it changed is as before, as long as nothing else has touched them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Min

from productkeys.domain import rulebook
from productkeys.domain.choices import Status
from productkeys.domain.rule import Problem
from productkeys.models import Agreement, Import, ImportedChange, ProductKey, RolloutTemplate
from productkeys.models.importing import State
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.models.trail import Action
from productkeys.services import agreements, keys, labelling, many_rows, microsoft_count, restoring, scoping, trail
from productkeys.services.importing.changing import ONE_BY_ONE, Wanted, write
from productkeys.services.importing.comparing import MICROSOFT, SHARED_WITH, STATUS
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.running import Running
from productkeys.services.importing.unchanged import changed_since
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin
from productkeys.services.selection import in_batches

NOT_UNDONE = "not-undone"
"""The code of the fault of an import that had to stay."""
_NAMED = 10
_FIRST_VERSION = 1
_RULES = {rule.code: rule for rule in rulebook.RULES}


class NotUndone(Exception):
    """The import stays as it is: `touched` are the names of some keys that were changed since, `more` how many others.

    `problems` say what the rules have against it.
    """

    def __init__(self, touched: list[str], more: int = 0, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__()
        self.touched, self.more, self.problems = touched, more, problems

    @property
    def kept(self) -> dict[str, Any]:
        """The same as the fault of an import."""
        problems = [(problem.code, _plain(problem.params)) for problem in self.problems]
        return {"code": NOT_UNDONE, "params": {"touched": self.touched, "more": self.more, "problems": problems}}

    @classmethod
    def of_fault(cls, params: Mapping[str, Any]) -> Self:
        problems = tuple(_RULES[code].broken(**told) for code, told in params["problems"] if code in _RULES)
        return cls(params["touched"], params["more"], problems)


@dataclass(frozen=True, slots=True)
class Undone:
    """How many keys went, how many are as they were before, and how many agreements went."""

    removed: int
    changed_back: int
    agreements: int


def require_undoable(imp: Import, *, origin: Origin) -> None:
    """Raise NotUndone where what `imp` stored cannot be taken back, as far as that is known without trying."""
    _require_untouched(imp, dict(imp.changes.values_list("key_uid", "version")), origin)
    brought = ProductKey.objects.filter(import_uid=imp.uid)
    _require_unused(brought, origin)
    kinds = brought.order_by().values_list("scope_id", "published").annotate(example=Min("name"))
    for scope, published, name in kinds:
        key = ProductKey(scope_id=scope, published=published)
        if problems := keys.problems_of_deletion(key, origin=origin):
            raise NotUndone([name], problems=tuple(problems))


def carry_out(imp: Import, *, origin: Origin) -> bool:
    """Undo `imp`, which waits for that. Returns whether it was there to be undone: another worker may have it.

    Raises NotUndone, Cancelled, or whatever stops it; nothing is taken back then.
    """
    try:
        return _carry_out(imp, origin)
    except keys.Refused as refusal:
        raise NotUndone([], problems=tuple(refusal.problems)) from None
    except (IntegrityError, keys.ChangedMeanwhile):  # somebody was faster
        raise NotUndone([]) from None


def _carry_out(imp: Import, origin: Origin) -> bool:
    with ExitStack() as until_committed, transaction.atomic():
        if not _locked(imp, State.UNDOING, skip_locked=True):
            return False
        running = until_committed.enter_context(Running(imp.uid))
        _undo(imp, origin, running.advance)
    return True


@transaction.atomic
def undo(imp: Import, *, origin: Origin) -> Undone:
    """Take back all that `imp` stored, at once. Raises NotUndone; nothing is taken back then."""
    if not _locked(imp, State.DONE):
        raise NotUndone([])
    return _undo(imp, origin, lambda _keys: None)


def _locked(imp: Import, state: State, *, skip_locked: bool = False) -> bool:
    waiting = Import.objects.select_for_update(skip_locked=skip_locked, of=("self",))
    return waiting.filter(pk=imp.pk, state=state).exists()


def _undo(imp: Import, origin: Origin, advance: Callable[[int], None]) -> Undone:
    """Take back all, in a transaction of the caller; `advance` is told how many more keys are through.

    An agreement that the import made stays where somebody changed it since, or where it holds other keys.
    """
    require_undoable(imp, origin=origin)
    changes = list(imp.changes.all())
    entry = trail.entry(
        Action.IMPORT_UNDONE, origin=origin, subject=(imp.uid, imp.name), after={"changed_back": len(changes)}
    )
    ids = list(ProductKey.objects.filter(import_uid=imp.uid).order_by("pk").values_list("pk", flat=True))
    entry.after["removed"] = len(ids)
    trail.record_batch(entry, _remove(ids, origin, advance))
    for batch in in_batches(changes):
        _take_back(batch, origin)
        advance(len(batch))
    removed = agreements.delete_made_by(imp.uid, origin=origin)
    Import.objects.filter(pk=imp.pk).update(state=State.UNDONE)
    return Undone(len(ids), len(changes), removed)


def _require_untouched(imp: Import, versions: Mapping[UUID, int], origin: Origin) -> None:
    brought = ProductKey.objects.filter(import_uid=imp.uid)
    touched = _changed(dict(brought.exclude(version=_FIRST_VERSION).values_list("uid", "version")))
    gone = imp.counts.get(Outcome.NEW.value, 0) - brought.count()
    for batch in in_batches(versions):
        found = dict(ProductKey.objects.filter(uid__in=batch).values_list("uid", "version"))
        gone += len(batch) - len(found)
        touched += changed_since(versions, found)
    if touched or gone:
        named = _named(touched, origin)
        raise NotUndone(named, more=len(touched) - len(named) + gone)


def _changed(brought: Mapping[UUID, int]) -> list[UUID]:
    """Those of the keys of an import, with their versions, that are not as it added them."""
    return list(changed_since(dict.fromkeys(brought, _FIRST_VERSION), brought))


def _named(touched: Sequence[UUID], origin: Origin) -> list[str]:
    """The names of the first of these keys, of those alone that the person may still know of."""
    keys_there = ProductKey.objects.visible_to(origin.person) if origin.person else ProductKey.objects.all()
    names: list[str] = []
    for batch in in_batches(touched):
        names += keys_there.filter(uid__in=batch).values_list("name", flat=True)[: _NAMED - len(names)]
        if len(names) == _NAMED:
            break
    return names


def _require_unused(brought: ProductKeyQuerySet, origin: Origin) -> None:
    templates = RolloutTemplate.objects.that_use(brought.order_by().values("pk"))
    used = {pk for pair in templates.values_list("installation_key_id", "activation_key_id") for pk in pair}
    if uids := list(brought.filter(pk__in=used).values_list("uid", flat=True)):
        named = _named(uids, origin)
        raise NotUndone(named, more=len(uids) - len(named))


def _take_back(changes: Sequence[ImportedChange], origin: Origin) -> None:
    found: ProductKeyQuerySet = ProductKey.objects.select_for_update(of=("self",)).select_related("agreement")
    locked = {key.uid: key for key in found.filter(uid__in=[change.key_uid for change in changes]).order_by("pk")}
    labels = labelling.names_by_key(locked.values())
    papers = {pk for change in changes if (pk := change.before.get("agreement_id"))}
    visible, agreements = scoping.visible_agreements(origin, papers), Agreement.objects.in_bulk(papers)
    now, left = (
        {uid: key.version for uid, key in locked.items()},
        {change.key_uid: change.version for change in changes},
    )
    if late := len(left) - len(locked) + len(list(changed_since(left, now))):  # somebody was faster
        raise NotUndone([], more=late)
    wanted = list[Wanted]()
    for change in changes:
        key = locked[change.key_uid]
        before = {
            name: frozenset(value) if name in ("labels", SHARED_WITH) else value
            for name, value in change.before.items()
            if name not in (MICROSOFT, STATUS)
        }
        values, count = KeyValues.of(key, **before), change.before.get(MICROSOFT)
        if problems := keys.problems_of(values, origin=origin, key=key, agreements=visible):
            raise NotUndone([key.name], problems=tuple(problems))
        if change.before.keys() & ONE_BY_ONE:
            _take_back_alone(key, values, change.before.get(STATUS), count, origin)
            continue
        wanted.append(
            Wanted(
                key=key,
                values=values,
                agreement=agreements.get(before["agreement_id"]) if "agreement_id" in before else key.agreement,
                labels=labels.get(key.pk, []),
                count=microsoft_count.columns_of(count) if count else None,
            )
        )
    write(wanted, origin=origin)
    many_rows.update(
        ImportedChange,
        ["undone_version"],
        [
            {"pk": change.pk, "seen": change.version, "undone_version": locked[change.key_uid].version}
            for change in changes
        ],
    )


def _take_back_alone(
    key: ProductKey, values: KeyValues, status: str | None, count: Mapping[str, Any] | None, origin: Origin
) -> None:
    keys.change_key(key, values, seen_version=key.version, origin=origin)
    for step in _way_back(key, status) if status else ():
        keys.set_status(key, step, seen_version=key.version, origin=origin)
    if count:
        microsoft_count.put_back(key, count, seen_version=key.version, origin=origin)


def _way_back(key: ProductKey, status: str) -> Iterator[str]:
    """What is to be done to `key` in turn, so that it has `status`, and in the archive no mark that it did not have."""
    if status == Status.ARCHIVED and restoring.before_archiving([key.uid]).get(key.uid) != Status.COMPROMISED:
        yield Status.ACTIVE
    yield status
    if key.status != status:  # out of the archive it came with the mark
        yield status


def _remove(
    ids: list[int], origin: Origin, advance: Callable[[int], None]
) -> Iterator[tuple[UUID, str, dict[str, Any]]]:
    for batch in in_batches(ids):
        brought = ProductKey.objects.filter(pk__in=batch)
        locked = brought.select_for_update(of=("self",)).order_by("pk")
        found = list(locked.values_list("uid", "name", "version"))
        changed = _changed({uid: version for uid, _name, version in found})
        if late := len(batch) - len(found) + len(changed):  # somebody was faster
            raise NotUndone([], more=late)
        _require_unused(brought, origin)
        for uid, name, _version in found:
            yield uid, name, {}
        many_rows.delete(ProductKey, batch)
        advance(len(batch))


def _plain(params: Mapping[str, object]) -> dict[str, object]:
    """Particulars as JSON can hold them."""
    return {name: value if isinstance(value, int) else str(value) for name, value in params.items()}
