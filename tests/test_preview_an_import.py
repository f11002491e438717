"""The preview of an import: what every row becomes, and what is shown of it."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from productkeys.forms.import_plan import ValuesForm
from productkeys.models import Import, ProductKey
from productkeys.models.importing import State
from productkeys.services.importing import plan as plans
from tests.factories import stored
from tests.imports import HEADS, act, begun, brought, checked_import, csv_of, page, row, text_of, workbook_of
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db


def test_every_row_says_what_becomes_of_it(as_manager: Client) -> None:
    known, same = stored(name="Kiel", quantity=10), stored(name="Branch Kiel", quantity=150)
    standard = ProductKey.objects.filter(published=True).first()
    assert standard
    imp = brought(
        as_manager,
        row(),
        row(Product_key=known.code.open(), Quantity="20"),
        row(Product_key=same.code.open()),
        row(Product_key=str(standard.public_code)),
        row(Product="Office LTSC 2021 Professional Plus"),
        row(Quantity="0"),
    )
    assert imp.counts == {"n": 1, "c": 1, "s": 1, "p": 1, "x": 1, "r": 1}
    words = " ".join(text_of(page(as_manager, imp)).split())
    for said in ("All 6", "New 1", "Changes a key 1", "Already there 1", "Standard key 1", "Not for Windows 1"):
        assert said in words
    assert "Quantity: 10 → 20" in words
    assert "Import 2 ready rows" in words
    assert f'href="{known.get_absolute_url()}"' in page(as_manager, imp)
    assert str(standard.public_code)[:-5] in words


def test_a_refused_row_says_why_and_what_to_do(as_manager: Client) -> None:
    imp = brought(as_manager, row(Architecture="x86"))
    words = " ".join(text_of(page(as_manager, imp)).split())
    assert "Architecture: Windows 11 was not made for x86 in this edition. Choose one of" in words
    assert "No row would be new or changed" in words


def test_rows_are_shown_by_outcome_and_page_after_page(as_manager: Client) -> None:
    rows = [row(Name=f"Good {number:03}") for number in range(60)]
    imp = brought(as_manager, *rows, row(Name="Bad one", Quantity="-4"))
    first = page(as_manager, imp)
    assert "Good 049" in first
    assert "Good 050" not in first
    assert 'href="?start=50#preview"' in first
    second = page(as_manager, imp, start=50)
    assert "Good 050" in second
    assert "Good 049" not in second
    refused = page(as_manager, imp, outcome="r")
    assert "Bad one" in refused
    assert "Good 0" not in refused.replace("Good 000</td>", "")


@pytest.mark.parametrize("query", [{"start": "x"}, {"start": "9" * 30}, {"start": "-1"}, {"outcome": "zzz"}])
def test_an_address_that_makes_no_sense_shows_what_there_is(as_manager: Client, query: dict[str, str]) -> None:
    assert 'id="preview"' in page(as_manager, brought(as_manager, row()), **query)


def test_ten_thousand_errors_are_a_page_like_any_other(as_manager: Client) -> None:
    bad = row(Quantity="none of that")
    imp = checked_import(begun(as_manager, csv_of([bad] * 10_000)))
    assert imp.counts == {"r": 10_000}
    html = page(as_manager, imp, outcome="r", start=9_000)
    assert len(html) < 250_000
    assert html.count(">Mend<") == 50
    assert "10,000" in html


def test_the_first_key_of_its_column_looks_like_every_masked_key(as_manager: Client) -> None:
    first = row()
    html = page(as_manager, brought(as_manager, first))
    assert f"<b>{first['Product key'][-5:]}</b></span></td></tr>" in html[: html.index('id="values"')]


def test_a_column_shows_what_stands_in_it_first_also_where_the_first_row_says_nothing(as_manager: Client) -> None:
    heads = (*HEADS, "Room")
    html = page(as_manager, begun(as_manager, csv_of([row(), row() | {"Room": "R 100"}], heads)))
    assert '<td role="cell" class="kp-muted">R 100</td>' in html


def test_what_a_new_key_brings_along_stands_in_a_line_of_its_own(as_manager: Client) -> None:
    heads = (*HEADS, "Labels")
    html = page(as_manager, begun(as_manager, csv_of([row() | {"Labels": "Kiel"}], heads)))
    assert '<li class="kp-also">Labels: Kiel</li>' in html


def test_no_key_is_on_the_page_wherever_it_stood_in_the_file(as_manager: Client) -> None:
    keys = [made_up_key(4_000 + number) for number in range(4)]
    heads = (*HEADS, keys[0])
    data = csv_of([row(Name=f"ask for {keys[1]}", Type=keys[2]) | {"Product key": keys[3], keys[0]: keys[0]}], heads)
    imp = checked_import(begun(as_manager, data))
    act(as_manager, imp, "format", {"encoding": "utf-8", "delimiter": ";", "header": "yes"})
    imp = checked_import(Import.objects.get())
    assert keys[0] in plans.read(imp).columns
    for address in ("import", "imports"):
        arguments = [imp.pk] if address == "import" else []
        answer = as_manager.get(reverse(f"productkeys:{address}", args=arguments))
        for key in keys:
            assert key[:17] not in unescape(answer.content.decode()), address
    answer = as_manager.get(reverse("productkeys:import-row", args=[imp.pk, 0]))
    assert not any(key[:17] in unescape(answer.content.decode()) for key in keys)
    assert "no-store" in answer["Cache-Control"]


def test_who_waits_for_the_check_asks_for_what_changes_alone(as_manager: Client) -> None:
    imp = brought(as_manager, *(row(Type=f"Volume {number}") for number in range(40)))
    address, asked = reverse("productkeys:import", args=[imp.pk]), {"HX-Request": "true"}
    Import.objects.update(state=State.CHECKING)
    html = as_manager.get(address, {"seen": "checking"}, headers=asked).content.decode()
    assert "<form" not in html
    assert "<select" not in html
    for part in ("import-progress", "preview-tabs", "preview-rows", "values", "decide", "import-actions"):
        assert f'id="{part}"' in html
    Import.objects.update(state=State.CHECKED)
    html = as_manager.get(address, {"seen": "checking"}, headers=asked).content.decode()
    assert html.count('aria-label="What “Volume') == ValuesForm.AT_ONCE
    assert 'id="columns"' not in html


def test_columns_that_are_only_kept_are_not_recognised(as_manager: Client) -> None:
    data = csv_of([row() | {"Colour": "red"}], (*HEADS, "Colour"))
    html = page(as_manager, checked_import(begun(as_manager, data)))
    assert "6 of 7 recognised" in html


def test_a_row_is_a_line_where_the_file_has_lines(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    assert ">Line</th>" in page(as_manager, imp)
    assert "Mend line 2" in page(as_manager, imp)
    imp = checked_import(begun(as_manager, workbook_of(Nord=[row(Quantity="many")])))
    assert ">Row</th>" in page(as_manager, imp)
    assert "Mend row 2" in page(as_manager, imp)
