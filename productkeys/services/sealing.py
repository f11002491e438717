"""The sealer: gives each committed entry of the trail its place in the chain, so that who writes one never waits.

One seals at a time; two would fork the chain. Entries without a proof of the portal get no place.
"""

import logging
from dataclasses import dataclass

from django.core.signals import request_finished
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef

from productkeys.models import TrailEntry, TrailSeal
from productkeys.services import chain, trail

logger = logging.getLogger(__name__)

_LOCK = 7_306_021_104
"""The advisory lock of the sealer in PostgreSQL; a number that nothing else uses."""
_BATCH = 500
_BELOW_ALL_IDS = -(2**63)
_SHORT_LOOK = 10_000
"""How far behind the newest sealed id a quick run looks for entries that were committed late."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: whoever keeps it elsewhere notices later that entries behind it or before it are gone."""

    sequence: int
    digest: str


def head() -> Head | None:
    """The newest seal; None where nothing is sealed yet."""
    newest = TrailSeal.objects.order_by("-sequence").first()
    return Head(newest.sequence, newest.digest) if newest else None


def seal() -> int:
    """Chain all committed entries that are not chained yet. Returns how many. Waits where another seals."""
    return _seal(behind=_BELOW_ALL_IDS, wait=True)


def seal_after_responses() -> None:
    """From now on, let this process seal what a request has written once its answer is out. For what serves."""
    request_finished.connect(_seal_what_is_new, dispatch_uid="seal the trail")


def unsealed(behind: int = _BELOW_ALL_IDS) -> list[int]:
    """The ids above `behind`, oldest first and at most a batch of them, of entries that have no place in the chain."""
    seals = TrailSeal.objects.filter(entry=OuterRef("pk"))
    found = TrailEntry.objects.filter(~Exists(seals), pk__gt=behind).order_by("pk").values_list("pk", flat=True)
    return list(found[:_BATCH])


def _seal_what_is_new(**_signal: object) -> None:
    if not trail.take_written():
        return
    try:
        newest = TrailSeal.objects.order_by("-sequence").values_list("entry", flat=True).first() or 0
        _seal(behind=newest - _SHORT_LOOK, wait=False)
    except DatabaseError:
        # The answer is out and the entry is stored: the next one to seal takes it along.
        logger.exception("The trail is not sealed at the moment")


def _seal(*, behind: int, wait: bool) -> int:
    sealed = 0
    while True:
        with transaction.atomic():
            if not alone(wait=wait):
                return sealed
            waiting = unsealed(behind)
            if not waiting:
                return sealed
            sealed += _chain(waiting)
        behind = waiting[-1]


def alone(*, wait: bool) -> bool:
    """Whether nobody else seals until this transaction ends. On SQLite it is the only one that writes anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _chain(ids: list[int]) -> int:
    last = head() or Head(0, "")
    seals = []
    entries = chain.read(ids)
    for pk in ids:
        entry = entries.get(pk)
        if entry is None or not chain.is_proven(entry):
            logger.error("The trail holds entry %d, which the portal has not written: run manage.py verify_audit", pk)
            continue
        last = Head(last.sequence + 1, chain.digest_of(entry, sequence=last.sequence + 1, before=last.digest))
        seals.append(TrailSeal(sequence=last.sequence, entry=pk, digest=last.digest))
    TrailSeal.objects.bulk_create(seals)
    return len(seals)
