"""Two machines with one database start for the first time at the same moment: one makes it, the other finds it."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from productkeys.management.commands import prepare
from tests.crossing import on_postgresql
from tests.machine import Environment, Machines, key_ring_file, preparing

pytestmark = on_postgresql

_WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""


@pytest.fixture
def two_machines(new_machine: Machines) -> list[Environment]:
    one = new_machine()
    return [one, new_machine() | {"DATABASE_URL": one["DATABASE_URL"]}]


@contextmanager
def _both_waiting(machines: list[Environment]) -> Iterator[list[subprocess.Popen[str]]]:
    """Two first starts that both want to begin, and may afterwards."""
    with psycopg.connect(machines[0]["DATABASE_URL"], autocommit=True) as held:
        held.execute("SELECT pg_advisory_lock(%s)", [prepare._LOCK])
        starting = [preparing(machine) for machine in machines]
        end = time.monotonic() + 60
        while held.execute(_WAITING).fetchone() != (2,):
            assert all(process.poll() is None for process in starting), "One of them did not wait."
            assert time.monotonic() < end
            time.sleep(0.05)
    yield starting


def _said(starting: list[subprocess.Popen[str]]) -> list[str]:
    return [process.communicate(timeout=120)[0] for process in starting]


def test_with_one_ring_both_are_ready_and_everything_is_made_once(two_machines: list[Environment]) -> None:
    ring = {"KEYPORTAL_KEY_RING": os.environ["KEYPORTAL_KEY_RING"]}
    with _both_waiting([machine | ring for machine in two_machines]) as starting:
        said = "".join(_said(starting))
    assert [process.returncode for process in starting] == [0, 0], said
    for once in ("Database brought up to date", "Standard keys added", "First administrator"):
        assert said.count(once) == 1, said


def test_without_a_ring_one_makes_it_and_the_other_asks_for_that(two_machines: list[Environment]) -> None:
    with _both_waiting(two_machines) as starting:
        said = _said(starting)
    assert sorted(process.returncode for process in starting) == [0, 1], said
    refused = next(text for text, process in zip(said, starting, strict=True) if process.returncode)
    assert "the key ring that opens them is missing. Restore it from the backup" in refused
    assert "Key ring made" not in refused
    assert [key_ring_file(machine).exists() for machine in two_machines].count(True) == 1
