"""What is broken or bent at the door of the import: refused in a sentence, or brought as far as it can be read."""

import io
import re
import zipfile
from collections.abc import Iterable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from productkeys.models import Import, ImportPart, Scope, SealedSecret
from productkeys.services.importing import steps
from productkeys.services.origin import Origin
from tests.factories import new_code
from tests.imports import HEADS, bring, checked_import, csv_of, page, row
from tests.scoped import person_in, signed_in

pytestmark = pytest.mark.django_db


def _words(answer: Any) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def _brought(client: Client, data: bytes, name: str = "keys.csv") -> Import:
    answer = bring(client, data, name)
    assert answer.status_code == 302, _words(answer)
    return checked_import(Import.objects.latest("created_at"))


def _workbook(rows: Iterable[Iterable[Any]]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for cells in rows:
        book.active.append(list(cells))  # type: ignore[union-attr]
    book.save(file)
    return file.getvalue()


def _with_part(name: str, data: bytes) -> bytes:
    """A workbook of which one part is replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook([["Key"], ["x"]]))) as good, zipfile.ZipFile(file, "w", 8) as bent:
        for part in good.namelist():
            bent.writestr(part, data if part == name else good.read(part))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c SYSTEM "file:///etc/hostname">]>'
NO_TABLES = {
    "empty": b"",
    "blanks": b" \r\n\t\r\n",
    "header only": b"Name;Product key;Type\r\n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "workbook that is none": b"PK\x03\x04" + bytes(100),
    "workbook bomb": _with_part(SHEET, b"<worksheet><sheetData>" + b"<row/>" * 50_000_000),
    "workbook with entities": _with_part(SHEET, ENTITIES + b"<worksheet/>"),
    "XML bomb": b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'">]><keys>' + b"<key>&b;</key>" * 1000 + b"</keys>",
    "XML with external entities": ENTITIES + b"<keys><key>&c;</key><key>&c;</key></keys>",
    "XML that breaks off": b"<keys><key>a</key><key>",
    "300 columns": (";".join(f"c{number}" for number in range(300)) + "\r\n").encode() * 3,
}


@pytest.mark.parametrize("data", NO_TABLES.values(), ids=NO_TABLES)
def test_what_is_no_table_is_refused_in_a_sentence_and_nothing_of_it_stays(as_manager: Client, data: bytes) -> None:
    answer = bring(as_manager, data)
    assert answer.status_code == 200
    (said,) = answer.context["form"].errors["file"]
    assert unescape(said) in _words(answer)
    for stored in (Import, ImportPart, SealedSecret):
        assert not stored.objects.exists()


@pytest.mark.parametrize("name", ["keys.xlsx", "keys.exe", "../../keys.csv", "keys.csv.gz"])
def test_a_wrong_ending_is_no_fault(as_manager: Client, name: str) -> None:
    assert _brought(as_manager, csv_of([row()]), name).counts == {"n": 1}
    assert "/" not in Import.objects.get().name


def test_a_workbook_that_is_called_csv_is_read_as_what_it_is(as_manager: Client) -> None:
    cells = row()
    assert _brought(as_manager, _workbook([cells, cells.values()]), "keys.csv").counts == {"n": 1}


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        (b'"Broken;%s;MAK;Windows 11 Enterprise;x64;150\r\n', "A quotation mark in this row is not closed"),
        (b"Nul\0;%s;MAK;Windows 11 Enterprise;x64;150\r\n", "NUL"),
        ("Müller;%s;MAK;Windows 11 Enterprise;x64;150\r\n".encode("cp1252"), "encoding"),
        (b"Short;%s;MAK\r\n", "Windows"),
    ],
    ids=["quotation mark", "NUL", "another encoding", "too short"],
)
def test_a_broken_row_is_refused_with_the_reason_and_the_others_are_ready(
    as_manager: Client, bent: bytes, said: str
) -> None:
    good = csv_of([row(Name="Größe"), row(Name="Köln")])
    imp = _brought(
        as_manager, good + bent % new_code().open().encode() + csv_of([row(Name="Süd")])[3:].split(b"\n", 1)[1]
    )
    assert imp.counts == {"n": 3, "r": 1}
    assert said.casefold() in unescape(page(as_manager, imp, outcome="r")).casefold()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1,23457E+24", "A spreadsheet has turned the product key into something else"),
        ("44927", "A spreadsheet has turned the product key into something else"),
        ("01.01.2023", "A spreadsheet has turned the product key into something else"),
        ("#NAME?", "A spreadsheet has turned the product key into something else"),
        ("•••••-•••••-•••••-•••••-7Q4KM", "The product key is masked here"),
        ("", "There is no product key in this row"),
    ],
)
def test_a_key_that_a_spreadsheet_has_mangled_is_refused_with_the_reason(
    as_manager: Client, cell: str, said: str
) -> None:
    imp = _brought(as_manager, csv_of([row(), row(), row(Product_key=cell)]))
    assert imp.counts == {"n": 2, "r": 1}
    assert said in unescape(page(as_manager, imp, outcome="r"))


def test_the_second_row_with_a_key_is_refused_and_names_the_first(as_manager: Client) -> None:
    twice = new_code().open()
    imp = _brought(as_manager, csv_of([row(Product_key=twice), row(), row(Product_key=twice)]))
    assert imp.counts == {"n": 2, "r": 1}
    assert "The same product key stands in line 2 of this file." in page(as_manager, imp, outcome="r")


def test_a_scope_that_the_person_may_not_write_to_takes_no_key(berlin: Scope, bonn: Scope) -> None:
    client = signed_in(person_in(berlin, "Key manager"))
    rows = [row() | {"Scope": "Berlin"}, row() | {"Scope": "Bonn"}, row() | {"Scope": ""}]
    imp = _brought(client, csv_of(rows, (*HEADS, "Scope")))
    assert imp.counts == {"n": 1, "r": 2}
    html = unescape(page(client, imp, outcome="r"))
    assert "“Bonn”" in html


def test_headings_over_the_wrong_columns_are_noticed(as_manager: Client) -> None:
    rows = [row() for _ in range(3)]
    swapped = [cells | {"Name": cells["Product key"], "Product key": cells["Name"]} for cells in rows]
    imp = _brought(as_manager, csv_of(swapped))
    assert imp.counts == {"n": 3}
    assert not any(cells["Product key"][:17] in page(as_manager, imp) for cells in rows)


def test_the_page_of_10_000_errors_costs_no_more_than_that_of_250(as_manager: Client) -> None:
    def cost(count: int) -> tuple[int, int]:
        bad = row(Quantity="none of that", Type="Unknown")
        imp = _brought(as_manager, csv_of([bad | {"Type": f"Unknown {number}"} for number in range(count)]))
        assert imp.counts == {"r": count}
        with CaptureQueriesContext(connection) as queries:
            html = as_manager.get(reverse("productkeys:import", args=[imp.pk]), {"outcome": "r"}).content
        return len(queries), len(html)

    few, many = cost(250), cost(10_000)
    assert many[0] <= few[0]
    assert many[1] <= few[1] * 1.05


def test_a_part_of_an_agreement_without_its_number_is_refused_and_says_what_to_do(as_manager: Client) -> None:
    imp = _brought(as_manager, csv_of([row() | {"Händler": "Reseller"}], (*HEADS, "Händler")))
    assert imp.counts == {"r": 1}
    assert "This row names details of an agreement, but not its number." in page(as_manager, imp)
    steps.change_plan(imp, defaults={"agreement": "4500-1"}, origin=Origin(imp.person))
    assert checked_import(imp).counts == {"n": 1}
