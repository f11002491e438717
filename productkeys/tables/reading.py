"""Uploaded files and pasted text as tables: what a file is, and its rows one after the other.

What stands in a file decides, never its name. Whatever the bytes are, the answer is a table or `Unreadable`; a row that
is broken says so, and the rest is read.
"""

import re
from collections.abc import Iterator

from productkeys.domain import keycode
from productkeys.tables import faults, package
from productkeys.tables.delimited import delimiter_of, records_of
from productkeys.tables.encoding import encoding_of, lines_of, text_of
from productkeys.tables.faults import Unreadable
from productkeys.tables.formats import DELIMITERS, ENCODINGS, Format, Kind, Limits
from productkeys.tables.head import has_head
from productkeys.tables.json_lines import looks_like_json, open_json
from productkeys.tables.table import Record, Row, Table, first_rows, table_of
from productkeys.tables.workbook import open_workbook
from productkeys.tables.xml_list import is_visual_studio, looks_like_xml, open_xml

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "Format",
    "Limits",
    "Row",
    "Table",
    "Unreadable",
    "open_table",
    "recognise",
]

_BEGINNING = 64 * 1024
_OLDER_DOCUMENT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the folder of .xls, and of .xlsx with a password
_WEB_PAGE = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?<(?:!doctype html|html|table[^>]*+>\s*+<(?:colgroup|thead|tbody|tr))\b", re.IGNORECASE
)
_OTHER_FILES = (
    *(b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf"),
    *(b"MZ", b"\x7fELF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"),
)


def recognise(data: bytes, *, name: str = "") -> Format:
    """How the file `data` is to be read. Raises Unreadable if it is empty or no table.

    `name` is what the file is called. It decides nothing: a wrong ending is no fault.
    """
    if not data.strip(b'\0\t\n\v\f\r ";,|\xef\xbb\xbf\xff\xfe'):
        raise Unreadable(faults.EMPTY.broken())
    if data.startswith(_OTHER_FILES):
        raise Unreadable(faults.NO_TABLE.broken())
    if data.startswith(_OLDER_DOCUMENT):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise Unreadable((faults.WORKBOOK_ENCRYPTED if encrypted else faults.WORKBOOK_OLD).broken())
    if data.startswith(package.BEGINNINGS):
        return _recognise_workbook(data)
    return _recognise_text(data)


def open_table(data: bytes, format: Format, limits: Limits = Limits()) -> Table:  # noqa: A002, B008
    """The table that `data` is, read as `format` says.

    Raises Unreadable, also while its rows are gone through, where nothing that follows can be read.
    """
    match format.kind:
        case "json_lines":
            return open_json(text_of(data, format.encoding), limits)
        case "xml" | "visual_studio":
            return open_xml(data, format.encoding, limits)
    grid = format.kind == "workbook"
    records = _records(data, format, limits)
    return table_of(records, header=format.header, grid=grid, joint=format.delimiter, limits=limits)


def _records(data: bytes, format: Format, limits: Limits) -> Iterator[Record]:  # noqa: A002
    if format.kind == "workbook":
        return open_workbook(data, limits).records(format.sheet, limits)
    return records_of(lines_of(data, format.encoding), format.delimiter if format.kind == "delimited" else "")


def _recognise_workbook(data: bytes) -> Format:
    """The first sheet that holds keys among its first rows is meant, else the first one with rows below its head."""
    book, limits = open_workbook(data, Limits()), Limits()
    beginnings = [first_rows(book.records(sheet, limits)) for sheet in range(len(book.sheets))]
    with_keys = [sheet for sheet, first in enumerate(beginnings) if _holds_keys(first)]
    with_rows = [sheet for sheet, first in enumerate(beginnings) if len(first) > 1]
    with_any = [sheet for sheet, first in enumerate(beginnings) if first]
    for sheet in (*with_keys, *with_rows, *with_any):
        header = _header_of(beginnings[sheet])
        return Format(kind="workbook", sheet=sheet, sheets=tuple(book.sheets), header=header)
    raise Unreadable(faults.EMPTY.broken())


def _holds_keys(first: list[Record]) -> bool:
    return any(keycode.contains_key(cell) for record in first for cell in record.cells)


def _recognise_text(data: bytes) -> Format:
    encoding = encoding_of(data)
    beginning = text_of(data[:_BEGINNING], encoding)
    if _WEB_PAGE.match(beginning):
        raise Unreadable(faults.WEB_PAGE.broken())
    if looks_like_xml(beginning):
        encoding = encoding if encoding == "utf-8" else ""  # else it says so itself
        return Format(kind="visual_studio" if is_visual_studio(data, encoding) else "xml", encoding=encoding)
    if looks_like_json(beginning):
        return Format(kind="json_lines", encoding=encoding)
    delimiter = delimiter_of(lines_of(data, encoding))
    first = first_rows(records_of(lines_of(data, encoding), delimiter))
    if not first:
        raise Unreadable(faults.EMPTY.broken())
    kind: Kind = "delimited" if delimiter else "lines"
    return Format(kind=kind, encoding=encoding, delimiter=delimiter, header=_header_of(first))


def _header_of(first: list[Record]) -> bool:
    header = has_head([record.cells for record in first])
    if header and len(first) == 1:
        raise Unreadable(faults.HEADER_ONLY.broken())
    return header
