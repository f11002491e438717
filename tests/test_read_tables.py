"""Text files and pasted text become tables: encoding, delimiter and header are recognised, broken rows say so."""

import json
import time

import pytest

from productkeys.tables.reading import Format, Limits, Unreadable, open_table, recognise
from tests.made_up_keys import made_up_key
from tests.tables import KEY, OTHER_KEY, THIRD_KEY, cells_of, faults_of, opened, refusal_of, rows_of

GERMAN = f"Bezeichnung;Schlüssel;Anzahl\r\nWerk Süd;{KEY};500\r\nBüro;{OTHER_KEY};50\r\n"
GERMAN_CELLS = [("Bezeichnung", "Schlüssel", "Anzahl"), ("Werk Süd", KEY, "500"), ("Büro", OTHER_KEY, "50")]
AS_A_TABLE = [("Name", "Key"), ("Nord", KEY), ("Süd", OTHER_KEY)]


# What is recognised


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_it_reads_what_german_excel_saves(encoding: str) -> None:
    assert cells_of(GERMAN.encode(encoding)) == GERMAN_CELLS


def test_the_format_is_stored_as_json_and_read_again() -> None:
    recognised = recognise(GERMAN.encode("cp1252"), name="keys.csv")
    assert recognised == Format(kind="delimited", encoding="cp1252", delimiter=";", header=True)
    assert Format.of(recognised.as_dict()) == recognised


