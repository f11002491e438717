"""Rows of a licence list, read by what a person said about its columns. The list is understood once, rows are cheap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from productkeys.domain.choices import KeyType
from productkeys.domain.defaults import default_quantity, default_usage
from productkeys.domain.rules import ONE_DEVICE_TYPES, PUBLISHED_TYPES, allowed_usages
from productkeys.domain.systems import SystemFacts
from productkeys.incoming.beside_key import words_beside_key
from productkeys.incoming.fields import Field, are_of_our_export
from productkeys.incoming.naming import Names
from productkeys.incoming.product_cells import ProductCells, ProductTexts
from productkeys.incoming.row_values import IncomingRow, Values
from productkeys.incoming.spelling import says_nothing
from productkeys.incoming.words import read_labels, read_yes_or_no

__all__ = ["IncomingRow", "Reader", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list is read: the meaning of each column, and what a person said about its values.

    `values` replaces, for a field, texts of the list by texts that are understood (empty leaves the cell out);
    `defaults` are texts for fields that a row says nothing about. Both go by the values of `Field`. `day_first`
    decides about dates such as 03/04/2025.
    """

    columns: Sequence[Field]
    column_names: Sequence[str] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    day_first: bool = True


_SEVERAL = frozenset({Field.KEEP_IN_COMMENT, Field.KEEP_AS_LABEL, Field.LABELS})
_ONE_LINE = frozenset({Field.NAME, Field.SCOPE, Field.AGREEMENT_SCOPE})
_NAME_KEYS = frozenset({Field.NAME, Field.PRODUCT, Field.OPERATING_SYSTEM})
_FREE_TEXTS = frozenset(
    {
        *_ONE_LINE,
        Field.COMMENT,
        Field.SHARED_WITH,
        Field.LABELS,
        Field.AGREEMENT,
        Field.AGREEMENT_VENDOR,
        Field.AGREEMENT_COST_CENTRE,
        Field.AGREEMENT_PROOF,
        Field.AGREEMENT_NOTE,
    }
)


class Reader:
    """Reads the rows of one list."""

    def __init__(self, reading: Reading, systems: Mapping[str, SystemFacts]) -> None:
        names = reading.column_names
        self._day_first = reading.day_first
        # In the portal's own export "n/a" is a comment, and so is a blank at its end: it comes back as it was.
        self._to_the_letter = _FREE_TEXTS if are_of_our_export(names) else frozenset[Field]()
        self._single: list[tuple[int, Field, Mapping[str, str] | None]] = []
        self._several: list[tuple[int, Field, str]] = []
        for index, meaning in enumerate(reading.columns):
            if meaning in _SEVERAL:
                self._several.append((index, meaning, " ".join(names[index].split()) if index < len(names) else ""))
            elif meaning is not Field.IGNORE:
                self._single.append((index, meaning, reading.values.get(meaning.value)))
        defaults = {
            meaning: text for name, given in reading.defaults.items() if (text := _tidy(meaning := Field(name), given))
        }
        self._products = ProductCells(systems, _product_texts(defaults))
        self._names = Names(systems)
        self._defaults = Values(IncomingRow(), day_first=reading.day_first)
        self._defaults.read(defaults)
        if Field.LABELS in defaults:
            self._defaults.give("labels", read_labels(defaults[Field.LABELS]))

    def read(self, cells: Sequence[str]) -> IncomingRow:
        """What one row says; in a row that is shorter than the list, the last cells are empty."""
        texts = self._texts(cells)
        beside, last_five = ("", "") if texts.keys() & _NAME_KEYS else words_beside_key(texts.get(Field.CODE, ""))
        product = self._products.read(_product_texts({Field.NAME: beside, **texts}))
        row = IncomingRow(code_text=texts.get(Field.CODE, ""), not_ours=product.not_ours)
        if product.not_ours:
            row.name = _subject({Field.NAME: beside, **texts})
            return row
        row.operating_system_id, row.edition, row.key_type = (
            product.operating_system_id,
            product.edition,
            product.key_type,
        )
        row.architecture = product.architecture or row.architecture
        values = Values(row, day_first=self._day_first)
        values.read(texts)
        if self._several:
            self._keep(cells, values)
        self._fill_from_defaults(values)
        _settle_counts(values)
        _settle_microsofts_count(values)
        self._fill_by_type(values, texts.get(Field.PRODUCT, "") or beside, last_five)
        row.given = product.given.union(values.given)
        row.unknown = (*product.unknown, *values.unknown)
        row.noted = tuple(values.noted)
        return row

    def _texts(self, cells: Sequence[str]) -> dict[Field, str]:
        texts: dict[Field, str] = {}
        width = len(cells)
        for index, meaning, replacements in self._single:
            if index < width:
                text = cells[index] if meaning in self._to_the_letter else _tidy(meaning, cells[index])
                if replacements:
                    text = _tidy(meaning, replacements.get(text, text))
                if text:
                    texts[meaning] = text
        return texts

    def _keep(self, cells: Sequence[str], values: Values) -> None:
        """Labels, and what stands in columns nobody knows: under their name in the comment, or as a label."""
        lines: list[str] = []
        labels: list[str] = []
        for index, meaning, name in self._several:
            text = cells[index] if index < len(cells) else ""
            text = text if meaning in self._to_the_letter else _tidy(meaning, text)
            if not text:
                continue
            if meaning is Field.KEEP_IN_COMMENT:
                lines.append(f"{name}: {text}" if name else text)
            elif meaning is Field.KEEP_AS_LABEL and name and (ticked := read_yes_or_no(text)) is not None:
                labels += [name] if ticked else []
            else:
                labels += read_labels(text)
        if lines:
            values.give("comment", "\n".join([values.row.comment, *lines]).lstrip("\n"))
        if labels:
            values.give("labels", tuple({label.casefold(): label for label in reversed(labels)}.values())[::-1])

    def _fill_from_defaults(self, values: Values) -> None:
        row, default = values.row, self._defaults.row
        for name in self._defaults.given - values.given:
            setattr(row, name, getattr(default, name))
        if default.agreement:
            row.agreement = {**default.agreement, **row.agreement}
        if "quantity" not in values.given and row.key_type in PUBLISHED_TYPES | ONE_DEVICE_TYPES:
            row.quantity = None
        if "usage" not in values.given and row.usage not in allowed_usages(row.key_type):
            row.usage = default_usage(row.key_type)

    def _fill_by_type(self, values: Values, product_text: str, last_five: str) -> None:
        row = values.row
        if row.quantity is None and "quantity" not in values.given:
            row.quantity = default_quantity(row.key_type)
        if not row.name:
            # Of which year an ESU key is, the text alone says.
            called = product_text if row.key_type == KeyType.ESU else ""
            ends = last_five or row.code_text
            row.name = self._names.name(row.operating_system_id, row.edition, ends, called=called) or product_text


