"""What the columns of somebody's list mean, recognised by what they hold and by what they are called."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain.keycode_text import GROUP_LENGTH
from productkeys.domain.systems import SystemFacts
from productkeys.incoming.column_names import is_nameless, meanings_of
from productkeys.incoming.contents import KINDS_OF_FIELDS, NEEDS_A_NAME, Contents, Kind, contents_of
from productkeys.incoming.dates import day_first_in
from productkeys.incoming.fields import MULTIPLE, Field, are_of_our_export


class Reason(enum.StrEnum):
    """Why a column is taken for what it is taken for."""

    NAME_AND_CONTENT = "name_and_content"
    NAME = "name"
    CONTENT = "content"
    SWAPPED = "swapped"
    MORE_KEYS = "more_keys"
    UNKNOWN = "unknown"
    EMPTY = "empty"


REASONS: Mapping[Reason, str | Promise] = {
    Reason.NAME_AND_CONTENT: _("by its name and by what it holds"),
    Reason.NAME: _("by its name"),
    Reason.CONTENT: _("by what it holds"),
    Reason.SWAPPED: _("its heading seems to be swapped with another"),
    Reason.MORE_KEYS: _("another column holds more product keys"),
    Reason.UNKNOWN: _("neither its name nor what it holds is known"),
    Reason.EMPTY: _("empty in the rows looked at"),
}


class Guess(NamedTuple):
    """What a column probably means; certainty from 0 to 1."""

    field: Field
    certainty: float
    reason: str = ""


# Different texts to know a column by; fewer where a table has hundreds of columns.
_MOST, _LEAST, _ALL = 60, 10, 2000
_ENOUGH = 0.3
_HALF = 0.5
_MOSTLY = 0.6  # the share of cells from which on a column is about something
_HARDLY = 0.3
_KNOWN_BY_CONTENT_ALONE = 0.7
_NAME_COUNTS = 0.45
_CONTENT_COUNTS = 0.55
_FREE_TEXT_COUNTS = 0.9
_NEXT_TO_IT = 0.8
_DATES = frozenset(field for field, kinds in KINDS_OF_FIELDS.items() if Kind.DATE in kinds)
_ALL_FIELDS = tuple(field for field in Field if field not in (Field.KEEP_IN_COMMENT, Field.KEEP_AS_LABEL, Field.IGNORE))


class _Column(NamedTuple):
    name: str
    contents: Contents
    meanings: Mapping[Field, float]


_REASONS_OF_REFUSALS = frozenset({"Why refused", "Warum abgelehnt"})
"""What the portal writes beside refused rows, for people: it is nothing that a key has."""


def recognise_columns(
    names: Sequence[str], sample: Sequence[Sequence[str]], systems: Mapping[str, SystemFacts]
) -> list[Guess]:
    """Guess the meaning of each column from its name and the first rows (at most some 200).

    What a column holds counts more than what it is called. A meaning is given once, but for those in `MULTIPLE`; what
    nobody knows is kept in the comment.
    """
    width = max([len(names), *map(len, sample)], default=0)
    each = max(_LEAST, min(_MOST, _ALL // max(width, 1)))
    columns = [
        _Column(
            name,
            contents_of((row[index] for row in sample[: each * 4] if index < len(row)), systems, texts_looked_at=each),
            meanings_of(name),
        )
        for index, name in enumerate([*names, *[""] * (width - len(names))])
    ]
    if _is_our_export(columns):
        return [Guess(Field(column.name), 1.0, Reason.NAME) for column in columns]
    if width == 1 and (contents := columns[0].contents).keys:
        # The lines of a mail: those without a key say so, which they would not in a comment.
        return [Guess(Field.CODE, round(contents.share([Kind.KEY]), 2), Reason.CONTENT)]
    guesses = _assigned(columns)
    guesses |= dict(_swapped(columns, guesses))
    guesses |= dict(_swapped_numbers(columns, guesses))
    guesses |= dict(_lone_count(columns, guesses))
    for index, column in enumerate(columns):
        if column.name.strip() in _REASONS_OF_REFUSALS:
            guesses[index] = Guess(Field.IGNORE, 1.0, Reason.NAME)
    guesses |= dict(_groups_of_keys(columns, guesses, sample))
    return [guesses.get(index) or _left_over(column) for index, column in enumerate(columns)]


def dates_begin_with_the_day(fields: Sequence[Field], sample: Sequence[Sequence[str]]) -> bool:
    """Whether 03/04/2025 means April in the columns of dates; where none of their dates shows it, it does."""
    cells = (row[index] for row in sample for index in range(min(len(row), len(fields))) if fields[index] in _DATES)
    return day_first_in(cells) is not False


def _is_our_export(columns: Sequence[_Column]) -> bool:
    """Whether the headings are those of the portal's own export, which are right whatever a comment holds."""
    names = [column.name for column in columns]
    if len(set(names)) < len(names) or not are_of_our_export(names):
        return False
    codes = columns[names.index(Field.CODE)].contents
    return not codes.filled or codes.share([Kind.KEY]) >= _MOSTLY


