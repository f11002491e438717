"""Taking keys out of the portal as a file: what leaves is in the trail for good before anything of it leaves.

An export is one entry. Keys that leave whole, and are not public anyway, are its rows: whoever writes the file
opens the keys that have a row, and no others.
"""

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from productkeys.domain import rules
from productkeys.models import TrailEntry, TrailRow
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.models.trail import Action, Why
from productkeys.services import reveal_limit, trail
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.selection import in_batches


@dataclass(frozen=True, slots=True)
class Export:
    """What may leave: the numbers of the keys in their order, and how many of them leave whole."""

    uid: UUID
    ids: Sequence[int]
    whole: int = 0

    def opened_among(self, uids: Collection[UUID]) -> set[UUID]:
        """Those of the keys `uids` that leave whole: the trail says so."""
        if not self.whole:
            return set()
        rows = TrailRow.objects.filter(entry_uid=self.uid, subject_uid__in=uids)
        return set(rows.order_by().values_list("subject_uid", flat=True))


def export_masked(keys: ProductKeyQuerySet, *, what: Mapping[str, Any], origin: Origin) -> Export:
    """Take out `keys`, in their order, none of them whole but those that are public anyway.

    `what` says the format and the filters, for the trail.
    """
    with transaction.atomic(durable=True):
        ids = _ids(keys)
        entry = trail.entry(Action.KEYS_EXPORTED, origin=origin, after={**what, "plain": False, "keys": len(ids)})
        trail.record(entry)
    return Export(entry.uid, ids)


def export_plain(
    keys: ProductKeyQuerySet,
    *,
    revealable: ProductKeyQuerySet,
    reason: str,
    what: Mapping[str, Any],
    origin: Origin,
    act: UUID | None = None,
) -> Export:
    """Take out `keys`, in their order; those of them that are `revealable` leave whole.

    Counts as one reveal of the person's hour. `act` becomes the uid of the entry. Raises Repeated where the trail has
    it already, Refused where the reason contains a product key, Stopped where too many keys were revealed.
    """
    if problem := rules.problem_of_text(reason, "reason"):
        raise Refused([problem])

    def record() -> Export:
        ids = _ids(keys)
        after = {**what, "plain": True, "keys": len(ids)}
        entry = trail.entry(Action.KEYS_EXPORTED, uid=act, origin=origin, reason=reason, after=after)
        trail.record_batch(entry, _rows(ids, revealable.filter(published=False)))
        return Export(entry.uid, ids, entry.after["rows"])

    return reveal_limit.within_limit(record, refusal=lambda why: _refusal(why, origin), origin=origin, act=act)


def refuse(why: Why, *, origin: Origin) -> None:
    """Keep in the trail that somebody wanted to take whole keys out and was not let, and why."""
    trail.record(_refusal(why, origin))


def _refusal(why: Why, origin: Origin) -> TrailEntry:
    return trail.entry(Action.REVEAL_REFUSED, origin=origin, reason=why.value)


def _ids(keys: ProductKeyQuerySet) -> Sequence[int]:
    return array("q", keys.values_list("pk", flat=True).iterator(chunk_size=10_000))


def _rows(ids: Sequence[int], revealable: ProductKeyQuerySet) -> Iterator[tuple[UUID, str, Mapping[str, Any]]]:
    for batch in in_batches(ids):
        for uid, name in revealable.filter(pk__in=batch).order_by("pk").values_list("uid", "name"):
            yield uid, name, {}
