"""How far an import is that is stored or undone, and whether it is to stop, told past its open transaction.

The transaction hides what it writes, and on SQLite nobody else writes meanwhile. So a thread tells it by a cache that
needs no lock of that transaction: files beside SQLite, a connection of its own elsewhere.
"""

import logging
import threading
import time
from types import TracebackType
from typing import NamedTuple, Self
from uuid import UUID

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db import DatabaseError, InterfaceError, connections

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 0.5
_KEPT_SECONDS = 3600
_ALIVE_SECONDS = 10


class Cancelled(Exception):
    """The person wants it to stop; nothing of what was done is to stay."""


class Told(NamedTuple):
    """What a worker said last: how many rows are done, since when it works, and when it said so (seconds of time)."""

    done: int
    began: float
    at: float

    @property
    def is_fresh(self) -> bool:
        return time.time() - self.at < _ALIVE_SECONDS


class Running:
    """An import that is stored or undone, as a context: `done` rows are told to whoever asks `told`, until it ends."""

    def __init__(self, uid: UUID) -> None:
        self._uid, self._done, self._began = uid, 0, time.time()
        self._over, self._unwanted = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._tell, name=f"import {uid}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def advance(self, rows: int) -> None:
        """So many more rows are done. Raises Cancelled where the person wants it to stop."""
        self._done += rows
        if self._unwanted.is_set():
            raise Cancelled

    def _tell(self) -> None:
        try:
            while True:
                self._tell_once()
                if self._over.wait(_EVERY_SECONDS):
                    break
            _cache().delete(_progress(self._uid))
        finally:
            connections.close_all()

    def _tell_once(self) -> None:
        try:
            _cache().set(_progress(self._uid), Told(self._done, self._began, time.time()), _KEPT_SECONDS)
            if _cache().get(_unwanted(self._uid)):
                self._unwanted.set()
        except (DatabaseError, InterfaceError, OSError) as error:
            logger.warning("The import %s cannot say how far it is: %s", self._uid, type(error).__name__)
            connections.close_all()  # the next time, with a new one


def told(uid: UUID) -> Told | None:
    """What the worker said last that stores or undoes the import `uid`; None where none does."""
    said: Told | None = _cache().get(_progress(uid))
    return said


def ask_to_stop(uid: UUID) -> None:
    """Let the worker that stores or undoes the import `uid` stop at the next chunk."""
    _cache().set(_unwanted(uid), True, _KEPT_SECONDS)


def forget(uid: UUID) -> None:
    """What was said about an earlier run no longer counts."""
    _cache().delete_many([_progress(uid), _unwanted(uid)])


def _cache() -> BaseCache:
    return caches["jobs"]


def _progress(uid: UUID) -> str:
    return f"import-progress:{uid}"


def _unwanted(uid: UUID) -> str:
    return f"import-unwanted:{uid}"
