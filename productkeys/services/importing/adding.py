"""Storing the new keys of an import, without an object for each."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from productkeys.domain.choices import Status
from productkeys.fields import sealed_values
from productkeys.models import Agreement, Import, ProductKey, reference
from productkeys.models.product_key import sorted_and_searched
from productkeys.models.trail import Action
from productkeys.services import count_columns, keys, labelling, many_rows, trail
from productkeys.services.importing.papers import Papers
from productkeys.services.importing.verdict import Verdict
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin
from productkeys.services.selection import in_batches

_Sharing = ProductKey.shared_with.through


def add(
    verdicts: Sequence[Verdict], *, imp: Import, papers: Papers, origin: Origin
) -> Iterator[tuple[UUID, str, dict[str, Any]]]:
    """Store a key for each of `verdicts`; gives what the trail says of each."""
    now, person = timezone.now(), origin.person.pk if origin.person else None
    of_all = {
        "import_uid": imp.uid,
        "created_at": now,
        "created_by_id": person,
        "changed_at": now,
        "changed_by_id": person,
    }
    agreements = [papers.made(verdict.paper) for verdict in verdicts]
    new = [_columns(verdict, agreement, person) for verdict, agreement in zip(verdicts, agreements, strict=True)]
    many_rows.insert(ProductKey, new, same=of_all)
    values = {columns["uid"]: _values(verdict) for columns, verdict in zip(new, verdicts, strict=True)}
    _share_and_label(values)
    _record_marks(verdicts, new, origin)
    for columns, agreement in zip(new, agreements, strict=True):
        yield columns["uid"], columns["name"], _shown(columns, values[columns["uid"]], agreement)


def _columns(verdict: Verdict, agreement: Agreement | None, person: int | None) -> dict[str, Any]:
    values, uid = _values(verdict), uuid4()
    assert values.code is not None
    columns = {name: getattr(values, name) for name in keys.DECLARED_FIELDS}
    columns |= sealed_values(values.code, uid)
    columns["uid"], columns["in_use"] = uid, values.in_use or 0
    columns["agreement_id"] = agreement and agreement.pk
    columns["status"] = verdict.said.status or Status.ACTIVE.value
    columns["name_sort"], columns["search_text"] = sorted_and_searched(
        values.name, values.comment, values.code.last_five
    )
    counted = verdict.counted_on
    columns["microsoft_used"] = verdict.said.microsoft_used if counted else None
    columns["microsoft_counted_on"], columns["microsoft_counted_by_id"] = counted, person if counted else None
    columns["microsoft_count_imported"] = counted is not None
    return columns


def _record_marks(verdicts: Sequence[Verdict], new: Sequence[Mapping[str, Any]], origin: Origin) -> None:
    """Record of archived keys that they were compromised: only the trail says what they are once they are restored."""
    for verdict, columns in zip(verdicts, new, strict=True):
        for before, after in pairwise(verdict.said.statuses):
            entry = trail.entry(
                Action.ARCHIVED,
                origin=origin,
                subject=(columns["uid"], columns["name"]),
                before={"status": before},
                after={"status": after},
            )
            trail.record(entry)


def _share_and_label(values: Mapping[UUID, KeyValues]) -> None:
    """Write what a key has many of; few keys have any."""
    shared = {uid: scopes for uid, of_key in values.items() if (scopes := keys.sharing_of(of_key))}
    labelled = {uid: sorted(of_key.labels) for uid, of_key in values.items() if of_key.labels}
    ids: dict[UUID, int] = {}
    for batch in in_batches(shared.keys() | labelled.keys()):
        ids |= ProductKey.objects.filter(uid__in=batch).values_list("uid", "pk")
    many_rows.insert(
        _Sharing, ({"productkey_id": ids[uid], "scope_id": scope} for uid in shared for scope in shared[uid])
    )
    labelling.put_on_many({ids[uid]: names for uid, names in labelled.items()})


def _shown(columns: Mapping[str, Any], values: KeyValues, agreement: Agreement | None) -> dict[str, Any]:
    """What the trail says of a new key; beside what is declared of every key, only what this one has."""
    names = reference.current().scopes
    declared = {name.removesuffix("_id"): columns[name] for name in keys.DECLARED_FIELDS}
    declared["scope"] = names.get(values.scope_id) if values.scope_id else None
    declared["agreement"] = agreement and agreement.number
    more = {
        "labels": sorted(values.labels or ()),
        "shared_with": sorted(names[scope] for scope in keys.sharing_of(values) if scope in names),
        "in_use": columns["in_use"],
        "status": columns["status"] if columns["status"] != Status.ACTIVE else "",
        **count_columns.shown_of(columns["microsoft_used"], columns["microsoft_counted_on"], imported=True),
    }
    return declared | {name: value for name, value in more.items() if value or name == "microsoft_used"}


def _values(verdict: Verdict) -> KeyValues:
    assert verdict.values is not None
    return verdict.values
