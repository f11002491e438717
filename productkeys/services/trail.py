"""The one writer of the trail. Called by the services inside the transaction of the act itself."""

import json
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from productkeys.models import ProductKey, TrailEntry, TrailRow
from productkeys.models.trail import Action
from productkeys.services import chain, many_rows
from productkeys.services.origin import Origin
from productkeys.services.trail_rows import Digest

_ROWS_AT_ONCE = 1000

_forwarding = logging.getLogger("keyportal.audit")
_written = threading.local()


def entry(
    action: Action,
    *,
    uid: UUID | None = None,
    origin: Origin,
    key: ProductKey | None = None,
    subject: tuple[UUID | None, str] | None = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> TrailEntry:
    """An unsaved entry about `key`, or about a `subject` of another kind by its uid and name.

    `before` and `after` hold plain field values and never a product key.
    """
    if key:
        subject = key.uid, key.name
    subject_uid, subject_name = subject or (None, "")
    return TrailEntry(
        uid=uid or uuid4(),
        action=action,
        actor_uid=origin.person.uid if origin.person else None,
        actor_name=origin.person.get_username() if origin.person else "",
        address=origin.address,
        subject_uid=subject_uid,
        subject_name=subject_name,
        reason=reason,
        before=dict(before or {}),
        after=dict(after or {}),
    )


def record(*entries: TrailEntry) -> None:
    """Write the entries of one act, each with the proof that the portal wrote it."""
    for new in entries:
        new.proof = chain.proof_of(new)
    TrailEntry.objects.bulk_create(entries, batch_size=1000)
    _written.anything = True
    if _forwarding.isEnabledFor(logging.INFO):
        transaction.on_commit(lambda: _forward(entries), robust=True)


def record_batch(entry: TrailEntry, rows: Iterable[tuple[UUID, str, Mapping[str, Any]]]) -> None:
    """Write `entry` about many things: for each one a row with its uid, its name and plain values of its own.

    The rows are taken and written a batch at a time, then the entry, whose `after` says how many there are and the
    digest over them. Called inside the transaction of the act: without the entry, no row may stay.
    """
    digest = Digest()
    waiting = iter(rows)
    while batch := list(islice(waiting, _ROWS_AT_ONCE)):
        many_rows.insert(TrailRow, _rows(batch, digest), same={"entry_uid": entry.uid})
    entry.after |= digest.said
    record(entry)


def _rows(batch: Iterable[tuple[UUID, str, Mapping[str, Any]]], digest: Digest) -> Iterator[dict[str, Any]]:
    for uid, name, values in batch:
        digest.add(uid, name, values)
        yield {"subject_uid": uid, "subject_name": name, "values": values}


def _forward(entries: Iterable[TrailEntry]) -> None:
    """Hand committed entries to whatever listens to the logger, such as syslog; off by default."""
    for committed in entries:
        _forwarding.info("%s", json.dumps(committed.plain(), ensure_ascii=False))


def exported(*, origin: Origin, what: Mapping[str, str]) -> None:
    """Keep that entries left the portal as a file: `what` are its format and the filters they were chosen by."""
    record(entry(Action.EXPORTED, origin=origin, after=what))


def take_written() -> bool:
    """Whether this thread has written entries since it was asked last."""
    written, _written.anything = getattr(_written, "anything", False), False
    return written
