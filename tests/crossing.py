"""Two at the same moment, always in the same order: what one does between two steps of the other."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from tests.settings import TEST_DATABASE

_LONGEST = 60.0
"""Seconds that somebody is waited for."""

Act = Callable[[], object]

on_postgresql = pytest.mark.skipif(TEST_DATABASE != "postgresql", reason="SQLite lets in one writer at a time.")
"""For what two writers do to each other; along with `django_db(transaction=True)`."""


@contextmanager
def just_before(statement: str, act: Act) -> Iterator[None]:
    """Let others do `act` once, before the first statement to the database that has `statement` in it."""
    waiting = [act]

    def step_in(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if waiting and statement in sql:
            waiting.pop()()
        return execute(sql, *rest)

    with connection.execute_wrapper(step_in):
        yield
    assert not waiting, f"Nothing was said to the database like {statement}"


class Other:
    """Somebody else who does `act`, with a connection to PostgreSQL of their own."""

    def __init__(self, act: Act) -> None:
        self._act, self._process, self._error = act, 0, list[BaseException]()
        self._thread = Thread(target=self._do)

    def begin(self) -> None:
        """Let them begin, and go on once they wait for a lock, or are done."""
        self._thread.start()
        end = time.monotonic() + _LONGEST
        while self._thread.is_alive() and not self._waits():
            assert time.monotonic() < end, "They neither wait nor come to an end."
            time.sleep(0.01)

    def end(self) -> None:
        """Wait until they are done. Raises what stopped them."""
        self._thread.join(_LONGEST)
        assert not self._thread.is_alive(), "They do not come to an end."
        if self._error:
            raise self._error[0]

    def _do(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._process = cursor.fetchone()[0]
            self._act()
        except BaseException as error:  # noqa: BLE001 - told at the end
            self._error.append(error)
        finally:
            connection.close()

    def _waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)", [self._process])
            return bool(cursor.fetchone()[0])
