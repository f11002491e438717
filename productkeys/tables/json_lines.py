"""Rows from JSON: objects one after the other, each on a line of its own, or all of them in an array.

An object that cannot be read is a broken row, and reading goes on with the next line.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from productkeys.domain.rule import Problem
from productkeys.tables import faults
from productkeys.tables.formats import Limits
from productkeys.tables.table import Record, Table, names, rows

_BEGINNING = re.compile(r'\s*+(?:\[\s*+)?\{\s*+["}]')
_BETWEEN = re.compile(r"[\s,\[\]]*+")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_READ_IN_VAIN = 20_000_000  # characters
_TOO_DEEP = 1_000_000  # so many characters are reckoned for an object that is nested too deeply to be read
_SHOWN_OF_BROKEN = 20_000


class _Pairs(list[tuple[str, object]]):
    """An object as it stands: with a field that comes twice."""


class _Object(NamedTuple):
    number: int
    fields: dict[str, str]
    unread: str = ""
    fault: Problem | None = None


def looks_like_json(beginning: str) -> bool:
    """Tell whether a text begins with an object, or with an array of them."""
    return _BEGINNING.match(beginning) is not None


def open_json(text: str, limits: Limits) -> Table:
    """The table of the objects in `text`: its columns are the fields that any of them has, in the order they come.

    What cannot be read of it stands in the first column. Raises Unreadable if no object can be read, if they have too
    many different fields, or if reading on would take without end.
    """
    fields = dict[str, None]()
    for each in _objects(text):
        if not fields.keys() >= each.fields.keys():
            fields |= dict.fromkeys(each.fields)
            if len(fields) > limits.max_columns:
                raise faults.Unreadable(faults.TOO_MANY_COLUMNS.broken(limit=limits.max_columns))
    if not fields:
        raise faults.Unreadable(faults.JSON_BROKEN_THROUGHOUT.broken())
    columns = list(fields)
    return Table(names(columns, len(columns)), rows(_records(text, columns), len(columns), " ", limits))


def _records(text: str, columns: list[str]) -> Iterator[Record]:
    for number, fields, unread, fault in _objects(text):
        cells = [fields.get(column, "") for column in columns]
        cells[0] = unread or cells[0]
        if fault or any(map(str.strip, cells)):
            yield Record(number, cells, fault)


def _objects(text: str) -> Iterator[_Object]:
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=str, parse_float=_number, parse_constant=str)
    end, number, in_vain = 0, 1, 0
    while True:
        before, start = end, _after(text, end)
        number += text.count("\n", before, start)
        if start >= len(text):
            return
        try:
            found, end = decoder.raw_decode(text, start)
            read = _read(number, found)
        except (ValueError, RecursionError) as error:
            in_vain += max(error.pos - start, 0) if isinstance(error, json.JSONDecodeError) else _TOO_DEEP
            if in_vain > _READ_IN_VAIN:
                raise faults.Unreadable(faults.JSON_BROKEN_THROUGHOUT.broken()) from None
            end = _end_of_line(text, start)
            unread = _cleaned(text[start : min(end, start + _SHOWN_OF_BROKEN)].strip())
            read = _Object(number, {}, unread, faults.NO_OBJECT.broken())
        yield read
        number += text.count("\n", start, end)


def _after(text: str, place: int) -> int:
    found = _BETWEEN.match(text, place)
    return found.end() if found else place


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _read(number: int, found: object) -> _Object:
    """One object as the texts of its fields. Raises ValueError if it is none."""
    if not isinstance(found, _Pairs):
        raise ValueError("not an object")  # noqa: TRY004
    fields = {" ".join(name.split()): _shown(value) for name, value in found}
    fault = faults.NO_OBJECT.broken() if len(fields) < len(found) else None
    if any("\0" in value for value in fields.values()):
        fault = faults.NUL_CHARACTERS.broken()
    return _Object(number, {_cleaned(name): _cleaned(value) for name, value in fields.items()}, fault=fault)


def _cleaned(text: str) -> str:
    return text if text.isascii() and "\0" not in text else _NO_TEXT.sub("\ufffd", text)


def _shown(value: object) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _Pairs():
            return json.dumps(dict(value), ensure_ascii=False)
        case list() if all(isinstance(item, str) for item in value):
            return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _number(written: str) -> str:
    return written.removesuffix(".0")
