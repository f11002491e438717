"""Database triggers that let the trail only grow; installed by a migration.

On PostgreSQL a production portal also runs under a role without UPDATE and DELETE on the table (docs/production.md).
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "productkeys_trailentry"

_INSTALL = {
    "sqlite": [
        *(
            f"""CREATE TRIGGER IF NOT EXISTS {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE}
            BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"""
            for verb in ("UPDATE", "DELETE")
        ),
        # REPLACE removes the old row without firing a DELETE trigger.
        """CREATE TRIGGER IF NOT EXISTS productkeys_trailentry_no_replace BEFORE INSERT ON productkeys_trailentry
           WHEN EXISTS (SELECT 1 FROM productkeys_trailentry WHERE id = NEW.id OR uid = NEW.uid)
           BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END""",
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION productkeys_trail_only_grows() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'the trail only grows'; END $$""",
        f"""CREATE OR REPLACE TRIGGER {TABLE}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
            FOR EACH STATEMENT EXECUTE FUNCTION productkeys_trail_only_grows()""",
    ],
}
_REMOVE = {
    "sqlite": [f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}" for verb in ("update", "delete", "replace")],
    "postgresql": [f"DROP TRIGGER IF EXISTS {TABLE}_only_grows ON {TABLE}"],
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Refuse UPDATE, DELETE, REPLACE and TRUNCATE on the trail from now on."""
    _run(connection, _INSTALL[connection.vendor])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away again: for reversing the migration, and for tests that empty their tables."""
    _run(connection, _REMOVE[connection.vendor])


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
