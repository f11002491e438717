"""What the cells of a column hold, whatever the column is called."""

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from productkeys.domain import keycode
from productkeys.domain.rules import MAX_QUANTITY
from productkeys.domain.systems import SystemFacts
from productkeys.incoming.amounts import read_count, read_use_of_quantity
from productkeys.incoming.catalogue import catalogue_of
from productkeys.incoming.dates import read_date
from productkeys.incoming.fields import Field
from productkeys.incoming.foreign import is_not_ours
from productkeys.incoming.mangled import Mangled, mangled_key
from productkeys.incoming.spelling import says_nothing
from productkeys.incoming.words import read_architecture, read_status, read_type, read_usage

_SHORTEST_KEY = 20
_SHORTEST_PART = 12
_PROSE = 150
_FEW_CHARACTERS = 40


class Kind(enum.Enum):
    """What a cell can be known by."""

    KEY = enum.auto()
    TYPE = enum.auto()
    PRODUCT = enum.auto()
    SYSTEM = enum.auto()
    EDITION = enum.auto()
    ARCHITECTURE = enum.auto()
    USAGE = enum.auto()
    STATUS = enum.auto()
    USE_OF_QUANTITY = enum.auto()
    COUNT = enum.auto()
    DATE = enum.auto()


KINDS_OF_FIELDS: Mapping[Field, frozenset[Kind]] = {
    Field.CODE: frozenset({Kind.KEY}),
    Field.KEY_TYPE: frozenset({Kind.TYPE}),
    Field.PRODUCT: frozenset({Kind.PRODUCT, Kind.SYSTEM}),
    Field.OPERATING_SYSTEM: frozenset({Kind.SYSTEM}),
    Field.EDITION: frozenset({Kind.EDITION}),
    Field.ARCHITECTURE: frozenset({Kind.ARCHITECTURE}),
    Field.USAGE: frozenset({Kind.USAGE}),
    Field.STATUS: frozenset({Kind.STATUS}),
    Field.USE_OF_QUANTITY: frozenset({Kind.USE_OF_QUANTITY}),
    **dict.fromkeys(
        (
            Field.QUANTITY,
            Field.IN_USE,
            Field.REMAINING,
            Field.AGREEMENT_LICENCES,
            Field.MICROSOFT_USED,
            Field.MICROSOFT_REMAINING,
        ),
        frozenset({Kind.COUNT}),
    ),
    **dict.fromkeys(
        (Field.AGREEMENT_BOUGHT_ON, Field.AGREEMENT_VALID_UNTIL, Field.MICROSOFT_COUNTED_ON), frozenset({Kind.DATE})
    ),
}
"""What the cells of a column with this meaning are known by; names, comments and the like may hold anything."""

NEEDS_A_NAME = frozenset({Kind.COUNT, Kind.DATE})
"""A number or a date alone does not say what it counts or dates."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The share of a column's filled cells that each kind is found in, 0 to 1, and how many hold a key.

    `references` is the share of those that are no quantity but hold a digit: numbers of contracts, orders and the like.
    """

    filled: int
    shares: Mapping[Kind, float]
    keys: int = 0
    references: float = 0.0

    def share(self, kinds: Iterable[Kind]) -> float:
        """How much of the column is of one of these kinds."""
        return min(1.0, sum(self.shares.get(kind, 0.0) for kind in kinds))

    def strongest(self, *, besides: frozenset[Kind]) -> float:
        """The largest share of any kind but these."""
        return max((share for kind, share in self.shares.items() if kind not in besides), default=0.0)


def contents_of(cells: Iterable[str], systems: Mapping[str, SystemFacts], *, texts_looked_at: int) -> Contents:
    """Look through the cells of one column: for keys at all of them, for the rest at the most frequent texts."""
    texts = Counter(text.strip() for text in cells if not says_nothing(text))
    keys = sum(times for text, times in texts.items() if _is_key(text))
    looked_at = texts.most_common(texts_looked_at)
    total = sum(times for _text, times in looked_at)
    found: Counter[Kind] = Counter()
    for text, times in looked_at:
        for kind in _kinds(text, systems):
            found[kind] += times
    filled = sum(texts.values())
    shares = {kind: times / total for kind, times in found.items()}
    references = sum(times for text, times in looked_at if _is_reference(text))
    return Contents(filled, shares | ({Kind.KEY: keys / filled} if keys else {}), keys, references / max(total, 1))


def _is_reference(text: str) -> bool:
    count = read_count(text)
    is_quantity = count is not None and (count.number is None or count.number <= MAX_QUANTITY)
    return len(text) <= _FEW_CHARACTERS and any(map(str.isdigit, text)) and not is_quantity and not _is_key(text)


def _is_key(text: str) -> bool:
    if len(text) >= _SHORTEST_KEY and keycode.contains_key(text):
        return True
    return len(text) > _SHORTEST_PART and mangled_key(text) in (Mangled.LAST_PART, Mangled.LOST_PART)


def _kinds(text: str, systems: Mapping[str, SystemFacts]) -> Iterator[Kind]:
    if _is_key(text):
        yield Kind.KEY
        return
    if len(text) > _PROSE:
        return
    yield from _kinds_of_product(text, systems)
    if len(text) <= _FEW_CHARACTERS:
        for kind, value in (
            (Kind.ARCHITECTURE, read_architecture(text)),
            (Kind.USAGE, read_usage(text)),
            (Kind.STATUS, read_status(text)),
            (Kind.USE_OF_QUANTITY, read_use_of_quantity(text)),
            (Kind.COUNT, read_count(text)),
            (Kind.DATE, read_date(text)),
        ):
            if value is not None:
                yield kind


def _kinds_of_product(text: str, systems: Mapping[str, SystemFacts]) -> Iterator[Kind]:
    product = catalogue_of(systems).product(text)
    if (product.edition and product.system) or is_not_ours(text):
        yield Kind.PRODUCT
    elif product.system and product.certainty > 0.5:  # more than a bare "11"
        yield Kind.PRODUCT if product.key_type else Kind.SYSTEM
    elif product.edition:
        yield Kind.EDITION
    elif len(text) <= _FEW_CHARACTERS and read_type(text):
        yield Kind.TYPE
