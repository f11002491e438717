"""Doing an act anew that the database took back because of what others did at the same moment."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection

_PAUSES = (0.1, 0.4, 1.6, 6.4)
"""Seconds in which those who waited go on."""
_CROSSWISE = ("40P01", "40001")
"""What PostgreSQL says to one of two that wait for each other, or that it cannot let pass beside another."""

P = ParamSpec("P")
T = TypeVar("T")
Act = Callable[P, T]


def once_more(*, seeing_others: bool = False) -> Callable[[Act[P, T]], Act[P, T]]:
    """For an act of one transaction: done anew where another one waited for it, and it for the other.

    With `seeing_others` also where it broke a constraint: an act that reads in its transaction what it goes by then
    sees what others did, and answers like any later one. Nothing is done anew inside a transaction of the caller.
    """
    foreseen = (IntegrityError, OperationalError) if seeing_others else OperationalError

    def decorate(act: Act[P, T]) -> Act[P, T]:
        @wraps(act)
        def tried(*args: P.args, **kwargs: P.kwargs) -> T:
            for pause in _PAUSES:
                try:
                    return act(*args, **kwargs)
                except foreseen as error:
                    crosswise = _waited_crosswise(error)
                    if connection.in_atomic_block or not (crosswise or isinstance(error, IntegrityError)):
                        raise
                    if crosswise:
                        threading.Event().wait(pause)
            return act(*args, **kwargs)

        return tried

    return decorate


def _waited_crosswise(error: DatabaseError) -> bool:
    """Whether the database ended this transaction, which was not at fault, so that another one could go on."""
    return getattr(error.__cause__, "sqlstate", None) in _CROSSWISE
