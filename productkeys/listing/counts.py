"""The counts beside filters and views, never of more rows than a bound: nobody needs the exact size of a big house."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.db.models import Count, QuerySet

from productkeys.listing.filters import FILTERS, Filter, Labels, OpenFilter
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


def choices_of(keys: ProductKeyQuerySet, query: ListQuery, names: Sequence[str]) -> dict[str, tuple[Choice, ...]]:
    """The choices of the filters `names`, with what each would find beside the other filters that are set.

    Filters that are not set are counted among the same keys, which are read once for all of them. A filter without any
    choice for this reader is left out.
    """
    offered: dict[str, Labels] = {name: labels for name in names if (labels := FILTERS[name].labels(query.scopes))}
    unset = tuple(name for name in offered if name not in query.chosen)
    shown = query.select(keys)
    groups = _groups_by(shown, unset) if unset else {}
    number = groups[unset[0]].total() if unset else None
    found: dict[str, tuple[Choice, ...]] = {}
    for name in names:
        wanted, chosen = FILTERS[name], query.chosen.get(name, ())
        among = query.select(keys, without=name) if chosen else shown
        if isinstance(wanted, OpenFilter):
            found[name] = _of_rows(wanted, among, chosen, None if chosen else number)
        elif name in offered:
            group = groups[name] if name in groups else _groups_by(among, (name,))[name]
            found[name] = _of_labels(wanted, offered[name], group, chosen)
    return found


def _groups_by(keys: ProductKeyQuerySet, names: Sequence[str]) -> dict[str, Counter[Hashable]]:
    """How many of `keys` there are with each value that the filters `names` read, of at most one more than COUNTED."""
    reads = [column for name in names for column in FILTERS[name].reads]
    rows = list(keys.order_by().values_list(*reads)[: COUNTED + 1])
    groups: dict[str, Counter[Hashable]] = {}
    place = 0
    for name in names:
        end = place + len(FILTERS[name].reads)
        groups[name] = Counter(row[place] if end - place == 1 else row[place:end] for row in rows)
        place = end
    return groups


def _of_labels(wanted: Filter, labels: Labels, group: Counter[Hashable], chosen: tuple[str, ...]) -> tuple[Choice, ...]:
    counts = wanted.count(group, labels) if group.total() <= COUNTED else {}
    return tuple(
        Choice(value, str(label), value in chosen, counts.get(value))
        for value, label in labels.items()
        if wanted.name not in _LONG or counts.get(value) != 0 or value in chosen
    )


def _of_rows(
    wanted: OpenFilter, keys: ProductKeyQuerySet, chosen: tuple[str, ...], number: int | None
) -> tuple[Choice, ...]:
    """The choices that some of `keys`, of which there are `number`, have, and those that are chosen anyway."""
    is_counted = (count(keys) if number is None else number) <= COUNTED
    counts = wanted.counted(keys) if is_counted else {}
    in_use = {choice: wanted.naming(choice) for choice in counts} if is_counted else wanted.in_use(keys)
    asked = {wanted.identity(choice): choice for choice in chosen}
    found = {wanted.identity(choice) for choice in in_use}
    missing = {choice: choice for identity, choice in asked.items() if identity not in found}
    return tuple(
        Choice(value, str(label), wanted.identity(value) in asked, counts.get(value))
        for value, label in {**missing, **in_use}.items()
    )
