"""Second factors in a real browser: passkeys on a virtual device, the app's picture, and codes saved as a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from keyportal.people.models import SecondFactorRule, User
from tests.browser.conftest import OpenBrowser
from tests.second_factor import PASSWORD, App

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@pytest.fixture
def person(revealer: User) -> User:
    revealer.set_password(PASSWORD)
    revealer.save()
    return revealer


def _device(page: Page, **properties: Any) -> tuple[CDPSession, str]:
    """A virtual device that holds passkeys and says yes; with what to reach it by."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": device | properties})
    return cdp, added["authenticatorId"]


def _enter_password(page: Page, person: User) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("User name").fill(person.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/accounts/login/"))


def _sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def _add_passkey(page: Page, name: str, *, alone: bool = True) -> None:
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Sign in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_by_itself(open_browser: OpenBrowser, person: User) -> None:
    page = open_browser(viewport=DESK)
    _device(page)
    _enter_password(page, person)
    _add_passkey(page, "Laptop")
    expect(page.locator("#codes li")).to_have_count(10)
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("Signs in by itself.")).to_be_visible()
    _sign_out(page)

    page.goto("/accounts/login/?next=/handbook/rules/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "login" not in url)
    assert page.url.endswith("/handbook/rules/")
    page.goto("/accounts/security/")
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    expect(page.get_by_text("last used")).to_be_visible()


def test_it_counts_as_two_factors_where_a_role_needs_them(
    open_browser: OpenBrowser, in_role: Callable[..., User]
) -> None:
    person = in_role("Viewer", username="vera")
    person.set_password(PASSWORD)
    person.save()
    SecondFactorRule.objects.create(group=person.groups.get())
    page = open_browser(viewport=DESK)
    _device(page)
    _enter_password(page, person)
    expect(page.get_by_text("One of your roles needs a second factor")).to_be_visible()
    _add_passkey(page, "Laptop")
    _sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Product keys").first).to_be_visible()


def test_a_key_on_the_ring_is_the_second_factor_after_the_password(open_browser: OpenBrowser, person: User) -> None:
    page = open_browser(viewport=DESK)
    _device(page, transport="usb", hasResidentKey=False, hasUserVerification=False, isUserVerified=False)
    _enter_password(page, person)
    _add_passkey(page, "Key on the ring", alone=False)
    page.goto("/accounts/security/")
    expect(page.get_by_text("Second factor, after the password.")).to_be_visible()
    _sign_out(page)

    _enter_password(page, person)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_role("heading", name="Product keys").first).to_be_visible()


def test_a_passkey_confirms_before_a_key_is_revealed(open_browser: OpenBrowser, person: User) -> None:
    page = open_browser(viewport=DESK)
    _device(page)
    _enter_password(page, person)
    _add_passkey(page, "Laptop")
    page.goto("/accounts/reauthenticate/?next=/handbook/rules/")
    page.get_by_role("link", name="With a passkey or security key").click()
    page.get_by_role("button", name="Use the passkey").click()
    page.wait_for_url(lambda url: "reauthenticate" not in url)
    assert page.url.endswith("/handbook/rules/")


def test_what_the_device_refuses_is_said_on_the_page(open_browser: OpenBrowser, person: User) -> None:
    page = open_browser(viewport=DESK)
    _device(page)  # holds nothing
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The browser brought no passkey")).to_be_visible()


def test_the_passkey_of_somebody_who_was_deactivated_lets_nobody_in(open_browser: OpenBrowser, person: User) -> None:
    page = open_browser(viewport=DESK)
    _device(page)
    _enter_password(page, person)
    _add_passkey(page, "Laptop")
    _sign_out(page)
    User.objects.update(is_active=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This account is deactivated.")).to_be_visible()


def test_a_passkey_that_was_removed_lets_nobody_in(open_browser: OpenBrowser, person: User) -> None:
    page = open_browser(viewport=DESK)
    _device(page)
    _enter_password(page, person)
    _add_passkey(page, "Laptop")
    _sign_out(page)
    Authenticator.objects.all().delete()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()


@pytest.mark.parametrize("look", [("light", DESK), ("dark", PHONE)], ids=["light desk", "dark phone"])
def test_the_app_is_set_up_and_every_page_is_accessible(
    open_browser: OpenBrowser,
    person: User,
    assert_accessible: Callable[[Page], None],
    look: tuple[str, dict[str, int]],
    tmp_path: Path,
) -> None:
    scheme, size = look
    page = open_browser(viewport=size, color_scheme=scheme)
    _device(page)
    _enter_password(page, person)
    page.goto("/accounts/security/")
    assert_accessible(page)
    page.get_by_role("link", name="Set up an app").click()
    app = App(page.locator("#secret").inner_text())
    assert_accessible(page)
    page.get_by_label("Code from the app").fill(app.code())
    page.get_by_role("button", name="Set up").click()
    expect(page.locator("#codes li")).to_have_count(10)
    assert_accessible(page)
    codes = page.locator("#codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(tmp_path / "codes.txt")
    assert (tmp_path / "codes.txt").read_text().split("\n")[:-1] == codes
    assert download.value.suggested_filename == "keyportal-recovery-codes.txt"
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("10 unused codes")).to_be_visible()
    assert_accessible(page)
    _add_passkey(page, "Laptop")
    assert_accessible(page)
    passkey = Authenticator.objects.get(type="webauthn")
    for address in (
        "passkeys/add/",
        f"passkeys/{passkey.pk}/",
        f"passkeys/{passkey.pk}/remove/",
        "app/remove/",
        "recovery-codes/new/",
    ):
        page.goto(f"/accounts/security/{address}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    for way in ("", "code/", "passkey/"):
        page.goto(f"/accounts/reauthenticate/{way}")
        assert_accessible(page)
    _sign_out(page)
    _enter_password(page, person)
    assert_accessible(page)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Product keys").first).to_be_visible()
