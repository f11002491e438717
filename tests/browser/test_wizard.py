"""The wizard in a real browser: by keyboard alone, without JavaScript, dark, on a phone, without a fault by axe."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import ProductKey
from tests.browser.conftest import OpenBrowser
from tests.browser.wizard import fill_in, finish, open_page_2
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}


def test_a_key_is_added_by_keyboard_alone(portal: Page) -> None:
    press, type_text = portal.keyboard.press, portal.keyboard.type
    portal.goto("/product-keys/add/")
    portal.get_by_label("GVLK").focus()
    press("ArrowDown")
    expect(portal.locator("[value=mak]")).to_be_checked()
    press("Tab")  # other types
    press("Tab")
    type_text("Head office")
    press("Enter")

    portal.wait_for_url("**step=key")
    portal.get_by_label("Product key", exact=True).focus()
    type_text(made_up_key(70))
    press("Tab")
    expect(portal.get_by_text("no typing error found")).to_be_visible()
    expect(portal.get_by_label("Operating system")).to_be_focused()
    press("ArrowDown")
    press("ArrowDown")
    expect(portal.get_by_label("Operating system")).to_have_value("windows-11")
    expect(portal.get_by_text("Windows 11 does not exist for x86.")).to_be_visible()
    expect(portal.get_by_label("Operating system")).to_be_focused()
    press("Tab")
    edition = portal.get_by_label("Edition")
    expect(edition).to_be_focused()
    for _choice in edition.locator("option").all():
        if edition.input_value() != "Enterprise":
            press("ArrowDown")
    press("Tab")
    press("Tab")
    type_text("25")
    press("Enter")

    portal.wait_for_url("**/product-keys/?open=*")
    assert ProductKey.objects.get(name="Head office").quantity == 25


def test_a_key_is_added_without_javascript(open_browser: OpenBrowser, manager: User) -> None:
    page = open_browser(manager, java_script_enabled=False)
    open_page_2(page)
    page.get_by_label("Product key", exact=True).fill(made_up_key(71))
    page.get_by_label("Operating system").select_option("Windows 11")
    page.get_by_role("button", name="Update the choices").click()
    expect(page.get_by_text(f"{made_up_key(71)[-5:]} kept")).to_be_visible()
    page.get_by_label("Edition").select_option("Enterprise")
    finish(page)
    expect(page.get_by_role("link", name="Quantity: A MAK key needs a quantity")).to_be_visible()

    page.get_by_label("Quantity").fill("25")
    finish(page)

    page.wait_for_url("**/product-keys/?open=*")
    assert ProductKey.objects.get(name="Head office").code.open() == made_up_key(71)


def test_pasting_a_published_key_fills_in_the_product(portal: Page) -> None:
    open_page_2(portal, "gvlk")
    portal.get_by_label("Product key", exact=True).fill("W269N-WFGWX-YVC9B-4J6C9-T83GX")
    portal.keyboard.press("Tab")

    expect(portal.get_by_label("Operating system")).to_have_value("windows-11-windows-10")
    expect(portal.get_by_label("Edition")).to_have_value("Professional")
    expect(portal.get_by_text("The published GVLK of Windows 11 Pro").first).to_be_visible()


def test_a_published_key_of_another_type_is_named_and_changes_nothing(portal: Page) -> None:
    open_page_2(portal)
    portal.get_by_label("Product key", exact=True).fill("W269N-WFGWX-YVC9B-4J6C9-T83GX")
    portal.keyboard.press("Tab")

    expect(portal.get_by_text("but the published GVLK of Windows 11 Pro")).to_be_visible()
    expect(portal.get_by_label("Product key", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(portal.get_by_label("Product key", exact=True)).to_have_value("W269N-WFGWX-YVC9B-4J6C9-T83GX")
    expect(portal.get_by_label("Operating system")).to_have_value("")


def test_the_rollout_picture_follows_the_chosen_use(portal: Page) -> None:
    open_page_2(portal, "retail")
    windows_pe = portal.locator(".kp-pass--pe .when-on")
    specialize = portal.locator(".kp-pass--sp .when-on")

    for use, installs, activates in (("usage-i", True, False), ("usage-a", False, True), ("usage-b", True, True)):
        portal.locator(f"#{use}").check()
        expect(windows_pe).to_be_visible(visible=installs)
        expect(specialize).to_be_visible(visible=activates)


def test_a_refusal_takes_the_focus_to_the_list_of_what_is_wrong(portal: Page) -> None:
    open_page_2(portal)
    fill_in(portal, made_up_key(72))
    portal.get_by_label("Quantity").fill("0")
    finish(portal)

    expect(portal.locator(".kp-summary")).to_be_focused()
    portal.get_by_role("link", name="Quantity:").click()
    expect(portal.get_by_label("Quantity")).to_be_focused()
    expect(portal.get_by_label("Product key", exact=True)).to_have_value("")
    assert made_up_key(72)[:5] not in portal.content()


def test_a_change_of_language_and_theme_keeps_what_is_not_sent_yet(portal: Page) -> None:
    open_page_2(portal)
    fill_in(portal, made_up_key(73))

    portal.locator("button[name=language][value=de]").click()
    expect(portal.locator("html")).to_have_attribute("lang", "de")
    portal.wait_for_load_state()
    expect(portal.locator("#id_key-quantity")).to_have_value("25")
    expect(portal.locator("#id_key-code_helptext")).to_contain_text(keycode.mask(made_up_key(73)[-5:]))
    portal.locator("button[name=theme]").click()
    expect(portal.locator("html")).to_have_attribute("data-bs-theme", "dark")
    portal.wait_for_load_state()
    expect(portal.locator("#id_key-edition")).to_have_value("Enterprise")

    portal.locator(".kp-actions .btn-primary").click()
    portal.wait_for_url("**/product-keys/?open=*")
    assert ProductKey.objects.get(name="Head office").code.open() == made_up_key(73)


def test_back_in_the_browser_brings_no_key_back(portal: Page) -> None:
    open_page_2(portal)
    fill_in(portal, made_up_key(74))
    finish(portal)
    portal.wait_for_url("**/product-keys/?open=*")

    portal.go_back()

    assert made_up_key(74)[:11] not in portal.content()


def test_a_page_that_was_put_aside_before_its_key_was_stored_leads_to_the_entry(portal: Page) -> None:
    open_page_2(portal)
    fill_in(portal, made_up_key(77))
    portal.locator("#id_key-quantity").press("Tab")
    expect(portal.get_by_text("not stored yet")).to_be_visible()
    tab = portal.context.new_page()
    tab.goto(portal.url)
    fill_in(tab, made_up_key(77))
    finish(tab)
    tab.wait_for_url("**/product-keys/?open=*")

    portal.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    portal.wait_for_url("**/product-keys/?open=*")


def test_a_page_that_was_put_aside_comes_back_with_what_was_typed(portal: Page) -> None:
    portal.goto("/product-keys/add/")
    portal.locator("[value=retail]").check()
    portal.get_by_label("Name", exact=True).fill("Front desk")

    with portal.expect_navigation():
        portal.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(portal.get_by_label("Name", exact=True)).to_have_value("Front desk")
    expect(portal.locator("[value=retail]")).to_be_checked()


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, PHONE], ids=["wide", "phone"])
def test_no_page_has_a_fault_of_accessibility(
    open_browser: OpenBrowser,
    manager: User,
    assert_accessible_in_both_themes: Callable[[Page], None],
    size: dict[str, int],
) -> None:
    page = open_browser(manager, viewport=size)
    page.goto("/product-keys/add/")
    page.get_by_text("Other types").click()
    assert_accessible_in_both_themes(page)
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".kp-summary")).to_be_visible()
    assert_accessible_in_both_themes(page)

    open_page_2(page)
    assert_accessible_in_both_themes(page)
    fill_in(page, made_up_key(75))
    page.get_by_label("Quantity").fill("0")
    finish(page)
    expect(page.locator(".kp-summary")).to_be_visible()
    assert_accessible_in_both_themes(page)


def test_on_a_phone_nothing_stands_out_of_the_page(open_browser: OpenBrowser, manager: User) -> None:
    page = open_browser(manager, viewport={"width": 320, "height": 640}, has_touch=True)

    page.goto("/product-keys/add/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    open_page_2(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.get_by_role("button", name="Finish", exact=True)).to_be_in_viewport()


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_in_german_no_english_is_left_over(open_browser: OpenBrowser, manager: User, size: dict[str, int]) -> None:
    page = open_browser(manager, locale="de-DE", viewport=size)
    page.goto("/product-keys/add/")
    expect(page.get_by_role("heading", name="Produktschlüssel hinzufügen")).to_be_visible()
    page.locator("[value=mak]").check()
    page.get_by_label("Name", exact=True).fill("Zentrale")
    page.get_by_role("button", name="Weiter").click()
    page.wait_for_url("**step=key")
    page.get_by_label("Produktschlüssel", exact=True).fill(made_up_key(76))
    page.get_by_label("Menge").fill("0")
    with page.expect_navigation():
        page.get_by_role("button", name="Fertig", exact=True).click()

    expect(page.locator(".kp-summary")).to_contain_text("Menge: ")
    expect(page.get_by_text("kein Tippfehler gefunden")).to_be_visible()
    expect(page.get_by_text("Ein MAK kann nur für die Aktivierung benutzt werden.")).to_be_visible()
    words = set(re.findall(r"[A-Za-z]+", page.locator("main").inner_text().lower()))
    assert not words & {"the", "of", "and", "choose", "enter", "is", "this", "it", "with", "step", "kept"}
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
