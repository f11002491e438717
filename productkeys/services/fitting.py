"""Which of very many stored keys fit an image, without reading them all.

Keys that are alike in everything that matching asks are judged once, and only those that a page shows are read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import (
    Case,
    Count,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber

from productkeys.domain import matching
from productkeys.domain.matching import Catalogue, Identified, ImageFacts, KeyFacts, Match, Verdict
from productkeys.domain.rule import Problem
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services.matching import COLUMNS, facts_of, facts_of_row

_ASKED = ("key_type", "operating_system_id", "edition", "architecture", "usage", "status", "remark", "unlimited")
_LEFT = ExpressionWrapper(F("quantity") - F("in_use"), output_field=IntegerField())
_GONE = Case(When(quantity__lte=F("in_use"), then=Value("gone")), default=Value(""))
_PUBLISHED = Case(When(published=True, then=Value("published")), default=Value(""))
# Concat() nests its parts, deeper than SQLite reads.
_ALIKE = Func(
    *_ASKED, _PUBLISHED, _GONE, template="(%(expressions)s)", arg_joiner=" || '|' || ", output_field=TextField()
)
"""The same text for keys that matching cannot tell apart; beside `_ASKED`, whether they are published and used up."""


@dataclass(frozen=True, slots=True)
class Group:
    """The keys with one verdict: how many there are, and the first of them in the order of fitness."""

    verdict: Verdict
    number: int
    matches: tuple[Match, ...]

    @property
    def more(self) -> int:
        """How many are not among `matches`."""
        return self.number - len(self.matches)


@dataclass(frozen=True, slots=True)
class Fitting:
    """What the portal says of an image for one purpose; `Answer` with its keys in groups, which may be cut."""

    image: Identified
    fits: Group
    warning: Group
    does_not_fit: Group
    without_key: tuple[Problem, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        return (self.fits, self.warning, self.does_not_fit)

    @property
    def best(self) -> Match | None:
        """The key to take: the first one that fits, with a warning where there is no other."""
        return next(iter((*self.fits.matches, *self.warning.matches)), None)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Keys that are alike: what stands for them in the database, one of them, and how many they are.

    The one has the first name and the most that is left of them all, and the number of the kind in place of its id.
    """

    alike: str
    one: KeyFacts
    number: int


def fitting(
    asked: Sequence[tuple[ImageFacts, str]],
    keys: ProductKeyQuerySet,
    windows: Catalogue,
    *,
    at_most: Mapping[Verdict, int],
) -> list[Fitting]:
    """Say for each image and purpose which of `keys` fit, with no more than `at_most` keys of each verdict.

    Where no key that does not fit is wanted, those are not counted either.
    Takes two queries for all of them together.
    """
    kinds = list(_kinds(keys))
    ones, usable_only = [kind.one for kind in kinds], not at_most[Verdict.DOES_NOT_FIT]
    answers = {one: matching.answer(one[0], ones, one[1], windows, usable_only=usable_only) for one in set(asked)}
    # Each kind puts its best key forward: what is among the first so many keys is of one of the first so many kinds.
    chosen = {
        (one, verdict): [match for match in answer.matches if match.verdict is verdict]
        for one, answer in answers.items()
        for verdict in Verdict
    }
    wanted = {match.key.id for (_, verdict), found in chosen.items() for match in found[: at_most[verdict]]}
    read = _read(keys, [kind.alike for kind in kinds if kind.one.id in wanted], max(at_most.values()))

    def group(one: tuple[ImageFacts, str], verdict: Verdict) -> Group:
        found, limit = chosen[one, verdict], at_most[verdict]
        matches = [replace(match, key=key) for match in found[:limit] for key in read.get(_kind_of(match.key), ())]
        number = sum(kinds[match.key.id or 0].number for match in found)
        return Group(verdict, number, tuple(sorted(matches, key=matching.order)[:limit]))

    return [
        Fitting(
            answers[one].image,
            group(one, Verdict.FITS),
            group(one, Verdict.WARNING),
            group(one, Verdict.DOES_NOT_FIT),
            answers[one].without_key,
        )
        for one in asked
    ]


def fitting_all(
    asked: Sequence[tuple[ImageFacts, str]], keys: ProductKeyQuerySet, windows: Catalogue, *, at_most: int
) -> list[Match]:
    """The best `at_most` of `keys` that fit every image and purpose; of each the match with the gravest verdict.

    Takes two queries.
    """
    if not asked:
        return []
    kinds = list(_kinds(keys))
    ones = [kind.one for kind in kinds]
    gravest: dict[int | None, Match] = {}
    for number, (image, purpose) in enumerate(dict.fromkeys(asked)):
        found = {
            match.key.id: match for match in matching.answer(image, ones, purpose, windows, usable_only=True).matches
        }
        kept = found if not number else {pk: gravest[pk] for pk in gravest.keys() & found.keys()}
        gravest = {pk: max(match, found[pk], key=_gravity) for pk, match in kept.items()}
    first = sorted(gravest.values(), key=matching.order)[:at_most]
    read = _read(keys, [kinds[match.key.id or 0].alike for match in first], at_most)
    matches = [replace(match, key=key) for match in first for key in read.get(_kind_of(match.key), ())]
    return sorted(matches, key=matching.order)[:at_most]


def _gravity(match: Match) -> int:
    return list(Verdict).index(match.verdict)


def _kinds(keys: ProductKeyQuerySet) -> Iterator[_Kind]:
    found = keys.order_by().annotate(alike=_ALIKE).values("alike", *COLUMNS)
    found = found.annotate(number=Count("pk"), first=Min("name_sort"), left=Max(_LEFT))
    for number, row in enumerate(found):
        one = facts_of_row(row, left=row["left"], name=row["first"], id=number)
        yield _Kind(row["alike"], one, row["number"])


def _read(keys: ProductKeyQuerySet, alike: list[str], at_most: int) -> dict[KeyFacts, list[KeyFacts]]:
    """The best keys of these kinds."""
    place = Window(
        RowNumber(), partition_by="alike", order_by=[_LEFT.desc(nulls_last=True), "name_sort", "last_five", "pk"]
    )
    best = keys.order_by().annotate(alike=_ALIKE).filter(alike__in=alike).annotate(place=place)
    found: dict[KeyFacts, list[KeyFacts]] = {}
    for key in facts_of(best.filter(place__lte=at_most)):
        found.setdefault(_kind_of(key), []).append(key)
    return found


def _kind_of(key: KeyFacts) -> KeyFacts:
    """What is the same for all keys that are alike."""
    return replace(key, name="", last_five="", id=None, left=None if key.left is None else int(key.left > 0))
