"""Checking an answer file in the browser: brought on its field, corrected, and a new one without JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from productkeys.models import TrailEntry
from productkeys.models.trail import Action
from tests.answer_files import ENTERPRISE, activating, installing, unattend
from tests.browser.conftest import OpenBrowser
from tests.factories import stored

_DROP = """(target, text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "dropped.xml", {type: "text/xml"}));
    target.files = data.files;
}"""


@pytest.fixture
def reader(open_browser: OpenBrowser, revealer: User) -> Page:
    return open_browser(revealer, viewport={"width": 1280, "height": 900})


def test_a_file_is_checked_corrected_and_downloaded(reader: Page) -> None:
    mak = stored(name="Head office")
    text = unattend(installing(mak.code.open()), activating(""))
    reader.goto("/answer-files/")
    reader.get_by_label("File", exact=True).evaluate(_DROP, text)
    reader.get_by_role("button", name="Check the file").click()
    expect(reader.get_by_role("heading", name="With this file, the rollout fails")).to_be_visible()
    expect(reader.get_by_role("heading", name="dropped.xml")).to_be_visible()
    expect(reader.get_by_text(mak.code.open())).to_have_count(0)

    reader.get_by_role("link", name="Corrected file").click()
    with reader.expect_download() as started:
        reader.get_by_role("button", name="Download").click()
    assert started.value.suggested_filename == "dropped.xml"
    written = Path(started.value.path()).read_text()
    assert f"<Key>{ENTERPRISE}</Key>" in written
    assert f"<ProductKey>{mak.code.open()}</ProductKey>" in written


def test_a_new_file_with_a_mak_is_made_without_javascript(open_browser: OpenBrowser, revealer: User) -> None:
    mak = stored(name="Head office")
    page = open_browser(revealer, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/answer-files/")
    page.get_by_role("link", name="New answer file").click()
    page.get_by_label("Windows that is rolled out").select_option("windows-11/Enterprise")
    page.get_by_role("button", name="Show the keys for it").click()
    page.get_by_role("group", name="For activation (specialize)").get_by_label(re.compile("Head office")).check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator(".kp-code")).to_contain_text(f"-{mak.last_five}</ProductKey>")
    page.get_by_label("Ticket or remark").fill("INC-20418")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download with the key").click()
    assert f"<ProductKey>{mak.code.open()}</ProductKey>" in Path(started.value.path()).read_text()
    assert TrailEntry.objects.get(action=Action.REVEALED).reason == "answer-file: INC-20418"
