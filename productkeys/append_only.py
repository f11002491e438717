"""Database triggers that let the trail, its rows and its seals only grow; installed by migrations.

On PostgreSQL a production portal also runs under a role without UPDATE and DELETE on the tables (docs/production.md).
"""

from django.db.backends.base.base import BaseDatabaseWrapper

ENTRIES, SEALS, ROWS = "productkeys_trailentry", "productkeys_trailseal", "productkeys_trailrow"
_UNIQUE = {ENTRIES: ("id", "uid"), SEALS: ("sequence", "entry"), ROWS: ("id",)}
"""What nobody may write a second time: REPLACE would remove the row that has it."""


def _sqlite(table: str) -> list[str]:
    taken = " OR ".join(f"{column} = NEW.{column}" for column in _UNIQUE[table])
    refuse = "BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"
    return [
        *(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refuse}"
            for verb in ("UPDATE", "DELETE")
        ),
        # REPLACE removes the old row without firing a DELETE trigger.
        f"""CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) {refuse}""",  # noqa: S608  # names of our own
    ]


def _postgresql(table: str) -> list[str]:
    return [
        """CREATE OR REPLACE FUNCTION productkeys_trail_only_grows() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'the trail only grows'; END $$""",
        f"""CREATE OR REPLACE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION productkeys_trail_only_grows()""",
    ]


_INSTALL = {"sqlite": _sqlite, "postgresql": _postgresql}
_REMOVE = {
    "sqlite": lambda table: [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete", "replace")],
    "postgresql": lambda table: [f"DROP TRIGGER IF EXISTS {table}_only_grows ON {table}"],
}


TABLES = tuple(_UNIQUE)
"""All of them. A migration names those that were there when it was written; two are what it means without a name."""
_FIRST_TABLES = (ENTRIES, SEALS)


def install(connection: BaseDatabaseWrapper, *tables: str) -> None:
    """Refuse UPDATE, DELETE, REPLACE and TRUNCATE on `tables`, by default on entries and seals, from now on."""
    _run(connection, [sql for table in tables or _FIRST_TABLES for sql in _INSTALL[connection.vendor](table)])


def remove(connection: BaseDatabaseWrapper, *tables: str) -> None:
    """Take the triggers away again: for reversing the migrations, and for tests that empty their tables."""
    _run(connection, [sql for table in tables or _FIRST_TABLES for sql in _REMOVE[connection.vendor](table)])


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
