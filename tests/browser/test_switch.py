"""Switching a machine and naming its key in a browser: the way that people take, by keyboard and on a phone."""

from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from tests.browser.conftest import OpenBrowser, expect_copied
from tests.factories import stored
from tests.test_identify_a_key import DLV

GVLK = "W269N-WFGWX-YVC9B-4J6C9-T83GX"


def test_a_product_is_chosen_and_its_commands_are_copied_and_downloaded(
    open_browser: OpenBrowser, viewer: User, assert_accessible: Callable[[Page], None]
) -> None:
    page = open_browser(viewer, permissions=["clipboard-read", "clipboard-write"])
    page.goto(reverse("productkeys:switch"))
    page.get_by_label("Operating system").select_option(label="Windows 11")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Edition").select_option(label="Pro")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()

    page.get_by_role("button", name="Copy command 1").click()
    expect_copied(page, f"cscript //nologo %SystemRoot%\\System32\\slmgr.vbs /ipk {GVLK}")
    page.get_by_role("button", name="Copy all").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.split('slmgr.vbs').length === 5)")

    with page.expect_download() as download:
        page.get_by_role("link", name=".ps1").click()
    assert download.value.suggested_filename == "switch-to-kms-T83GX.ps1"
    assert_accessible(page)


def test_what_a_machine_shows_is_read_without_javascript_on_a_phone(open_browser: OpenBrowser, viewer: User) -> None:
    mak = stored()
    page = open_browser(viewer, java_script_enabled=False, viewport={"width": 320, "height": 640})
    page.goto(reverse("productkeys:switch"))
    page.get_by_label("What the machine shows", exact=True).fill(DLV.replace("T83GX", mak.last_five))
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text(f"/ipk {GVLK}").first).to_be_visible()
    page.get_by_role("link", name=mak.name).click()
    page.wait_for_url(f"**{mak.get_absolute_url()}")


def test_the_keys_of_machines_are_named(
    open_browser: OpenBrowser, viewer: User, assert_accessible: Callable[[Page], None]
) -> None:
    mak = stored()
    page = open_browser(viewer, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(reverse("productkeys:identify"))
    page.get_by_label("What the machine shows", exact=True).fill(f"{mak.code.open()}\nBBBBB")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_role("heading", name="Keys with an entry: 1 of 2")).to_be_visible()
    expect(page.get_by_role("link", name=mak.name)).to_be_visible()
    expect(page.get_by_label("What the machine shows", exact=True)).to_have_value("")
    assert mak.code.open() not in page.content()
    assert_accessible(page)
