"""Rows that the preview refuses: mended there one by one, or taken home as a file that says why."""

import csv
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from keyportal.people.models import User
from productkeys.domain.keycode import mask
from productkeys.models import Import
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, staging, steps
from productkeys.services.origin import Origin
from tests.imports import GOOD, HEADS, act, begun, bring, brought, checked_import, csv_of, row
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db


# One row


def test_a_row_is_mended_and_its_key_stays(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    html = unescape(as_manager.get(address).content.decode())
    assert "Leave it empty to keep the key of the file: •••••" in html
    form = {"name": "Branch Kiel", "key_type": "mak", "product": "windows-11/Enterprise", "architecture": "x64"}
    answer = as_manager.post(address, form | {"quantity": "20"})
    assert answer.status_code == 302
    assert staging.rows_of(imp.chunks.get())[0].mended == {"quantity": "20"}
    assert checked_import(Import.objects.get()).counts == {"n": 1}


def test_a_row_with_a_typing_error_is_mended_or_insisted_on(as_manager: Client) -> None:
    key = made_up_key(31)
    wrong = key[:-1] + ("B" if key[-1] != "B" else "C")
    imp = brought(as_manager, row(Product_key=wrong))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    html = as_manager.get(address).content.decode()
    assert "typing_confirmed" in html
    form = {"name": "Branch Kiel", "key_type": "mak", "product": "windows-11/Enterprise", "architecture": "x64"}
    as_manager.post(address, form | {"quantity": "150", "typing_confirmed": "on"})
    assert checked_import(Import.objects.get()).counts == {"n": 1}


def test_labels_of_several_columns_are_mended_together(as_manager: Client) -> None:
    heads = (*HEADS, "Labels", "Tags")
    bring(as_manager, csv_of([row(Quantity="0", Labels="Laptops", Tags="2026; old")], heads))
    imp = checked_import(Import.objects.get())
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    sent = {field.name: field.value() or "" for field in as_manager.get(address).context["form"]}
    assert sent["labels"] == "Laptops; 2026; old"
    as_manager.post(address, sent | {"quantity": "20", "labels": "Laptops; 2026"})
    (mended,) = preview.page(imp).rows
    assert mended.values["labels"] == ["Laptops", "2026"]


def test_a_key_in_a_comment_is_masked_where_the_row_is_mended_and_can_be_taken_out(as_manager: Client) -> None:
    other = made_up_key(79)
    data = csv_of([row(Comment=f"instead of {other}"), *(row(Comment="x") for _ in range(2))], (*HEADS, "Comment"))
    imp = checked_import(begun(as_manager, data))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    answer = as_manager.get(address)
    assert other not in answer.content.decode()
    sent = {field.name: field.value() or "" for field in answer.context["form"]}
    assert sent["comment"] == f"instead of {mask(other[-5:])}"
    as_manager.post(address, sent | {"comment": ""})
    assert checked_import(Import.objects.get()).counts == {"n": 3}


def test_a_row_that_is_still_refused_says_so_again(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    form = {"name": "Branch Kiel", "key_type": "mak", "product": "windows-11/Enterprise", "architecture": "x64"}
    answer: Any = as_manager.post(address, form | {"quantity": "0"}, follow=True)
    assert answer.redirect_chain[-1][0] == address
    assert "Quantity:" in answer.content.decode()


@pytest.mark.parametrize("index", [1, 10**8])
def test_a_row_that_is_not_there_is_not_found(as_manager: Client, index: int) -> None:
    imp = brought(as_manager, row())
    assert as_manager.get(reverse("productkeys:import-row", args=[imp.pk, index])).status_code == 404


# All of them


def test_refused_rows_go_home_as_a_file_that_says_why(as_manager: Client) -> None:
    bad = row(Quantity="many")
    imp = brought(as_manager, row(), bad)
    answer: Any = act(as_manager, imp, "refused")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "no-store" in answer["Cache-Control"]
    assert bad["Product key"] in text
    assert "many" in text.splitlines()[1]
    assert len(text.splitlines()) == 2


def test_what_was_mended_without_a_column_goes_home_too_and_is_understood_when_it_comes_again(
    as_manager: Client, manager: User
) -> None:
    heads = ("Name", "Product key", "Product", "Quantity")
    bad, other = row(Quantity="many"), row(Quantity="none")
    imp = checked_import(
        begun(as_manager, csv_of([{head: cells[head] for head in heads} for cells in (bad, other)], heads))
    )
    steps.mend(imp, 0, {"key_type": "mak", "operating_system": "windows-10", "edition": "Pro"}, origin=Origin(manager))
    imp = checked_import(Import.objects.get())
    answer: Any = act(as_manager, imp, "refused")
    data = b"".join(answer.streaming_content)
    head, first, second = csv.reader(data.decode("utf-8-sig").splitlines())
    assert head == [*heads, "key_type", "operating_system", "edition", "Why refused"]
    assert first[2:7] == ["", "many", "mak", "windows-10", "Pro"]
    assert second[2:7] == [GOOD["Product"], "none", "", "", ""]
    assert plans.read(begun(as_manager, data)).fields[4:7] == ("key_type", "operating_system", "edition")


def test_refused_rows_are_a_file_that_the_readers_excel_opens(as_manager: Client, manager: User) -> None:
    User.objects.filter(pk=manager.pk).update(language="de")
    with translation.override("de"):
        answer: Any = act(as_manager, brought(as_manager, row(Quantity="many")), "refused")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.startswith('"Name";"Product key";')
