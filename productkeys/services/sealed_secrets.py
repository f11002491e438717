"""Keeping secrets that are no product keys: sealed in a table of their own, and known outside it by a reference.

The reference opens nothing: it is the uid of the row, for whoever stores it where everything can be read.
"""

import logging
from collections.abc import Iterable
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from django.db.models import Count, QuerySet

from productkeys.encryption import open_sealed, seal
from productkeys.key_ring import MasterKey
from productkeys.key_ring_source import keys_in_force
from productkeys.models import SealedSecret

logger = logging.getLogger(__name__)


def keep(secret: str) -> str:
    """Store `secret`, sealed; returns the reference. Raises KeyRingProblem where no master key is in force."""
    uid, key = uuid4(), keys_in_force()[-1]
    sealed = seal(secret, bound_to=_identity(uid), key=key)
    SealedSecret.objects.create(uid=uid, master_key_id=key.number, sealed=sealed)
    return str(uid)


def replace(reference: UUID, secret: str) -> None:
    """Store `secret` in place of what `reference` stands for. Raises as `keep` and `read` do."""
    key = keys_in_force()[-1]
    sealed = seal(secret, bound_to=_identity(reference), key=key)
    if not SealedSecret.objects.filter(pk=reference).update(sealed=sealed, master_key=key.number):
        raise SealedSecret.DoesNotExist


def read(reference: str | UUID) -> str:
    """The secret of `reference`.

    Raises SealedSecret.DoesNotExist where it is gone, and InvalidTag where somebody changed or moved the ciphertext.
    """
    row = SealedSecret.objects.get(pk=reference)
    return open_sealed(row.sealed, bound_to=_identity(row.uid))


def read_all(references: Iterable[str | UUID]) -> dict[UUID, str]:
    """The secrets of these references by uid, in one query; one that is gone or does not open is left out."""
    found = {}
    for row in SealedSecret.objects.filter(pk__in=list(references)):
        try:
            found[row.uid] = open_sealed(row.sealed, bound_to=_identity(row.uid))
        except (InvalidTag, ValueError):
            _raise_alarm(row.uid)
    return found


def forget(references: Iterable[str | UUID]) -> None:
    """Remove the secrets of these references."""
    SealedSecret.objects.filter(pk__in=references).delete()


def counts() -> dict[int, int]:
    """How many secrets each master key sealed, by its number."""
    return dict(SealedSecret.objects.order_by().values_list("master_key").annotate(Count("pk")))


def reencrypt(key: MasterKey) -> frozenset[UUID]:
    """Seal with `key` what an older master key sealed, each secret by itself; returns those that do not open."""
    faulty = set()
    for row in _older_than(key).iterator(chunk_size=10):
        try:
            plain = open_sealed(row.sealed, bound_to=_identity(row.uid))
        except (InvalidTag, ValueError):
            _raise_alarm(row.uid)
            faulty.add(row.uid)
            continue
        # Where somebody removed it meanwhile, nothing comes back.
        SealedSecret.objects.filter(pk=row.pk, sealed=row.sealed).update(
            sealed=seal(plain, bound_to=_identity(row.uid), key=key), master_key=key.number
        )
    return frozenset(faulty)


def _raise_alarm(uid: UUID) -> None:
    logger.critical("ALARM: the sealed secret %s does not open: somebody wrote to it past the portal.", uid)


def _older_than(key: MasterKey) -> QuerySet[SealedSecret]:
    return SealedSecret.objects.filter(master_key__lt=key.number)


def _identity(uid: UUID) -> str:
    return f"secret {uid}"
