"""Reading a text once: a list of 100,000 rows has few different texts. What may be a key is never remembered."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from productkeys.domain import keycode
from productkeys.incoming.spelling import LONGEST

_MOST = 5000
_SHORTEST_SECRET = 10  # two groups of a key
_T = TypeVar("_T")


def remembered(read: Callable[[str], _T]) -> Callable[[str], _T]:
    """`read`, which looks at each text once; what it knows is forgotten when it becomes much."""
    known: dict[str, _T] = {}

    @wraps(read)
    def reader(text: str) -> _T:
        try:
            return known[text]
        except KeyError:
            value = read(text)
        if may_be_remembered(text):
            if len(known) >= _MOST:
                known.clear()
            known[text] = value
        return value

    return reader


def may_be_remembered(text: str) -> bool:
    """Whether a text is no key and no part of one, and not so long that it is the only one of its kind."""
    return len(text) < _SHORTEST_SECRET or (len(text) <= LONGEST and not keycode.looks_like_key(text))
