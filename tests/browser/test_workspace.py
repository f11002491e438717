"""The list in a real browser: rows open beside it, ticks, keyboard, without JavaScript, on a phone, in the dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from productkeys.models import ProductKey
from tests.browser.conftest import OpenBrowser, expect_settled
from tests.factories import RETAIL, stored

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/product-keys/"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def key(db: None) -> ProductKey:
    return stored(name="Head office", in_use=487)


@pytest.fixture
def other(db: None) -> ProductKey:
    return stored(RETAIL, name="Front desk")


def test_a_row_opens_beside_the_list_and_ticks_stay(portal: Page, key: ProductKey, other: ProductKey) -> None:
    portal.goto(LIST)
    portal.get_by_role("checkbox", name="Select Front desk").check()
    portal.locator(f"#key-{key.pk} .c-os").click()
    pane = portal.get_by_role("complementary", name="Opened key")
    expect(pane.get_by_role("heading", name="Head office")).to_be_visible()
    expect(portal).to_have_url(re.compile(re.escape(f"/product-keys/?page=1&open={key.pk}") + "$"))
    expect(portal.locator(f"#key-{key.pk}")).to_have_class("is-open")
    expect(portal.get_by_role("checkbox", name="Select Front desk")).to_be_checked()
    expect(portal.get_by_role("link", name="Edit", exact=True)).to_have_attribute(
        "href", f"/product-keys/{key.pk}/edit/"
    )
    portal.get_by_role("link", name="Front desk").click()
    expect(pane.get_by_role("heading", name="Front desk")).to_be_visible()
    portal.go_back()
    expect(pane.get_by_role("heading", name="Head office")).to_be_visible()
    portal.get_by_role("link", name="Close the detail pane").click()
    expect(pane).to_be_hidden()
    expect(portal.locator(".is-open")).to_have_count(0)


def test_no_page_stays_in_the_browsers_storage(portal: Page, key: ProductKey) -> None:
    portal.goto(LIST)
    portal.get_by_role("link", name="Head office").click()
    expect(portal.get_by_role("heading", name="Head office")).to_be_visible()
    stored_there = portal.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "Head office" not in stored_there
    assert key.last_five not in stored_there


def test_a_filter_is_opened_counted_and_applied_without_a_reload(portal: Page, key: ProductKey) -> None:
    portal.goto(LIST)
    portal.evaluate("window.same = true")
    portal.locator("#facet-os-menu").click()
    choice = portal.get_by_role("checkbox", name="Windows 11 13", exact=True)
    expect(choice).to_be_visible()
    expect_settled(portal)
    expect(portal).to_have_url(re.compile("^((?!facet).)*$"))
    choice.check()
    portal.get_by_role("button", name="Apply").click()
    expect(portal.get_by_text("13 of 98 keys")).to_be_visible()
    expect(portal).to_have_url(re.compile(re.escape("?os=windows-11") + "$"))
    expect_settled(portal)
    portal.get_by_role("link", name="Remove the filter Operating system").click()
    expect(portal.get_by_text("1 to 50 of 98")).to_be_visible()
    expect_settled(portal)
    portal.get_by_role("link", name="Next page").click()
    expect(portal.get_by_text("51 to 98 of 98")).to_be_visible()
    assert portal.evaluate("window.same")


def test_reset_also_empties_the_search_box(portal: Page, key: ProductKey) -> None:
    portal.goto(LIST)
    portal.get_by_role("searchbox", name="Search").fill("head")
    portal.keyboard.press("Enter")
    expect(portal.get_by_role("searchbox", name="Search")).to_have_value("head")
    portal.get_by_role("link", name="Reset").click()
    expect(portal.get_by_role("searchbox", name="Search")).to_have_value("")


def test_a_pasted_key_stands_in_no_address_and_no_history(portal: Page, key: ProductKey) -> None:
    portal.goto(LIST)
    portal.get_by_role("searchbox", name="Search").fill(key.code.open())
    portal.keyboard.press("Enter")
    expect(portal).to_have_url(re.compile(re.escape(f"/product-keys/{key.pk}/") + "$"))
    portal.go_back()
    assert key.code.open()[:5] not in portal.url


def test_ticks_bring_the_bar_and_are_counted(portal: Page, key: ProductKey, other: ProductKey) -> None:
    portal.goto(LIST)
    bar = portal.get_by_role("group", name="Actions for the selected keys")
    expect(bar).to_be_hidden()
    portal.get_by_role("checkbox", name="Select Head office").check()
    expect(bar).to_contain_text("1 selected")
    portal.get_by_role("checkbox", name="Select all on this page").check()
    expect(bar).to_contain_text("50 selected")
    portal.get_by_role("button", name="Clear the selection").click()
    expect(bar).to_be_hidden()
    expect(portal.get_by_role("checkbox", name="Select all on this page")).not_to_be_checked()


def test_all_that_match_are_chosen_once_the_page_is_ticked(portal: Page) -> None:
    for _number in range(52):
        stored()
    portal.goto(f"{LIST}?type=mak")
    bar = portal.get_by_role("group", name="Actions for the selected keys")
    across = portal.get_by_role("checkbox", name="Select all 52 that match")
    portal.locator("tbody").get_by_role("checkbox").first.check()
    expect(across).to_be_hidden()
    portal.get_by_role("checkbox", name="Select all on this page").check()
    across.check()
    expect(bar).to_contain_text("All 52 selected")
    across.uncheck()
    expect(bar).to_contain_text("50 selected")
    across.check()
    portal.locator("tbody").get_by_role("checkbox").first.uncheck()
    expect(bar).to_contain_text("49 selected")
    expect(across).to_be_hidden()
    portal.locator("tbody").get_by_role("checkbox").first.check()
    expect(across).not_to_be_checked()
    across.check()
    bar.get_by_role("button", name="Archive").click()
    portal.get_by_role("button", name="Archive 52 keys").click()
    expect(portal).to_have_url(re.compile(re.escape("?type=mak") + "$"))
    assert ProductKey.objects.filter(status="archived").count() == 52


def test_all_that_match_are_chosen_without_javascript(open_browser: OpenBrowser, manager: User) -> None:
    page = open_browser(manager, viewport=WIDE, java_script_enabled=False)
    page.goto(f"{LIST}?type=gvlk")
    page.locator("tbody").get_by_role("checkbox").first.check()
    page.get_by_role("checkbox", name="Select all 82 that match").check()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Archive 82 keys")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_on_a_phone_the_bar_has_every_act(
    open_browser: OpenBrowser, assert_accessible_in_both_themes: Callable[[Page], None], manager: User, locale: str
) -> None:
    page = open_browser(manager, viewport=PHONE, locale=locale)
    page.goto(LIST)
    page.locator("tbody").get_by_role("checkbox").first.check()
    page.locator("[name=select_across]").check()
    expect(page.locator("tbody :checked")).to_have_count(50)
    for act in ("[value=edit]", "[value=archive]", "[value=compromise]", "[value=delete]", "[type=reset]"):
        expect(page.locator(f".kp-bulk {act}")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert_accessible_in_both_themes(page)


def test_the_keyboard_goes_through_rows_and_acts(portal: Page, key: ProductKey, other: ProductKey) -> None:
    portal.goto(LIST)
    portal.keyboard.press("j")
    expect(portal.get_by_role("link", name="Front desk")).to_be_focused()
    portal.keyboard.press("j")
    expect(portal.get_by_role("link", name="Head office")).to_be_focused()
    portal.keyboard.press("k")
    portal.keyboard.press("Enter")
    expect(portal.get_by_role("heading", name="Front desk")).to_be_visible()
    expect_settled(portal)
    portal.keyboard.press("Escape")
    expect(portal.get_by_role("complementary", name="Opened key")).to_be_hidden()
    expect(portal.get_by_role("link", name="Front desk")).to_be_focused()
    portal.keyboard.press("?")
    expect(portal.get_by_role("dialog", name="Keyboard")).to_be_visible()
    portal.keyboard.press("Escape")
    expect(portal.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    portal.keyboard.press("/")
    expect(portal.get_by_role("searchbox", name="Search")).to_be_focused()
    portal.keyboard.type("a/j?e")
    expect(portal.get_by_role("searchbox", name="Search")).to_have_value("a/j?e")


def test_e_edits_the_opened_key_and_a_adds_one(portal: Page, key: ProductKey) -> None:
    portal.goto(f"{LIST}?open={key.pk}")
    portal.keyboard.press("e")
    expect(portal).to_have_url(re.compile(re.escape(f"/{key.pk}/edit/") + "$"))
    portal.goto(LIST)
    portal.keyboard.press("e")
    expect(portal).to_have_url(re.compile(re.escape(LIST) + "$"))
    portal.keyboard.press("a")
    expect(portal).to_have_url(re.compile(f"{LIST}add/"))


def test_single_keys_do_nothing_for_people_who_switched_them_off(
    open_browser: OpenBrowser, manager: User, key: ProductKey
) -> None:
    manager.shortcuts = False
    manager.save()
    page = open_browser(manager, viewport=WIDE)
    page.goto(f"{LIST}?open={key.pk}")
    for character in "/jea?":
        page.keyboard.press(character)
    expect(page.locator("body")).to_be_focused()
    expect(page).to_have_url(re.compile(re.escape(f"{LIST}?open={key.pk}") + "$"))


def test_everything_works_without_javascript(open_browser: OpenBrowser, manager: User, key: ProductKey) -> None:
    page = open_browser(manager, viewport=WIDE, java_script_enabled=False)
    page.goto(LIST)
    expect(page.get_by_role("checkbox", name="Select all on this page")).to_be_hidden()
    page.get_by_role("link", name="Edition", exact=True).first.click()
    page.get_by_role("checkbox", name="Enterprise", exact=False).first.check()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("edition="))
    page.get_by_role("link", name="Used for").click()
    expect(page).to_have_url(re.compile("edition=.*sort=usage"))
    page.get_by_role("checkbox", name="Select Head office").check()
    expect(page.get_by_role("group", name="Actions for the selected keys")).to_be_visible()
    page.get_by_text("Columns and rows").click()
    page.get_by_role("checkbox", name="Edition", exact=True).uncheck()
    page.locator(".kp-facet--up").get_by_role("button", name="Apply").click()
    expect(page.get_by_role("columnheader", name="Edition")).to_have_count(0)
    expect(page).to_have_url(re.compile("sort=usage"))
    page.get_by_role("link", name="Head office").click()
    expect(page).to_have_url(re.compile(re.escape(f"/product-keys/{key.pk}/") + "$"))


def test_where_the_pane_has_no_room_a_row_opens_the_page_of_the_key(
    open_browser: OpenBrowser, manager: User, key: ProductKey
) -> None:
    page = open_browser(manager, viewport=PHONE)
    page.goto(LIST)
    page.get_by_role("link", name="Head office").click()
    expect(page).to_have_url(re.compile(re.escape(f"/product-keys/{key.pk}/") + "$"))


def test_on_a_phone_the_table_is_a_list_and_the_page_does_not_scroll_sideways(
    open_browser: OpenBrowser, manager: User, key: ProductKey
) -> None:
    page = open_browser(manager, viewport={"width": 320, "height": 800})
    page.goto(LIST)
    row = page.locator(f"#key-{key.pk}")
    for text in (key.name, key.last_five, "Windows 11 · Enterprise · x64", "MAK", "13 left"):
        expect(row.get_by_text(text, exact=text == key.last_five).last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#facet-stock-menu").click()
    menu = page.locator(".kp-facet__menu").first
    expect(menu).to_be_visible()
    box = menu.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320


def test_language_and_theme_lead_back_to_the_address_that_is_shown(portal: Page, key: ProductKey) -> None:
    portal.goto(LIST)
    portal.get_by_role("link", name="Head office").click()
    expect(portal.get_by_role("heading", name="Head office")).to_be_visible()
    portal.get_by_role("button", name="DE").click()
    expect(portal).to_have_url(re.compile(re.escape(f"open={key.pk}") + "$"))
    expect(portal.locator("html")).to_have_attribute("lang", "de")


@pytest.mark.parametrize("question", ["facet=os&os=windows-11", "type=oem", "sort=-stock"])
def test_it_is_accessible_in_both_themes_wide_and_narrow(
    open_browser: OpenBrowser,
    assert_accessible_in_both_themes: Callable[[Page], None],
    manager: User,
    key: ProductKey,
    question: str,
) -> None:
    for viewport in (WIDE, PHONE):
        page = open_browser(manager, viewport=viewport)
        page.goto(f"{LIST}?{question}&open={key.pk}")
        assert_accessible_in_both_themes(page)
