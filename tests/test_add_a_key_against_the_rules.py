"""Adding a key is refused where the rules are broken: each with what is wrong and what to do, at its field."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from productkeys.models import ProductKey
from tests.made_up_keys import made_up_key, older_key
from tests.wizard import WINDOWS_11_ENTERPRISE as W11
from tests.wizard import Wizard, mistyped, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_2(as_manager: Client) -> Wizard:
    """The second page for a MAK called "Head office"."""
    return Wizard(as_manager).describe("mak", comment="Agreement 2024")


# What is refused, page 1.


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("key_type", None, "The type is missing. Choose what kind of licence the key stands for."),
        ("key_type", "volume", "This type is unknown. Choose one of those on offer."),
        ("name", "   ", "The name is missing. Choose one by which others recognise the key."),
        ("name", made_up_key(4), "This text contains a product key, and everybody can read it."),
        ("comment", f"It is {made_up_key(4)}.", "This text contains a product key, and everybody can read it."),
        ("comment", f"It is {made_up_key(4).lower()}.", "This text contains a product key, and everybody can read it."),
    ],
)
def test_page_1_is_refused_with(as_manager: Client, field: str, value: str | None, error: str) -> None:
    page = Wizard(as_manager).send(**{"key_type": "mak", "name": "Head office", "comment": "Agreement", field: value})

    assert page.step == "general"
    assert page.errors[field][0].startswith(error)


def test_a_refused_page_1_keeps_what_was_typed(as_manager: Client) -> None:
    page = Wizard(as_manager).send(key_type="kms_host", name="", comment="Ärger\nwith <b>it</b>")

    assert (page.value("key_type"), page.value("comment")) == ("kms_host", "Ärger\nwith <b>it</b>")


# What is refused, page 2.


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"quantity": ""}, "quantity", "A MAK key needs a quantity of at least 1."),
        ({"quantity": "0"}, "quantity", "A MAK key needs a quantity of at least 1."),
        ({"quantity": "-5"}, "quantity", "A MAK key needs a quantity of at least 1."),
        ({"quantity": "1.000"}, "quantity", "The quantity can be read in two ways. Write a whole number without"),
        ({"quantity": "2.5"}, "quantity", "The quantity is not a whole number."),
        ({"quantity": "ten"}, "quantity", "The quantity is not a whole number."),
        ({"quantity": "9999999"}, "quantity", "The quantity is more than 1,000,000."),
        ({"quantity": "9" * 30}, "quantity", "The quantity is more than 1,000,000."),
        ({"quantity": "9" * 500}, "quantity", "The quantity is not a whole number."),
        ({"code": ""}, "code", "The product key is missing."),
        ({"code": "A" + made_up_key(5)[1:]}, "code", "“A” does not occur in product keys (position 1 of 25)."),
        ({"code": made_up_key(5)[:-1]}, "code", "A product key has 25 characters; found here: 24."),
        ({"code": f"{made_up_key(5)} {made_up_key(6)}"}, "code", "There is more than one product key in this field."),
        ({"code": "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"}, "code", "This is a placeholder, not a product key."),
        ({"code": "B" * 500}, "code", "This text is too long for one product key."),
        ({"code": older_key(5)}, "code", "Keys for Windows 11 always hold the letter N, and this one does not."),
        ({"operating_system": ""}, "operating_system", "The operating system is missing."),
        ({"operating_system": "windows-12"}, "operating_system", "This operating system is unknown."),
        ({"edition": ""}, "edition", "The edition is missing."),
        ({"edition": "ServerStandard"}, "edition", "Windows 11 never had the edition ServerStandard."),
        ({"edition": "E" * 200}, "edition", ""),
        ({"architecture": "ia64"}, "architecture", "Windows 11 was not made for IA-64 in this edition."),
        ({"architecture": "mips"}, "architecture", "This architecture is unknown."),
        ({"usage": None}, "usage", "The use is missing."),
        ({"usage": "display"}, "usage", "This use is unknown."),
    ],
)
def test_page_2_is_refused_with(page_2: Wizard, changes: dict[str, str | None], field: str, error: str) -> None:
    page_2.send(**({"code": made_up_key(5), "quantity": "10"} | W11 | changes))

    assert page_2.step == "key"
    assert page_2.errors[field][0].startswith(error)
    assert not ProductKey.objects.filter(published=False).exists()


@pytest.mark.parametrize(
    ("key_type", "changes", "field", "error"),
    [
        ("kms_host", {"quantity": ""}, "quantity", "A KMS host key needs a quantity of at least 1."),
        ("oem", {"quantity": "2"}, "quantity", "An OEM key belongs to one device."),
        ("retail", {"quantity": "0"}, "quantity", "The quantity must be at least 1."),
        ("gvlk", {"quantity": "5"}, "quantity", "A GVLK key has no quantity: Microsoft sets no limit for it."),
        ("kms_host", {"usage": "installation"}, "usage", "A KMS host key can be used for activation only."),
        ("esu", {"usage": "installation_and_activation"}, "usage", "An ESU key can be used for activation only."),
    ],
)
def test_a_type_refuses_what_does_not_fit_it(
    as_manager: Client, key_type: str, changes: dict[str, str], field: str, error: str
) -> None:
    page = Wizard(as_manager).describe(key_type).send(**({"code": made_up_key(5)} | W11 | changes))

    assert page.errors[field][0].startswith(error)
    assert 'id="id_key-quantity_error"' in page.text or field != "quantity"


def test_everything_that_is_missing_is_said_at_once(page_2: Wizard) -> None:
    page_2.send()

    assert page_2.errors.keys() == {"code", "quantity", "operating_system", "edition"}


def test_every_mistake_is_said_at_once(page_2: Wizard) -> None:
    page_2.send(code="too short", quantity="0", operating_system="", usage="installation")

    assert page_2.errors.keys() == {"code", "quantity", "operating_system", "edition", "usage"}


def test_the_summary_on_top_links_each_mistake_to_its_field(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(5), quantity="0", edition="")

    for field in ("key-quantity", "key-operating_system"):
        assert f'<a href="#id_{field}">' in page_2.text
        assert f'id="id_{field}"' in page_2.text


# A typing error.


def test_a_typing_error_is_said_and_may_be_insisted_on(page_2: Wizard) -> None:
    page_2.send(code=mistyped(made_up_key(7)), quantity="10", **W11)
    assert page_2.errors["code"][0].startswith("Possible typing error")
    assert 'type="checkbox" name="key-typing_confirmed"' in page_2.text

    page_2.send(typing_confirmed="on")

    assert stored("Head office").code.open() == mistyped(made_up_key(7))


def test_a_faulty_key_is_shown_for_correction_in_this_answer_alone(page_2: Wizard) -> None:
    page_2.send(code=mistyped(made_up_key(7)), quantity="10", **W11)
    assert page_2.value("code") == mistyped(made_up_key(7))
    assert "no-store" in page_2.page["Cache-Control"]

    page_2.reload()

    assert page_2.value("code") == ""
    assert mistyped(made_up_key(7))[:10] not in page_2.text
    assert "Possible typing error" in page_2.text


def test_the_same_key_a_second_time_names_the_entry_that_holds_it(as_manager: Client, page_2: Wizard) -> None:
    page_2.send(code=made_up_key(8), quantity="10", **W11)

    second = Wizard(as_manager).describe("retail", "Branch").send(code=made_up_key(8).lower(), **W11)

    assert second.errors["code"][0].startswith("This product key is stored already, as “Head office”.")
    assert f'href="{stored("Head office").get_absolute_url()}"' in second.text


@pytest.mark.django_db(transaction=True)
def test_added_at_the_same_moment_the_key_is_stored_once_and_the_others_are_told(as_manager: Client) -> None:
    pages = [Wizard(as_manager).describe("mak", f"Tab {number}") for number in range(4)]
    start = Barrier(len(pages))

    def finish(page: Wizard) -> None:
        start.wait()
        try:
            page.send(code=made_up_key(9), quantity="1", **W11)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pages)) as pool:
        list(pool.map(finish, pages))

    (key,) = ProductKey.objects.filter(published=False)
    refused = [page for page in pages if page.step == "key"]
    assert len(refused) == 3
    for page in refused:
        assert page.errors["code"][0].startswith(f"This product key is stored already, as “{key.name}”.")
