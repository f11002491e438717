"""Going back, reloading, changing the language, coming too late: nothing that was typed for a new key is lost."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from productkeys.models import ProductKey
from tests.made_up_keys import made_up_key
from tests.wizard import ADD, Wizard, stored
from tests.wizard import WINDOWS_11_ENTERPRISE as W11

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_2(as_manager: Client) -> Wizard:
    """The second page for a MAK called "Head office"."""
    return Wizard(as_manager).describe("mak", comment="Agreement 2024")


def test_back_keeps_page_2_and_does_not_judge_it(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(14), quantity="0", **W11, wizard_goto_step="general")
    assert (page_2.step, page_2.value("name"), page_2.errors) == ("general", "Head office", {})

    page_2.send(name="Branch")

    assert (page_2.step, page_2.errors) == ("key", {})
    assert page_2.value("quantity") == "0"
    assert (page_2.value("operating_system"), page_2.value("edition")) == ("windows-11", "Enterprise")
    page_2.send(quantity="5")
    assert stored("Branch").code.open() == made_up_key(14)


def test_another_type_after_going_back_unlocks_its_uses(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(14), quantity="3", **W11, wizard_goto_step="general").send(key_type="retail")
    assert 'value="installation" id="usage-i" disabled' not in page_2.text

    page_2.send(usage="installation")

    assert stored("Head office").usage == "installation"


def test_a_type_that_forbids_the_chosen_use_takes_it_back_to_activation(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("retail").send(usage="installation", code=made_up_key(14), **W11, do="keep")
    page.open(page.url).send(wizard_goto_step="general").send(key_type="mak")

    assert page.value("usage") == "activation"


def test_a_reload_shows_the_page_as_it_was_sent(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(15), quantity="0", **W11).reload()

    assert (page_2.step, page_2.errors, page_2.value("quantity")) == ("key", {}, "0")
    page_2.send(quantity="1")
    assert stored("Head office").code.open() == made_up_key(15)


def test_a_change_of_language_loses_nothing(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(15), quantity="0", **W11)

    page_2.client.post(reverse("people:language"), {"language": "de", "next": page_2.url})
    page_2.reload()

    assert 'lang="de"' in page_2.text
    assert (page_2.value("quantity"), page_2.value("edition")) == ("0", "Enterprise")
    page_2.send(quantity="1")
    assert stored("Head office").code.open() == made_up_key(15)


def test_what_is_not_sent_yet_can_be_kept_before_the_page_is_left(page_2: Wizard) -> None:
    """As wizard.js does before a change of language or theme."""
    form = page_2.form
    answer = page_2.client.post(form.action, form.fields | {"key-code": made_up_key(15), "do": "keep"})
    assert (answer.status_code, answer.content) == (204, b"")

    page_2.reload()

    assert f"{made_up_key(15)[-5:]} kept" in page_2.text


def test_page_1_is_kept_as_well(as_manager: Client) -> None:
    page = Wizard(as_manager).send(key_type=None, name="Half", comment="done")

    page.reload()

    assert (page.step, page.errors, page.value("name"), page.value("comment")) == ("general", {}, "Half", "done")


# Choices.


def test_only_editions_and_architectures_that_exist_are_offered(page_2: Wizard) -> None:
    page_2.send(operating_system="windows-11", edition="Enterprise", do="update")

    options = page_2.form.options
    assert "Enterprise" in options["key-edition"]
    assert "ServerStandard" not in options["key-edition"]
    assert set(options["key-architecture"]) == {"any", "x64", "arm64"}
    assert "Windows 11 does not exist for x86." in page_2.text


def test_updating_the_choices_judges_nothing_and_loses_nothing(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(16), quantity="0", operating_system="windows-11", do="update")

    assert (page_2.errors, page_2.value("quantity")) == ({}, "0")
    assert f"{made_up_key(16)[-5:]} kept" in page_2.text


# Sent twice, too late, tampered with, without the right.


def test_sent_twice_the_second_is_told_that_the_key_is_stored(page_2: Wizard) -> None:
    data = {"code": made_up_key(19), "quantity": "1"} | W11
    page_2.answer(**data)

    second = page_2.answer(**data)

    assert second["Location"] == f"{reverse('productkeys:list')}?open={stored('Head office').pk}"
    assert ProductKey.objects.filter(published=False).count() == 1


def test_back_in_the_browser_after_finishing_leads_to_the_stored_key(page_2: Wizard) -> None:
    where = page_2.url
    page_2.send(code=made_up_key(19), quantity="1", **W11)

    page_2.open(where)

    assert page_2.url.endswith(f"?open={stored('Head office').pk}")
    assert "This product key is stored already, as “Head office”." in [str(m) for m in page_2.page.context["messages"]]


def test_after_the_session_has_ended_page_2_is_kept_and_page_1_asked_for_again(page_2: Wizard) -> None:
    form = page_2.form
    other = Client()
    other.force_login(stored_person := page_2.page.wsgi_request.user)
    assert stored_person.is_authenticated
    lost = Wizard(other)
    lost.page = other.post(form.action, form.fields | {"key-code": made_up_key(20), "key-quantity": "4"}, follow=True)

    assert lost.step == "general"
    assert "not kept any more" in lost.text
    lost.describe("mak", "Branch")
    assert lost.value("quantity") == "4"
    lost.send(**W11)
    assert stored("Branch").code.open() == made_up_key(20)


def test_signed_out_by_time_nothing_breaks(page_2: Wizard) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        page_2.send(code=made_up_key(20), quantity="1", **W11)

    assert page_2.url.startswith(reverse("account_login"))
    assert not ProductKey.objects.filter(published=False).exists()


@pytest.mark.parametrize(
    "url", [f"{ADD}?flow=nonsense&step=key", f"{ADD}?flow={'0' * 32}&step=key", f"{ADD}?step=elsewhere"]
)
def test_an_address_without_a_flow_behind_it_shows_page_1(as_manager: Client, url: str) -> None:
    page = Wizard(as_manager, url)

    assert (page.page.status_code, page.step) == (200, "general")


@pytest.mark.parametrize("step", ["", "done", "key\0"])
def test_a_tampered_step_is_a_bad_request(page_2: Wizard, step: str) -> None:
    name = next(name for name in page_2.form.fields if name.endswith("current_step"))

    assert page_2.send(**{name: step}).page.status_code == 400


def test_a_tampered_flow_is_a_bad_request(page_2: Wizard) -> None:
    assert page_2.send(flow="../../etc").page.status_code == 400


def test_without_the_right_to_add_there_is_no_wizard(as_viewer: Client, page_2: Wizard) -> None:
    form = page_2.form

    assert as_viewer.get(ADD).status_code == 403
    assert as_viewer.post(form.action, form.fields | {"key-code": made_up_key(21)}).status_code == 403
    assert as_viewer.post(reverse("productkeys:recognise"), form.fields).status_code == 403


def test_a_key_in_the_address_is_refused(as_manager: Client) -> None:
    assert as_manager.get(ADD, {"key-code": made_up_key(21)}).status_code == 400
