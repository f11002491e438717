"""The portal in German in a real browser: a key is added and shown in German, and long words leave no page too wide."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from productkeys.models import ProductKey
from tests.browser.conftest import OpenBrowser
from tests.factories import KMS_HOST, MAK, RETAIL, stored
from tests.made_up_keys import made_up_key
from tests.reading import english_in
from tests.swept_pages import pages_of_an_agreement, pages_of_imports, pages_of_rollout_templates

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def in_german(open_browser: OpenBrowser, admin_user: User) -> Callable[..., Page]:
    """A function that opens a page for an administrator whose browser asks for German."""

    def open_page(size: dict[str, int]) -> Page:
        return open_browser(admin_user, locale="de-DE", viewport=size)

    return open_page


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_key_is_added_and_shown_in_german(in_german: Callable[..., Page], size: dict[str, int]) -> None:
    page = in_german(size)
    page.goto("/product-keys/")
    page.get_by_role("link", name="Hinzufügen", exact=True).click()
    expect(page.get_by_role("heading", name="Produktschlüssel hinzufügen")).to_be_visible()
    page.locator("[value=mak]").check()
    page.get_by_label("Name", exact=True).fill("Zentrale")
    page.get_by_role("button", name="Weiter").click()
    page.wait_for_url("**step=key")

    page.get_by_label("Produktschlüssel", exact=True).fill(made_up_key(80))
    page.get_by_label("Betriebssystem").select_option("Windows 11")
    expect(page.get_by_text("kein Tippfehler gefunden")).to_be_visible()
    expect(page.get_by_text("Windows 11 gibt es nicht für x86.")).to_be_visible()
    page.get_by_label("Edition").select_option("Enterprise")
    page.get_by_label("Menge").fill("1500")
    page.get_by_role("button", name="Zurück").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Zentrale")
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_label("Menge")).to_have_value("1500")
    page.get_by_role("button", name="Fertig", exact=True).click()

    expect(page.get_by_text("„Zentrale“ ist gespeichert.")).to_be_visible()
    key = ProductKey.objects.get(name="Zentrale")
    page.goto(key.get_absolute_url())
    page.get_by_label("Warum anzeigen?").select_option("Gerät ersetzt")
    page.get_by_role("button", name="60 Sekunden anzeigen").click()
    expect(page.get_by_text("Jetzt verbergen")).to_be_visible()
    page.get_by_text("Jetzt verbergen").click()
    expect(page.get_by_text("Name, Zeit und Begründung werden protokolliert.")).to_be_visible()


def _addresses(person: User) -> list[str]:
    """The main pages, with keys whose words are long in German."""
    mak = stored(by=person, in_use=490)
    others = [stored(KMS_HOST, by=person), stored(RETAIL, by=person)]
    standard = ProductKey.objects.filter(published=True).latest("name")
    pages = ["/product-keys/", "/product-keys/?facet=stock", "/product-keys/?facet=usage", "/product-keys/?type=oem"]
    pages += [f"/product-keys/?type=mak&type=kms_host&usage=activation&sort=-stock&open={mak.pk}"]
    pages += ["/product-keys/?status=archived", "/product-keys/add/", "/product-keys/999999/"]
    pages += [key.get_absolute_url() for key in (mak, *others, standard)]
    verbs = ("edit", "duplicate", "archive", "compromised", "delete")
    pages += [reverse(f"productkeys:{verb}", args=[mak.pk]) for verb in verbs]
    pages += [reverse(f"productkeys:{verb}", args=[standard.pk]) for verb in ("edit", "delete")]
    pages += [reverse(f"productkeys:{name}") for name in ("operating-systems", "rules", "export")]
    pages += [
        reverse("productkeys:microsoft-count", args=[mak.pk]),
        *pages_of_an_agreement(),
        *pages_of_rollout_templates(),
        *pages_of_imports(person),
    ]
    return [*pages, reverse("people:preferences"), reverse("account_change_password"), reverse("account_logout")]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_is_wider_than_the_window(
    in_german: Callable[..., Page], admin_user: User, size: dict[str, int]
) -> None:
    page = in_german(size)
    too_wide = []
    for address in _addresses(admin_user):
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(address)
    assert too_wide == []


def _tick_two_keys(page: Page, person: User) -> None:
    for values in (MAK, KMS_HOST):
        stored(values, by=person)
    page.goto("/product-keys/?origin=own")
    for box in page.locator("[name=key]").all():
        box.check()


def test_acting_on_several_keys_fits_on_a_phone(in_german: Callable[..., Page], admin_user: User) -> None:
    page = in_german(PHONE)
    _tick_two_keys(page, admin_user)
    page.get_by_role("button", name="Bearbeiten", exact=True).click()
    page.get_by_label("Architektur").select_option("ARM64")
    page.get_by_role("button", name="Änderungen vorab ansehen").click()

    page.get_by_label("Den abgelehnten Schlüssel lassen, wie er ist").check()
    expect(page.get_by_role("button", name="1 Schlüssel ändern")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_scripts_add_to_the_pages_is_german(in_german: Callable[..., Page], admin_user: User) -> None:
    page = in_german(DESK)
    _tick_two_keys(page, admin_user)
    expect(page.get_by_text("2 ausgewählt")).to_be_visible()
    page.goto(reverse("admin:people_user_change", args=[admin_user.pk]))
    expect(page.get_by_text("Produktschlüssel: anzeigen", exact=True)).to_be_visible()
    assert english_in(page.content()) == []
