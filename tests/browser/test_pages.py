"""The pages around one key and the frame pages: accessible in both themes, on a phone, and without JavaScript."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.origin import Origin
from tests.browser.conftest import OpenBrowser
from tests.factories import KMS_HOST, RETAIL, posted, stored
from tests.swept_pages import (
    pages_of_an_agreement,
    pages_of_answer_files,
    pages_of_imports,
    pages_of_rollout_templates,
    pages_of_switching,
)

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def person(admin_user: User) -> User:
    admin_user.set_password("a long enough passphrase")
    admin_user.save()
    return admin_user


@pytest.fixture
def addresses(person: User) -> list[str]:
    """Every page of one key in each of its states, and the frame pages for people who are signed in."""
    own, archived, compromised = stored(by=person, in_use=487), stored(KMS_HOST), stored(RETAIL)
    keys.set_status(archived, "archived", seen_version=1, origin=Origin(person))
    keys.set_status(compromised, "compromised", seen_version=1, origin=Origin(person))
    standard = ProductKey.objects.get(last_five="27GG4")
    pages = [key.get_absolute_url() for key in (own, archived, compromised, standard)]
    pages += [reverse(f"productkeys:{verb}", args=[own.pk]) for verb in ("edit", "archive", "compromised", "delete")]
    pages += [reverse("productkeys:restore", args=[archived.pk])]
    pages += [reverse(f"productkeys:{verb}", args=[standard.pk]) for verb in ("edit", "delete")]
    pages += [reverse("productkeys:images"), reverse("productkeys:match")]
    pages += [f"{reverse('productkeys:match')}?image=26100&edition=Enterprise&purpose=activation"]
    pages += [reverse("productkeys:identify"), *pages_of_switching()]
    pages += [reverse("productkeys:operating-systems"), reverse("people:preferences")]
    pages += [reverse("productkeys:export"), reverse("admin:productkeys_productkey_export")]
    pages += [
        reverse("productkeys:microsoft-count", args=[own.pk]),
        *pages_of_an_agreement(),
        *pages_of_rollout_templates(),
        *pages_of_imports(person),
        *pages_of_answer_files(person),
    ]
    pages += [reverse(f"account_{name}") for name in ("change_password", "reauthenticate", "logout")]
    return [*pages, "/product-keys/999999/"]


def _visits(page: Page, addresses: list[str]) -> Iterator[str]:
    for address in addresses:
        page.goto(address)
        yield address


def test_axe_finds_nothing(
    open_browser: OpenBrowser,
    person: User,
    addresses: list[str],
    assert_accessible_in_both_themes: Callable[[Page], None],
) -> None:
    page = open_browser(person, viewport={"width": 1440, "height": 900})
    for _address in _visits(page, addresses):
        assert_accessible_in_both_themes(page)

    page.goto(reverse("productkeys:operating-systems"))
    for name in ("Windows 11 / Windows 10", "Windows Server 2022"):
        page.locator("main summary").filter(has_text=re.compile(f"^{name}")).click()
    assert_accessible_in_both_themes(page)

    key = ProductKey.objects.get(in_use=487)
    page.goto(key.get_absolute_url())
    page.get_by_label("Why is it revealed?").select_option("device")
    page.get_by_role("button", name=re.compile("^Reveal for")).click()
    expect(page.get_by_text(key.code.open())).to_be_visible()
    assert_accessible_in_both_themes(page)

    page.goto(reverse("productkeys:edit", args=[key.pk]))
    page.get_by_label("Quantity").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible_in_both_themes(page)


def test_axe_finds_nothing_at_the_door(
    open_browser: OpenBrowser, assert_accessible_in_both_themes: Callable[[Page], None]
) -> None:
    page = open_browser()
    page.goto(reverse("account_login"))
    assert_accessible_in_both_themes(page)
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("User name or password is not right.")
    expect(page.get_by_label("Password")).to_be_focused()
    assert_accessible_in_both_themes(page)
    page.goto("/nowhere/")
    assert_accessible_in_both_themes(page)


def test_no_page_scrolls_sideways_on_a_phone(open_browser: OpenBrowser, person: User, addresses: list[str]) -> None:
    page = open_browser(person, viewport={"width": 320, "height": 640})
    for address in _visits(page, addresses):
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_two_people_edit_without_javascript(open_browser: OpenBrowser, person: User, manager: User) -> None:
    key = stored()
    page = open_browser(manager, java_script_enabled=False, viewport=PHONE)
    page.goto(key.get_absolute_url())
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Quantity")).to_be_visible()

    other = Client()
    other.force_login(person)
    other.post(reverse("productkeys:edit", args=[key.pk]), posted(key, quantity="600"))

    page.get_by_label("Name", exact=True).fill("Windows 11, branch")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("admin changed this key on")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Windows 11, branch")
    page.get_by_label("Quantity").fill("600")
    page.get_by_role("button", name="Save mine on top").click()
    expect(page.get_by_role("status")).to_contain_text("“Windows 11, branch” is saved.")


def test_a_key_is_archived_and_deleted_by_keyboard_alone(portal: Page) -> None:
    key = stored()
    portal.goto(key.get_absolute_url())
    for verb, button in (("Archive", "Archive"), ("Delete", "Delete for good")):
        portal.get_by_role("link", name=verb, exact=True).focus()
        portal.keyboard.press("Enter")
        portal.get_by_role("button", name=button).focus()
        portal.keyboard.press("Enter")
    expect(portal.get_by_role("status")).to_contain_text("is deleted.")


def test_an_address_with_an_operating_system_opens_it(portal: Page) -> None:
    portal.goto(f"{reverse('productkeys:operating-systems')}#windows-7")
    expect(portal.locator("#windows-7")).to_be_visible()
    expect(portal.locator("#windows-8")).to_be_hidden()


def test_language_and_theme_are_chosen_in_the_top_bar(open_browser: OpenBrowser, manager: User) -> None:
    page = open_browser(manager, viewport={"width": 1280, "height": 800})
    page.goto(reverse("people:preferences"))
    page.get_by_role("button", name=re.compile("^Theme")).click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name=re.compile("^DE")).click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
