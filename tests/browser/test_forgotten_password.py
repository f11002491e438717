"""A forgotten password in a real browser: from the sign-in page by way of the letter to a new one."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Request, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from keyportal.people.models import User
from tests.browser.conftest import OpenBrowser
from tests.letters import address_in, arrived
from tests.reading import english_in

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "an even longer passphrase"


@pytest.fixture(autouse=True)
def person(live_server: LiveServer, settings: Settings) -> User:
    """Somebody who has forgotten their password, at the portal that is served."""
    settings.ORIGIN = live_server.url
    return User.objects.create_user("mara", "mara@example.org", "a long enough passphrase")


def _ask(page: Page) -> str:
    """The link that arrives for whoever asks on `page`."""
    page.goto(reverse("account_reset_password"))
    page.locator("[name=email]").fill("mara")
    page.locator("main form").first.locator("button").click()
    page.wait_for_url("**/done/")
    return address_in(arrived()[-1])


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_way_from_the_sign_in_page_to_a_new_password(open_browser: OpenBrowser, scripts: bool) -> None:
    page = open_browser(java_script_enabled=scripts)
    page.goto(reverse("account_login"))
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("User name or e-mail address").fill("mara@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()

    page.goto(address_in(arrived()[-1]))
    expect(page.get_by_text("For the account “mara”.")).to_be_visible()
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("New password again").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("at least 12 characters").first).to_be_visible()
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Set the password").click()

    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    page.get_by_label("User name").fill("mara")
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Operating systems")).to_be_visible()


def test_the_browser_hands_the_link_on_to_nobody(open_browser: OpenBrowser) -> None:
    page = open_browser()
    link = _ask(page)
    token = urlsplit(link).path.split("/")[-2]
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright marks what it calls
    page.goto(link)
    page.get_by_role("link", name="Back to sign-in").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    assert len(asked) > 5
    assert [request.url for request in asked if token in request.headers.get("referer", "")] == []
    assert [request.url for request in asked if token in request.url] == [link]
    assert token not in page.evaluate("JSON.stringify(performance.getEntries())")


def _pages(link: str) -> list[str]:
    return [
        *(reverse(f"account_{name}") for name in ("login", "reset_password", "reset_password_done")),
        link,
        reverse("account_reset_password_from_key", args=["1", "made-up"]),
    ]


def test_axe_finds_nothing(open_browser: OpenBrowser, assert_accessible_in_both_themes: Callable[[Page], None]) -> None:
    page = open_browser()
    for address in _pages(_ask(page)):
        page.goto(address)
        assert_accessible_in_both_themes(page)
    page.goto(reverse("account_reset_password"))
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("#id_email_error")).to_be_visible()
    assert_accessible_in_both_themes(page)


def test_in_german_on_a_phone_nothing_is_english_and_nothing_too_wide(open_browser: OpenBrowser) -> None:
    page = open_browser(locale="de-DE", viewport={"width": 320, "height": 640})
    for address in _pages(_ask(page)):
        page.goto(address)
        assert english_in(page.content()) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
