"""Uploaded files and pasted text as tables: what a file is, and its rows one after the other.

What stands in a file decides, never its name. Whatever the bytes are, the answer is a table or `Unreadable`; a row that
is broken says so, and the rest is read.
"""

from collections.abc import Iterator

from productkeys.tables import faults
from productkeys.tables.delimited import delimiter_of, records_of
from productkeys.tables.encoding import encoding_of, lines_of
from productkeys.tables.faults import Unreadable
from productkeys.tables.formats import DELIMITERS, ENCODINGS, Format, Limits
from productkeys.tables.head import has_head
from productkeys.tables.table import Record, Row, Table, first_rows, table_of

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
    return _recognise_text(data)


def open_table(data: bytes, format: Format, limits: Limits = Limits()) -> Table:  # noqa: A002, B008
    """The table that `data` is, read as `format` says.

    Raises Unreadable, also while its rows are gone through, where nothing that follows can be read.
    """
    return table_of(_records(data, format), header=format.header, grid=False, joint=format.delimiter, limits=limits)


def _records(data: bytes, format: Format) -> Iterator[Record]:  # noqa: A002
    return records_of(lines_of(data, format.encoding), format.delimiter if format.kind == "delimited" else "")


def _recognise_text(data: bytes) -> Format:
    encoding = encoding_of(data)
    delimiter = delimiter_of(lines_of(data, encoding))
    first = first_rows(records_of(lines_of(data, encoding), delimiter))
    if not first:
        raise Unreadable(faults.EMPTY.broken())
    header = has_head([record.cells for record in first])
    if header and len(first) == 1:
        raise Unreadable(faults.HEADER_ONLY.broken())
    return Format(kind="delimited" if delimiter else "lines", encoding=encoding, delimiter=delimiter, header=header)
