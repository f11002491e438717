"""A published key is recognised as soon as it is pasted: what it is, where it is, and that it is of another type."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from productkeys.models import ProductKey
from tests.made_up_keys import made_up_key
from tests.wizard import WINDOWS_11_ENTERPRISE, Wizard, stored

pytestmark = pytest.mark.django_db

WINDOWS_11_PRO = "w269n wfgwx-yvc9b 4j6c9 t83gx"
SERVER_2022_GUEST = "W3GNR-8DDXR-2TFRP-H8P33-DV9BG"
RECOGNISE = reverse("productkeys:recognise")


@pytest.fixture
def page_2(as_manager: Client) -> Wizard:
    return Wizard(as_manager).describe("mak")


def _paste(page: Wizard, trigger: str = "key-code", **changes: str) -> Any:
    """What htmx sends when a field of page 2 has changed, and the page that comes back."""
    fields = page.form.fields | {f"key-{name}": value for name, value in changes.items()}
    answer = page.client.post(RECOGNISE, fields, headers={"HX-Request": "true", "HX-Trigger-Name": trigger})
    seen = Wizard.__new__(Wizard)
    seen.client, seen.page, seen.url = page.client, answer, page.url
    return seen


def test_pasting_it_fills_in_product_edition_and_architecture(as_manager: Client) -> None:
    page = _paste(Wizard(as_manager).describe("gvlk"), code=WINDOWS_11_PRO)

    assert page.value("operating_system") == "windows-11-windows-10"
    assert (page.value("edition"), page.value("architecture")) == ("Professional", "any")


def test_a_key_that_is_refused_leaves_no_product_behind(page_2: Wizard) -> None:
    page = _paste(page_2, code=WINDOWS_11_PRO, operating_system="windows-server-2022", edition="ServerDatacenter")
    assert (page.value("operating_system"), page.value("edition")) == ("windows-server-2022", "ServerDatacenter")
    page_2.send(code=WINDOWS_11_PRO, quantity="10")
    assert page_2.value("operating_system") == ""


def test_w269n_pasted_as_a_mak_is_said_to_be_the_gvlk_of_windows_11_pro(
    page_2: Wizard, standard_keys: QuerySet[ProductKey]
) -> None:
    page = _paste(page_2, code=WINDOWS_11_PRO)

    assert "This is no MAK key but the published GVLK of Windows 11 Pro / Windows 10 Pro." in page.text
    entry = standard_keys.get(last_five="T83GX")
    assert f'<a href="{entry.get_absolute_url()}">Windows 11 Pro / Windows 10 Pro</a>' in page.text


def test_w269n_typed_as_a_mak_is_refused(page_2: Wizard) -> None:
    page_2.send(code=WINDOWS_11_PRO, quantity="10", **WINDOWS_11_ENTERPRISE)

    assert page_2.errors["code"][0].startswith("This is no MAK key but the published GVLK of Windows 11 Pro")


def test_w3gnr_is_an_avma_key_and_neither_gvlk_nor_mak_nor_retail(as_manager: Client) -> None:
    for declared in ("gvlk", "mak", "retail"):
        page = Wizard(as_manager).describe(declared)
        page.send(
            code=SERVER_2022_GUEST, operating_system="windows-server-2022", edition="ServerDatacenter", quantity=""
        )
        assert "but the published AVMA of Windows Server 2022 Datacenter" in page.errors["code"][0]


def test_t83gy_is_a_possible_typing_error_and_never_called_invalid(page_2: Wizard) -> None:
    page = _paste(page_2, code="W269N-WFGWX-YVC9B-4J6C9-T83GY")

    assert "Possible typing error" in page.text
    assert "invalid" not in page.text.replace("is-invalid", "").replace("aria-invalid", "")


def test_declared_as_what_it_is_it_needs_no_adding(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("gvlk").send(code=WINDOWS_11_PRO, do="update").send()

    assert page.errors["code"][0].startswith(
        "The published GVLK of Windows 11 Pro / Windows 10 Pro comes with the portal. There is nothing to add"
    )


def test_contradicting_it_is_an_error_that_says_what_it_is(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("gvlk").send(code=WINDOWS_11_PRO, **WINDOWS_11_ENTERPRISE)

    assert page.errors["code"][0].startswith(
        "This published GVLK belongs to Windows 11 Pro / Windows 10 Pro, and the product or architecture chosen here"
    )


def test_without_javascript_sending_the_page_fills_in_the_product(as_manager: Client) -> None:
    page_2 = Wizard(as_manager).describe("gvlk")
    page_2.send(code=WINDOWS_11_PRO, quantity="")

    assert (page_2.value("operating_system"), page_2.value("edition")) == ("windows-11-windows-10", "Professional")
    assert "operating_system" not in page_2.errors


def test_without_javascript_a_button_updates_the_choices(as_manager: Client, page_2: Wizard) -> None:
    gvlk = Wizard(as_manager).describe("gvlk")
    gvlk.send(code=WINDOWS_11_PRO, do="update")
    page_2.send(code=WINDOWS_11_PRO, do="update")

    assert (gvlk.value("operating_system"), gvlk.errors) == ("windows-11-windows-10", {})
    assert "but the published GVLK of Windows 11 Pro" in page_2.text


def test_a_product_that_was_chosen_stays_when_the_page_is_sent(page_2: Wizard) -> None:
    page_2.send(code=WINDOWS_11_PRO, **WINDOWS_11_ENTERPRISE)

    assert (page_2.value("operating_system"), page_2.value("edition")) == ("windows-11", "Enterprise")


def test_changing_the_product_afterwards_is_respected(page_2: Wizard) -> None:
    page = _paste(page_2, trigger="key-operating_system", code=WINDOWS_11_PRO, operating_system="windows-10")

    assert page.value("operating_system") == "windows-10"


def test_a_key_of_ones_own_passes_the_checks_that_can_be_made(page_2: Wizard) -> None:
    page = _paste(page_2, code=made_up_key(50))

    for check in ("25 characters", "no typing error found", "not stored yet", "no GVLK"):
        assert check in page.text


def test_a_stored_key_is_recognised_with_a_link_to_its_entry(as_manager: Client, page_2: Wizard) -> None:
    Wizard(as_manager).describe("retail", "Branch").send(code=made_up_key(50), **WINDOWS_11_ENTERPRISE)

    page = _paste(page_2, code=made_up_key(50))

    assert "This product key is stored already, as “Branch”." in page.text
    assert f'href="{stored("Branch").get_absolute_url()}"' in page.text


def test_a_mistyped_key_offers_to_insist(page_2: Wizard) -> None:
    page = _paste(page_2, code="W269N-WFGWX-YVC9B-4J6C9-T83GY")

    assert 'type="checkbox" name="key-typing_confirmed"' in page.text


def test_choosing_a_system_offers_the_editions_that_it_has(page_2: Wizard) -> None:
    page = _paste(page_2, trigger="key-operating_system", operating_system="windows-server-2022")

    editions = page.form.options["key-edition"]
    assert "ServerStandard" in editions
    assert "Professional" not in editions
    assert set(page.form.options["key-architecture"]) == {"any", "x64"}


def test_recognising_keeps_and_echoes_nothing(page_2: Wizard) -> None:
    page = _paste(page_2, code=made_up_key(51), operating_system="windows-11")

    assert made_up_key(51)[:10] not in page.text
    assert "no-store" in page.page["Cache-Control"]
    assert page_2.reload().value("operating_system") == ""
    assert made_up_key(51)[-5:] not in page_2.text


@pytest.mark.parametrize("quantity", ["ten", "0", ""])
def test_recognising_judges_nothing_else(page_2: Wizard, quantity: str) -> None:
    page = _paste(page_2, code=made_up_key(51), quantity=quantity, usage="installation", architecture="mips")

    assert 'class="kp-summary"' not in page.text
    assert page.value("quantity") == quantity


def test_it_is_asked_by_post_alone(as_manager: Client) -> None:
    assert as_manager.get(RECOGNISE).status_code == 405


def test_a_flow_that_is_gone_changes_nothing_on_the_page(page_2: Wizard) -> None:
    fields = page_2.form.fields
    page_2.client.session.flush()
    page_2.client.force_login(page_2.page.wsgi_request.user)

    assert page_2.client.post(RECOGNISE, fields).status_code == 204


def test_a_person_who_may_add_but_not_see_is_told_no_names(page_2: Wizard) -> None:
    person = page_2.page.wsgi_request.user
    person.user_permissions.remove(*person.user_permissions.filter(codename="view_productkey"))

    page = _paste(page_2, code=made_up_key(52))

    assert page.page.status_code == 403


def test_a_page_that_was_refused_is_judged_anew(page_2: Wizard) -> None:
    page_2.send(code="hello")
    assert page_2.errors.keys() == {"code", "quantity", "operating_system", "edition"}

    page = _paste(page_2, code=made_up_key(53), quantity="5")

    assert page.errors.keys() == {"operating_system", "edition"}
    assert made_up_key(53)[:10] not in page.text
    assert 'href="#id_key-code"' not in page.text
