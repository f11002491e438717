"""Tables become files: whatever is written comes back the same, and no cell of it runs as a formula."""

import datetime as dt
import io
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from productkeys.tables.harmless import harmless, plain
from productkeys.tables.reading import Format, Limits, Unreadable, open_table, recognise
from productkeys.tables.writing import Value, csv_lines, delimiter_for, json_lines, write_workbook
from tests.tables import KEY, OTHER_KEY, cells_of

COLUMNS = ("Name", "Product key", "Quantity", "Bought on")
ROWS: list[tuple[Value, ...]] = [
    ("Werk Süd", KEY, 500, dt.date(2026, 3, 1)),
    ('a "b";\r\nc,\td', OTHER_KEY, -1, None),
    ("=HYPERLINK(1)", KEY, 10**18, dt.date(1899, 1, 1)),
    (" 'quoted' ", KEY, None, dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)),
]
READ_BACK = [
    COLUMNS,
    ("Werk Süd", KEY, "500", "2026-03-01"),
    ('a "b";\r\nc,\td', OTHER_KEY, "-1", ""),
    ("=HYPERLINK(1)", KEY, "1000000000000000000", "1899-01-01"),
    (" 'quoted' ", KEY, "", "2026-03-01T12:30:00+00:00"),
]

Rows = list[tuple[Value, ...]]
Writer = Callable[[tuple[str, ...], Rows], bytes]


def _csv(columns: tuple[str, ...], rows: Rows) -> bytes:
    return b"".join(csv_lines(columns, rows))


def _german_csv(columns: tuple[str, ...], rows: Rows) -> bytes:
    return b"".join(csv_lines(columns, rows, delimiter=delimiter_for("de-AT")))


def _xlsx(columns: tuple[str, ...], rows: Rows) -> bytes:
    file = io.BytesIO()
    write_workbook(file, columns, rows)
    return file.getvalue()


def _json(columns: tuple[str, ...], rows: Rows) -> bytes:
    return b"".join(json_lines(columns, rows))


writers = pytest.mark.parametrize("write", [_csv, _german_csv, _xlsx, _json])


@writers
def test_what_is_written_is_recognised_and_read_back(write: Writer) -> None:
    assert cells_of(write(COLUMNS, ROWS)) == READ_BACK


# Everything that a text can hold but a NUL character and the halves of surrogate pairs.
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30) | st.lists(
    st.sampled_from([*"='+-@\t\r\n \"_;,|x", "x0041_", "_x000D_", "sep=;", "\ufeff", "\uff1d", "\x0b", "\uffff", KEY]),
    max_size=8,
).map("".join)
_dates = st.dates(min_value=dt.date(1, 1, 1))
_values: st.SearchStrategy[Value] = _texts | st.integers(-(10**20), 10**20) | _dates | st.none()


@st.composite
def _tables(draw: st.DrawFn) -> tuple[tuple[str, ...], Rows]:
    # A name with blanks at its ends or several in a row comes back with one: it is a name.
    names = _texts.map(lambda text: " ".join(text.split())).filter(bool)
    columns = draw(st.lists(names, min_size=2, max_size=6, unique=True))
    row = st.tuples(*[_values] * len(columns)).filter(lambda row: any(_as_read(value).strip() for value in row))
    return tuple(columns), draw(st.lists(row, min_size=1, max_size=8))


def _as_read(value: Value) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


@writers
@settings(max_examples=100, deadline=None)
@given(table=_tables())
def test_whatever_is_written_comes_back_the_same(write: Writer, table: tuple[tuple[str, ...], Rows]) -> None:
    columns, rows = table
    data = write(columns, rows)
    format_: dict[str, Any] = {
        "_csv": {"kind": "delimited", "encoding": "utf-8", "delimiter": ","},
        "_german_csv": {"kind": "delimited", "encoding": "utf-8", "delimiter": ";"},
        "_xlsx": {"kind": "workbook"},
        "_json": {"kind": "json_lines", "encoding": "utf-8"},
    }[write.__name__]
    read = open_table(data, Format(**format_), Limits())
    assert read.columns == columns
    assert [(row.cells, row.fault) for row in read.rows] == [
        (tuple(_as_read(value) for value in row), None) for row in rows
    ]


@pytest.mark.parametrize(
    "text", ["a\r\nb", "\x01\x0b\x1f", "_x000D_", "_x0041\x01", "_x005F_x0041_", "\ufffe\uffff", "\x7f\x85"]
)
def test_a_workbook_gives_back_what_xml_cannot_hold(text: str) -> None:
    assert cells_of(_xlsx(("Note", "Key"), [(text, KEY)]))[1] == (text, KEY)


# Formulas


@settings(max_examples=1000)
@given(_texts)
def test_a_text_that_was_made_harmless_is_given_back(text: str) -> None:
    assert plain(harmless(text)) == text