def _assigned(columns: Sequence[_Column]) -> dict[int, Guess]:
    """Give each column its best meaning, the surest first."""
    have_keys = any(column.contents.keys for column in columns)
    scores = sorted(
        (
            (score, -index, field)
            for index, column in enumerate(columns)
            for field in _ALL_FIELDS
            if (score := _score(column, field, have_keys=have_keys)) >= _ENOUGH
        ),
        reverse=True,
    )
    guesses: dict[int, Guess] = {}
    taken: set[Field] = set()
    for score, minus_index, field in scores:
        index = -minus_index
        if index not in guesses and field not in taken:
            contents = columns[index].contents
            certainty = contents.share([Kind.KEY]) if field is Field.CODE and contents.keys else score
            guesses[index] = Guess(field, round(certainty, 2), _reason(columns[index], field))
            taken |= {field} - MULTIPLE
    return guesses


def _score(column: _Column, field: Field, *, have_keys: bool) -> float:
    named, contents = column.meanings.get(field, 0.0), column.contents
    kinds = KINDS_OF_FIELDS.get(field)
    if contents.share([Kind.KEY]) >= _HALF:
        # Of several columns the one with more keys wins; and nothing else can such a column be.
        return 1.0 + contents.keys if field is Field.CODE else 0.0
    if kinds is None:
        # "Description" full of products is no comment; "Name" stays a name, and is asked for the product as well.
        about_something = field is not Field.NAME and contents.strongest(besides=NEEDS_A_NAME) >= _MOSTLY
        return named * _FREE_TEXT_COUNTS * (0.5 if about_something else 1.0)
    if not contents.filled or (field is Field.CODE and not have_keys):
        return named * 0.8
    held = contents.share(kinds)
    if field is Field.PRODUCT:
        # Inventories call the whole product so: "Microsoft Windows 11 Pro".
        named = max(named, _NEXT_TO_IT * column.meanings.get(Field.OPERATING_SYSTEM, 0.0))
        held -= 0.2 * contents.share([Kind.SYSTEM])  # where no edition is named, it is rather the operating system
    also = {Kind.EDITION} if field is Field.PRODUCT else set()  # VAMT: "Windows(R), Enterprise edition"
    if held < _HARDLY and contents.strongest(besides=kinds | also) >= _MOSTLY:
        return 0.0
    if kinds <= NEEDS_A_NAME:
        return named * (0.5 + 0.5 * held)
    if not named and held < _KNOWN_BY_CONTENT_ALONE:
        return 0.0
    return _NAME_COUNTS * named + _CONTENT_COUNTS * held


def _reason(column: _Column, field: Field) -> Reason:
    held = column.contents.share(KINDS_OF_FIELDS.get(field, ())) >= _HARDLY
    if field not in column.meanings:
        return Reason.CONTENT
    return Reason.NAME_AND_CONTENT if held else Reason.NAME


