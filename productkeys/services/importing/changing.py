"""Changing keys that the portal holds already as an import says, and back again: many of them in one statement.

Whoever asks has locked the keys and asked the rules in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from productkeys.models import Agreement, Import, ImportedChange, ProductKey, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import count_columns, keys, labelling, many_rows, microsoft_count, trail
from productkeys.services.importing.comparing import AGREEMENT, MICROSOFT, SHARED_WITH, STATUS
from productkeys.services.importing.papers import Papers
from productkeys.services.importing.verdict import Verdict
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin

ONE_BY_ONE = frozenset({"scope_id", SHARED_WITH, STATUS})
"""Changes that few imports bring, and that reach further than the row of the key."""

_COUNT = ("microsoft_used", "microsoft_counted_on", "microsoft_counted_by_id", "microsoft_count_imported")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to become of `key`: `values` (their labels are all that it will carry, None where they stay), in the
    `agreement`, and the columns of Microsoft's `count` where that changes. `labels` are those that it has.
    """

    key: ProductKey
    values: KeyValues
    agreement: Agreement | None
    labels: Sequence[str] = ()
    count: Mapping[str, Any] | None = None


def change(verdicts: Iterable[Verdict], *, imp: Import, papers: Papers, origin: Origin) -> None:
    """Store what rows of `imp` change, and keep what was before. Raises Refused, ChangedMeanwhile."""
    many, kept = list[Wanted](), list[tuple[ProductKey, int, dict[str, Any]]]()
    for verdict in verdicts:
        key, paper = verdict.existing, papers.made(verdict.paper)
        assert key is not None
        before = {name: was for name, (was, _becomes) in verdict.changes.items()}
        if before.pop(AGREEMENT, None) is not None and paper:
            before["agreement_id"] = key.agreement_id
        if MICROSOFT in before:
            before[MICROSOFT] = microsoft_count.kept(key)
        kept.append((key, key.version, before))
        wanted = _wanted(verdict, key, paper if "agreement_id" in before else key.agreement, before, origin)
        if before.keys() & ONE_BY_ONE:
            _change_alone(wanted, verdict.said.statuses if before.get(STATUS) else (), origin)
        else:
            many.append(wanted)
    write(many, origin=origin)
    many_rows.insert(
        ImportedChange,
        [
            {"key_uid": key.uid, "seen_version": seen, "version": key.version, "before": before}
            for key, seen, before in kept
        ],
        same={"owner_id": imp.pk},
    )


def write(wanted: Sequence[Wanted], *, origin: Origin) -> None:
    """Write all of it: as `keys.change_key` and `microsoft_count.record` do for one key, with the same entries.

    Raises ChangedMeanwhile where a key has another version by now.
    """
    now, person = timezone.now(), origin.person.pk if origin.person else None
    labelled = {one.key.pk: one.values.labels for one in wanted if _is_relabelled(one)}
    labelling.put_on_many({pk: sorted(labels or ()) for pk, labels in labelled.items()})
    spelled = labelling.names_by_key(one.key for one in wanted if one.key.pk in labelled)
    entries, rows = list[TrailEntry](), defaultdict[tuple[str, ...], list[dict[str, Any]]](list)
    for one in wanted:
        key, seen = one.key, one.key.version
        columns = _declare(one, spelled.get(key.pk, []) if key.pk in labelled else None, origin, entries)
        columns += _count(one, origin, entries)
        if key.version > seen:
            key.changed_at, key.changed_by_id = now, person
            values = {name: getattr(key, name) for name in (*columns, "changed_at", "changed_by_id", "version")}
            rows[tuple(values)].append(values | {"pk": key.pk, "seen": seen})
    for names, of_keys in rows.items():
        if many_rows.update(ProductKey, names, of_keys) < len(of_keys):
            raise keys.ChangedMeanwhile(None)
    trail.record(*entries)


def _wanted(
    verdict: Verdict, key: ProductKey, agreement: Agreement | None, before: Mapping[str, Any], origin: Origin
) -> Wanted:
    assert verdict.values is not None
    values = replace(verdict.values, agreement_id=agreement.pk if agreement else None)
    count: dict[str, Any] | None = None
    if MICROSOFT in before and verdict.said.microsoft_used is not None and verdict.counted_on:
        person = origin.person.pk if origin.person else None
        count = dict(zip(_COUNT, (verdict.said.microsoft_used, verdict.counted_on, person, True), strict=True))
    labels = [label.name for label in key.labels.all()]
    return Wanted(key=key, values=values, agreement=agreement, labels=labels, count=count)


def _change_alone(wanted: Wanted, statuses: Iterable[str], origin: Origin) -> None:
    key, count = wanted.key, wanted.count
    keys.change_key(key, wanted.values, seen_version=key.version, origin=origin)
    if count:
        used, day = count["microsoft_used"], count["microsoft_counted_on"]
        microsoft_count.record(key, used, day, seen_version=key.version, origin=origin, imported=True)
    for status in statuses:
        keys.set_status(key, status, seen_version=key.version, origin=origin)


def _is_relabelled(one: Wanted) -> bool:
    return one.values.labels is not None and not labelling.are_same(one.labels, one.values.labels)


def _declare(one: Wanted, labels: Sequence[str] | None, origin: Origin, entries: list[TrailEntry]) -> list[str]:
    """Let the key have the values, and `labels` where they were changed. Returns the columns to write."""
    key = one.key
    changed = {name: value for name, value in keys.columns_of(key, one.values).items() if getattr(key, name) != value}
    if not changed and labels is None:
        return []
    before = keys.shown(key, changed)
    for name, value in changed.items():
        setattr(key, name, value)
    if "agreement_id" in changed:
        key.agreement = one.agreement
    after = keys.shown(key, changed)
    if labels is not None:
        before["labels"], after["labels"] = labelling.in_order(one.labels), labels
    key.prepare_text()
    key.version += 1
    entries.append(trail.entry(Action.CHANGED, origin=origin, key=key, before=before, after=after))
    return [*changed, "name_sort", "search_text"]


def _count(one: Wanted, origin: Origin, entries: list[TrailEntry]) -> list[str]:
    """Let the key have Microsoft's count. Returns the columns to write."""
    if one.count is None:
        return []
    before = count_columns.shown(one.key)
    for name, value in one.count.items():
        setattr(one.key, name, value)
    after = count_columns.shown(one.key)
    if before == after:
        return []
    one.key.version += 1
    entries.append(trail.entry(Action.CHANGED, origin=origin, key=one.key, before=before, after=after))
    return [*one.count]
