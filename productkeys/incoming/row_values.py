"""The values of one row of a licence list, and how the texts of its cells become them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from productkeys.domain import keycode
from productkeys.domain.choices import Architecture, Status
from productkeys.incoming.amounts import read_count, read_use_of_quantity
from productkeys.incoming.dates import read_date
from productkeys.incoming.fields import Field
from productkeys.incoming.spelling import folded
from productkeys.incoming.words import NO_LIMIT, read_names, read_status, read_usage

AgreementValue = str | int | date


@dataclass(slots=True)
class IncomingRow:
    """What a row says of a key, filled up to a whole new one.

    `code_text` is the cell of the key as it stands in the list: a secret. `given` are the values that the row
    itself named, by the values of `Field` ("operating_system", "quantity", ...; "agreement" for any part of one): only
    these may change a key that is stored already. `unknown` are texts that nobody understood,
    without any key in them. `noted` are counts (field, said, what it is by the others, if they say) of which nothing
    comes. `remaining` and `microsoft_remaining` are left of a quantity that the row does not name. `status_before` is
    what an archived key was before that.
    Of a row that is `not_ours`, `name` tells what it is about, and nothing else is read.
    The parts of `agreement` are number, vendor, bought_on, valid_until, licences, cost_centre, proof, note and scope.
    """

    code_text: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    comment: str = field(default="", repr=False)
    key_type: str = ""
    operating_system_id: str = ""
    edition: str = ""
    architecture: str = Architecture.ANY.value
    usage: str = ""
    quantity: int | None = None
    in_use: int = 0
    remaining: int | None = None
    status: str = Status.ACTIVE.value
    status_before: str = ""
    scope: str = field(default="", repr=False)
    shared_with: tuple[str, ...] = field(default=(), repr=False)
    labels: tuple[str, ...] = field(default=(), repr=False)
    agreement: dict[str, AgreementValue] = field(default_factory=dict, repr=False)
    microsoft_used: int | None = None
    microsoft_remaining: int | None = None
    microsoft_counted_on: date | None = None
    given: frozenset[str] = frozenset()
    unknown: tuple[tuple[Field, str], ...] = ()
    noted: tuple[tuple[Field, int | str, int | str | None], ...] = ()
    not_ours: bool = False

    @property
    def statuses(self) -> tuple[str, ...]:
        """The status of the key, behind the mark that it keeps in the archive."""
        if self.status == Status.ARCHIVED and self.status_before == Status.COMPROMISED:
            return self.status_before, self.status
        return (self.status,)


class Values:
    """Reads the texts of a row into its values, and notes which of them it named and which texts nobody understood."""

    __slots__ = ("day_first", "given", "noted", "row", "unknown")

    def __init__(self, row: IncomingRow, *, day_first: bool) -> None:
        self.row = row
        self.day_first = day_first
        self.given: set[str] = set()
        self.unknown: list[tuple[Field, str]] = []
        self.noted: list[tuple[Field, int | str, int | str | None]] = []

    def read(self, texts: Mapping[Field, str]) -> None:
        """Take in what the cells say, each by the meaning of its column; those about the product are read elsewhere."""
        for meaning, text in texts.items():
            if reader := _READERS.get(meaning):
                reader(self, meaning, text)

    def give(self, name: str, value: object) -> None:
        setattr(self.row, name, value)
        self.given.add(name)

    def not_understood(self, meaning: Field, text: str) -> None:
        self.unknown.append((meaning, keycode.redact(text) if keycode.looks_like_key(text) else text))

    def note(self, meaning: Field, said: int | str, is_rather: int | str | None = None) -> None:
        self.noted.append((meaning, said, is_rather))

    def _text(self, meaning: Field, text: str) -> None:
        self.give(meaning.value, text)

    def _names(self, meaning: Field, text: str) -> None:
        self.give(meaning.value, read_names(text))

    def _usage(self, meaning: Field, text: str) -> None:
        self._known(meaning, text, read_usage(text))

    def _status(self, meaning: Field, text: str) -> None:
        self._known(meaning, text, read_status(text))

    def _known(self, meaning: Field, text: str, value: object) -> None:
        if value is None:
            self.not_understood(meaning, text)
        else:
            self.give(meaning.value, value)

    def _quantity(self, meaning: Field, text: str) -> None:
        count = read_count(text)
        if count is None:
            self.not_understood(meaning, text)
        else:
            self._count("quantity", count.number, meaning)

    def _number(self, meaning: Field, text: str) -> None:
        count = read_count(text)
        if meaning is Field.IN_USE and count is not None and count.number is not None:
            self._count("in_use", count.number, meaning)
        else:
            self._known(meaning, text, count and count.number)

    def _count(self, name: str, number: int | None, meaning: Field) -> None:
        """Take a count that two columns may say: the first of them counts."""
        if name not in self.given:
            self.give(name, number)
        elif number != (first := getattr(self.row, name)):
            self.note(meaning, _UNLIMITED if number is None else number, _UNLIMITED if first is None else first)

    def _use_of_quantity(self, meaning: Field, text: str) -> None:
        both = read_use_of_quantity(text)
        if both is None:
            self.not_understood(meaning, text)
        else:
            self._count("in_use", both.in_use, meaning)
            self._count("quantity", both.quantity, meaning)

    def _date(self, meaning: Field, text: str) -> None:
        self._known(meaning, text, read_date(text, day_first=self.day_first))

    def _of_agreement(self, meaning: Field, text: str) -> None:
        value: AgreementValue | None = text
        if meaning in _DATES_OF_AGREEMENT:
            if NO_LIMIT.fullmatch(folded(text)):  # "unbefristet" is no date, and says as much as an empty cell
                return
            value = read_date(text, day_first=self.day_first)
        elif meaning is Field.AGREEMENT_LICENCES:
            count = read_count(text)
            value = count and count.number
        if value is None:
            self.not_understood(meaning, text)
        else:
            self.row.agreement[_PARTS_OF_AGREEMENT[meaning]] = value
            self.given.add("agreement")


_UNLIMITED = "∞"
_PARTS_OF_AGREEMENT = {
    Field.AGREEMENT: "number",
    Field.AGREEMENT_VENDOR: "vendor",
    Field.AGREEMENT_BOUGHT_ON: "bought_on",
    Field.AGREEMENT_VALID_UNTIL: "valid_until",
    Field.AGREEMENT_LICENCES: "licences",
    Field.AGREEMENT_COST_CENTRE: "cost_centre",
    Field.AGREEMENT_PROOF: "proof",
    Field.AGREEMENT_NOTE: "note",
    Field.AGREEMENT_SCOPE: "scope",
}
_DATES_OF_AGREEMENT = frozenset({Field.AGREEMENT_BOUGHT_ON, Field.AGREEMENT_VALID_UNTIL})
# The values of these fields are the names of the row's values.
_READERS: Mapping[Field, Callable[[Values, Field, str], None]] = {
    Field.NAME: Values._text,
    Field.COMMENT: Values._text,
    Field.USAGE: Values._usage,
    Field.STATUS: Values._status,
    Field.STATUS_BEFORE: Values._status,
    Field.QUANTITY: Values._quantity,
    Field.IN_USE: Values._number,
    Field.USE_OF_QUANTITY: Values._use_of_quantity,
    Field.REMAINING: Values._number,
    Field.SCOPE: Values._text,
    Field.SHARED_WITH: Values._names,
    Field.MICROSOFT_USED: Values._number,
    Field.MICROSOFT_REMAINING: Values._number,
    Field.MICROSOFT_COUNTED_ON: Values._date,
    **dict.fromkeys(_PARTS_OF_AGREEMENT, Values._of_agreement),
}
