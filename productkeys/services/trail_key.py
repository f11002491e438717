"""The key of the trail's proofs and seals: made once, kept in the database, and opened by the key ring alone.

It is a key of its own and not one of the ring, so that a rotation of the ring leaves every proof and seal as it is:
only the one row is sealed anew (`keep`). Whoever holds the database without the ring can neither make a proof nor
replace the key by one of theirs.
"""

import json
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from django.db import transaction

from productkeys.encryption import number_of, open_sealed, seal
from productkeys.key_ring import KeyRingProblem
from productkeys.key_ring_source import keys_in_force
from productkeys.models import TrailEntry, TrailKey, TrailSeal

_BOUND_TO = "the key of the trail"
_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """`secret` makes proofs and seals."""

    secret: bytes


@lru_cache(maxsize=1)
def current() -> Key:
    """The key of this portal, read once per process. Raises KeyRingProblem where it is not there or does not open."""
    row = TrailKey.objects.first()
    if row is None:
        raise KeyRingProblem("The trail has no key yet. Run `manage.py prepare`.")
    return _open(row)


@transaction.atomic
def keep() -> None:
    """Make the key of a new portal; seal an old one anew where the ring has rotated since.

    Raises KeyRingProblem where the key is gone although there are entries, or does not open.
    """
    row = TrailKey.objects.select_for_update().first()
    if row is None:
        if TrailEntry.objects.exists() or TrailSeal.objects.exists():
            raise KeyRingProblem(
                "The key of the trail is missing, but there are entries made with it. Restore the table "
                "productkeys_trailkey from the backup."
            )
        TrailKey.objects.create(pk=1, sealed=_sealed(Key(secrets.token_bytes(_BYTES))))
    elif number_of(row.sealed) != keys_in_force()[-1].number:
        row.sealed = _sealed(_open(row))
        row.save(update_fields=["sealed"])
    current.cache_clear()


def _sealed(key: Key) -> str:
    return seal(json.dumps({"secret": key.secret.hex()}), bound_to=_BOUND_TO)


def _open(row: TrailKey) -> Key:
    try:
        kept = json.loads(open_sealed(row.sealed, bound_to=_BOUND_TO))
    except (InvalidTag, ValueError):
        raise KeyRingProblem(
            "The key of the trail does not open: somebody changed the table productkeys_trailkey. Restore it from the "
            "backup."
        ) from None
    return Key(bytes.fromhex(kept["secret"]))
