"""Rows from lists of product keys in XML, whatever their elements are called.

The element that repeats and holds keys is a row. Its columns are its attributes, those of the elements around it, its
own text, and the attributes and texts of the elements in it.

This reads the export of a Visual Studio subscription (``YourKey/Product_Key[@Name]/Key[@ID, @Type, @ClaimedDate]``,
where a sentence can stand in place of a key). The lists of VAMT (.cil, .cilx) are XML too, but no real one was at hand
when this was written: they are read like any other list, and nothing about them is known to work.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from productkeys.domain import keycode
from productkeys.tables import expat, faults
from productkeys.tables.formats import Limits
from productkeys.tables.table import Record, Table, names, rows

Path = tuple[str, ...]

_VISUAL_STUDIO: Path = ("YourKey", "Product_Key", "Key")
_BEGINNING = re.compile(r"\s*+<(?:\?xml|!--|!DOCTYPE|[A-Za-z_][\w:.-]*+[\s/>])", re.IGNORECASE)
_DEEPEST = 40
_MOST_PATHS = 2_000
_SEEN = 300  # characters that tell whether a text is a key
_LONGEST = 50_000


def looks_like_xml(beginning: str) -> bool:
    """Tell whether a text begins as XML does, and is not just a word in angle brackets."""
    return _BEGINNING.match(beginning) is not None and any(sign in beginning for sign in ("</", "/>", "<!"))


def is_visual_studio(data: bytes, encoding: str) -> bool:
    """Tell whether this is the export of a Visual Studio subscription. Raises Unreadable for broken XML."""
    return _VISUAL_STUDIO in _Survey(data, encoding).elements


def open_xml(data: bytes, encoding: str, limits: Limits) -> Table:
    """The table that the XML holds. Raises Unreadable if it is broken, brings a document type or holds no list."""
    found = _Survey(data, encoding).rows()
    columns = dict[str, None]()
    for _number, cells in _rows(data, encoding, found):
        if not columns.keys() >= cells.keys():
            columns |= dict.fromkeys(cells)
            if len(columns) > limits.max_columns:
                raise faults.Unreadable(faults.TOO_MANY_COLUMNS.broken(limit=limits.max_columns))
    if not columns:
        raise faults.Unreadable(faults.XML_WITHOUT_ROWS.broken())
    named = list(columns)
    records = (
        Record(number, [cells.get(column, "") for column in named])
        for number, cells in _rows(data, encoding, found)
        if any(cells.values())
    )
    return Table(names(named, len(named)), rows(records, len(named), " ", limits))


class _Event(NamedTuple):
    """An element that begins, with its attributes, or that ends (`attributes` is None), with its own text."""

    path: Path
    attributes: dict[str, str] | None
    text: str
    line: int


def _events(data: bytes, encoding: str) -> Iterator[_Event]:
    reading, events = expat.parser(encoding), list[_Event]()
    path: Path = ()
    texts: list[list[str]] = [[]]
    start_of_xml = max(data.find(b"<"), 0) if encoding == "utf-8" else 0
    lines_before = data.count(b"\n", 0, start_of_xml)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal path
        path = (*path, expat.local(tag))
        if len(path) > _DEEPEST:
            raise faults.Unreadable(faults.XML_TOO_DEEP.broken())
        texts.append([])
        own = {expat.local(name): value.strip() for name, value in attributes.items() if not name.startswith("xmlns")}
        events.append(_Event(path, own, "", reading.CurrentLineNumber + lines_before))

    def end(_tag: str) -> None:
        nonlocal path
        events.append(_Event(path, None, "".join(texts.pop()).strip(), reading.CurrentLineNumber + lines_before))
        path = path[:-1]

    def collect(text: str) -> None:
        if len(texts[-1]) < _LONGEST:
            texts[-1].append(text[:_LONGEST])

    reading.StartElementHandler, reading.EndElementHandler, reading.CharacterDataHandler = start, end, collect
    source = io.BytesIO(data)
    source.seek(start_of_xml)
    for _piece in expat.parse(reading, source, lines_before=lines_before):
        yield from events
        events.clear()


class _Survey:
    """How often each element stands in the XML, which of them hold a key, and which hold anything at all."""

    def __init__(self, data: bytes, encoding: str) -> None:
        self.elements: Counter[Path] = Counter()
        self._with_key: set[Path] = set()
        self._filled: set[Path] = set()
        for path, attributes, text, _line in _events(data, encoding):
            if attributes is not None:
                self.elements[path] += 1
                if len(self.elements) > _MOST_PATHS:
                    raise faults.Unreadable(faults.XML_TOO_DEEP.broken())
            for value in (text, *(attributes or {}).values()):
                if value:
                    self._filled.add(path)
                    if path not in self._with_key and keycode.contains_key(value[:_SEEN]):
                        self._with_key.add(path)

    def rows(self) -> set[Path]:
        """The elements that are rows: those with keys, or else the one that repeats most and holds something."""
        if _VISUAL_STUDIO in self.elements:
            return {_VISUAL_STUDIO}
        if self._with_key:
            return {self._around(path) for path in self._with_key}
        repeated = [path for path in sorted(self._filled) if self.elements[path] > 1]
        return {self._around(max(repeated, key=lambda path: self.elements[path]))} if repeated else set()

    def _around(self, path: Path) -> Path:
        """The largest element, below the root, of which there are as many: what stands beside a key belongs to it."""
        while len(path) > 2 and self.elements[path[:-1]] >= self.elements[path]:
            path = path[:-1]
        return path


def _rows(data: bytes, encoding: str, found: set[Path]) -> Iterator[tuple[int, dict[str, str]]]:
    """The line of each row and its cells by the names of their columns, which are the same in every reading."""
    columns = _Columns()
    around: list[tuple[str, dict[str, str]]] = []
    open_rows: list[tuple[Path, int, dict[str, str]]] = []
    for path, attributes, text, line in _events(data, encoding):
        if attributes is not None:
            if path in found:
                open_rows.append((path, line, columns.inherited(around)))
            if open_rows:
                columns.add(open_rows[-1][2], path[len(open_rows[-1][0]) - 1 :], attributes)
            around.append((path[-1], attributes))
            continue
        around.pop()
        if open_rows:
            columns.add(open_rows[-1][2], path[len(open_rows[-1][0]) - 1 :], {"": text})
            if open_rows[-1][0] == path:
                _path, number, cells = open_rows.pop()
                yield number, cells


class _Columns:
    """Names for what a row holds: short ones, with the name of the element in front where two would be the same."""

    def __init__(self) -> None:
        self._names: dict[tuple[Path, str], str] = {}

    def inherited(self, around: list[tuple[str, dict[str, str]]]) -> dict[str, str]:
        """The cells of a row that come from the attributes of the elements around it."""
        cells = dict[str, str]()
        for element, attributes in around[1:]:
            self.add(cells, ("", element), attributes)
        return cells

    def add(self, cells: dict[str, str], path: Path, values: dict[str, str]) -> None:
        """Put what an element holds (its attributes, or its text without a name) into a row's cells."""
        for attribute, value in values.items():
            if not value and not attribute:
                continue
            name = self._name((path[1:] or ("",), attribute), path[-1])
            before = cells.get(name)
            if before is None:
                cells[name] = value
            elif len(before) < _LONGEST:
                cells[name] = ", ".join(filter(None, (before, value)))

    def _name(self, source: tuple[Path, str], element: str) -> str:
        if source not in self._names:
            name = source[1] or element
            if name in self._names.values():
                name = f"{element} {name}"
            self._names[source] = name
        return self._names[source]
