"""While page 2 is filled in, it follows: choices, errors and what is said about the key. Nothing chosen gets lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.wizard import fill_in, finish, open_page_2
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


def test_the_list_of_what_is_wrong_follows_the_corrections(portal: Page) -> None:
    open_page_2(portal)
    key, problems = portal.get_by_label("Product key", exact=True), portal.locator("#problems")
    key.fill("hello")
    finish(portal)
    expect(problems).to_contain_text("4 entries need another look")
    expect(problems).to_contain_text("Product key: This is no product key.")

    key.fill(made_up_key(82))
    key.press("Tab")

    expect(portal.get_by_text("no typing error found")).to_be_visible()
    expect(problems).to_contain_text("3 entries need another look")
    expect(problems).not_to_contain_text("Product key:")
    expect(key).to_have_attribute("aria-invalid", "false")
    expect(portal.get_by_text("The operating system is missing.")).to_have_count(2)

    portal.get_by_label("Quantity").fill("25")
    portal.get_by_label("Operating system").select_option("Windows 11")

    expect(problems).to_contain_text("One entry needs another look")
    expect(portal.get_by_text("The operating system is missing.")).to_have_count(0)
    expect(portal.get_by_label("Operating system")).to_have_attribute("aria-invalid", "false")
    expect(portal.get_by_text("A MAK key needs a quantity")).to_have_count(0)

    portal.get_by_label("Edition").select_option("Enterprise")

    expect(portal.locator(".kp-summary")).to_have_count(0)
    expect(portal.locator(".is-invalid")).to_have_count(0)


def test_a_use_that_was_missing_is_not_held_against_anybody_once_it_is_chosen(portal: Page) -> None:
    open_page_2(portal, "retail")
    fill_in(portal, made_up_key(85))
    portal.locator("[name=key-usage]:checked").evaluate("use => { use.checked = false; }")
    finish(portal)
    expect(portal.get_by_text("The use is missing.")).to_have_count(2)

    portal.locator("#usage-i").check()

    expect(portal.locator(".kp-summary")).to_have_count(0)
    expect(portal.get_by_text("The use is missing.")).to_have_count(0)
    expect(portal.locator("#usage-i")).to_be_checked()


def test_a_quantity_that_was_wrong_is_judged_anew(portal: Page) -> None:
    open_page_2(portal)
    fill_in(portal, made_up_key(86))
    quantity = portal.get_by_label("Quantity")
    quantity.fill("a few")
    finish(portal)
    expect(portal.get_by_text("The quantity is not a whole number.")).to_have_count(2)

    quantity.fill("0")
    quantity.press("Tab")

    expect(portal.get_by_text("The quantity is not a whole number.")).to_have_count(0)
    expect(portal.get_by_text("A MAK key needs a quantity")).to_have_count(2)

    quantity.fill("25")
    quantity.press("Tab")

    expect(portal.locator(".kp-summary")).to_have_count(0)
    expect(portal.locator(".is-invalid")).to_have_count(0)
    expect(portal.get_by_text("A MAK key needs a quantity")).to_have_count(0)
    expect(quantity).to_have_value("25")


def test_an_architecture_that_was_wrong_is_judged_anew_under_the_fingers(portal: Page) -> None:
    open_page_2(portal)
    fill_in(portal, made_up_key(87))
    architecture = portal.get_by_label("Architecture")
    # At once: an answer that is still on its way would bring the field anew, without the choice that does not exist.
    with portal.expect_navigation():
        architecture.evaluate(
            "(select, button) => { select.add(new Option('x86', 'x86', true, true)); button.click(); }",
            portal.get_by_role("button", name="Finish", exact=True).element_handle(),
        )
    expect(portal.locator("#problems")).to_contain_text("was not made for x86")

    architecture.focus()
    architecture.evaluate("select => { select.dataset.mine = 'yes'; }")
    architecture.select_option("x64")

    expect(portal.locator(".kp-summary")).to_have_count(0)
    expect(portal.locator(".is-invalid")).to_have_count(0)
    expect(architecture).to_have_attribute("data-mine", "yes")
    expect(architecture).to_be_focused()


def test_a_key_that_is_still_wrong_is_said_with_its_new_fault(portal: Page) -> None:
    open_page_2(portal)
    fill_in(portal, "hello")
    finish(portal)

    portal.get_by_label("Product key", exact=True).fill(made_up_key(83)[:-1])
    portal.keyboard.press("Tab")

    expect(portal.locator("#problems")).to_contain_text("found here: 24")
    expect(portal.locator("#key-result")).to_contain_text("found here: 24")
    expect(portal.get_by_text("This is no product key.")).to_have_count(0)


def test_before_the_page_was_sent_nothing_is_held_against_anybody(portal: Page) -> None:
    open_page_2(portal)
    portal.get_by_label("Product key", exact=True).fill(made_up_key(84))
    portal.keyboard.press("Tab")

    expect(portal.get_by_text("no typing error found")).to_be_visible()
    expect(portal.locator(".kp-summary")).to_have_count(0)
    expect(portal.locator(".kp-error")).to_have_count(0)
