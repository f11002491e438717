"""What Microsoft counts of a key beside what the portal counts: of which keys, and which numbers can be."""

from collections.abc import Iterator
from datetime import date

from productkeys.domain import rulebook
from productkeys.domain.choices import KeyType
from productkeys.domain.rulebook import Problem

COUNTED_TYPES = frozenset({KeyType.MAK.value, KeyType.ESU.value})
"""The types of which Microsoft counts what the portal counts. Of a KMS host key the portal counts hosts, Microsoft
their activations: each host has several."""

MAX_USED = 10_000_000


def problems_of(key_type: str, used: int, counted_on: date, *, today: date) -> Iterator[Problem]:
    """What stands against keeping that Microsoft counted `used` activations of a key on a day.

    More than the quantity is none: the limit is Microsoft's, and Microsoft may have raised it.
    """
    if key_type not in COUNTED_TYPES:
        yield rulebook.NO_MICROSOFT_COUNT.broken()
    if not 0 <= used <= MAX_USED:
        yield rulebook.MICROSOFT_COUNT_RANGE.broken(limit=MAX_USED)
    if counted_on > today:
        yield rulebook.COUNTED_IN_FUTURE.broken()
