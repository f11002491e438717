"""Whether the key ring fits the database: a portal that could not open its keys stops, and uses no stray ring."""

from django.db import connection

from productkeys import key_ring_source
from productkeys.key_ring import KeyRingProblem, MasterKey
from productkeys.models import ProductKey, RegisteredKey
from productkeys.models.registered_key import registered_keys
from productkeys.services import trail_key

__all__ = ["KeyRingProblem", "data_exists", "register", "require_fitting_key_ring"]


def data_exists() -> bool:
    """Whether the database holds anything that was sealed with a ring; false on a database without tables."""
    tables = connection.introspection.table_names()
    models = (RegisteredKey, ProductKey)
    return any(model._meta.db_table in tables and model._default_manager.exists() for model in models)


def require_fitting_key_ring() -> None:
    """Compare the ring with the master keys that the database has registered, and keep the key of the trail.

    A new database registers the newest.

    Raises KeyRingProblem, with what to do, where the ring is missing, lacks a key, or holds another under its number.
    """
    if not key_ring_source.is_configured() and data_exists():
        raise KeyRingProblem(
            "There are stored product keys, but the key ring that opens them is missing. Restore it from the backup, "
            "or set KEYPORTAL_KEY_RING, KEYPORTAL_KEY_RING_FILE or KEYPORTAL_KEY_RING_COMMAND. A new ring is not made: "
            "it could not open them."
        )
    ring = key_ring_source.key_ring()
    registered = registered_keys()
    if not registered:
        register(ring.keys[ring.newest])
        registered = registered_keys()
    if ring.misfit(registered):
        # A rotation that began in between wrote the ring before it registered the key: what is there now tells.
        key_ring_source.forget()
        ring = key_ring_source.key_ring()
    if problem := ring.misfit(registered):
        raise KeyRingProblem(problem)
    trail_key.keep()


def register(key: MasterKey) -> bool:
    """Let new data be sealed with `key` from now on; returns whether it was new.

    Where another process registered a different key under this number first, that one stays.
    """
    checks = key.checks()
    _row, made = RegisteredKey.objects.get_or_create(
        number=key.number,
        defaults={"encryption_check": checks.encryption, "fingerprint_check": checks.fingerprint},
    )
    return made
