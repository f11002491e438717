"""Removing old entries from the beginning of the trail: personal data is kept no longer than the house wants.

The entry about the pruning says where the chain begins now, and its proof says that the portal wrote it. So what is
left still verifies, and nobody else can pretend that what they removed was pruned.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from productkeys import append_only
from productkeys.domain.choices import Status
from productkeys.models import ProductKey, TrailEntry, TrailRow, TrailSeal
from productkeys.models.trail import Action
from productkeys.services import chain, restoring, sealing, trail
from productkeys.services.once_more import once_more
from productkeys.services.origin import PORTAL
from productkeys.services.sealing import Head
from productkeys.services.selection import in_batches


def start_of_chain() -> Head:
    """What the first seal stands behind: the last one that was pruned, by the portal's own word."""
    said = TrailEntry.objects.filter(action=Action.PRUNED, subject_uid=None)
    begins = [
        Head(entry.after["sequence"], entry.after["digest"])
        for entry in chain.read(list(said.values_list("pk", flat=True))).values()
        if entry is not None and entry.proof and chain.is_proven(entry)
    ]
    return max(begins, key=lambda head: head.sequence, default=Head(0, ""))


@once_more()
@transaction.atomic
def prune(before: datetime) -> int:
    """Remove the entries at the beginning of the trail that are older than `before`, with their rows. Returns how many.

    What archived keys were before is said again, for restoring them. The caller has verified the trail: what is removed
    can be proven no more. Raises DatabaseError where the database user does not own the tables.
    """
    sealing.alone(wait=True)
    last = _last_to_go(before)
    if last is None:
        return 0
    going = TrailSeal.objects.filter(sequence__lte=last.sequence)
    count = going.count()
    said_again = list(_archivings(going))
    append_only.remove(connection, *append_only.TABLES)
    entries = TrailEntry.objects.filter(pk__in=going.values("entry"))
    rows = TrailRow.objects.filter(entry_uid__in=entries.values("uid")).order_by()
    rows._raw_delete(rows.db)
    entries._raw_delete(entries.db)
    going._raw_delete(going.db)
    append_only.install(connection, *append_only.TABLES)
    after = {"sequence": last.sequence, "digest": last.digest, "before": timezone.localtime(before).date().isoformat()}
    trail.record(*said_again, trail.entry(Action.PRUNED, origin=PORTAL, after=after))
    return count


def _last_to_go(before: datetime) -> Head | None:
    """The seal before the first young entry; the newest seal always stays, for the chain goes on from it."""
    young = TrailEntry.objects.filter(at__gte=before).values("pk")
    first_to_stay = TrailSeal.objects.filter(entry__in=young).aggregate(first=Min("sequence"))["first"]
    newest = sealing.head()
    if newest is None:
        return None
    old = TrailSeal.objects.filter(sequence__lt=first_to_stay or newest.sequence).order_by("-sequence").first()
    return Head(old.sequence, old.digest) if old else None


def _archivings(going: QuerySet[TrailSeal]) -> Iterable[TrailEntry]:
    """Entries that say again what archived keys were before, whose archiving is among those that go."""
    archivings = TrailEntry.objects.filter(pk__in=going.values("entry"), after__status=Status.ARCHIVED.value)
    keys = ProductKey.objects.filter(status=Status.ARCHIVED, uid__in=archivings.values("subject_uid"))
    for batch in in_batches(keys):
        earlier = restoring.earlier_statuses(batch)
        for key in batch:
            was, becomes = {"status": earlier[key.uid]}, {"status": Status.ARCHIVED.value}
            yield trail.entry(Action.PRUNED, origin=PORTAL, key=key, before=was, after=becomes)
