"""Excel workbooks become tables: sheets, formulas, dates and numbers as people see them; bombs are not opened."""

import datetime as dt
import io
import time
import tracemalloc
from collections.abc import Callable
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet.worksheet import Worksheet

from productkeys.tables.reading import Limits, Unreadable, recognise
from productkeys.tables.workbook import open_workbook
from tests.tables import KEY, OTHER_KEY, cells_of, faults_of, refusal_of, rows_of

SHEET = "xl/worksheets/sheet1.xml"


def _saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _workbook(*rows: Any) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    return _saved(book)


def _rewritten(data: bytes, change: Callable[[str, bytes], bytes], compression: int = ZIP_DEFLATED) -> bytes:
    """A workbook with other parts: `change` gets the name and the content of each."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as before, ZipFile(file, "w", compression) as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return file.getvalue()


def _with_cells(cells: str) -> bytes:
    """A workbook whose second row is written by another program."""
    data = _workbook(("Key", "Value"), (KEY, "x"), (OTHER_KEY, "y"))
    row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{KEY}</t></is></c>{cells}</row>'.encode()

    def change(name: str, part: bytes) -> bytes:
        return part.replace(part[part.index(b'<row r="2"') : part.index(b'<row r="3"')], row) if name == SHEET else part

    return _rewritten(data, change)


STRINGS = "xl/sharedStrings.xml"


def _as_excel_writes(strings: str) -> bytes:
    """A workbook whose cells refer to texts that stand in a part of their own, as Excel itself writes them."""
    relation = (
        b'<Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"'
        b' Target="sharedStrings.xml"/></Relationships>'
    )
    sheet = '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    sheet += '<row r="2"><c r="A2" t="s"><v>1</v></c></row></sheetData></worksheet>'

    def change(name: str, part: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            return part.replace(b"</Relationships>", relation)
        return sheet.encode() if name == SHEET else part

    file = io.BytesIO(_rewritten(GOOD, change))
    with ZipFile(file, "a", ZIP_DEFLATED) as packed:
        packed.writestr(STRINGS, strings)
    return file.getvalue()


GOOD = _workbook(("Name", "Key", "Count"), ("Nord", KEY, 150), ("Süd", OTHER_KEY, 7.0))


def test_it_reads_a_workbook() -> None:
    assert recognise(GOOD, name="keys.csv").kind == "workbook"
    assert cells_of(GOOD) == [("Name", "Key", "Count"), ("Nord", KEY, "150"), ("Süd", OTHER_KEY, "7")]


def test_it_reads_what_excel_itself_writes() -> None:
    phonetic = '<rPh sb="0" eb="2"><t>トウキョウ</t></rPh>'
    strings = f"<sst><si><t>Key</t>{phonetic}</si><si><r><t>{KEY[:9]}</t></r><r><rPr/><t>{KEY[9:]}</t></r></si></sst>"
    assert cells_of(_as_excel_writes(strings)) == [("Key",), (KEY,)]


def test_the_first_sheet_that_has_rows_is_read_and_another_can_be_chosen() -> None:
    book = Workbook()
    book.create_sheet("Hidden").append(["no"])
    book["Hidden"].sheet_state = "hidden"
    for name, key in (("Nord", KEY), ("Süd", OTHER_KEY)):
        book.create_sheet(name).append(["Key"])
        book[name].append([key])
    recognised = recognise(_saved(book))
    assert (recognised.sheet, recognised.sheets) == (1, ("Sheet", "Nord", "Süd", "Hidden"))
    assert cells_of(_saved(book), sheet=2)[1:] == [(OTHER_KEY,)]


def test_titles_and_blank_rows_above_the_header_are_passed_over_and_rows_keep_their_number() -> None:
    data = _workbook(
        (), ("Product keys of the company",), (), ("Name", "Key", "Note"), ("Nord", KEY, None), (), ("Süd",)
    )
    assert cells_of(data) == [("Name", "Key", "Note"), ("Nord", KEY, ""), ("Süd", "", "")]
    assert [row.number for row in rows_of(data)] == [5, 7]


def test_a_column_without_a_name_gets_one() -> None:
    data = _workbook(("Key",), (KEY, "a note beside the table"), (OTHER_KEY,))
    assert cells_of(data)[:2] == [("Key", "Column 2"), (KEY, "a note beside the table")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (150, "150"),
        (150.0, "150"),
        (0.1 + 0.2, "0.3"),
        (-2.5, "-2.5"),
        (123456789012345, "123456789012345"),
        (2.26912345e25, "2.26912345E+25"),
        (12345678901234567890, "1.23456789012346E+19"),
        (True, "TRUE"),
        (False, "FALSE"),
        (dt.date(2026, 3, 1), "2026-03-01"),
        (dt.datetime(2026, 3, 1, 12, 30), "2026-03-01T12:30:00"),  # noqa: DTZ001
        (dt.time(8, 15), "08:15:00"),
        ("#N/A", "#N/A"),
        (" two\nlines ", " two\nlines "),
        ("007", "007"),
        ("'=1+1", "=1+1"),
        ("'quoted'", "'quoted'"),
        (CellRichText("Win", TextBlock(InlineFont(b=True), "dows")), "Windows"),
    ],
)
@pytest.mark.parametrize("epoch", [None, MAC_EPOCH])
def test_a_cell_reads_as_people_see_it(value: Any, shown: str, epoch: dt.datetime | None) -> None:
    book = Workbook()
    book.epoch = epoch or book.epoch
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (("Key", "Value"), (KEY, value), (OTHER_KEY, "x")):
        sheet.append(row)
    assert cells_of(_saved(book))[1] == (KEY, shown)


def test_a_formula_counts_by_its_stored_value() -> None:
    assert cells_of(_with_cells('<c r="B2" t="str"><f>A1&amp;"x"</f><v>Windows</v></c>'))[1] == (KEY, "Windows")
    assert cells_of(_with_cells('<c r="B2"><f>SUM(1,2)</f><v>3</v></c>'))[1] == (KEY, "3")


def test_a_formula_without_a_stored_value_is_named() -> None:
    data = _workbook(("Key", "Value"), (KEY, "=1+1"), (OTHER_KEY, "x"))
    assert faults_of(data) == {2: "row_formula_without_value"}


def test_a_reading_aid_above_the_text_is_no_part_of_it() -> None:
    cell = '<c r="B2" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c>'
    assert cells_of(_with_cells(cell))[1] == (KEY, "東京")


def test_escapes_of_workbooks_are_understood() -> None:
    cell = '<c r="B2" t="inlineStr"><is><t>a_x000D_b_x005F_x0041_ _xD800_</t></is></c>'
    assert cells_of(_with_cells(cell))[1] == (KEY, "a\rb_x0041_ _xD800_")


def test_names_of_elements_may_have_a_prefix_and_cells_no_address() -> None:
    sheet = f'<x:worksheet xmlns:x="urn:x"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>{KEY}</x:t></x:is></x:c>'
    sheet += "<x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    data = _rewritten(GOOD, lambda name, part: sheet.encode() if name == SHEET else part)
    assert [row.cells for row in rows_of(data)] == [(KEY, "5")]


# What is no workbook, or none that may be opened


def test_a_workbook_without_rows_is_refused() -> None:
    assert refusal_of(_workbook()) == "file_empty"
    assert refusal_of(_workbook(("Name", "Key"))) == "file_header_only"


def _other_archive(name: str, compression: int = ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", compression) as packed:
        packed.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_other_archive("word/document.xml"), "file_no_table"),
        (_other_archive("keys.csv"), "file_no_table"),
        (_other_archive("xl/workbook.xml", ZIP_BZIP2), "file_no_table"),
        (_other_archive("mimetype"), "workbook_old"),
        (_other_archive("xl/workbook.bin"), "workbook_old"),
        (_other_archive("xl/workbook.xml"), "xml_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "workbook_old"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "workbook_encrypted"),
        (GOOD[:1000], "workbook_damaged"),
        (GOOD[:2000] + b"\0" * 200 + GOOD[2200:], "workbook_damaged"),
        (b"PK\x03\x04", "workbook_damaged"),
        (_with_cells('<c r="B2" t="s"><v>99</v></c>'), "workbook_damaged"),
        (_with_cells("</c>"), "xml_broken"),
        (_workbook(*[[f"c{n}" for n in range(300)]] * 2), "file_too_many_columns"),
        (_with_cells('<c r="XFD2"><v>1</v></c>'), "file_too_many_columns"),
    ],
)
def test_what_is_no_workbook_is_refused_with_a_reason(data: bytes, code: str) -> None:
    assert refusal_of(data) == code


_ROWS = "<tr><td>Key</td></tr><tr><td>x</td></tr></table>"


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><table>{_ROWS}<br></body></html>",
        f"\ufeff<!DOCTYPE HTML>\r\n<html><table>{_ROWS}</html>",
        f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><table>{_ROWS}</html>',
        f'<table border="1"> {_ROWS}',
    ],
)
def test_a_web_page_that_is_called_a_workbook_says_what_it_is(page: str) -> None:
    assert refusal_of(page.encode()) == "file_web_page"


def test_a_list_in_xml_may_be_called_table() -> None:
    assert len(rows_of("<table><key><code>a</code></key><key><code>b</code></key></table>")) == 2


def test_a_packed_folder_with_a_password_is_refused() -> None:
    data = bytearray(GOOD)
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 8] |= 1
    assert refusal_of(bytes(data)) == "workbook_encrypted"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", STRINGS, "_rels/.rels"])
def test_no_part_of_a_workbook_may_bring_a_document_type(part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    data = _rewritten(
        _as_excel_writes("<sst/>"),
        lambda name, content: bomb + content.split(b"?>", 1)[-1] if name == part else content,
    )
    assert refusal_of(data) == "xml_with_doctype"


def _bomb(part: str, piece: bytes, size: int) -> bytes:
    good = _as_excel_writes("<sst/>")
    return _rewritten(good, lambda name, content: piece * (size // len(piece)) if name == part else content)


MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("part", "piece"),
    [(SHEET, b"<row/>"), (STRINGS, b"<si/>"), ("xl/styles.xml", b"<xf/>"), ("docProps/app.xml", b" ")],
)
def test_a_bomb_is_refused_at_once_and_without_memory(part: str, piece: bytes) -> None:
    bomb = _bomb(part, piece, 60 * MEBIBYTE)
    tracemalloc.start()
    start = time.process_time()
    try:
        assert refusal_of(bomb) == "workbook_too_large"
        assert time.process_time() - start < 5
        assert tracemalloc.get_traced_memory()[1] < len(bomb) + 10 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_a_directory_of_two_gibibytes_is_not_even_read() -> None:
    assert refusal_of(GOOD[:-10] + b"\xff\xff\xff\x7f" + GOOD[-6:]) == "workbook_too_large"


def test_a_bomb_below_the_limits_takes_no_memory_either() -> None:
    """One row of many cells, which a tree of the row would make a hundred mebibytes of."""
    limits = Limits(max_ratio=10_000)
    sheet = b"<worksheet><sheetData><row>" + b"<c><f/></c>" * 200_000
    data = _rewritten(GOOD, lambda name, content: sheet if name == SHEET else content)
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="xml_broken"):
            list(open_workbook(data, limits).records(0, limits))
        assert tracemalloc.get_traced_memory()[1] < len(data) + 10 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_a_part_that_is_larger_than_its_directory_says_is_damaged() -> None:
    data = bytearray(_bomb(SHEET, b"<row/>", 20 * MEBIBYTE))
    with ZipFile(io.BytesIO(bytes(data))) as packed:
        place = packed.namelist().index(SHEET)
    entry = -1
    for _number in range(place + 1):
        entry = data.index(b"PK\x01\x02", entry + 1)
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    assert refusal_of(bytes(data)) == "workbook_damaged"
