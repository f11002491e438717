"""Importing keys in a real browser: from the file to the result and back, also on a phone and without JavaScript."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import FilePayload, Page, expect

from keyportal.people.models import User
from productkeys.listing import imports
from productkeys.models import Import, ProductKey
from productkeys.models.importing import State
from productkeys.services.importing import worker
from tests.browser.conftest import OpenBrowser
from tests.imports import HEADS, csv_of, row

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/imports/new/"


@pytest.fixture(autouse=True)
def _a_worker_may_come_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the page would say soon that nobody works, before the test lets a worker do so."""
    monkeypatch.setattr(imports, "_PATIENCE", timedelta(hours=1))


@pytest.fixture
def file() -> FilePayload:
    """A good row, one whose type nobody understands, one with a faulty quantity; and "Name" is called otherwise."""
    rows = [row(), row(Type="Multi Lizenz"), row(Quantity="many")]
    heads = ("Location", *HEADS[1:])
    data = csv_of(({"Location": cells.pop("Name"), **cells} for cells in rows), heads)
    return {"name": "keys-2026-q4.csv", "mimeType": "text/csv", "buffer": data}


def _bring(page: Page, file: FilePayload) -> None:
    page.goto(NEW)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="keys-2026-q4.csv")).to_be_visible()
    page.wait_for_load_state()


def _send(page: Page, button: str) -> None:
    """Press the button and wait for the page that answers, which has the address and the heading of the one before."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def _all_the_way(page: Page, file: FilePayload) -> None:
    """From the file to the result and back: a column corrected, a text said, a row mended."""
    _bring(page, file)
    page.get_by_label("What the column Location means").select_option(label="Name")
    _send(page, "Check with these columns")
    worker.carry_out(Import.objects.get())
    page.reload()

    page.get_by_label("What “Multi Lizenz” means").select_option("mak")
    _send(page, "Check with these meanings")
    worker.carry_out(Import.objects.get())
    page.reload()

    page.get_by_role("link", name=re.compile("^Refused")).click()
    page.get_by_role("link", name="Mend line 4").click()
    page.get_by_label("Quantity").fill("20")
    page.get_by_role("button", name="Mend row").click()
    expect(page.get_by_text("Line 4 is mended.")).to_be_visible()
    worker.carry_out(Import.objects.get())
    page.reload()

    page.get_by_role("button", name="Import 3 ready rows").click()
    expect(page.get_by_text("Waits for its turn")).to_be_visible()
    worker.work_once()
    expect(page.get_by_text("keys were added")).to_be_visible()
    assert ProductKey.objects.filter(name="Branch Kiel").count() == 3

    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo import").click()
    expect(page.get_by_text("Waits for its turn")).to_be_visible()
    worker.work_once()
    expect(page.get_by_text("This import was undone")).to_be_visible()
    assert not ProductKey.objects.filter(name="Branch Kiel").exists()


def test_from_the_file_to_the_result_and_back(portal: Page, file: FilePayload) -> None:
    _all_the_way(portal, file)


def test_it_all_works_without_javascript(open_browser: OpenBrowser, manager: User, file: FilePayload) -> None:
    _all_the_way(open_browser(manager, java_script_enabled=False), file)


def test_the_page_follows_the_check_by_itself_and_leaves_alone_what_somebody_fills_in(
    portal: Page, file: FilePayload
) -> None:
    _bring(portal, file)
    Import.objects.update(state=State.CHECKING, total=400, checked=100)
    portal.reload()
    button = portal.get_by_role("button", name="Import ready rows")
    expect(button).to_be_disabled()
    expect(portal.get_by_text("100 of 400")).to_be_visible()
    portal.get_by_label("What the column Location means").select_option(label="Comment")
    expect(portal.get_by_text("Not applied yet: the preview still shows what was said before.").first).to_be_visible()
    Import.objects.update(checked=300)
    expect(portal.get_by_text("300 of 400")).to_be_visible()
    worker.carry_out(Import.objects.get())
    expect(portal.get_by_role("button", name="Import 1 ready row")).to_have_accessible_description(
        "Check with your changes first: they are not applied yet."
    )
    expect(portal.get_by_label("What the column Location means")).to_have_value("comment")
    expect(portal.get_by_label("What “Multi Lizenz” means")).to_be_visible()


def test_what_was_said_and_not_sent_stops_the_start(portal: Page, file: FilePayload) -> None:
    _bring(portal, file)
    start = portal.get_by_role("button", name="Import 1 ready row")
    location = portal.get_by_label("What the column Location means")
    before = location.input_value()
    location.focus()
    location.select_option(label="Comment")
    expect(start).to_be_disabled()
    start.press("Enter")
    expect(portal.get_by_role("button", name="Check with these columns")).to_be_focused()
    assert Import.objects.get().state == State.CHECKED
    location.select_option(before)
    expect(start).to_be_enabled()
    expect(portal.get_by_text("they are not applied yet")).to_be_hidden()


def test_a_session_that_ended_meanwhile_leads_to_sign_in(portal: Page, file: FilePayload) -> None:
    _bring(portal, file)
    Import.objects.update(state=State.CHECKING, total=400)
    portal.reload()
    portal.context.clear_cookies()
    expect(portal).to_have_url(re.compile("/accounts/login/"))


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "de-DE")])
def test_every_step_can_be_used_by_everybody(
    open_browser: OpenBrowser,
    assert_accessible_in_both_themes: Callable[[Page], None],
    manager: User,
    file: FilePayload,
    width: int,
    locale: str,
) -> None:
    """Light and dark, wide and on a phone, in English and German: axe finds nothing, and the page never scrolls."""
    first = open_browser(manager)
    _bring(first, file)
    imp = Import.objects.get()
    addresses = ["/imports/", NEW, f"/imports/{imp.pk}/", f"/imports/{imp.pk}/rows/2/"]
    page = open_browser(manager, viewport={"width": width, "height": 844}, locale=locale)
    for address in addresses:
        page.goto(address)
        for fold in page.locator("details.kp-fold").all():
            fold.evaluate("element => { element.open = true; }")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        # High enough that what sticks to the window's edges covers no field.
        page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
        assert_accessible_in_both_themes(page)
        page.set_viewport_size({"width": width, "height": 844})
    pages = [(state, "") for state in (State.CHECKING, State.STORING, State.DONE, State.UNDOING)]
    for state, below in (*pages, (State.DONE, "undo/")):
        page.goto("about:blank")  # the page before would ask how far it is, and go on by itself
        Import.objects.update(state=state, total=3)
        page.goto(f"/imports/{imp.pk}/{below}")
        assert_accessible_in_both_themes(page)


def test_why_a_row_is_refused_can_be_read_on_a_phone_without_scrolling(
    open_browser: OpenBrowser, manager: User, file: FilePayload
) -> None:
    _bring(open_browser(manager), file)
    page = open_browser(manager, viewport={"width": 390, "height": 844})
    page.goto(f"/imports/{Import.objects.get().pk}/")
    messages = page.locator(".kp-msg__text")
    expect(messages).to_have_count(3)
    edge = page.locator("#preview .kp-scroll").evaluate("box => box.getBoundingClientRect().right")
    ends = messages.evaluate_all("found => found.map(message => message.getBoundingClientRect().right)")
    assert all(end <= edge for end in ends)
