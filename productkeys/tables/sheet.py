"""The cells of one sheet of a workbook, as the texts that people see: one row at a time, whatever the sheet's size."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from openpyxl.utils.datetime import from_excel

from productkeys.domain.rule import Problem
from productkeys.tables import expat, faults
from productkeys.tables.formats import Limits
from productkeys.tables.harmless import plain
from productkeys.tables.table import Record

_LAST_ROW = 1_048_576
_EXACT_DIGITS = 15  # Excel counts no further
_ESCAPED = re.compile("_x((?![dD][89a-fA-F])[0-9A-Fa-f]{4})_")  # no halves of a surrogate pair
_REFERENCE = re.compile("([A-Z]{1,3})[0-9]+")

Strings = list[str]


def records_of_sheet(
    part: IO[bytes], strings: Strings, date_styles: frozenset[str], epoch: dt.datetime, limits: Limits
) -> Iterator[Record]:
    """The rows of a sheet. Raises Unreadable where it is damaged or has too many columns."""
    sheet = _Sheet(strings, date_styles, epoch, limits)
    for _piece in expat.parse(sheet.reading, part):
        yield from sheet.records
        sheet.records.clear()


class _Sheet:
    """What has been read of a sheet so far. `records` are the rows that are whole."""

    def __init__(self, strings: Strings, date_styles: frozenset[str], epoch: dt.datetime, limits: Limits) -> None:
        self.records: list[Record] = []
        self.reading = expat.parser()
        self.reading.StartElementHandler = self._start
        self.reading.EndElementHandler = self._end
        self._strings, self._date_styles, self._epoch, self._limits = strings, date_styles, epoch, limits
        self._columns: dict[str, int] = {}
        self._number = self._column = self._phonetic = self._length = 0
        self._cells: dict[int, str] = {}
        self._fault: Problem | None = None
        self._type = self._style = ""
        self._formula = False
        self._pieces: list[str] = []

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match expat.local(tag):
            case "c":
                self._column = self._column_of(attributes.get("r"))
                self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
                self._formula, self._length = False, 0
                self._pieces.clear()
            case "v":
                self.reading.CharacterDataHandler = self._collect
            case "t" if not self._phonetic:
                self.reading.CharacterDataHandler = self._collect
            case "f":
                self._formula = True
            case "rPh":
                self._phonetic += 1
            case "row":
                self._number = self._number_of(attributes.get("r"))
                self._column, self._fault = 0, None
                self._cells = {}

    def _end(self, tag: str) -> None:
        match expat.local(tag):
            case "v" | "t":
                self.reading.CharacterDataHandler = None
            case "rPh":
                self._phonetic -= 1
            case "c":
                self._add_cell()
            case "row" if self._cells or self._fault:
                cells = [self._cells.get(place, "") for place in range(1, max(self._cells, default=1) + 1)]
                self.records.append(Record(self._number, cells, self._fault))

    def _collect(self, text: str) -> None:
        if self._length <= self._limits.max_cell * 2:  # enough to tell that it is too long
            self._pieces.append(text)
            self._length += len(text)

    def _add_cell(self) -> None:
        if not self._pieces:
            if self._formula and self._type != "str":
                self._fault = faults.FORMULA_WITHOUT_VALUE.broken()
            return
        value = self._shown("".join(self._pieces))
        if not value:
            return
        if self._column > self._limits.max_columns:
            raise faults.Unreadable(faults.TOO_MANY_COLUMNS.broken(limit=self._limits.max_columns))
        if "\0" in value:
            value = value.replace("\0", "\ufffd")
            self._fault = faults.NUL_CHARACTERS.broken()
        self._cells[self._column] = value

    def _shown(self, stored: str) -> str:
        match self._type:
            case "s":
                place = int(stored) if stored.strip().isascii() and stored.strip().isdigit() else -1
                if not 0 <= place < len(self._strings):
                    raise faults.Unreadable(faults.WORKBOOK_DAMAGED.broken())
                return _text(self._strings[place])
            case "b":
                return "FALSE" if stored.strip() == "0" else "TRUE"
            case "n" if self._style in self._date_styles:
                return _date(stored, self._epoch)
            case "n":
                return _number(stored)
            case "e" | "d":
                return stored
        return _text(stored)

    def _column_of(self, reference: str | None) -> int:
        found = _REFERENCE.fullmatch(reference) if reference else None
        if not found:
            return self._column + 1
        letters = found[1]
        if letters not in self._columns:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - 64
            self._columns[letters] = number
        return self._columns[letters]

    def _number_of(self, number: str | None) -> int:
        counted = int(number) if number and number.isascii() and number.isdigit() and len(number) < 9 else 0
        counted = counted or self._number + 1
        if counted > _LAST_ROW:
            raise faults.Unreadable(faults.WORKBOOK_DAMAGED.broken())
        return counted


def _text(stored: str) -> str:
    """A text without the escapes by which workbooks hold what XML cannot (``_x000D_``), and without its guard."""
    if "_x" in stored:
        stored = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), stored)
    return plain(stored)


def _number(stored: str) -> str:
    """A number as Excel shows it in a wide column: 150.0 as 150, and with an exponent what has too many digits."""
    if stored.isascii() and stored.isdigit() and len(stored) <= _EXACT_DIGITS:
        return stored
    try:
        number = float(stored)
    except ValueError:
        return stored
    return f"{number:.{_EXACT_DIGITS}G}"


def _date(stored: str, epoch: dt.datetime) -> str:
    """A day, a moment or a time of day in ISO 8601; a number that is none of them as the number."""
    with suppress(ValueError, OverflowError, TypeError):
        moment = from_excel(float(stored), epoch)
        if isinstance(moment, dt.datetime) and moment.time() == dt.time():
            return moment.date().isoformat()
        if isinstance(moment, dt.datetime | dt.time):
            return moment.isoformat()
    return _number(stored)
