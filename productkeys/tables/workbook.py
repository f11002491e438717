"""Excel workbooks (.xlsx, .xlsm): their sheets, and the rows of one of them as people see them.

A formula counts by the value that was stored with it. openpyxl knows how Excel counts days and which number formats are
dates; the cells are read here as they come, since it keeps a whole row, and every text, as a tree: a sheet of one long
row would fill the memory with fifty times its size.
"""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers.expat import XMLParserType

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from productkeys.tables import expat, faults
from productkeys.tables.formats import Limits
from productkeys.tables.package import Package
from productkeys.tables.sheet import Strings, records_of_sheet
from productkeys.tables.table import Record

_SMALL_PART = 8 * 1024 * 1024
_STRINGS_PART = 96 * 1024 * 1024
_MOST_STRINGS = 3_000_000
_MOST_SHEETS = 500
_LONGEST_STRING = 100_000

Attributes = dict[str, str]


@dataclass(slots=True)
class Workbook:
    """A workbook that is open: `sheets` are its visible tables, then the hidden ones, in their order."""

    package: Package
    sheets: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    strings: Strings = field(default_factory=list)
    date_styles: frozenset[str] = frozenset()
    epoch_1904: bool = False

    def records(self, sheet: int, limits: Limits) -> Iterator[Record]:
        """The rows of the sheet at this place, from 0. Raises Unreadable if there is none."""
        if sheet not in range(len(self.sheets)):
            raise faults.Unreadable(faults.SHEET_MISSING.broken())
        epoch = MAC_EPOCH if self.epoch_1904 else WINDOWS_EPOCH
        with self.package.part([*self.sheets.values()][sheet]) as part:
            yield from records_of_sheet(part, self.strings, self.date_styles, epoch, limits)


def open_workbook(data: bytes, limits: Limits) -> Workbook:
    """The workbook that `data` is. Raises Unreadable."""
    package = Package(data, limits)
    if "xl/workbook.bin" in package.sizes or "mimetype" in package.sizes:
        raise faults.Unreadable(faults.WORKBOOK_OLD.broken())
    if not any(name.startswith("xl/") for name in package.sizes):
        raise faults.Unreadable(faults.NO_TABLE.broken())
    path = next(iter(_related(package, "", "officeDocument").values()), "xl/workbook.xml")
    book = Workbook(package)
    _read_sheets(book, path)
    strings, styles = (_related(package, path, kind) for kind in ("sharedStrings", "styles"))
    for part in list(strings.values())[:1]:
        _read_strings(book, part)
    for part in list(styles.values())[:1]:
        _read_styles(book, part)
    return book


def _read_sheets(book: Workbook, path: str) -> None:
    parts = _related(book.package, path, "worksheet")

    def start(tag: str, attributes: Attributes) -> None:
        match expat.local(tag):
            case "workbookPr":
                book.epoch_1904 = attributes.get("date1904", "") in ("1", "true")
            case "sheet":
                relation = next((value for name, value in attributes.items() if name.endswith(":id")), "")
                if relation in parts and len(book.sheets) < _MOST_SHEETS:
                    shown = attributes.get("state", "visible") == "visible"
                    (book.sheets if shown else book.hidden)[attributes.get("name", "")] = parts[relation]

    _read(book.package, path, start)
    book.sheets |= {name: part for name, part in book.hidden.items() if name not in book.sheets}


def _related(package: Package, path: str, kind: str) -> dict[str, str]:
    """The parts that the part at `path` names as related to it in this way, by the identifiers that it gives them."""
    folder, name = posixpath.split(path)
    relations, found = posixpath.join(folder, "_rels", f"{name}.rels"), dict[str, str]()

    def start(tag: str, attributes: Attributes) -> None:
        if expat.local(tag) == "Relationship" and attributes.get("Type", "").endswith(f"/{kind}"):
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            found[attributes.get("Id", "")] = target.lstrip("/")

    if relations in package.sizes:
        _read(package, relations, start)
    return found


def _read_styles(book: Workbook, path: str) -> None:
    """Which styles of cells show a date."""
    formats, styles, within = dict(BUILTIN_FORMATS), list[int](), list[str]()

    def start(tag: str, attributes: Attributes) -> None:
        name = expat.local(tag)
        if name == "numFmt":
            formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "xf" and within[-1:] == ["cellXfs"]:
            styles.append(_number(attributes.get("numFmtId")))
        within.append(name)

    _read(book.package, path, start, lambda _tag: within.pop())
    book.date_styles = frozenset(
        str(place) for place, style in enumerate(styles) if is_date_format(formats.get(style, "")[:255])
    )


def _read_strings(book: Workbook, path: str) -> None:
    """The texts that cells refer to by their number."""
    pieces, phonetic = list[str](), 0

    def start(tag: str, _attributes: Attributes) -> None:
        nonlocal phonetic
        match expat.local(tag):
            case "si":
                pieces.clear()
            case "rPh":
                phonetic += 1
            case "t" if not phonetic:
                reading.CharacterDataHandler = pieces.append

    def end(tag: str) -> None:
        nonlocal phonetic
        match expat.local(tag):
            case "si":
                book.strings.append("".join(pieces)[:_LONGEST_STRING])
                if len(book.strings) > _MOST_STRINGS:
                    raise faults.Unreadable(faults.WORKBOOK_TOO_LARGE.broken())
            case "rPh":
                phonetic -= 1
            case "t":
                reading.CharacterDataHandler = None

    reading = expat.parser()
    _read(book.package, path, start, end, reading=reading, largest=_STRINGS_PART)


def _read(
    package: Package,
    path: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], object] | None = None,
    *,
    reading: XMLParserType | None = None,
    largest: int = _SMALL_PART,
) -> None:
    if package.sizes.get(path, 0) > largest:
        raise faults.Unreadable(faults.WORKBOOK_TOO_LARGE.broken())
    reading = reading or expat.parser()
    reading.StartElementHandler, reading.EndElementHandler = start, end
    with package.part(path) as part:
        for _piece in expat.parse(reading, part):
            pass


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
