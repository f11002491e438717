"""MAK with "installation" or with both: refused, only activation. And the page says so before anything is sent."""

import pytest
from django.test import Client

from productkeys.models import ProductKey
from tests.made_up_keys import made_up_key
from tests.wizard import WINDOWS_11_ENTERPRISE, Wizard, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_2(as_manager: Client) -> Wizard:
    return Wizard(as_manager).describe("mak")


@pytest.mark.parametrize("usage", ["installation", "installation_and_activation"])
def test_a_mak_for_installation_is_refused(page_2: Wizard, usage: str) -> None:
    page_2.send(code=made_up_key(40), quantity="10", usage=usage, **WINDOWS_11_ENTERPRISE)

    assert page_2.errors.keys() == {"usage"}
    assert page_2.errors["usage"][0].startswith("A MAK can be used for activation only. Choose “Activation”")
    assert not ProductKey.objects.filter(published=False).exists()


def test_after_the_refusal_activation_is_chosen_and_the_page_can_be_sent_again(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(40), quantity="10", usage="installation", **WINDOWS_11_ENTERPRISE)
    assert page_2.value("usage") == "activation"

    page_2.send()

    assert stored("Head office").usage == "activation"


def test_the_page_locks_what_a_mak_cannot_do_and_says_why(page_2: Wizard) -> None:
    text = page_2.text

    assert text.count(' disabled aria-describedby="usage-why"') == 2
    assert text.count("Not with a MAK") == 2
    assert "<strong>A MAK can be used for activation only.</strong> Used for installation, it makes" in text


@pytest.mark.parametrize("key_type", ["gvlk", "retail", "oem"])
def test_other_keys_may_also_install(as_manager: Client, key_type: str) -> None:
    page = Wizard(as_manager).describe(key_type)

    assert "usage-why" not in page.text
    page.send(code=made_up_key(40), usage="installation", **WINDOWS_11_ENTERPRISE)
    assert stored("Head office").usage == "installation"


def test_a_duplicate_of_a_retail_key_turned_into_a_mak_only_activates(as_manager: Client) -> None:
    Wizard(as_manager).describe("retail").send(
        code=made_up_key(40), usage="installation_and_activation", **WINDOWS_11_ENTERPRISE
    )
    page = Wizard(as_manager, f"{stored('Head office').get_absolute_url()}duplicate/")

    page.send(key_type="mak").send(code=made_up_key(41), quantity="3", usage="installation_and_activation")

    assert "usage" in page.errors
