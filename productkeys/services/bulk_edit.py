"""Changing or deleting many keys at once: a plan that can be shown first, then all of it or nothing.

`plan_changes` and `plan_deletion` say what would happen to each key, by the same rules as for a single one. The
`apply_` functions make the same plan again with the rows locked, and write it in one transaction, with one entry in the
trail for each key.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from productkeys.domain.choices import Status
from productkeys.domain.rulebook import Problem
from productkeys.models import Agreement, ProductKey, Scope, TrailEntry
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.models.trail import Action
from productkeys.services import keys, labelling, scoping, trail
from productkeys.services.keys import KeyValues, Refused
from productkeys.services.once_more import once_more
from productkeys.services.origin import Origin
from productkeys.services.restoring import earlier_statuses
from productkeys.services.selection import Selection, in_batches, locked

Names = Mapping[str, Mapping[int, str]]
"""What the things are called that a column names by id, for each column that does."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to become of every key: `values` by field (those of KeyValues, and "status"); a line for the comment.

    `added` and `removed` are names of labels.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    comment_line: str = ""
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def after(self, key: ProductKey) -> dict[str, Any]:
        """The fields of `key` that would differ, with their new values."""
        wanted = dict(self.values)
        if self.comment_line:
            wanted["comment"] = f"{key.comment}\n{self.comment_line}".lstrip()
        return {name: value for name, value in wanted.items() if getattr(key, name) != value}

    @property
    def relabel(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class Step:
    """One key of a plan: the fields that change, before and after, or why it is refused.

    `idle` where the key is as it should be already.
    """

    key: ProductKey
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an act would do to each key, in the order of the selection."""

    steps: Sequence[Step]

    @property
    def refused(self) -> list[Step]:
        return [step for step in self.steps if step.problems]

    @property
    def accepted(self) -> list[Step]:
        """What would be written once the refused keys are left out."""
        return [step for step in self.steps if not step.problems and not step.idle]

    @property
    def unchanged(self) -> int:
        """How many keys are already as they should be."""
        return sum(step.idle for step in self.steps)


def plan_changes(chosen: Sequence[ProductKey], changes: Changes, *, origin: Origin) -> Plan:
    """What `changes` would do to each of the `chosen` keys."""
    restored = earlier_statuses(chosen) if changes.values.get("status") == Status.ACTIVE else {}
    agreements = _agreements_there(chosen, changes, origin)
    labels: Mapping[int, Sequence[str]] = {}
    if changes.relabel:
        labels, added = labelling.names_by_key(chosen), labelling.as_spelled(changes.added)
        changes = replace(changes, added=frozenset(added))
    return Plan([_step(key, changes, restored, agreements, origin, labels.get(key.pk, [])) for key in chosen])


def plan_deletion(chosen: Iterable[ProductKey], *, origin: Origin) -> Plan:
    """What deleting would do: standard keys stay, and so do those that the person may not delete."""
    chosen = list(chosen)
    labels = labelling.names_by_key(chosen)
    return Plan(
        [
            Step(
                key,
                before=_declared(key) | ({"labels": labels[key.pk]} if key.pk in labels else {}),
                problems=keys.problems_of_deletion(key, origin=origin),
            )
            for key in chosen
        ]
    )


@once_more(seeing_others=True)
@transaction.atomic
def apply_changes(
    selection: Selection, changes: Changes, *, among: ProductKeyQuerySet, origin: Origin, leaving_out: int = 0
) -> int:
    """Write `changes` to all keys of `selection` that are in `among`, or to none. Returns how many changed.

    With `leaving_out`, exactly so many refused keys stay as they are, as the person was shown. Raises Refused, and
    SelectionChanged where a key has another version than the one that was seen.
    """
    plan = plan_changes(locked(among, selection), changes, origin=origin)
    steps = _accepted(plan, leaving_out)
    _write(steps, origin)
    names = _names_in(steps)
    trail.record(*(_entry(step, changes, origin, names) for step in steps))
    return len(steps)


@once_more(seeing_others=True)
@transaction.atomic
def apply_deletion(selection: Selection, *, among: ProductKeyQuerySet, origin: Origin, leaving_out: int = 0) -> int:
    """Delete all keys of `selection` for good, or none. Returns how many. Raises as `apply_changes` does."""
    steps = _accepted(plan_deletion(locked(among, selection), origin=origin), leaving_out)
    names = _names_in(steps)
    trail.record(
        *(trail.entry(Action.DELETED, origin=origin, key=step.key, before=_named(step.before, names)) for step in steps)
    )
    for batch in in_batches(step.key.pk for step in steps):
        ProductKey.objects.filter(pk__in=batch).delete()
    return len(steps)


def _agreements_there(chosen: Iterable[ProductKey], changes: Changes, origin: Origin) -> frozenset[int]:
    """The agreements that an act is about, as far as they are there for the person."""
    if "agreement_id" not in changes.values:
        return frozenset()
    ids = {changes.values["agreement_id"], *(key.agreement_id for key in chosen)}
    return scoping.visible_agreements(origin, [pk for pk in ids if pk is not None])


def _step(
    key: ProductKey,
    changes: Changes,
    restored: Mapping[UUID, str],
    agreements: frozenset[int],
    origin: Origin,
    labels: Sequence[str],
) -> Step:
    after = changes.after(key)
    if after.get("agreement_id", 0) is None and key.agreement_id not in agreements:
        del after["agreement_id"]  # for this person it is under none
    if key.uid in restored:
        after["status"] = restored[key.uid]
    before = {name: getattr(key, name) for name in after}
    if changes.relabel:
        labels_after = labelling.with_changes(labels, added=changes.added, removed=changes.removed)
        if not labelling.are_same(labels_after, labels):
            before["labels"], after["labels"] = list(labels), labels_after
    declared = {name: value for name, value in after.items() if name != "status"}
    if "labels" in declared:
        declared["labels"] = frozenset(declared["labels"])
    problems = (
        keys.problems_of(KeyValues.of(key, **declared), origin=origin, key=key, agreements=agreements)
        if declared
        else []
    )
    if "status" in after:
        of_status = keys.problems_of_status(key, after["status"], origin=origin)
        problems += [problem for problem in of_status if problem not in problems]
    return Step(key, before, after, problems, idle=not after)


def _accepted(plan: Plan, leaving_out: int) -> list[Step]:
    refused = plan.refused
    if len(refused) != leaving_out:
        raise Refused([problem for step in refused for problem in step.problems])
    return plan.accepted


def _write(steps: Sequence[Step], origin: Origin) -> None:
    """One UPDATE for all keys whose fields become the same; comments one by one, since what is searched differs.

    Labels are rows of their own.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    with_comment: list[ProductKey] = []
    for step in steps:
        columns = ((name, value) for name, value in step.after.items() if name not in ("comment", "labels"))
        alike[tuple(columns)].append(step.key.pk)
        if "comment" in step.after:
            step.key.comment = step.after["comment"]
            step.key.prepare_text()
            with_comment.append(step.key)
    now = timezone.now()
    for values, ids in alike.items():
        for batch in in_batches(ids):
            ProductKey.objects.filter(pk__in=batch).update(
                **dict(values), changed_at=now, changed_by=origin.person, version=F("version") + 1
            )
    _write_comments(with_comment)
    labelling.put_on_many({step.key.pk: step.after["labels"] for step in steps if "labels" in step.after})


def _write_comments(changed: Sequence[ProductKey]) -> None:
    # bulk_update would say it in one statement with a branch per key, which takes ten times as long to build.
    statement = f"UPDATE {ProductKey._meta.db_table} SET comment = %s, search_text = %s WHERE id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(key.comment, key.search_text, key.pk) for key in changed])


def _entry(step: Step, changes: Changes, origin: Origin, names: Names) -> TrailEntry:
    action = keys.STATUS_ACTIONS[changes.values["status"]] if set(step.after) == {"status"} else Action.CHANGED
    before, after = _named(step.before, names), _named(step.after, names)
    return trail.entry(action, origin=origin, key=step.key, before=before, after=after)


def _declared(key: ProductKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in keys.DECLARED_FIELDS}


def _names_in(steps: Iterable[Step]) -> Names:
    """What all scopes and agreements that keys of `steps` leave or come to are called, for the trail."""
    sides = [values for step in steps for values in (step.before, step.after)]

    def ids(column: str) -> set[int]:
        return {values[column] for values in sides if values.get(column)}

    return {
        "scope_id": dict(Scope.objects.filter(pk__in=ids("scope_id")).values_list("pk", "name")),
        "agreement_id": dict(Agreement.objects.filter(pk__in=ids("agreement_id")).values_list("pk", "number")),
    }


def _named(values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {
        column.removesuffix("_id"): names[column].get(value) if column in names else value
        for column, value in values.items()
    }
