"""Which keys a person means, and whether those are still the keys that they were shown."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TypeVar

from productkeys.models import ProductKey
from productkeys.models.product_key import ProductKeyQuerySet

AT_MOST = 10_000
"""More keys are not changed at once: nobody could look through what is refused."""

_BATCH = 500

T = TypeVar("T")


@dataclass(frozen=True)
class Selection:
    """Keys by id, each with the version that was seen, in the order of the ids."""

    seen: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, keys: ProductKeyQuerySet, *, at_most: int) -> "Selection":
        """The keys of a query as they are now; of more than `at_most` keys, that many and one."""
        return cls(tuple(keys.order_by("pk").values_list("pk", "version")[: at_most + 1]))

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[int, int]]) -> "Selection":
        return cls(tuple(sorted(dict(pairs).items())))

    @cached_property
    def digest(self) -> str:
        """The same for two selections exactly where they hold the same keys in the same versions."""
        text = " ".join(f"{pk}:{version}" for pk, version in self.seen)
        return hashlib.sha256(text.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.seen)


class SelectionChanged(Exception):
    """Not all keys are as they were seen: `changed` are those with another version now, `gone` counts the missing."""

    def __init__(self, changed: list[ProductKey], gone: int) -> None:
        super().__init__()
        self.changed = changed
        self.gone = gone


def present(keys: ProductKeyQuerySet, selection: Selection) -> list[ProductKey]:
    """The keys of `selection` that are among `keys`, as they are now, in the order of their ids."""
    ids = (pk for pk, _version in selection.seen)
    return [key for batch in in_batches(ids) for key in keys.filter(pk__in=batch).order_by("pk")]


def locked(keys: ProductKeyQuerySet, selection: Selection) -> list[ProductKey]:
    """The keys of `selection`, locked until the transaction ends. Raises SelectionChanged.

    Locked in the order of the ids, so that two people never wait for each other; SQLite lets in one writer at a time.
    """
    found = present(keys.select_for_update(of=("self",)), selection)
    seen = dict(selection.seen)
    changed = [key for key in found if key.version != seen[key.pk]]
    if changed or len(found) < len(seen):
        raise SelectionChanged(changed, len(seen) - len(found))
    return found


def in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Lists of a length that every database takes as the parameters of one statement."""
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
