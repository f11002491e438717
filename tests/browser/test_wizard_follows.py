"""While page 2 is filled in, its choices follow, and nothing that was chosen gets lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.wizard import open_page_2
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db(transaction=True)

WINDOWS_11_PRO = "W269N-WFGWX-YVC9B-4J6C9-T83GX"


def _hold_answers(page: Page) -> Callable[[], None]:
    """Hold what htmx asks for; the function returned lets it through."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/recognise/", hold)

    def release() -> None:
        for route in held:
            route.continue_()
        page.unroute("**/recognise/")

    return release


def test_a_choice_made_while_htmx_is_on_its_way_is_not_overwritten(portal: Page) -> None:
    open_page_2(portal)
    portal.get_by_label("Operating system").focus()
    portal.evaluate(
        """() => {
          const change = (name, value) => {
            const field = document.getElementById(`id_key-${name}`);
            field.value = value;
            field.dispatchEvent(new Event("change", { bubbles: true }));
          };
          change("operating_system", "windows-11");
          change("edition", "Education");
          document.getElementById("id_key-architecture").value = "arm64";
          document.getElementById("id_key-quantity").value = "25";
        }"""
    )

    expect(portal.get_by_text("Windows 11 does not exist for x86.")).to_be_visible()
    expect(portal.get_by_label("Edition").locator("option", has_text="Standard")).to_have_count(0)
    for name, value in (("Operating system", "windows-11"), ("Edition", "Education"), ("Architecture", "arm64")):
        expect(portal.get_by_label(name)).to_have_value(value)
    expect(portal.get_by_label("Quantity")).to_have_value("25")


def test_the_list_that_somebody_is_in_is_not_taken_from_under_their_fingers(portal: Page) -> None:
    open_page_2(portal)
    system = portal.get_by_label("Operating system")
    release = _hold_answers(portal)
    portal.get_by_label("Product key", exact=True).fill(made_up_key(80))
    with portal.expect_request("**/recognise/"):
        portal.keyboard.press("Tab")
    system.evaluate("select => { select.dataset.mine = 'yes'; }")

    release()

    expect(portal.get_by_text("no typing error found")).to_be_visible()
    expect(system).to_be_focused()
    expect(system).to_have_attribute("data-mine", "yes")
    for _time in range(2):
        portal.keyboard.press("ArrowDown")
    expect(system).to_have_value("windows-11")
    expect(portal.get_by_text("Windows 11 does not exist for x86.")).to_be_visible()


def test_a_choice_made_by_keyboard_before_the_answer_to_the_key_stays(portal: Page) -> None:
    open_page_2(portal)
    release = _hold_answers(portal)
    portal.get_by_label("Product key", exact=True).fill(made_up_key(81))
    with portal.expect_request("**/recognise/"):
        portal.keyboard.press("Tab")
    for _time in range(2):
        portal.keyboard.press("ArrowDown")

    release()

    expect(portal.get_by_text("Windows 11 does not exist for x86.")).to_be_visible()
    expect(portal.get_by_text("no typing error found")).to_be_visible()
    expect(portal.get_by_label("Operating system")).to_have_value("windows-11")


def test_a_published_key_fills_in_the_list_that_somebody_is_in(portal: Page) -> None:
    open_page_2(portal, "gvlk")
    release = _hold_answers(portal)
    portal.get_by_label("Product key", exact=True).fill(WINDOWS_11_PRO)
    with portal.expect_request("**/recognise/"):
        portal.keyboard.press("Tab")
    expect(portal.get_by_label("Operating system")).to_be_focused()

    release()

    expect(portal.get_by_label("Operating system")).to_have_value("windows-11-windows-10")
    expect(portal.get_by_label("Edition")).to_have_value("Professional")


def test_a_choice_in_a_field_that_has_just_come_is_heard(portal: Page) -> None:
    """htmx listens to what it has brought only after a moment, which a busy machine makes long."""
    open_page_2(portal)
    portal.evaluate("htmx.config.defaultSettleDelay = 1000")
    edition = portal.get_by_label("Edition")
    portal.get_by_label("Operating system").select_option("Windows 10")
    expect(edition.locator("option", has_text="Standard")).to_have_count(0)
    expect(portal.get_by_label("Architecture").locator("option")).to_have_text(["any", "x64", "ARM64", "x86"])

    edition.select_option("EnterpriseG")

    expect(portal.get_by_label("Architecture").locator("option")).not_to_contain_text(["ARM64"])
    expect(edition).to_have_value("EnterpriseG")
