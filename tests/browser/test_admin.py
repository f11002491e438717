"""The admin in a browser: the portal's look in both themes, no breach of the content security policy, nothing for axe.

The fixtures of this folder fail a test where the browser reports an error, a refused style or script among them.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from keyportal.people.models import Theme, User
from productkeys.models import ProductKey
from tests.factories import KMS_HOST, RETAIL, stored

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/productkeys/productkey/?origin=own"


@pytest.fixture
def admin_page(open_browser: Callable[..., Page], admin_user: User) -> Page:
    return open_browser(admin_user, viewport={"width": 1440, "height": 900})


def test_every_kind_of_page_is_accessible_in_both_themes(
    admin_page: Page, admin_user: User, assert_accessible_in_both_themes: Callable[[Page], None]
) -> None:
    key = stored(in_use=490)
    stored(KMS_HOST)
    for address in (
        "/admin/",
        LIST,
        f"/admin/productkeys/productkey/{key.pk}/change/",
        f"/admin/productkeys/productkey/{key.pk}/history/",
        f"/admin/productkeys/productkey/{key.pk}/delete/",
        "/admin/productkeys/productkey/add/",
        "/admin/productkeys/trailentry/",
        "/admin/productkeys/operatingsystem/",
        "/admin/productkeys/rollouttemplate/",
        "/admin/people/user/",
    ):
        admin_page.goto(address)
        assert_accessible_in_both_themes(admin_page)
    # Django's own pages of many rows and its list of rights: no error in the browser is asked of them here.
    for address in (
        "/admin/productkeys/operatingsystem/windows-11/change/",
        f"/admin/people/user/{admin_user.pk}/change/",
    ):
        admin_page.goto(address)


def test_the_theme_that_a_person_chose_holds_in_the_admin(open_browser: Callable[..., Page], admin_user: User) -> None:
    admin_user.theme = Theme.DARK
    admin_user.save()
    page = open_browser(admin_user, color_scheme="light")
    page.goto("/admin/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("getComputedStyle(document.querySelector('.kp-main')).backgroundColor") == "rgb(20, 26, 30)"


def test_the_way_back_to_the_workspace_is_on_every_page(admin_page: Page) -> None:
    admin_page.goto("/admin/people/user/")
    admin_page.get_by_role("navigation", name="Main navigation").get_by_role("link", name="Product keys").click()
    expect(admin_page).to_have_url(re.compile("/product-keys/"))


def test_selected_keys_are_edited_by_an_action(admin_page: Page, assert_accessible: Callable[[Page], None]) -> None:
    mak, retail = stored(name="Head office"), stored(RETAIL, name="Front desk")
    admin_page.goto(LIST)
    for name in ("Head office", "Front desk"):
        admin_page.get_by_label(f"Select {name}").check()
    admin_page.get_by_label("Action:").select_option(label="Edit selected")
    admin_page.get_by_role("button", name="Go").click()
    admin_page.get_by_label("Used for").select_option(label="Installation")
    admin_page.get_by_role("button", name="Show what would change").click()
    refusals = admin_page.get_by_role("region", name="1 key is refused")
    expect(refusals).to_contain_text("A MAK can be used for activation only.")
    assert_accessible(admin_page)
    admin_page.get_by_role("button", name="Change 1 key").click()
    expect(refusals).to_be_visible()
    admin_page.get_by_label("Leave the refused key as it is").check()
    admin_page.get_by_role("button", name="Change 1 key").click()
    expect(admin_page.get_by_role("status")).to_contain_text("1 key is changed.")
    retail.refresh_from_db()
    mak.refresh_from_db()
    assert (mak.usage, retail.usage) == ("activation", "installation")


def test_all_that_match_are_chosen_across_pages(admin_page: Page) -> None:
    for _number in range(52):
        stored()
    admin_page.goto(LIST)
    admin_page.get_by_label("Select all objects on this page for an action").check()
    admin_page.get_by_role("button", name="Select all 52 product keys").click()
    admin_page.get_by_label("Action:").select_option(label="Archive selected")
    admin_page.get_by_role("button", name="Go").click()
    admin_page.get_by_role("button", name="Archive 52 keys").click()
    expect(admin_page.get_by_role("status")).to_contain_text("52 keys are in the archive.")
    assert ProductKey.objects.filter(status="archived").count() == 52


def test_a_row_is_renamed_in_place(admin_page: Page) -> None:
    key = stored(name="Before")
    admin_page.goto(LIST)
    admin_page.get_by_label("Name: Before").fill("After")
    admin_page.get_by_role("button", name="Save").click()
    expect(admin_page.get_by_label("Name: After")).to_be_visible()
    key.refresh_from_db()
    assert (key.name, key.version) == ("After", 2)


def test_it_works_without_javascript(open_browser: Callable[..., Page], admin_user: User) -> None:
    page = open_browser(admin_user, java_script_enabled=False)
    stored(name="Head office")
    page.goto(LIST)
    page.get_by_label("Search in this list").fill("head")
    page.get_by_role("search").filter(has_text="last five").get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("q=head"))
    page.get_by_label("Select Head office").check()
    page.get_by_label("Action:").select_option(label="Archive selected")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name="Archive 1 key").click()
    expect(page.get_by_role("status")).to_contain_text("1 key is in the archive.")


@pytest.mark.parametrize("address", ["/admin/", LIST, "/admin/productkeys/productkey/add/"])
def test_no_page_scrolls_sideways_on_a_phone(open_browser: Callable[..., Page], admin_user: User, address: str) -> None:
    page: Any = open_browser(admin_user, viewport={"width": 390, "height": 844})
    stored()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
