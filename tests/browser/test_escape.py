"""Escape closes one thing at a time, wherever the focus is in it."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import stored

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/product-keys/"


def test_escape_empties_the_search_box_and_then_leaves_it(portal: Page) -> None:
    portal.goto(LIST)
    search = portal.get_by_role("searchbox", name="Search")
    search.fill("Head office")

    search.press("Escape")
    expect(search).to_have_value("")
    expect(search).to_be_focused()
    search.press("Escape")

    expect(search).not_to_be_focused()
    portal.keyboard.press("/")
    expect(search).to_be_focused()


@pytest.mark.parametrize("field", ["input[type=checkbox]", "select", "button"])
def test_escape_closes_a_menu_from_each_of_its_fields(portal: Page, field: str) -> None:
    portal.goto(LIST)
    portal.locator("#facet-columns-menu").click()
    menu = portal.locator("#facet-columns details")
    expect(menu).to_have_attribute("open", "")

    menu.locator(field).first.focus()
    portal.keyboard.press("Escape")

    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_escape_in_the_search_box_leaves_the_opened_key_alone(portal: Page) -> None:
    key = stored(name="Opened")
    portal.goto(f"{LIST}?open={key.pk}")

    portal.get_by_role("searchbox", name="Search").press("Escape")

    expect(portal.get_by_role("heading", name="Opened")).to_be_visible()