def _swapped(columns: Sequence[_Column], guesses: Mapping[int, Guess]) -> Iterator[tuple[int, Guess]]:
    """Columns whose name says what they do not hold, and that hold what another one says and does not hold."""
    taken = {guess.field for guess in guesses.values()}
    missing = {
        field
        for index, guess in guesses.items()
        for field, certainty in columns[index].meanings.items()
        if certainty == 1.0 and field != guess.field and field not in taken
    }
    for index, column in enumerate(columns):
        if index in guesses or not column.contents.filled or not column.meanings:
            continue
        for field in sorted(missing):
            kinds = KINDS_OF_FIELDS.get(field, frozenset())
            fits = column.contents.share(kinds) >= _MOSTLY if kinds else not column.contents.shares
            if fits:
                missing.remove(field)
                yield index, Guess(field, 0.6, Reason.SWAPPED)
                break


def _swapped_numbers(columns: Sequence[_Column], guesses: Mapping[int, Guess]) -> Iterator[tuple[int, Guess]]:
    """A column of quantities that is called "Agreement", and one of numbers of agreements that is called "Quantity"."""
    by_field = {guess.field: index for index, guess in guesses.items()}
    paper = by_field.get(Field.AGREEMENT)
    if paper is None or columns[paper].contents.share([Kind.COUNT]) < _MOSTLY or columns[paper].contents.references:
        return
    for field in (Field.QUANTITY, Field.AGREEMENT_LICENCES, Field.IN_USE):
        index = by_field.get(field)
        if index is not None and columns[index].contents.references >= _MOSTLY:
            yield index, Guess(Field.AGREEMENT, 0.6, Reason.SWAPPED)
            yield paper, Guess(field, 0.6, Reason.SWAPPED)
            return


def _lone_count(columns: Sequence[_Column], guesses: Mapping[int, Guess]) -> Iterator[tuple[int, Guess]]:
    """The one nameless column of numbers is probably the quantity."""
    if any(guess.field in (Field.QUANTITY, Field.USE_OF_QUANTITY) for guess in guesses.values()):
        return
    counting = [
        index
        for index, column in enumerate(columns)
        if index not in guesses and is_nameless(column.name) and column.contents.share([Kind.COUNT]) >= _MOSTLY
    ]
    if len(counting) == 1:
        yield counting[0], Guess(Field.QUANTITY, 0.4, Reason.CONTENT)


def _groups_of_keys(
    columns: Sequence[_Column], guesses: Mapping[int, Guess], sample: Sequence[Sequence[str]]
) -> Iterator[tuple[int, Guess]]:
    """Columns of one group of the keys beside them: the last tells them apart, and all together would be the keys."""
    code = next((index for index, guess in guesses.items() if guess.field is Field.CODE), None)
    if code is None:
        return
    for index in range(len(columns)):
        if index not in guesses:
            rows = [row for row in sample if max(index, code) < len(row) and row[index].strip()]
            if rows and all(_is_group_of(row[index].strip(), row[code]) for row in rows):
                yield index, Guess(Field.IGNORE, 1.0, Reason.CONTENT)


def _is_group_of(cell: str, key: str) -> bool:
    return len(cell) == GROUP_LENGTH and cell.upper() in key.upper()


def _left_over(column: _Column) -> Guess:
    if not column.contents.filled:
        nameless = is_nameless(column.name)
        return Guess(Field.IGNORE if nameless else Field.KEEP_IN_COMMENT, 1.0 if nameless else 0.1, Reason.EMPTY)
    if column.contents.share([Kind.KEY]) >= _HALF:
        # In the comment everybody could read them.
        return Guess(Field.IGNORE, 0.2, Reason.MORE_KEYS)
    return Guess(Field.KEEP_IN_COMMENT, 0.2, Reason.UNKNOWN)
