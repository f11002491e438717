"""Whether the key ring fits the database: a portal that could not open its keys stops, and uses no stray ring."""

from django.db import connection, transaction

from productkeys.encryption import KeyRingProblem, key_ring, key_ring_is_configured
from productkeys.models import KeyCheck, ProductKey
from productkeys.services import trail_key

__all__ = ["KeyRingProblem", "data_exists", "require_fitting_key_ring"]


def data_exists() -> bool:
    """Whether the database holds anything that was sealed with a ring; false on a database without tables."""
    tables = connection.introspection.table_names()
    return any(model._meta.db_table in tables and model._default_manager.exists() for model in (KeyCheck, ProductKey))


def require_fitting_key_ring() -> None:
    """Compare the ring with the check values of the database, store those of keys that are new, keep the trail's key.

    Raises KeyRingProblem, with what to do, where the ring is missing, lacks a key, or holds another one under its name.
    """
    if not key_ring_is_configured() and data_exists():
        raise KeyRingProblem(
            "There are stored product keys, but the key ring that opens them is missing. Restore it from the backup, "
            "or set KEYPORTAL_KEY_RING or KEYPORTAL_KEY_RING_FILE. A new ring is not made: it could not open them."
        )
    values = key_ring().check_values()
    with transaction.atomic():
        stored = dict(KeyCheck.objects.values_list("name", "value"))
        if missing := stored.keys() - values.keys():
            raise KeyRingProblem(
                f"The key ring lacks {', '.join(sorted(missing))}, which stored product keys need. Restore the whole "
                "ring from the backup."
            )
        if wrong := [name for name, value in stored.items() if values[name] != value]:
            raise KeyRingProblem(
                f"The key ring is not the one of this database ({', '.join(sorted(wrong))} differ). Restore the ring "
                "that belongs to it, or point the portal at the database that belongs to this ring."
            )
        KeyCheck.objects.bulk_create(
            [KeyCheck(name=name, value=value) for name, value in values.items() if name not in stored],
            ignore_conflicts=True,
        )
        trail_key.keep()