RUNNING = [
    "=1+1",
    "==HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\uff1d1",
    "'=1",
]


@pytest.mark.parametrize("text", RUNNING)
def test_no_cell_of_any_spreadsheet_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert f'"\'{text}"'.encode() in _csv((text, "Key"), [(text, KEY)])
    sheet = load_workbook(io.BytesIO(_xlsx((text, "Key"), [(text, KEY)]))).active
    assert sheet is not None
    for row in (1, 2):
        cell = sheet.cell(row, 1)
        assert (cell.data_type, str(cell.value)[0]) == ("s", "'")


@pytest.mark.parametrize("text", ["", "Ticket 4711", "a=b", "2001:db8::7", "'s-Hertogenbosch", "'quoted'", "{}"])
def test_any_other_cell_stays_as_it_is(text: str) -> None:
    assert harmless(text) == plain(text) == text


# What other programs read


def test_excel_finds_numbers_and_days_as_what_they_are() -> None:
    sheet = load_workbook(io.BytesIO(_xlsx(COLUMNS, ROWS))).active
    assert sheet is not None
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[0] == list(COLUMNS)
    assert values[1] == ["Werk Süd", KEY, 500, dt.datetime(2026, 3, 1)]  # noqa: DTZ001
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert sheet["A1"].font.b
    assert sheet.freeze_panes == "A2"


def test_csv_says_that_it_is_utf_8_and_is_divided_as_excel_expects_it() -> None:
    assert _csv(("Näme", "Key"), [("x", KEY)]) == f'\ufeff"Näme","Key"\r\n"x","{KEY}"\r\n'.encode()
    assert _german_csv(("a", "b"), []).endswith(b'"a";"b"\r\n')
    assert delimiter_for("en-gb") == ","


def test_json_keeps_numbers_and_says_nothing_with_null() -> None:
    assert [json.loads(line) for line in _json(COLUMNS, ROWS).splitlines()][:2] == [
        {"Name": "Werk Süd", "Product key": KEY, "Quantity": 500, "Bought on": "2026-03-01"},
        {"Name": 'a "b";\r\nc,\td', "Product key": OTHER_KEY, "Quantity": -1, "Bought on": None},
    ]


# What cannot be written is not lost in silence


@writers
@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_is_no_text_is_refused(write: Writer, text: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogate"):
        write(COLUMNS, [(text, KEY, 1, None)])


def test_a_text_that_no_cell_of_a_workbook_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="32,767"):
        _xlsx(("a",), [("x" * 32_768,)])


def test_two_columns_of_one_name_are_refused_where_one_would_be_lost() -> None:
    with pytest.raises(ValueError, match="same name"):
        _json(("a", "a"), [])


def test_no_key_goes_through_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """openpyxl would leave the rows in the temporary folder when the process ends early."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows() -> Any:
        yield ("a", KEY, 1, None)
        assert [KEY for path in tmp_path.rglob("*") if KEY in path.read_text("latin-1")] == []
        yield ("b", OTHER_KEY, 1, None)

    file = io.BytesIO()
    write_workbook(file, COLUMNS, rows())
    assert list(tmp_path.iterdir()) == []


# Whatever is brought


_beginnings = st.sampled_from(
    [
        *(
            b"",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"PK\x03\x04",
            b"PK\x05\x06",
            b"<r>",
            b"<?xml ",
            b'{"a":',
            b'[{"a":1},',
            b"sep=;\n",
        ),
        *(_csv(COLUMNS, ROWS), _xlsx(COLUMNS, ROWS), _json(COLUMNS, ROWS), b"| a | b |\n", b"a  b\n", b"<a><b k='x'>"),
    ]
)
_pieces = st.binary(max_size=60) | st.sampled_from(
    [b'"', b";", b"\n", b"\r", b'"a";"b', b"\0", b"</r>", b"<k/>", b"}", b"]", b"{", b"\xe4", b"\xc3\xa4", KEY.encode()]
)


@settings(max_examples=1000, deadline=2000)
@given(beginning=_beginnings, pieces=st.lists(_pieces, max_size=12), cut=st.integers(0, 5000), data=st.data())
def test_any_bytes_are_a_table_or_refused_with_a_reason(
    beginning: bytes, pieces: list[bytes], cut: int, data: st.DataObject
) -> None:
    brought = beginning[: cut or None] + b"".join(pieces)
    if beginning.startswith(b"PK") and len(beginning) > 100:
        changed = bytearray(beginning)
        changed[cut % len(changed)] ^= data.draw(st.integers(1, 255))
        brought = bytes(changed)
    with suppress(Unreadable):
        table = open_table(brought, recognise(brought), Limits())
        for row in table.rows:
            assert len(row.cells) == len(table.columns)
            "".join(row.cells).encode()  # nothing that no database could keep
            assert "\0" not in "".join(row.cells)
        assert len(set(table.columns)) == len(table.columns)