def _subject(texts: Mapping[Field, str]) -> str:
    """What a row that is not ours is about: its name, and the product that it names."""
    named = (texts.get(Field.NAME, ""), texts.get(Field.PRODUCT) or texts.get(Field.OPERATING_SYSTEM, ""))
    return " · ".join(dict.fromkeys(" ".join(text.split()) for text in named if text))


def _tidy(meaning: Field, text: str) -> str:
    """What a cell of somebody's list says, without blanks around it; empty where it says nothing."""
    if says_nothing(text):
        return ""
    return " ".join(text.split()) if meaning in _ONE_LINE else text.strip()


def _settle_counts(values: Values) -> None:
    """Work out what follows from two of three counts: the quantity, what is in use of it, and what is left.

    What the third says otherwise is noted, and so is what is left of nobody knows how many.
    """
    row = values.row
    if row.remaining is None:
        return
    if row.quantity is None and "in_use" in values.given:
        values.give("quantity", row.in_use + row.remaining)
    elif row.quantity is None:
        values.note(Field.REMAINING, row.remaining)
    elif row.remaining > row.quantity:
        values.not_understood(Field.REMAINING, str(row.remaining))
    elif "in_use" not in values.given:
        values.give("in_use", row.quantity - row.remaining)
    elif row.in_use <= row.quantity and row.remaining != (left := row.quantity - row.in_use):
        values.note(Field.REMAINING, row.remaining, left)


def _settle_microsofts_count(values: Values) -> None:
    """The same with what Microsoft counts; its limit may be another than the quantity."""
    row = values.row
    if row.microsoft_remaining is None:
        return
    if row.quantity is None:
        values.note(Field.MICROSOFT_REMAINING, row.microsoft_remaining)
    elif row.microsoft_used is not None:
        left = max(row.quantity - row.microsoft_used, 0)
        if row.microsoft_remaining != left:
            values.note(Field.MICROSOFT_REMAINING, row.microsoft_remaining, left)
    elif row.microsoft_remaining <= row.quantity:
        values.give("microsoft_used", row.quantity - row.microsoft_remaining)
    else:
        values.not_understood(Field.MICROSOFT_REMAINING, str(row.microsoft_remaining))


def _product_texts(texts: Mapping[Field, str]) -> ProductTexts:
    get = texts.get
    product, system = get(Field.PRODUCT, ""), get(Field.OPERATING_SYSTEM, "")
    return ProductTexts(
        product,
        system,
        get(Field.EDITION, ""),
        get(Field.ARCHITECTURE, ""),
        get(Field.KEY_TYPE, ""),
        # Left out where it is not asked: every row has another name, and each combination is read once.
        "" if product or system else get(Field.NAME, ""),
    )
