"""Rows from lists of product keys in XML, whatever their elements are called.

The element that repeats and holds keys is a row. Its columns are its attributes, those of the elements around it, its
own text, and the attributes and texts of the elements in it.

This reads the export of a Visual Studio subscription (``YourKey/Product_Key[@Name]/Key[@ID, @Type, @ClaimedDate]``,
where a sentence can stand in place of a key). The lists of VAMT (.cil, .cilx) are XML too, but no real one was at hand
when this was written: they are read like any other list, and nothing about them is known to work.
"""

import io
import re
from collections.abc import Callable, Iterator

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
    """Tell whether this is the export of a Visual Studio subscription, reading no more of it than that takes.

    Raises Unreadable for broken XML, as far as it is read.
    """
    survey = _Survey()
    for _piece in _parsed(data, encoding, survey.start, survey.end, survey.collect):
        if _VISUAL_STUDIO in survey.elements or _VISUAL_STUDIO[:1] not in survey.elements:
            break
    return _VISUAL_STUDIO in survey.elements


def open_xml(data: bytes, encoding: str, limits: Limits) -> Table:
    """The table that the XML holds. Raises Unreadable if it is broken, brings a document type or holds no list."""
    survey = _Survey()
    for _piece in _parsed(data, encoding, survey.start, survey.end, survey.collect):
        pass
    found = survey.rows()
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


def _parsed(
    data: bytes,
    encoding: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    collect: Callable[[str], None],
    at_line: Callable[[Callable[[], int]], None] | None = None,
) -> Iterator[None]:
    """Have the XML parsed, and stop after each piece of it; `at_line` is given what tells the present line."""
    reading = expat.parser(encoding)
    start_of_xml = max(data.find(b"<"), 0) if encoding == "utf-8" else 0
    lines_before = data.count(b"\n", 0, start_of_xml)
    reading.StartElementHandler, reading.EndElementHandler, reading.CharacterDataHandler = start, end, collect
    if at_line:
        at_line(lambda: reading.CurrentLineNumber + lines_before)
    source = io.BytesIO(data)
    source.seek(start_of_xml)
    return expat.parse(reading, source, lines_before=lines_before)


class _Element:
    """All elements of one path: how many there are, whether any of them holds something, or a key."""

    __slots__ = ("children", "filled", "number", "path", "with_key")

    def __init__(self, path: Path) -> None:
        self.path, self.number, self.filled, self.with_key = path, 0, False, False
        self.children: dict[str, _Element] = {}

    def child(self, tag: str, known: dict[Path, "_Element"]) -> "_Element":
        """The element `tag` in this one, kept among the `known` ones. Raises Unreadable where it is too deep."""
        path = (*self.path, expat.local(tag))
        if len(path) > _DEEPEST:
            raise faults.Unreadable(faults.XML_TOO_DEEP.broken())
        found = self.children[tag] = known.setdefault(path, _Element(path))
        return found

    def holds(self, value: str) -> None:
        self.filled = True
        if not self.with_key and keycode.contains_key(value[:_SEEN]):
            self.with_key = True


