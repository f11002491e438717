"""Cells that hold a date: as ISO writes it, as people in Germany, Britain and America do, or as Excel stores it."""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from productkeys.incoming.remembering import remembered
from productkeys.incoming.spelling import folded

_TIME = r"(?:[t ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[ap]m)?(?: ?z|[+-][0-9]{2}:?[0-9]{2})?)?"
_ISO = re.compile(rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_TIME}")
_NUMBERS = re.compile(rf"([0-9]{{1,2}}) ?([./-]) ?([0-9]{{1,2}}) ?\2 ?([0-9]{{4}}|[0-9]{{2}}){_TIME}")
_NAMED = re.compile(
    rf"([0-9]{{1,2}})(?:\.|st|nd|rd|th)?[ -]*([a-z]{{3,9}})\.?[ ,-]*([0-9]{{4}}|[0-9]{{2}}){_TIME}"
    rf"|([a-z]{{3,9}})\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?,? ([0-9]{{4}}){_TIME}"
)
_SERIAL = re.compile(r"([0-9]{5})(?:[.,][0-9]{1,12})?")
_FIRST_DAY_OF_EXCEL = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)  # 1954 to 2119: what is outside is a number that means something else
_MONTHS = {
    "jan": 1, "jaen": 1, "feb": 2, "mar": 3, "maer": 3, "mrz": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7,
    "aug": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip


def read_date(text: str, *, day_first: bool = True) -> date | None:
    """The date in a cell. `day_first` decides about 03/04/2025, where both would do; a point always means day first."""
    return (_read_day_first if day_first else _read_month_first)(text)


def day_first_in(texts: Iterable[str]) -> bool | None:
    """Whether the dates of a column begin with the day; None where none of them shows it.

    Where no day is beyond the twelfth, a time in AM or PM is that of an American list.
    """
    is_american = False
    for text in texts:
        bare = folded(text)
        match = _NUMBERS.fullmatch(bare)
        if match and match[2] != ".":
            first, second = int(match[1]), int(match[3])
            if (first > 12) != (second > 12):
                return first > 12
            is_american |= match[2] == "/" and bare.endswith(("am", "pm"))
    return False if is_american else None


def _reader(*, day_first: bool) -> Callable[[str], date | None]:
    @remembered
    def read(text: str) -> date | None:
        bare = folded(text)
        if match := _ISO.fullmatch(bare):
            return _date(match[1], match[2], match[3])
        if match := _NUMBERS.fullmatch(bare):
            day, month = match[1], match[3]
            if not day_first and match[2] != ".":
                day, month = month, day
            # 13/31/2025 has one reading only, whatever the rest of the column does.
            return _date(match[4], month, day) or (_date(match[4], day, month) if match[2] != "." else None)
        if match := _NAMED.fullmatch(bare):
            day, month, year = match.group(1, 2, 3) if match[1] else match.group(5, 4, 6)
            return _date(year, str(_month(month)), day)
        match = _SERIAL.fullmatch(bare)
        serial = int(match[1]) if match else 0
        return _FIRST_DAY_OF_EXCEL + timedelta(days=serial) if serial in _SERIALS else None

    return read


def _month(name: str) -> int:
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3]) or 0


def _date(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < 70 else 1900
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


_read_day_first = _reader(day_first=True)
_read_month_first = _reader(day_first=False)
