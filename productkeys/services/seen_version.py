"""What somebody saw when they began to change a thing that others have changed since."""

from typing import Any

from productkeys.models import Agreement, ProductKey, TrailEntry
from productkeys.models.trail import WITHOUT_CHANGE


def values_when_seen(current: ProductKey | Agreement, seen_version: int) -> dict[str, Any]:
    """What others have changed since `seen_version`, as it was then, under the names of the trail.

    Every change is one version and one entry, so the entries since then say it.
    """
    changes = TrailEntry.objects.filter(subject_uid=current.uid).exclude(action__in=WITHOUT_CHANGE)
    before: dict[str, Any] = {}
    for entry in changes[: max(current.version - seen_version, 0)]:
        before |= entry.before  # the newest comes first: what stands last is the oldest
    return before
