"""Keys as people write them into mails: a word of greeting, a line for each key, words around it, a sum at the end."""

import re

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.keycode import mask
from productkeys.models import Import, ProductKey
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.preview import PreviewRow
from productkeys.services.origin import Origin
from tests.bringing import HEADS, brought, imported, line
from tests.factories import new_code, stored
from tests.imports import page

pytestmark = pytest.mark.django_db


def _pasted(text: str, person: User, **defaults: str) -> Import:
    imp = steps.begin(text.encode(), name="", origin=Origin(person))
    steps.change_plan(imp, defaults=defaults, origin=Origin(person))
    worker.carry_out(imp)
    return imp


def _row(text: str, person: User) -> PreviewRow:
    row = preview.row(_pasted(text, person), 0)
    assert row is not None
    return row


def _key() -> str:
    return new_code().open()


def test_the_keys_of_a_letter_are_found_and_its_other_lines_are_no_keys(manager: User) -> None:
    letter = f"""Hallo Frau Schmidt,

anbei die Schlüssel:

Windows 11 Enterprise MAK: {_key()}
- Windows 10 Education, MAK, {_key()}
Office LTSC 2021: {_key()}

Mit freundlichen Grüßen
Tel. 0421 12345-678
"""
    imp = _pasted(letter, manager, quantity="50")
    assert imp.counts == {"n": 2, "x": 1, "r": 3}
    rows = preview.page(imp).rows
    assert [row.number for row in rows if row.outcome is Outcome.REFUSED] == [3, 9, 10]
    assert {problem.field for row in rows for problem in row.problems} == {"code"}
    assert plans.read(imp).unknown == ()
    imported(imp)
    stored_keys = ProductKey.objects.filter(import_uid=imp.uid).values_list(
        "operating_system_id", "edition", "key_type"
    )
    assert set(stored_keys) == {("windows-11", "Enterprise", "mak"), ("windows-10", "Education", "mak")}


def test_the_example_of_a_column_of_keys_is_one_of_them(as_manager: Client, manager: User) -> None:
    key = _key()
    imp = _pasted(f"Hallo,\n\nanbei der Schlüssel:\nWindows 11 Pro: {key}\n", manager)
    (example,) = plans.read(imp).samples
    assert example == f"Windows 11 Pro: {key}"
    shown = page(as_manager, imp)
    assert key not in shown
    assert f"Windows 11 Pro: {mask(key[-5:])}" in re.sub("<[^>]+>", "", shown)


@pytest.mark.parametrize(
    ("around", "name"),
    [
        ("Windows 11 Enterprise: {}", "Windows 11 Enterprise {last_five}"),
        ("{} (Windows 11 Enterprise)", "Windows 11 Enterprise {last_five}"),
        ("4) Windows 11 Enterprise Key = {}", "Windows 11 Enterprise {last_five}"),
        ("12. {} – Laptop of the fair", "Laptop of the fair"),
        ("1. {}", ""),
        ("Product key: {}", ""),
        ("Produktschlüssel {}", ""),
    ],
)
def test_the_words_around_a_key_say_what_it_is_for(manager: User, around: str, name: str) -> None:
    key = _key()
    row = _row(around.format(key), manager)
    assert row.values["name"] == name.format(last_five=key[-5:])
    assert row.last_five == key[-5:]


def test_what_a_list_says_in_cells_of_its_own_counts_alone(manager: User) -> None:
    cells = line(f"{_key()} Windows 10 Pro", Bezeichnung="Filiale Kiel")
    (row,) = preview.page(brought([cells], manager)).rows
    assert (row.values["name"], row.values["operating_system"]) == ("Filiale Kiel", "windows-11")


def test_the_words_around_a_key_that_is_stored_change_nothing_of_it(manager: User) -> None:
    key = stored(name="Filiale Köln")
    assert _row(f"Windows 10 Pro OEM: {key.code.open()}", manager).outcome is Outcome.SAME


def test_the_line_of_a_sum_says_no_more_than_that_it_has_no_key(manager: User) -> None:
    total = ["", "", "Summe", "", "", "1561"]
    imp = brought([line(), total], manager, heads=HEADS)
    row = preview.row(imp, 1)
    assert row is not None
    assert [problem.field for problem in row.problems] == ["code"]
    assert plans.read(imp).unknown == ()


def test_a_row_with_a_product_and_no_key_still_says_all_that_it_lacks(manager: User) -> None:
    row = preview.row(brought([line("", Typ="Abo")], manager), 0)
    assert row is not None
    assert {problem.field for problem in row.problems} == {"code", "key_type"}


def test_a_name_that_follows_from_the_product_is_not_asked_for(manager: User) -> None:
    assert {problem.field for problem in _row(_key(), manager).problems} == {"key_type", "operating_system", "edition"}


@pytest.mark.parametrize("word", ["Einzellizenz", "Einzelplatzlizenz", "Vollversion"])
def test_single_licences_are_retail_in_german(manager: User, word: str) -> None:
    (row,) = preview.page(brought([line(Typ=word, Menge="")], manager)).rows
    assert (row.outcome, row.values["key_type"]) == (Outcome.NEW, "retail")
