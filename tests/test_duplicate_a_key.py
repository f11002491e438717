"""A person adds a key like another: everything is filled in but the key itself."""

import pytest
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey
from tests.made_up_keys import made_up_key
from tests.wizard import WINDOWS_11_ENTERPRISE, Wizard, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def mak(as_manager: Client) -> ProductKey:
    Wizard(as_manager).describe("mak", comment="Agreement 2024").send(
        code=made_up_key(60), quantity="250", architecture="x64", **WINDOWS_11_ENTERPRISE
    )
    return stored("Head office")


def _duplicate_url(key: ProductKey) -> str:
    return reverse("productkeys:duplicate", args=[key.pk])


def test_everything_but_the_key_is_filled_in(as_manager: Client, mak: ProductKey) -> None:
    page = Wizard(as_manager, _duplicate_url(mak))
    assert (page.value("name"), page.value("key_type")) == ("Head office (copy)", "mak")
    assert page.value("comment") == "Agreement 2024"

    page.send(name="Branch")
    assert (page.value("code"), page.value("quantity"), page.value("architecture")) == ("", "250", "x64")
    page.send(code=made_up_key(61))

    copy = stored("Branch")
    assert (copy.edition, copy.usage, copy.quantity) == ("Enterprise", "activation", 250)
    assert copy.code.open() == made_up_key(61)
    assert copy.uid != mak.uid


def test_the_key_itself_is_in_no_page_and_has_to_be_entered(as_manager: Client, mak: ProductKey) -> None:
    page = Wizard(as_manager, _duplicate_url(mak)).send()
    assert made_up_key(60)[-5:] not in page.text

    page.send()

    assert page.errors["code"][0].startswith("The product key is missing.")


def test_the_same_key_in_the_copy_is_refused(as_manager: Client, mak: ProductKey) -> None:
    page = Wizard(as_manager, _duplicate_url(mak)).send().send(code=made_up_key(60))

    assert page.errors["code"][0].startswith("This product key is stored already, as “Head office”.")


def test_the_rules_hold_for_a_copy_as_well(as_manager: Client, mak: ProductKey) -> None:
    page = Wizard(as_manager, _duplicate_url(mak)).send()

    page.send(code=made_up_key(61), usage="installation", quantity="")

    assert page.errors.keys() == {"usage", "quantity"}


def test_a_name_that_is_long_already_is_cut_to_fit(as_manager: Client, mak: ProductKey) -> None:
    ProductKey.objects.filter(pk=mak.pk).update(name="x" * 120)

    page = Wizard(as_manager, _duplicate_url(mak))

    assert page.value("name") == "x" * 113 + " (copy)"
    assert page.send().step == "key"


def test_a_standard_key_can_serve_as_the_model_of_a_bought_one(
    as_manager: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    page = Wizard(as_manager, _duplicate_url(standard_keys.get(last_five="T83GX"))).send(key_type="retail", name="Shop")

    page.send(code=made_up_key(62))

    key = stored("Shop")
    assert (key.published, key.operating_system_id, key.edition) == (False, "windows-11-windows-10", "Professional")


def test_looking_at_the_copy_stores_nothing(as_manager: Client, mak: ProductKey) -> None:
    Wizard(as_manager, _duplicate_url(mak))

    assert ProductKey.objects.filter(published=False).count() == 1


def test_it_needs_the_right_to_add(as_viewer: Client, mak: ProductKey) -> None:
    assert as_viewer.get(_duplicate_url(mak)).status_code == 403


def test_a_key_that_a_person_may_not_see_does_not_exist(mak: ProductKey) -> None:
    person = User.objects.create_user("only.adds")
    person.user_permissions.add(Permission.objects.get(codename="add_productkey"))
    client = Client()
    client.force_login(person)

    assert client.get(_duplicate_url(mak)).status_code == 404


def test_nothing_is_changed_by_posting_to_it(as_manager: Client, mak: ProductKey) -> None:
    assert as_manager.post(_duplicate_url(mak)).status_code == 405
