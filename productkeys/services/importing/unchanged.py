"""Whether keys are as an import left them: the version of a key only grows, also where a change is taken back."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from productkeys.models import ImportedChange
from productkeys.services.selection import in_batches


def changed_since(left: Mapping[UUID, int], now: Mapping[UUID, int]) -> Iterator[UUID]:
    """Those of the keys with the version `now` that are not what they were at the version `left`.

    What an import changed meanwhile that was undone since is no change.
    """
    for batch in in_batches(uid for uid, version in now.items() if version != left[uid]):
        undone = ImportedChange.objects.filter(key_uid__in=batch, undone_version__isnull=False)
        ways = {(uid, to): back for uid, to, back in undone.values_list("key_uid", "undone_version", "seen_version")}
        for uid in batch:
            version: int | None = now[uid]
            while version is not None and version > left[uid]:
                version = ways.get((uid, version))
            if version != left[uid]:
                yield uid
