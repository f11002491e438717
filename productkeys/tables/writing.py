"""Tables as files: CSV, Excel workbooks and JSON lines, each row written as it comes.

What XML cannot hold (control characters, also the carriage return, U+FFFE and U+FFFF) stands in a workbook as Excel
itself writes it, ``_x000D_``, and a text that looks like that as ``_x005F_x000D_``. In CSV it stands as it is.

No cell of CSV or of a workbook runs as a formula (`harmless.py`), and every file is read back by `reading.py` as it was
written; only None and the empty text are one, and rows of nothing but blanks are passed over. A NUL character, half a
surrogate pair, and in a workbook a text of more than 32,767 characters cannot be written: they raise ValueError rather
than being lost.
"""

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import IO, Any, cast
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from productkeys.tables.harmless import harmless

Value = str | int | dt.date | None
"""What a cell can hold. None is an empty cell."""

_LONGEST_TEXT = 32_767
_EXACT = 10**15
_FIRST_DAY = dt.date(1900, 3, 1)  # before it, Excel counts a day that never was
_DAY_0 = dt.date(1899, 12, 30)
_SHEET = "xl/worksheets/sheet1.xml"
_NOT_IN_XML = re.compile("[\x01-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4})")


def delimiter_for(language: str) -> str:
    """The delimiter of CSV that Excel opens by a double click in this language.

    Where the comma is the decimal sign, Excel divides by semicolons and by nothing else. The line ``sep=;`` would serve
    everywhere, but makes Excel forget that the file is UTF-8.
    """
    return ";" if language.startswith("de") else ","


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[Value]], *, delimiter: str = ",") -> Iterator[bytes]:
    """The lines of a CSV file, UTF-8 with the mark by which Excel recognises it; every cell in quotation marks."""
    writer = csv.writer(_Passing(), delimiter=delimiter, quoting=csv.QUOTE_ALL)
    yield b"\xef\xbb\xbf" + _line(writer, columns)
    for cells in rows:
        yield _line(writer, cells)


def json_lines(columns: Sequence[str], rows: Iterable[Iterable[Value]]) -> Iterator[bytes]:
    """One JSON object on each line, its fields in the order of `columns`, which have to be different names."""
    if len(set(columns)) < len(columns):
        raise ValueError("two columns have the same name: one would be lost")
    for cells in rows:
        values = (value if isinstance(value, int | None) else _writable(_as_text(value)) for value in cells)
        line = json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False)
        yield f"{line}\n".encode()


def write_workbook(file: IO[bytes], columns: Sequence[str], rows: Iterable[Iterable[Value]]) -> None:
    """Write an Excel workbook of one sheet to `file`: texts as texts, whole numbers and days as what they are.

    openpyxl makes everything but the rows. Those would go through a file of its own in the temporary folder, which
    stays there when the process ends early, with the product keys in it.
    """
    envelope, date_style, head_style = _envelope(columns)
    with ZipFile(envelope) as empty, ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for part in empty.namelist():
            if part != _SHEET:
                packed.writestr(part, empty.read(part))
        before, _rows, after = re.split(rb"(<sheetData>.*</sheetData>)", empty.read(_SHEET), flags=re.DOTALL)
        with packed.open(_SHEET, "w") as sheet:
            sheet.write(before + b"<sheetData>")
            sheet.write(_row(columns, date_style, f' s="{head_style}"'))
            for cells in rows:
                sheet.write(_row(cells, date_style))
            sheet.write(b"</sheetData>" + after)


class _Passing:
    """What `csv.writer` writes to: it hands the line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _line(writer: Any, cells: Iterable[Value]) -> bytes:
    line: str = writer.writerow([harmless(_as_text(value)) for value in cells])
    return _writable(line).encode()


def _as_text(value: Value) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


def _writable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character cannot be written")
    return text


def _envelope(columns: Sequence[str]) -> tuple[BytesIO, int, int]:
    """A workbook without rows, and the numbers of its styles for days and for the names of columns."""
    book = Workbook()
    sheet = cast("Worksheet", book.active)
    sheet["A1"], sheet["B1"].font = _FIRST_DAY, Font(bold=True)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, min(len(name) + 4, 40))
    file = BytesIO()
    book.save(file)
    return file, sheet["A1"].style_id, sheet["B1"].style_id


def _row(cells: Iterable[Value], date_style: int, style: str = "") -> bytes:
    return f"<row>{''.join(_cell(value, date_style, style) for value in cells)}</row>".encode()


def _cell(value: Value, date_style: int, style: str) -> str:
    match value:
        case None | "":
            return "<c/>"
        case int() if -_EXACT < value < _EXACT and not isinstance(value, bool):
            return f"<c><v>{value}</v></c>"
        case dt.date() if not isinstance(value, dt.datetime) and value >= _FIRST_DAY:
            return f'<c s="{date_style}"><v>{(value - _DAY_0).days}</v></c>'
    text = _NOT_IN_XML.sub(lambda sign: f"_x{ord(sign[0]):04X}_", harmless(_writable(_as_text(value))))
    if len(text) > _LONGEST_TEXT:
        raise ValueError("a cell of a workbook holds 32,767 characters at most")
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{escape(text)}</t></is></c>'
