"""AVMA and ESU keys exist for some systems only: those are offered, and any other is refused."""

import pytest
from django.test import Client
from django.urls import reverse

from productkeys.models import OperatingSystem, reference
from tests.factories import MAK, posted
from tests.factories import stored as stored_key
from tests.made_up_keys import made_up_key
from tests.wizard import Wizard, stored

pytestmark = pytest.mark.django_db

GUESTS = {
    "windows-server-2025",
    "windows-server-2022",
    "windows-server-2019",
    "windows-server-2016",
    "windows-server-2012-r2",
    "windows-server-sac-1809-20h2",
    "windows-server-1803",
    "windows-server-1709",
}
WITH_ESU = {
    "windows-10",
    "windows-10-enterprise-ltsb-2016",
    "windows-7",
    "windows-server-2016",
    "windows-server-2012-r2",
    "windows-server-2012",
    "windows-server-2008-r2",
    "windows-server-2008",
}


@pytest.mark.parametrize(("key_type", "systems"), [("avma", GUESTS), ("esu", WITH_ESU)])
def test_only_the_systems_that_have_such_keys_are_offered(as_manager: Client, key_type: str, systems: set[str]) -> None:
    page = Wizard(as_manager).describe(key_type)

    assert set(page.form.options["key-operating_system"]) == {"", *systems}


def test_every_system_is_offered_for_a_mak(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("mak")

    assert len(page.form.options["key-operating_system"]) == 1 + OperatingSystem.objects.count()


def test_only_the_editions_of_guests_are_offered_for_avma(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("avma")
    assert "ServerMultiPointPremium" not in page.form.options["key-edition"]

    page.send(operating_system="windows-server-2016", do="update")

    assert page.form.options["key-edition"] == ["", "ServerStandard", "ServerDatacenter", "ServerSolution"]


@pytest.mark.parametrize(
    ("key_type", "product", "field", "error"),
    [
        ("avma", ("windows-11", "Enterprise"), "operating_system", "There is no AVMA key for Windows 11."),
        ("avma", ("windows-server-2012", "ServerStandard"), "operating_system", "There is no AVMA key for Windows"),
        ("avma", ("windows-server-2016", "ServerMultiPointPremium"), "edition", "There is no AVMA key for Windows"),
        ("esu", ("windows-11", ""), "operating_system", "There are no Extended Security Updates for Windows 11."),
        ("esu", ("windows-10-enterprise-ltsc-2021", ""), "operating_system", "There are no Extended Security Updates"),
    ],
)
def test_what_was_not_offered_is_refused(
    as_manager: Client, key_type: str, product: tuple[str, str], field: str, error: str
) -> None:
    system, edition = product
    page = Wizard(as_manager).describe(key_type)

    page.send(code=made_up_key(1), operating_system=system, edition=edition)

    assert page.step == "key"
    assert page.errors[field][0].startswith(error)


def test_an_esu_key_of_windows_10_is_stored(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("esu")

    page.send(code=made_up_key(1), operating_system="windows-10", quantity="250")

    assert stored("Head office").operating_system_id == "windows-10"


def test_a_system_that_the_new_type_does_not_know_is_chosen_anew(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("mak")
    page.send(operating_system="windows-11", edition="Enterprise", wizard_goto_step="general")

    page.describe("avma")

    assert (page.value("operating_system"), page.value("edition")) == ("", "")
    assert "ServerDatacenter" in page.form.options["key-edition"]


def test_the_edit_page_offers_every_system_and_takes_no_more_than_that(as_manager: Client) -> None:
    """Its type is a field like the others, and may be the one that is wrong."""
    key = stored_key(MAK, key_type="esu", operating_system_id="windows-10", edition="")
    address = reverse("productkeys:edit", args=[key.pk])

    page = as_manager.get(address).content.decode()
    assert '<option value="windows-10" selected>' in page
    assert '<option value="windows-server-2025"' in page
    assert '<option value="" selected>all editions</option>' in page
    answer = as_manager.post(address, posted(key, operating_system="windows-11"))

    assert answer.context["form"].errors["operating_system"][0].startswith("There are no Extended Security Updates")


def test_a_type_chosen_by_mistake_takes_no_system_away(as_manager: Client) -> None:
    key = stored_key(MAK)

    answer = as_manager.post(reverse("productkeys:edit", args=[key.pk]), posted(key, key_type="avma", quantity=""))

    assert answer.context["form"].errors["operating_system"][0].startswith("There is no AVMA key for Windows 11.")
    assert '<option value="windows-11" selected>' in answer.content.decode()
    assert '<option value="Enterprise" selected>' in answer.content.decode()


@pytest.mark.parametrize("address", ["productkeys:edit", "admin:productkeys_productkey_change"])
def test_a_mak_declared_as_esu_by_mistake_is_corrected_in_one_go(as_manager: Client, address: str) -> None:
    key = stored_key(MAK, key_type="esu", operating_system_id="windows-10", edition="")
    right = {"key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise"}

    page = as_manager.get(reverse(address, args=[key.pk])).content.decode()
    for value in right.values():
        assert f'<option value="{value}"' in page
    as_manager.post(reverse(address, args=[key.pk]), posted(key, **right))

    key.refresh_from_db()
    assert (key.key_type, key.operating_system_id, key.edition) == ("mak", "windows-11", "Enterprise")


def test_a_system_that_an_administrator_marks_is_offered_too(as_manager: Client) -> None:
    system = OperatingSystem.objects.get(pk="windows-server-2019")
    system.has_esu = True
    system.save()

    assert "windows-server-2019" in Wizard(as_manager).describe("esu").form.options["key-operating_system"]
    reference.forget()
