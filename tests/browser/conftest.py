"""A real browser in front of a live server: the system's Chromium, driven by Playwright.

`portal` is a page that the manager is signed in on. `open_browser` gives further ones: another person, language, width,
colour scheme, or without JavaScript. A test fails where the browser reports an error, a broken content security policy
among them.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from keyportal.people.models import User

# Playwright runs an event loop in the thread of the test, where Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_PATIENCE = 30_000
"""Milliseconds to wait for what a page is to do or show: the machine may be busy."""

expect.set_options(timeout=_PATIENCE)

OpenBrowser = Callable[..., Page]


def expect_copied(page: Page, text: str) -> None:
    """Wait until `text` stands in the clipboard. What the button shows meanwhile lasts a moment only."""
    page.wait_for_function("expected => navigator.clipboard.readText().then(text => text === expected)", arg=text)


def expect_settled(page: Page) -> None:
    """Wait until htmx listens to what it has brought last."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.exit("The browser tests need Chromium. On Debian: sudo apt-get install chromium", returncode=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()
        # The thread of the test has other connections while the loop runs than before and after it.
        connections.close_all()


@pytest.fixture
def open_browser(browser: Browser, live_server: LiveServer) -> Iterator[OpenBrowser]:
    """A function that opens a page of its own: `open_browser(person, locale="de-DE", color_scheme="dark", ...)`.

    Takes the options of Playwright's `new_context`; without a person nobody is signed in.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(person: User | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **({"locale": "en-GB"} | options))
        contexts.append(context)
        context.set_default_timeout(_PATIENCE)
        if person is not None:
            client = Client()
            client.force_login(person)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(_described(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    _wait_until_answered()
    assert not complaints, complaints


def _wait_until_answered() -> None:
    """What the server is still at would meet a database that is put back for the next test."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=_PATIENCE / 1000)


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    # Chromium also reports every answer of 400 and more as an error, and tests do ask for such answers.
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        complaints.append(message.text)


def _described(error: Error) -> str:
    return f"{error.name}: {error.message}"


@pytest.fixture
def portal(open_browser: OpenBrowser, manager: User) -> Page:
    """A page in English, in a window of 1280 x 800, with the manager signed in."""
    return open_browser(manager, viewport={"width": 1280, "height": 800})


_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RULES_ABOUT_COLOURS = ["color-contrast", "link-in-text-block"]

# Colours on their way from one theme to the other are nobody's. One that ends may begin those of what inherits it.
_END_TRANSITIONS = """() => {
  const moving = () => document.getAnimations().filter(animation => animation instanceof CSSTransition);
  for (let transitions = moving(); transitions.length; transitions = moving())
    for (const transition of transitions) transition.finish();
}"""


def _axe(page: Page, rules: list[str]) -> None:
    # Without preload: axe would copy imported style sheets into <style> elements, which the policy refuses.
    options = {"runOnly": rules, "preload": False, "resultTypes": ["violations"]}
    results = AxeResults(page.evaluate("options => axe.run(options)", options))
    assert results.violations_count == 0, results.generate_report()


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """A function that fails, with axe-core's words, where the page has a fault by WCAG 2.2 AA."""
    script = Axe().axe_script

    def check(page: Page) -> None:
        page.wait_for_load_state()
        page.evaluate(script)
        _axe(page, _WCAG)

    return check


@pytest.fixture
def assert_accessible_in_both_themes(assert_accessible: Callable[[Page], None]) -> Callable[[Page], None]:
    """The same for a page that follows the system: as it stands in light, then in dark, where colours alone differ."""

    def turn(page: Page, theme: Literal["light", "dark"]) -> None:
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        page.evaluate(_END_TRANSITIONS)

    def check(page: Page) -> None:
        turn(page, "light")
        assert_accessible(page)
        turn(page, "dark")
        _axe(page, _RULES_ABOUT_COLOURS)
        turn(page, "light")

    return check
