"""The counts beside filters and views, never of more rows than a bound: nobody needs the exact size of a big house."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from productkeys.domain.choices import Status
from productkeys.listing.filters import FILTERS, Filter
from productkeys.listing.paging import COUNTED
from productkeys.listing.query import ListQuery
from productkeys.models.product_key import ProductKeyQuerySet

SMALL_HOUSE = 2_000
"""Up to so many keys, archived ones among them, the counts of the whole house stand in the navigation."""


@dataclass(frozen=True, slots=True)
class HouseCounts:
    """How many keys of each type have which status."""

    _groups: Counter[tuple[str, str]]

    def in_view(self, view: str, key_type: str = "") -> int:
        """How many keys stand in a view of `filters.VIEWS`, of one type or of all."""
        seen = {Status.ACTIVE.value, Status.COMPROMISED.value} if view == Status.ACTIVE else {view}
        return sum(
            number for (status, of_type), number in self._groups.items() if status in seen and key_type in ("", of_type)
        )


def house_counts(keys: ProductKeyQuerySet) -> HouseCounts | None:
    """The counts of the whole house; None for a house that is not small."""
    # Grouped here: neither database has a faster way to group the first rows of a table that Django can say.
    groups = Counter(keys.order_by().values_list("status", "key_type")[: SMALL_HOUSE + 1])
    return HouseCounts(groups) if groups.total() <= SMALL_HOUSE else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One line in the menu of a filter; `count` is None where there were too many keys to count."""

    value: str
    label: str
    chosen: bool
    count: int | None


_LONG = frozenset({"os", "edition"})
"""Filters with more choices than a menu should show: those that would find nothing are left out."""


def choices_of(keys: ProductKeyQuerySet, query: ListQuery, name: str) -> list[Choice]:
    """The choices of the filter `name`, with what each would find beside the other filters that are set."""
    wanted: Filter = FILTERS[name]
    chosen = query.chosen.get(name, ())
    values = query.select(keys, without=name).order_by().values_list(*wanted.reads, flat=len(wanted.reads) == 1)
    groups: Counter[Hashable] = Counter(values[: COUNTED + 1])
    counts = wanted.count(groups) if groups.total() <= COUNTED else {}
    return [
        Choice(value, str(label), value in chosen, counts.get(value))
        for value, label in wanted.labels().items()
        if name not in _LONG or counts.get(value) != 0 or value in chosen
    ]
