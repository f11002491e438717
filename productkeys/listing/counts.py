"""The counts beside filters and views, never of more rows than a bound: nobody needs the exact size of a big house."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cache

from django.db.models import Count, QuerySet

from productkeys.listing.filters import FILTERS, Filter, OpenFilter
from productkeys.listing.paging import COUNTED, count
from productkeys.listing.query import ListQuery
from productkeys.models import ProductKey
from productkeys.models.product_key import ProductKeyQuerySet

SMALL_HOUSE = 2_000
"""Up to so many keys, archived ones among them, the counts of the whole house stand in the navigation."""


@dataclass(frozen=True, slots=True)
class HouseCounts:
    """How many keys of each type stand on each shelf."""

    _groups: Counter[tuple[int, str]] = field(hash=False)

    def on_shelf(self, *, archived: bool, key_type: str = "") -> int:
        """How many keys are archived, or not, of one type or of all."""
        return sum(
            number
            for (shelf, of_type), number in self._groups.items()
            if shelf == archived and key_type in ("", of_type)
        )


_was_small = True
"""Whether the house was small when it was last counted here: it decides what is asked first, never the answer."""


def house_counts(keys: ProductKeyQuerySet) -> HouseCounts | None:
    """The counts of the whole house, read from an index alone; None for a house that is not small."""
    global _was_small
    _was_small = _was_small or count(keys, bound=SMALL_HOUSE) <= SMALL_HOUSE
    if not _was_small:
        return None
    groups = _groups_of_all().all() if keys.is_everything else _groups(keys)
    counts = Counter({(shelf, key_type): number for shelf, key_type, number in groups})
    _was_small = counts.total() <= SMALL_HOUSE
    return HouseCounts(counts) if _was_small else None


def _groups(keys: ProductKeyQuerySet) -> "QuerySet[ProductKey, tuple[int, str, int]]":
    return keys.order_by().values_list("shelf", "key_type").annotate(number=Count("pk"))


@cache
def _groups_of_all() -> "QuerySet[ProductKey, tuple[int, str, int]]":
    return _groups(ProductKey.objects.all())


def totals(
    keys: ProductKeyQuerySet, found: ProductKeyQuerySet, query: ListQuery
) -> tuple[HouseCounts | None, int | None]:
    """The counts of the house, if it is small, and how many of `keys` were `found`, if that is worth counting.

    A search is counted in a small house only: counting has to look at every match, showing stops at a page.
    """
    total = count(found) if query.chosen and not query.text else None
    house = house_counts(keys) if total is None or total <= SMALL_HOUSE else None
    if total is None and house and not query.narrows:
        total = house.on_shelf(archived=query.is_archive)
    elif total is None and (house or not query.text):
        total = count(found, along=() if query.narrows else query.sort.order)
    return house, total


@dataclass(frozen=True, slots=True)
class Choice:
    """One line in the menu of a filter; `count` is None where there were too many keys to count."""

    value: str
    label: str
    chosen: bool
    count: int | None


_LONG = frozenset({"os", "edition", "agreement"})
"""Filters with more choices than a menu should show: those that would find nothing are left out."""


def choices_of(keys: ProductKeyQuerySet, query: ListQuery, name: str) -> tuple[Choice, ...]:
    """The choices of the filter `name`, with what each would find beside the other filters that are set."""
    wanted: Filter = FILTERS[name]
    chosen = query.chosen.get(name, ())
    if isinstance(wanted, OpenFilter):
        return _of_rows(wanted, query.select(keys, without=name), chosen)
    values = query.select(keys, without=name).order_by().values_list(*wanted.reads, flat=len(wanted.reads) == 1)
    groups: Counter[Hashable] = Counter(values[: COUNTED + 1])
    labels = wanted.labels(query.scopes)
    counts = wanted.count(groups, labels) if groups.total() <= COUNTED else {}
    return tuple(
        Choice(value, str(label), value in chosen, counts.get(value))
        for value, label in labels.items()
        if name not in _LONG or counts.get(value) != 0 or value in chosen
    )


def _of_rows(wanted: OpenFilter, keys: ProductKeyQuerySet, chosen: tuple[str, ...]) -> tuple[Choice, ...]:
    """The choices that some of `keys` have, and those that are chosen anyway."""
    in_use, asked = wanted.in_use(keys), {wanted.identity(choice): choice for choice in chosen}
    found = {wanted.identity(choice) for choice in in_use}
    missing = {choice: choice for identity, choice in asked.items() if identity not in found}
    counts = wanted.counted(keys) if in_use and count(keys) <= COUNTED else {}
    return tuple(
        Choice(value, str(label), wanted.identity(value) in asked, counts.get(value))
        for value, label in {**missing, **in_use}.items()
    )