@pytest.mark.parametrize(
    "forged",
    [{"kind": "program"}, {"encoding": "idna"}, {"delimiter": "a"}, {"sheet": "Keys"}, {"header": 1}],
)
def test_a_format_that_does_not_exist_is_refused(forged: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a format"):
        Format.of(recognise(GERMAN.encode()).as_dict() | forged)


@pytest.mark.parametrize("name", ["keys.csv", "keys.xlsx", "keys.exe", "", "../../etc/passwd"])
def test_the_name_of_a_file_decides_nothing(name: str) -> None:
    assert recognise(GERMAN.encode(), name=name) == recognise(GERMAN.encode())


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|", "^", "~", "#"])
def test_any_delimiter_is_recognised(delimiter: str) -> None:
    lines = [("Name", "Key"), ("Nord", KEY), ("Süd", OTHER_KEY)]
    assert cells_of("\n".join(delimiter.join(cells) for cells in lines)) == AS_A_TABLE


def test_a_colon_divides_where_a_person_says_so() -> None:
    text = f"Nord: {KEY}\nSüd: {OTHER_KEY}\n"
    assert recognise(text.encode()).kind == "lines"
    assert [row.cells for row in rows_of(text, kind="delimited", delimiter=":")] == [("Nord", KEY), ("Süd", OTHER_KEY)]


def test_a_rare_sign_without_a_key_behind_it_divides_nothing() -> None:
    assert recognise(b"C#1\nC#2\n").kind == "lines"


def test_cells_that_are_all_in_quotation_marks_leave_no_doubt() -> None:
    data = f'"Name","Key"\r\n"a\r\nb;c;d","{KEY}"\r\n"e\r\nf;g;h","{OTHER_KEY}"\r\n'
    assert cells_of(data) == [("Name", "Key"), ("a\r\nb;c;d", KEY), ("e\r\nf;g;h", OTHER_KEY)]


@pytest.mark.parametrize("sign", ["\t", ";", "|", "  "])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_sign_in_a_cell_of_every_row_does_not_divide(delimiter: str, sign: str) -> None:
    sign = "/" if sign == delimiter else sign
    lines = [("Name", "Key", "Labels"), ("Nord", KEY, f"a{sign}b"), (f"Süd{sign}West", OTHER_KEY, f"c{sign}d")]
    assert cells_of("\n".join(delimiter.join(cells) for cells in lines)) == lines


def test_a_sign_in_the_only_row_does_not_divide_where_another_divides_the_head_as_well() -> None:
    assert cells_of("Name;Type\nNord\tWest;MAK\n") == [("Name", "Type"), ("Nord\tWest", "MAK")]


def test_decimal_commas_do_not_divide() -> None:
    text = f"Key;Price;Tax\n{KEY};10,50;1,99\n{OTHER_KEY};3,00;0,57\n"
    assert cells_of(text)[1] == (KEY, "10,50", "1,99")


def test_the_line_by_which_excel_is_told_the_delimiter_is_believed_and_passed_over() -> None:
    rows = rows_of(f'sep=,\n"a;b","c;d"\n"x;y",{KEY}\n')
    assert [(row.number, row.cells) for row in rows] == [(3, ("x;y", KEY))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_end_of_line_is_understood(end: str) -> None:
    assert cells_of(f"Name;Key{end}Nord;{KEY}{end}{end}Süd;{OTHER_KEY}{end}") == AS_A_TABLE


def test_a_cell_may_hold_delimiters_quotation_marks_and_line_breaks() -> None:
    text = f'Name,Key,Note\n"Nord, ""alt""\r\nund neu",{KEY},"a\nb"\nSüd,{OTHER_KEY},\n'
    assert cells_of(text)[1] == ('Nord, "alt"\r\nund neu', KEY, "a\nb")
    assert [row.number for row in rows_of(text)] == [2, 5]


def test_a_cell_of_several_lines_may_hold_as_many_delimiters_as_the_row() -> None:
    text = f'Name,Note,Key\nNord,"a, b\nc, d\ne, f",{KEY}\nSüd,"g, h\ni, j",{OTHER_KEY}\n'
    rows = [("Name", "Note", "Key"), ("Nord", "a, b\nc, d\ne, f", KEY), ("Süd", "g, h\ni, j", OTHER_KEY)]
    assert cells_of(text) == rows


def test_a_blank_behind_the_delimiter_does_not_break_quotation_marks() -> None:
    assert cells_of(f'"Name", "Key"\n"Nord", "{KEY}"\n"Süd", "{OTHER_KEY}"\n') == AS_A_TABLE


def test_quotation_marks_in_cells_copied_from_a_spreadsheet_belong_to_them() -> None:
    text = f'Key\tNote\n{KEY}\t"old" one\n{OTHER_KEY}\t3.5" disk\n{THIRD_KEY}\t"x\n{KEY}\t"two\nlines"\n'
    assert [cells[1] for cells in cells_of(text)] == ["Note", '"old" one', '3.5" disk', '"x', "two\nlines"]


def test_a_single_column_may_be_in_quotation_marks() -> None:
    assert cells_of(f'"Key"\r\n"{KEY}"\r\n"{OTHER_KEY}"\r\n') == [("Key",), (KEY,), (OTHER_KEY,)]


# One key on each line, and tables out of mails


def test_one_key_on_each_line_needs_no_header() -> None:
    table = opened(f"{KEY}\n\n  {OTHER_KEY}  \n{THIRD_KEY}")
    assert table.columns == ("Column 1",)
    assert [(row.number, row.cells) for row in table.rows] == [(1, (KEY,)), (3, (OTHER_KEY,)), (4, (THIRD_KEY,))]


def test_a_line_above_the_keys_is_their_header() -> None:
    assert cells_of(f"Product keys\n{KEY}\n{OTHER_KEY}") == [("Product keys",), (KEY,), (OTHER_KEY,)]


def test_writing_around_the_keys_is_no_table() -> None:
    text = f"Dear Mara,\nhere are the keys, as promised:\n{KEY}\n{OTHER_KEY}\nbest regards\nRita"
    assert recognise(text.encode()).kind == "lines"


@pytest.mark.parametrize(
    "text",
    [
        f"| Name | Key |\n|------|:---:|\n| Nord | {KEY} |\n| Süd | {OTHER_KEY} |\n",
        f"+------+\n| Name | Key |\n+------+\n| Nord | {KEY} |\n| Süd | {OTHER_KEY} |\n+------+\n",
        f"Name    Key\n----    -----\nNord    {KEY}\nSüd     {OTHER_KEY}\n",
        f"  Name  Key\n  Nord  {KEY}\n\n  Süd   {OTHER_KEY}\n",
    ],
)
def test_a_table_is_copied_from_a_mail(text: str) -> None:
    assert cells_of(text) == AS_A_TABLE


def test_an_empty_cell_of_an_aligned_table_is_found_by_where_the_others_stand() -> None:
    text = (
        f"Name   Key                            Count\nNord   {KEY}      5\n"
        f"       {OTHER_KEY}     17\nOst                                       3\n"
    )
    assert cells_of(text)[1:] == [("Nord", KEY, "5"), ("", OTHER_KEY, "17"), ("Ost", "", "3")]
    assert faults_of(text + f"West  {THIRD_KEY}\n") == {5: "row_cells_unclear"}


# JSON


def test_json_lines_are_read_whatever_fields_each_object_has() -> None:
    text = f'{{"name": "Nord", "key": "{KEY}", "count": 5}}\n\n{{"key": "{OTHER_KEY}", "note": "x", "name": "Süd"}}\n'
    assert recognise(text.encode()).kind == "json_lines"
    assert cells_of(text) == [("name", "key", "count", "note"), ("Nord", KEY, "5", ""), ("Süd", OTHER_KEY, "", "x")]
    assert [row.number for row in rows_of(text)] == [1, 3]


def test_an_array_of_objects_is_read_as_well() -> None:
    objects = [{"key": KEY, "share": 1.50, "used": True, "note": None}, {"key": OTHER_KEY, "labels": ["a", "b"]}]
    for indent in (None, 2):
        assert cells_of(json.dumps(objects, indent=indent)) == [
            ("key", "share", "used", "note", "labels"),
            (KEY, "1.5", "true", "", ""),
            (OTHER_KEY, "", "", "", "a, b"),
        ]


@pytest.mark.parametrize("broken", ['{"name": "Nord"', '{"name": "a", "name": "b"}', "Nord", "7", '{"a":' + "[" * 5000])
def test_a_broken_line_of_json_is_named_and_the_next_is_read(broken: str) -> None:
    text = f'{{"key": "{KEY}"}}\n{broken}\n{{"key": "{OTHER_KEY}"}}\n'
    assert faults_of(text) == {2: "row_no_object"}
    assert rows_of(text)[2].cells[0] == OTHER_KEY


def test_json_holds_no_characters_that_are_none() -> None:
    text = f'{{"key": "{KEY}", "note": "a\\u0000b"}}\n{{"key": "{KEY}", "note": "\\ud800"}}\n'
    assert faults_of(text) == {1: "row_nul_characters"}
    assert [row.cells[1] for row in rows_of(text)] == ["a\ufffdb", "\ufffd"]


def test_json_that_cannot_be_read_is_refused() -> None:
    assert refusal_of('{"key": \n{"key": \n') == "json_broken"
    start = time.process_time()
    refusal_of('{"a": [' + ('{"a": [' + '{"b": 1},\n' * 50) * 4000)
    assert time.process_time() - start < 10


# The header


def test_the_first_row_is_data_where_it_holds_a_key() -> None:
    table = opened(f"Nord;{KEY}\nSüd;{OTHER_KEY}\n")
    assert table.columns == ("Column 1", "Column 2")
    assert len(list(table.rows)) == 2


def test_titles_and_blank_lines_above_the_header_are_passed_over() -> None:
    text = f"Our keys\n\nAs of;2026-03-01\n\nName;Key;Count\nNord;{KEY};5\nSüd;{OTHER_KEY};7\n"
    assert cells_of(text) == [("Name", "Key", "Count"), ("Nord", KEY, "5"), ("Süd", OTHER_KEY, "7")]


def test_a_person_may_say_that_there_is_no_header() -> None:
    table = opened(GERMAN, header=False)
    assert table.columns == ("Column 1", "Column 2", "Column 3")
    assert next(table.rows).cells == GERMAN_CELLS[0]


def test_columns_of_the_same_name_or_of_none_are_told_apart() -> None:
    text = f"Key;Note;Note;;Note (2)\n{KEY};a;b;c;d\n{OTHER_KEY};a;b;c;d\n"
    assert opened(text).columns == ("Key", "Note", "Note (3)", "Column 4", "Note (2)")


# Broken rows: each says so, and the next is read


def test_a_row_with_too_many_cells_loses_none_of_them() -> None:
    text = f"Name;Key;Note\nNord;{KEY};a;b;c\nSüd;{OTHER_KEY};d;;;\n"
    assert faults_of(text) == {2: "row_too_many_cells"}
    assert rows_of(text)[0].cells == ("Nord", KEY, "a;b;c")


def test_a_row_with_too_few_cells_is_filled_up() -> None:
    assert cells_of(f"Name;Key;Note\nNord;{KEY}\nSüd;{OTHER_KEY};d\n")[1] == ("Nord", KEY, "")


@pytest.mark.parametrize(
    "broken",
    [
        f'"Nord;{KEY};a',
        f'Nord;{KEY};"a',
        f'"Nord" x;{KEY};a',
        f'Nord;"{KEY};a\nWest;{THIRD_KEY}";b',
    ],
)
def test_an_open_quotation_mark_swallows_no_other_row(broken: str) -> None:
    text = f'Name;Key;Note\nOst;{OTHER_KEY};x\n{broken}\nSüd;{OTHER_KEY};"d"\nSüd 2;{OTHER_KEY};"e"\n'
    rows = rows_of(text)
    assert rows[1].fault is not None
    assert rows[1].fault.code == "row_quotes_broken"
    assert KEY in "".join(rows[1].cells)
    assert [row.cells for row in rows if not row.fault][-2:] == [("Süd", OTHER_KEY, "d"), ("Süd 2", OTHER_KEY, "e")]
    assert len(rows) == 4 + broken.count("\n")


def test_a_row_in_another_encoding_than_the_rest_is_named_and_readable() -> None:
    rest = "Name;Key\nMüller;x\nMöller;y\n"
    for encoding, other in (("utf-8", "cp1252"), ("cp1252", "utf-8")):
        data = (rest * 3).encode(encoding) + f"Süd;{KEY}\n".encode(other)
        assert faults_of(data, encoding=encoding) == {10: "row_other_encoding"}
        assert rows_of(data, encoding=encoding)[-1].cells == ("Süd", KEY)


def test_a_file_is_in_the_encoding_of_most_of_its_lines() -> None:
    windows, utf_8 = "Süd;x\n".encode("cp1252"), "Büro;y\n".encode()
    assert recognise(b"Name;Note\n" + utf_8 * 3 + windows).encoding == "utf-8"
    assert recognise(b"Name;Note\n" + utf_8 + windows * 3).encoding == "cp1252"


def test_nul_characters_are_shown_and_named() -> None:
    text = f"Name;Key\nNo\0rd;{KEY}\nSüd;{OTHER_KEY}\n"
    assert faults_of(text) == {2: "row_nul_characters"}
    assert rows_of(text)[0].cells == ("No\N{REPLACEMENT CHARACTER}rd", KEY)


@pytest.mark.parametrize("size", [30_000, 300_000])
def test_a_huge_cell_is_cut_and_named(size: int) -> None:
    text = f"Name;Key\n{'x' * size};{KEY}\nSüd;{OTHER_KEY}\n"
    assert faults_of(text) == {2: "row_cell_too_long"}
    assert len(rows_of(text)[0].cells[0]) == 20_000


def test_a_line_without_end_is_cut_and_named() -> None:
    text = f"Name;Key\nNord;{KEY}{';' * 3_000_000}\nSüd;{OTHER_KEY}\n"
    assert faults_of(text) == {2: "row_line_too_long"}
    assert [row.cells for row in rows_of(text)] == [("Nord", KEY), ("Süd", OTHER_KEY)]


def test_a_cell_that_was_made_harmless_is_read_as_it_was() -> None:
    assert cells_of(f"Name;Key;Note\n'=1+1;{KEY};'s-Hertogenbosch\n")[1] == ("=1+1", KEY, "'s-Hertogenbosch")


# Files that are no table at all


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n \t\r\n", "file_empty"),
        (b";;;\n;;;\n", "file_empty"),
        (b"Name;Key;Count\r\n\r\n", "file_header_only"),
        (b"%PDF-1.7\nName;Key\n", "file_no_table"),
        (b"\x89PNG\r\n\x1a\n\0\0", "file_no_table"),
        (b"MZ\x90\0\x03", "file_no_table"),
        (bytes(range(256)) * 20, "file_no_table"),
        (b"\0" * 5000 + b"x", "file_no_table"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(data: bytes, code: str) -> None:
    assert refusal_of(data) == code


def test_three_hundred_columns_are_too_many() -> None:
    assert refusal_of((";".join(f"c{n}" for n in range(300)) + "\n" + ";".join("x" * 300) + "\n").encode()) == (
        "file_too_many_columns"
    )


def test_more_rows_than_the_limit_are_refused_where_they_begin() -> None:
    table = open_table(GERMAN.encode(), recognise(GERMAN.encode()), Limits(max_rows=1))
    assert next(table.rows).cells == GERMAN_CELLS[1]
    with pytest.raises(Unreadable, match="file_too_many_rows"):
        next(table.rows)


def test_blank_lines_without_end_are_not_read_to_the_last() -> None:
    assert refusal_of(f"{KEY}\n" + "\n" * 1_048_577) == "file_too_many_rows"
    assert cells_of(f"{KEY}\n" + "\n" * 100_000 + OTHER_KEY)[1:] == [(KEY,), (OTHER_KEY,)]


def test_no_refusal_repeats_what_stands_in_the_file() -> None:
    data = f"{KEY};{KEY}\n".encode() + bytes(range(1, 9)) * 100
    with pytest.raises(Unreadable) as refused:
        recognise(data)
    assert KEY[:5] not in str(refused.value) + repr(refused.value) + refused.value.problem.text


# Speed


def test_quotation_marks_that_stay_open_take_no_time_without_end() -> None:
    start = time.process_time()
    data = (f'Name;Key\n"Nord;{KEY}\n' + f"Süd;{OTHER_KEY}\n" * 20_000).encode()
    assert len(list(open_table(data, recognise(data)).rows)) == 20_001
    with pytest.raises(Unreadable, match="file_quotes_broken"):
        rows_of("Name;Key\n" + 'ab";"\n' * 20_000, kind="delimited", delimiter=";")
    assert time.process_time() - start < 5


def test_a_hundred_thousand_rows_are_read_in_well_under_a_second() -> None:
    row = f'Nord;{made_up_key(4)};MAK;Windows 11;Enterprise;500;"Eine längere Bemerkung";2026-03-01\n'
    data = ("Name;Key;Type;System;Edition;Quantity;Comment;Date\n" + row * 100_000).encode()
    start = time.process_time()
    assert sum(1 for _row in open_table(data, recognise(data)).rows) == 100_000
    assert time.process_time() - start < 3  # half a second is usual
