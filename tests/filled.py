"""The filled database, kept as it is and put back at once after a test that changed it for good.

Filling it anew would encrypt a hundred keys after every test of a live server.
"""

import sqlite3
from typing import Any

from django.db import connection, transaction

from productkeys import append_only

_Kept = sqlite3.Connection | dict[str, bytes]


def keep() -> _Kept:
    """All that the database holds now."""
    return _keep_file() if connection.vendor == "sqlite" else _keep_tables()


def put_back(kept: _Kept) -> None:
    """Leave in the database exactly what it held when it was kept."""
    if isinstance(kept, dict):
        _put_tables_back(kept)
    else:
        kept.backup(_sqlite())


def _sqlite() -> sqlite3.Connection:
    connection.ensure_connection()
    sqlite: sqlite3.Connection = connection.connection
    return sqlite


def _keep_file() -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:")
    _sqlite().backup(memory)
    return memory


def _keep_tables() -> dict[str, bytes]:
    with connection.cursor() as cursor:
        return {table: _copied(cursor, table) for table in connection.introspection.django_table_names()}


def _copied(cursor: Any, table: str) -> bytes:
    with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT BINARY)') as rows:
        return b"".join(rows)


@transaction.atomic
def _put_tables_back(kept: dict[str, bytes]) -> None:
    append_only.remove(connection, *append_only.TABLES)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in kept))
        for table, rows in kept.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT BINARY)') as copy:
                copy.write(rows)
    append_only.install(connection, *append_only.TABLES)
