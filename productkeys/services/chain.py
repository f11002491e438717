"""What proves an entry of the trail, and what chains it to the one before: two keyed digests, and how entries are read.

The proof is made by who writes the entry, over what it says; where it has rows, a digest over them is part of that. The
digest of a seal is made later, over the entry, its id, its place, and the digest before. So a changed entry, one put in
by others, and one that stands elsewhere are told apart, each by itself.
"""

import hashlib
import hmac
import json
from collections.abc import Collection
from datetime import UTC, datetime
from ipaddress import ip_address

from productkeys.models import TrailEntry
from productkeys.services import trail_key


def proof_of(entry: TrailEntry) -> str:
    """The proof that the portal wrote what `entry` says."""
    return _digest("entry", _content(entry))


def is_proven(entry: TrailEntry) -> bool:
    """Whether `entry` carries its proof."""
    return hmac.compare_digest(str(entry.proof).encode(), proof_of(entry).encode())


def digest_of(entry: TrailEntry, *, sequence: int, before: str) -> str:
    """The digest of the seal that gives `entry` the place `sequence` behind the seal with the digest `before`."""
    return _digest("seal", before, sequence, entry.pk, _content(entry))


def read(ids: Collection[int]) -> dict[int, TrailEntry | None]:
    """The entries of `ids` that are there, by id; None for one that says nothing readable.

    SQLite keeps whatever somebody writes past the portal, also what is no date and no JSON.
    """
    try:
        return {entry.pk: entry for entry in TrailEntry.objects.filter(pk__in=ids)}
    except (ValueError, TypeError, AttributeError):
        return {found: _read_one(found) for found in TrailEntry.objects.filter(pk__in=ids).values_list("pk", flat=True)}


def _read_one(pk: int) -> TrailEntry | None:
    try:
        return TrailEntry.objects.get(pk=pk)
    except (ValueError, TypeError, AttributeError):
        return None


def _content(entry: TrailEntry) -> list[object]:
    """Everything that an entry says, in a form that is the same before it is stored and after, in either database."""
    return [
        str(entry.uid),
        _moment(entry.at),
        str(entry.actor_uid or ""),
        entry.actor_name,
        _address(entry.address),
        str(entry.action),
        str(entry.subject_uid or ""),
        entry.subject_name,
        entry.reason,
        entry.before,
        entry.after,
    ]


def _moment(at: datetime | None) -> str:
    """A moment in one form. There is none where SQLite was given something else."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else ""


def _address(text: str | None) -> str:
    """An address in one form; what is none, because somebody wrote it past the portal, as it is."""
    try:
        return ip_address(text).packed.hex() if text else ""
    except ValueError:
        return text or ""


def _digest(*said: object) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=repr)
    return hmac.new(trail_key.current().secret, text.encode(), hashlib.sha256).hexdigest()
