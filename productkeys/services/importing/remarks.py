"""What a row says and nothing comes of, told beside the row: it is not refused for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from productkeys.domain import import_rules
from productkeys.domain.choices import Status
from productkeys.domain.rule import Rule
from productkeys.incoming.fields import Field
from productkeys.incoming.row import IncomingRow
from productkeys.services import keys
from productkeys.services.scoping import Place

_OF_EVERY_KEY = frozenset({"name", "key_type", "operating_system", "edition", "architecture", "usage", "quantity"})


@dataclass(frozen=True, slots=True)
class Remark:
    """`rule` says why; the row says `said` of `field`, and `has` is what counts instead. May hold a key, as rows do."""

    rule: Rule
    field: str
    said: Any = None
    has: Any = None


def of_row(said: IncomingRow, scope: Place, *, says_day: bool) -> Iterator[Remark]:
    """What contradicts itself in a row, or says nothing, where its key is in `scope`.

    `says_day` where the file has a column for the day of Microsoft's count. Where it has none, the day of the import
    goes for all rows alike, which is not remarked on each of them.
    """
    for column, number, is_rather in said.noted:
        rule = import_rules.COUNT_SAYS_NOTHING if is_rather is None else import_rules.COUNTS_CONTRADICT
        yield Remark(rule, column.value, number, is_rather)
    if said.microsoft_used is None and said.microsoft_counted_on is not None:
        yield Remark(import_rules.DAY_OF_NO_COUNT, Field.MICROSOFT_COUNTED_ON.value, said.microsoft_counted_on)
    if says_day and said.microsoft_used is not None and said.microsoft_counted_on is None:
        yield Remark(import_rules.COUNTED_ON_NO_DAY, Field.MICROSOFT_COUNTED_ON.value)
    if said.shared_with and scope is None:
        yield Remark(import_rules.SHARED_BY_NOBODY, Field.SHARED_WITH.value, list(said.shared_with))


def of_key_left_as_it_is(changes: Mapping[str, tuple[Any, Any]]) -> Iterator[Remark]:
    """What a row would change, before and after, of a key that is to stay as it is."""
    for name, (has, said) in changes.items():
        yield Remark(import_rules.LEFT_AS_IT_IS, name.removesuffix("_id"), said, has)


def of_standard_key(said: IncomingRow) -> Iterator[Remark]:
    """That a row says more of a key that Microsoft published than the portal keeps of it."""
    more = said.given - keys.STANDARD_KEY_FIELDS - _OF_EVERY_KEY
    more -= {"in_use"} if not said.in_use else set()
    more -= {"status"} if said.status == Status.ACTIVE else set()
    if more:
        yield Remark(import_rules.STANDARD_KEY_KEEPS, Field.CODE.value)
