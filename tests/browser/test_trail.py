"""The audit log and what a person has seen: accessible in both themes, on a phone, and without JavaScript."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from productkeys.models import ProductKey
from productkeys.models.trail import Action
from productkeys.services import keys, trail
from productkeys.services.origin import PORTAL, Origin
from tests.browser.conftest import OpenBrowser
from tests.factories import KMS_HOST, RETAIL, stored

TRAIL = reverse("productkeys:trail")


@pytest.fixture
def auditor(db: None, manager: User, revealer: User) -> User:
    """An auditor who also keeps keys, and a trail of everything there is."""
    person = User.objects.create_user("anna.auditor")
    rights = ["view_trailentry", "view_productkey", "change_productkey"]
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    own, archived, host = stored(by=manager), stored(RETAIL, by=manager), stored(KMS_HOST, by=manager)
    for key in (own, archived, host):
        trail.record(trail.entry(Action.REVEALED, origin=Origin(revealer, "2001:db8::7"), key=key, reason="device"))
    keys.set_status(archived, "archived", seen_version=1, origin=Origin(manager, "192.0.2.7"))
    trail.record(*(trail.entry(Action.CHANGED, origin=PORTAL, reason=f"note {number}") for number in range(60)))
    keys.change_key(own, keys.KeyValues.of(own, quantity=600), seen_version=1, origin=Origin(manager, "192.0.2.7"))
    return person


@pytest.fixture
def addresses(auditor: User, revealer: User) -> list[str]:
    queries = ("", f"?person={revealer.username}", "?kind=nothing&since=2026-03-04&until=2026-03-03", "?key=none")
    return [*(f"{TRAIL}{query}" for query in queries), reverse("productkeys:seen-by", args=[revealer.uid])]


def test_axe_finds_nothing(
    open_browser: OpenBrowser,
    auditor: User,
    addresses: list[str],
    assert_accessible_in_both_themes: Callable[[Page], None],
) -> None:
    page = open_browser(auditor, viewport={"width": 1440, "height": 900})
    for address in addresses:
        page.goto(address)
        assert_accessible_in_both_themes(page)


def test_no_page_scrolls_sideways_on_a_phone(open_browser: OpenBrowser, auditor: User, addresses: list[str]) -> None:
    page = open_browser(auditor, viewport={"width": 320, "height": 640})
    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_somebody_leaves_and_their_keys_are_marked_without_javascript(
    open_browser: OpenBrowser, auditor: User, revealer: User
) -> None:
    page = open_browser(auditor, java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page.goto(TRAIL)
    page.get_by_label("Person").fill(revealer.username)
    page.get_by_label("Kind").select_option("revealed")
    page.get_by_role("button", name="Show entries").click()
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("link", name="Keys that rolf.revealer has seen").click()
    page.get_by_role("checkbox", name="KMS host, data centre").uncheck()
    page.get_by_role("button", name="Mark as compromised").click()
    page.get_by_role("button", name="Mark 1 key as compromised").click()
    expect(page.get_by_role("heading", name="Keys that rolf.revealer has seen")).to_be_visible()
    assert ProductKey.objects.get(status="compromised").key_type == "mak"


def test_the_trail_is_saved_as_a_file(open_browser: OpenBrowser, auditor: User) -> None:
    page = open_browser(auditor, viewport={"width": 1280, "height": 800})
    page.goto(f"{TRAIL}?kind=revealed")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    assert waiting.value.suggested_filename.endswith(".csv")
    assert len(waiting.value.path().read_text().splitlines()) == 4
