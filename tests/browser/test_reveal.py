"""Revealing a key in the browser: it counts down, goes away, and does not come back."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from tests.browser.conftest import OpenBrowser, expect_copied
from tests.factories import stored


@pytest.fixture
def key(transactional_db: None) -> ProductKey:
    return stored()


@pytest.fixture
def page(open_browser: OpenBrowser, revealer: User) -> Page:
    return open_browser(revealer, viewport={"width": 1280, "height": 800})


def _reveal(page: Page, key: ProductKey) -> None:
    page.goto(key.get_absolute_url())
    page.get_by_label("Why is it revealed?").select_option(label="Device replaced")
    page.get_by_label("Ticket or remark").fill("INC-20418")
    page.get_by_role("button", name=re.compile("^Reveal for")).click()


def _see(page: Page, key: ProductKey) -> None:
    """Reveal the key and wait until its time runs: from then on the script of the page looks after it."""
    _reveal(page, key)
    expect(page.get_by_text(key.code.open())).to_be_visible()
    expect(page.get_by_text(re.compile(r"left, visible until"))).to_be_visible()


def test_it_is_shown_with_its_time_and_gone_at_the_end(page: Page, key: ProductKey, settings: Settings) -> None:
    settings.REVEAL_SECONDS = 90
    page.clock.install()
    _reveal(page, key)
    expect(page.get_by_text(key.code.open())).to_be_visible()
    expect(page.get_by_text(re.compile(r"[01]:\d\d left, visible until \d\d:\d\d:\d\d"))).to_be_visible()
    page.clock.fast_forward("01:30")
    expect(page.get_by_text(key.code.open())).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"{key.get_absolute_url()}$"))
    assert key.code.open() not in page.content()


def test_hide_now_takes_it_off_at_once(page: Page, key: ProductKey) -> None:
    _see(page, key)
    page.get_by_role("link", name="Hide now").click()
    expect(page).to_have_url(re.compile(rf"{key.get_absolute_url()}$"))
    assert key.code.open() not in page.content()


def test_copy_takes_the_whole_key(page: Page, key: ProductKey) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _see(page, key)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect_copied(page, key.code.open())


def test_back_shows_the_page_without_the_key(page: Page, key: ProductKey) -> None:
    _see(page, key)
    page.get_by_role("link", name="Operating systems", exact=True).click()
    expect(page.get_by_role("heading", name="Operating systems", level=1)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(rf"{key.get_absolute_url()}$"))
    assert key.code.open() not in page.content()


def test_a_page_that_is_left_keeps_no_key_for_the_way_back(page: Page, key: ProductKey) -> None:
    """What the browser puts aside when a page is left, to show it at once on the way back."""
    _see(page, key)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert key.code.open() not in page.content()
    expect(page.get_by_role("link", name="Hide now")).to_be_hidden()


def test_a_page_that_was_put_aside_is_asked_for_anew(page: Page, key: ProductKey) -> None:
    _see(page, key)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.get_by_role("button", name=re.compile("^Reveal for"))).to_be_visible()
    assert key.code.open() not in page.content()


def test_back_after_signing_out_leads_to_the_door(page: Page, key: ProductKey) -> None:
    _see(page, key)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert key.code.open() not in page.content()


def test_a_reload_reveals_nothing_once_more(page: Page, key: ProductKey) -> None:
    _see(page, key)
    page.reload()
    expect(page).to_have_url(re.compile(rf"{key.get_absolute_url()}$"))
    assert key.code.open() not in page.content()
    assert TrailEntry.objects.filter(action="revealed").count() == 1


def test_a_double_click_reveals_once_and_shows_it(page: Page, key: ProductKey) -> None:
    page.goto(key.get_absolute_url())
    page.get_by_label("Why is it revealed?").select_option(label="Device replaced")
    page.get_by_role("button", name=re.compile("^Reveal for")).dblclick()
    expect(page.get_by_text(key.code.open())).to_be_visible()
    assert TrailEntry.objects.filter(action="revealed").count() == 1


@pytest.mark.parametrize("way_back", ["the page was put aside", "some time has passed"])
def test_a_reveal_whose_answer_was_stopped_can_be_sent_again(page: Page, key: ProductKey, way_back: str) -> None:
    page.clock.install()
    page.goto(key.get_absolute_url())
    page.get_by_label("Why is it revealed?").select_option(label="Device replaced")
    page.route("**/reveal/", lambda route: route.fulfill(status=204))  # the browser stays where it is
    with page.expect_response("**/reveal/"):
        page.get_by_role("button", name=re.compile("^Reveal for")).click()
    page.unroute("**/reveal/")

    if way_back == "some time has passed":
        page.clock.fast_forward("00:10")
    else:
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.get_by_role("button", name=re.compile("^Reveal for")).click()

    expect(page.get_by_text(key.code.open())).to_be_visible()


def test_a_missing_reason_is_told_beside_its_field(page: Page, key: ProductKey) -> None:
    page.goto(key.get_absolute_url())
    page.get_by_role("button", name=re.compile("^Reveal for")).click()
    reason = page.get_by_label("Why is it revealed?")
    expect(reason).to_have_accessible_description(re.compile("The reason is missing"))
    assert key.code.open() not in page.content()


def test_it_works_without_javascript(
    open_browser: OpenBrowser, revealer: User, key: ProductKey, settings: Settings
) -> None:
    settings.REVEAL_SECONDS = 15
    page = open_browser(revealer, java_script_enabled=False)
    _reveal(page, key)
    expect(page.get_by_text(key.code.open())).to_be_visible()
    expect(page.get_by_text(re.compile("^Visible until"))).to_be_visible()
    expect(page.get_by_text(key.code.open())).to_have_count(0)
    assert page.url.endswith(key.get_absolute_url())


def test_a_reload_without_javascript_reveals_nothing_once_more(
    open_browser: OpenBrowser, revealer: User, key: ProductKey
) -> None:
    page = open_browser(revealer, java_script_enabled=False)
    _reveal(page, key)
    expect(page.get_by_text(key.code.open())).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^Reveal for"))).to_be_visible()
    assert page.url.endswith(key.get_absolute_url())
    assert key.code.open() not in page.content()
    assert TrailEntry.objects.filter(action="revealed").count() == 1
