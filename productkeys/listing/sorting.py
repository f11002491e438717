"""The sorts of the list, and how to go on behind a row without counting the rows before it.

Each sort has an index of its own (models/product_key.py) that begins with the shelf and ends in the id.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q

from productkeys.models.product_key import ProductKeyQuerySet

_SALT = "productkeys.listing.cursor"


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of the list. `order` is what `order_by` takes; it ends in the id, so that no two rows are equal."""

    name: str
    order: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.removeprefix("-") for column in self.order)

    def behind(self, values: Sequence[Any], *, before: bool = False) -> Iterator[Q]:
        """The rows behind (or before) the row with these values of `columns`, as consecutive stretches of the index.

        One condition with OR would say the same, and databases would read the index from its start for it.
        """
        for last in reversed(range(len(self.order))):
            falls = self.order[last].startswith("-") is not before
            same = {column: values[place] for place, column in enumerate(self.columns[:last])}
            yield Q(**same, **{f"{self.columns[last]}__{'lt' if falls else 'gt'}": values[last]})


def _both_ways(name: str, *order: str) -> dict[str, Sort]:
    falling = (*order[:-1], f"-{order[-1]}", "-id")
    return {name: Sort(name, (*order, "id")), f"-{name}": Sort(f"-{name}", falling)}


DEFAULT = Sort("", ("published", "name_sort", "id"))
"""A person's own keys first, then those that Microsoft publishes, each by name."""

SORTS: dict[str, Sort] = {
    "": DEFAULT,
    **_both_ways("name", "name_sort"),
    **_both_ways("type", "key_type"),
    **_both_ways("os", "operating_system_id"),
    **_both_ways("edition", "edition"),
    **_both_ways("architecture", "architecture"),
    **_both_ways("usage", "usage"),
    # Keys without a limit stand last either way.
    **_both_ways("stock", "unlimited", "stock_level"),
    **_both_ways("changed", "changed_at"),
    **_both_ways("last_five", "last_five"),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: behind which row it goes on, and which row number that is."""

    sort: str
    number: int
    values: tuple[Any, ...]

    def sign(self) -> str:
        """The cursor for an address: readable, but nobody else can make one."""
        values = [value.isoformat() if isinstance(value, datetime) else value for value in self.values]
        return signing.dumps([self.sort, self.number, *values], salt=_SALT)

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """The cursor of an address; None where it was not signed here or the sort is gone since."""
        try:
            sort, number, *values = signing.loads(text, salt=_SALT)
        except signing.BadSignature:
            return None
        return cls(sort, number, tuple(values)) if sort in SORTS else None


def values_of(keys: ProductKeyQuerySet, sort: Sort, pk: int) -> tuple[Any, ...] | None:
    """What `sort` orders the key `pk` by; None where it is not among `keys`."""
    return keys.filter(pk=pk).values_list(*sort.columns).first()
