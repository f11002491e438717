"""What texts of a file mean, and what holds for all its rows, as people say it in the preview."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.forms.import_plan import ValuesForm
from productkeys.models import Import, Scope
from productkeys.services.importing.plan import Plan, Unknown
from productkeys.services.origin import Origin
from tests.factories import stored
from tests.imports import act, brought, checked_import, page, row, text_of
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db


def _values_of(html: str, text: str) -> str:
    """The name of the field in which one says what `text` means."""
    found = re.search(rf'name="(\w+)" aria-label="What “{re.escape(text)}” means"', html)
    assert found
    return found[1]


# Texts


def test_a_text_that_nobody_understood_is_said_once_for_all_rows(as_manager: Client) -> None:
    imp = brought(as_manager, *(row(Type="Multi Lizenz") for _ in range(3)))
    html = page(as_manager, imp)
    assert "Type · 3 rows" in text_of(html)
    act(as_manager, imp, "values", {_values_of(html, "Multi Lizenz"): "mak"})
    imp = checked_import(Import.objects.get())
    assert imp.counts == {"n": 3}
    html = page(as_manager, imp)
    assert "decided by you" in html
    act(as_manager, imp, "values", {_values_of(html, "Multi Lizenz"): ""})
    assert checked_import(Import.objects.get()).counts == {"r": 3}


def test_of_many_unknown_texts_those_in_most_rows_come_first_and_the_page_stays_small(as_manager: Client) -> None:
    rows = [row(Product=f"Fenster {number} Enterprise", Type=f"Volume {number}") for number in range(99)]
    imp = brought(as_manager, *rows, *(row(Type="Multi Lizenz") for _ in range(3)))
    html = page(as_manager, imp)
    assert html.count('aria-label="What “') == ValuesForm.AT_ONCE
    assert "Type · 3 rows" in text_of(html)
    assert "169 more texts wait" in html
    assert len(html) < 450_000
    act(as_manager, imp, "values", {_values_of(html, "Multi Lizenz"): "mak"})
    html = page(as_manager, checked_import(Import.objects.get()))
    assert "168 more texts wait" in html
    assert "decided by you" in html


def test_a_key_among_the_texts_is_masked(manager: User) -> None:
    key = made_up_key(12)
    plan = Plan(unknown=(Unknown("key_type", key, 3),), values={"name": {f"x {key}": "y"}})
    form = ValuesForm(plan=plan, origin=Origin(manager))
    assert key[:5] not in str(form)
    assert len(form.fields) == 2


def test_what_a_text_may_mean_comes_first(as_manager: Client) -> None:
    html = page(as_manager, brought(as_manager, row(Product="Windows 11 Enterprse")))
    choices = html[html.index('label="Suggestions"') :]
    assert choices.index("Windows 11 Enterprise") < choices.index('label="All"')


# For all rows


def test_what_the_file_does_not_say_is_said_for_all_rows(as_manager: Client) -> None:
    as_manager.post(reverse("productkeys:import-new"), {"text": "\n".join(row()["Product key"] for _ in range(2))})
    imp = checked_import(Import.objects.get())
    assert imp.counts == {"r": 2}
    said = {"key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise", "architecture": "x64"}
    act(as_manager, imp, "defaults", said | {"quantity": "50", "existing": "change"})
    assert checked_import(Import.objects.get()).counts == {"n": 2}


def test_keys_that_are_there_can_be_left_alone(as_manager: Client) -> None:
    known = stored(quantity=10)
    imp = brought(as_manager, row(Product_key=known.code.open()))
    assert imp.counts == {"c": 1}
    act(as_manager, imp, "defaults", {"existing": "leave"})
    assert checked_import(Import.objects.get()).counts == {"s": 1, "remarked": 1}
    assert "The file says 150, the portal has 10. Not changed" in text_of(page(as_manager, Import.objects.get()))


def test_a_default_holds_no_key(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    answer = act(as_manager, imp, "defaults", {"existing": "change", "labels": made_up_key(5)})
    assert "A product key stands here" in answer.content.decode()
    assert made_up_key(5)[:17] not in answer.content.decode()
    answer = act(as_manager, imp, "defaults", {"existing": made_up_key(5), "key_type": made_up_key(6)})
    assert "Select a valid choice" in answer.content.decode()
    assert not any(key[:17] in answer.content.decode() for key in (made_up_key(5), made_up_key(6)))


def test_a_scope_is_offered_as_what_holds_for_all_rows_and_only_ones_own(
    as_manager: Client, berlin: Scope, bonn: Scope
) -> None:
    html = page(as_manager, brought(as_manager, row()))
    scopes = html[html.index('id="id_scope"') :]
    assert {berlin.name, bonn.name} <= set(re.findall(r">([^<]+)</option>", scopes[: scopes.index("</select>")]))