class _Survey:
    """How often each element stands in the XML, which of them hold a key, and which hold anything at all."""

    def __init__(self) -> None:
        self.elements: dict[Path, _Element] = {}
        self._present, self._around = _Element(()), list[_Element]()
        self._text, self._texts = "", list[str]()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        around = self._present
        present = around.children.get(tag) or around.child(tag, self.elements)
        if not present.number and len(self.elements) > _MOST_PATHS:
            raise faults.Unreadable(faults.XML_TOO_DEEP.broken())
        present.number += 1
        for name, value in attributes.items():
            if not name.startswith("xmlns") and (held := value.strip()):
                present.holds(held)
        self._around.append(around)
        self._texts.append(self._text)
        self._present, self._text = present, ""

    def end(self, _tag: str) -> None:
        if held := self._text.strip():
            self._present.holds(held)
        self._present, self._text = self._around.pop(), self._texts.pop()

    def collect(self, text: str) -> None:
        if len(self._text) < _LONGEST:
            self._text += text

    def rows(self) -> set[Path]:
        """The elements that are rows: those with keys, or else the one that repeats most and holds something."""
        if _VISUAL_STUDIO in self.elements:
            return {_VISUAL_STUDIO}
        if with_key := [path for path, element in self.elements.items() if element.with_key]:
            return {self._around_all(path) for path in with_key}
        repeated = sorted(path for path, element in self.elements.items() if element.filled and element.number > 1)
        return {self._around_all(max(repeated, key=self._number))} if repeated else set()

    def _around_all(self, path: Path) -> Path:
        """The largest element, below the root, of which there are as many: what stands beside a key belongs to it."""
        while len(path) > 2 and self._number(path[:-1]) >= self._number(path):
            path = path[:-1]
        return path

    def _number(self, path: Path) -> int:
        return self.elements[path].number


def _rows(data: bytes, encoding: str, found: set[Path]) -> Iterator[tuple[int, dict[str, str]]]:
    """The line of each row and its cells by the names of their columns, which are the same in every reading."""
    rows = _Rows(found)
    for _piece in _parsed(data, encoding, rows.start, rows.end, rows.collect, rows.at_line):
        yield from rows.done
        rows.done.clear()


class _Rows:
    """The rows that are `done`, as the XML is parsed: the line of each, and its cells."""

    def __init__(self, found: set[Path]) -> None:
        self.done: list[tuple[int, dict[str, str]]] = []
        self._found, self._columns, self._elements = found, _Columns(), dict[Path, _Element]()
        self._around: list[tuple[_Element, dict[str, str]]] = [(_Element(()), {})]
        self._text, self._texts = "", list[str]()
        self._open: list[tuple[Path, int, dict[str, str]]] = []
        self._line: Callable[[], int]

    def at_line(self, line: Callable[[], int]) -> None:
        self._line = line

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        around = self._around[-1][0]
        present = around.children.get(tag) or around.child(tag, self._elements)
        own = (
            {expat.local(name): value.strip() for name, value in attributes.items() if not name.startswith("xmlns")}
            if attributes
            else attributes
        )
        if present.path in self._found:
            self._open.append((present.path, self._line(), self._columns.inherited(self._around)))
        if self._open and own:
            row, _number, cells = self._open[-1]
            self._columns.add(cells, present, len(row), own)
        self._around.append((present, own))
        self._texts.append(self._text)
        self._text = ""

    def end(self, _tag: str) -> None:
        (present, _own), text = self._around.pop(), self._text.strip()
        if self._open:
            row, number, cells = self._open[-1]
            if text:
                self._columns.add(cells, present, len(row), {"": text})
            if row == present.path:
                self._open.pop()
                self.done.append((number, cells))
        self._text = self._texts.pop()

    def collect(self, text: str) -> None:
        if len(self._text) < _LONGEST:
            self._text += text


class _Columns:
    """Names for what a row holds: short ones, with the name of the element in front where two would be the same."""

    def __init__(self) -> None:
        self._names: dict[tuple[Path, str], str] = {}
        self._known: dict[tuple[_Element, int, str], str] = {}

    def inherited(self, around: list[tuple[_Element, dict[str, str]]]) -> dict[str, str]:
        """The cells of a row that come from the attributes of the elements around it."""
        cells = dict[str, str]()
        for element, attributes in around[2:]:  # not the root's
            self.add(cells, element, len(element.path) - 1, attributes)
        return cells

    def add(self, cells: dict[str, str], element: _Element, depth: int, values: dict[str, str]) -> None:
        """Put what an element holds (its attributes, or its text without a name) into a row's cells.

        The path of the row is `depth` elements long.
        """
        for attribute, value in values.items():
            name = self._known.get((element, depth, attribute))
            if name is None:
                source = (element.path[depth:] or ("",), attribute)
                name = self._known[element, depth, attribute] = self._name(source, element.path[-1])
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
