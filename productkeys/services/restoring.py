"""What a restored key becomes: archiving washes no key clean, so restoring gives back what it was before.

The trail holds that already, in the entry of the archiving, and it only grows; a column would say it a second time.
"""

from collections.abc import Iterable
from uuid import UUID

from productkeys.domain.choices import Status
from productkeys.models import ProductKey, TrailEntry
from productkeys.services.selection import in_batches


def status_after(key: ProductKey, wanted: str) -> str:
    """The status that `key` has once `wanted` is done to it: an archived key that is to be active is restored."""
    return earlier_statuses([key]).get(key.uid, wanted) if wanted == Status.ACTIVE else wanted


def earlier_statuses(keys: Iterable[ProductKey]) -> dict[UUID, str]:
    """What the archived ones among `keys` were before they were archived last, by uid.

    A key that came into the database archived has no such entry and is left out.
    """
    return before_archiving(key.uid for key in keys if key.status == Status.ARCHIVED)


def before_archiving(uids: Iterable[UUID]) -> dict[UUID, str]:
    """What these keys were before they were archived last, by uid, whatever they are now."""
    earlier: dict[UUID, str] = {}
    for batch in in_batches(uids):
        archivings = TrailEntry.objects.filter(subject_uid__in=batch, after__status=Status.ARCHIVED.value)
        # The oldest comes first, so that the last archiving of a key is what stays.
        rows = archivings.order_by("id").values_list("subject_uid", "before__status")
        earlier |= {uid: status for uid, status in rows if uid}
    return earlier
