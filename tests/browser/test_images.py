"""Reading an image in a browser: its header and its XML are read, however large it is, and the XML alone is sent."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.templatetags.static import static
from django.urls import reverse
from playwright.sync_api import Page, Request, expect

from keyportal.people.models import User
from productkeys.domain.image import HEADER_BYTES, ImageUnreadable, header
from tests.browser.conftest import OpenBrowser
from tests.wims import CORE_SERVER, PRO, made_wim, run

ADDRESS = reverse("productkeys:images")
FIVE_GIGABYTES = 5 * 1024**3

# Counts the bytes that the page takes out of files, across the page that follows.
COUNT_BYTES = """
(() => {
  const taken = Number(sessionStorage.taken ?? 0);
  sessionStorage.taken = taken;
  const count = (blob) => { sessionStorage.taken = Number(sessionStorage.taken) + blob.size; };
  for (const way of ["arrayBuffer", "text", "stream"]) {
    const whole = Blob.prototype[way];
    Blob.prototype[way] = function () { count(this); return whole.call(this); };
  }
  for (const way of ["readAsArrayBuffer", "readAsText", "readAsDataURL", "readAsBinaryString"]) {
    const whole = FileReader.prototype[way];
    FileReader.prototype[way] = function (blob) { count(blob); return whole.call(this, blob); };
  }
})()
"""


@pytest.fixture(scope="module")
def wim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wim")
    return made_wim(folder / "install.wim", {"Windows 11 Pro": PRO, "Server 2022 Core": CORE_SERVER, "Captured": {}})


@pytest.fixture(scope="module")
def huge(wim: Path) -> Path:
    """The same file with a hole of five gigabytes in front of its XML: it takes hardly any room on the disk."""
    content = bytearray(wim.read_bytes())
    place = header(bytes(content[:HEADER_BYTES]), file_size=len(content))
    struct.pack_into("<Q", content, 80, FIVE_GIGABYTES)
    path = wim.with_name("huge.wim")
    with path.open("wb") as file:
        file.write(content[:HEADER_BYTES])
        file.seek(FIVE_GIGABYTES)
        file.write(content[place.offset : place.offset + place.size])
    return path


def xml_size(wim: Path) -> int:
    content = wim.read_bytes()
    return header(content[:HEADER_BYTES], file_size=len(content)).size


def test_an_image_of_more_than_four_gigabytes_is_read_within_seconds(portal: Page, wim: Path, huge: Path) -> None:
    sent: list[Request] = []
    portal.add_init_script(COUNT_BYTES)
    portal.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    portal.goto(ADDRESS)

    portal.get_by_label("Drop an install.wim or install.esd here").set_input_files(huge)

    expect(portal.get_by_text("3 images were found.")).to_be_visible()
    expect(portal.get_by_role("heading", name="Windows 11 Pro")).to_be_visible()
    expect(portal.get_by_text("One key fits: take …T83GX.").first).to_be_visible()
    assert huge.stat().st_size > FIVE_GIGABYTES
    assert portal.evaluate("Number(sessionStorage.taken)") == HEADER_BYTES + xml_size(wim)
    (request,) = sent
    assert int(request.all_headers()["content-length"]) < xml_size(wim) + 2_000


def dropped(page: Page, name: str, content: bytes, *, onto: str = "[data-drop]") -> None:
    """Drop a file on the page as a person does with the mouse."""
    files = page.evaluate_handle(
        """([name, bytes]) => {
          const dropped = new DataTransfer();
          dropped.items.add(new File([new Uint8Array(bytes)], name));
          return dropped;
        }""",
        [name, list(content)],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(onto, event, {"dataTransfer": files})


def test_a_file_is_dropped_into_the_page_and_leads_to_its_keys(
    portal: Page, wim: Path, assert_accessible: Callable[[Page], None]
) -> None:
    portal.goto(ADDRESS)
    dropped(portal, "install.wim", wim.read_bytes(), onto="h1")  # beside the zone as well

    expect(portal.get_by_text("3 images were found.")).to_be_visible()
    assert_accessible(portal)
    portal.get_by_role("link", name="All keys for Windows 11 Pro: Activation").click()
    expect(portal.get_by_role("heading", name="take …T83GX.")).to_be_visible()
    expect(portal.get_by_label("Operating system or build")).to_have_value("26100.1742")
    expect(portal.get_by_label("Purpose")).to_have_value("activation")


def test_a_file_that_is_no_whole_image_is_refused_in_the_page(
    portal: Page, wim: Path, tmp_path: Path, assert_accessible: Callable[[Page], None]
) -> None:
    content = wim.read_bytes()
    for number in range(3):
        (tmp_path / f"{number}").write_bytes(bytes([number]) * 2_000_000)
    run("wimcapture", tmp_path, tmp_path / "whole.wim", "Whole", "--compress=none")
    run("wimsplit", tmp_path / "whole.wim", tmp_path / "part.swm", "3")
    unfinished = bytearray(content)
    struct.pack_into("<QQQ", unfinished, 72, 0, 0, 0)

    portal.goto(ADDRESS)
    for name, said, file in (
        ("setup.exe", "This file is no Windows image", b"MZ" + bytes(1000)),
        ("install.wim", "This image is cut off", content[:-1]),
        ("install.wim", "This image was never finished", bytes(unfinished)),
        ("install.wim", "The header of this image is damaged.", content[:8] + bytes(300)),
        ("part.swm", "This is part 1 of 3 of a split image.", (tmp_path / "part.swm").read_bytes()[:1000]),
    ):
        dropped(portal, name, file)
        expect(portal.get_by_role("alert")).to_contain_text(said)
    assert_accessible(portal)

    # What the browser cannot know by the header, the portal says.
    dropped(portal, "install.wim", _with_xml(content, "<WIM><ESD><ENCRYPTED/></ESD></WIM>"))
    expect(portal.get_by_role("alert")).to_contain_text("This image is encrypted")
    expect(portal.locator("[data-drop]")).to_be_visible()


def _with_xml(wim: bytes, xml: str) -> bytes:
    packed, content = xml.encode("utf-16"), bytearray(wim)
    struct.pack_into("<QQQ", content, 72, len(packed) | 2 << 56, len(content), len(packed))
    return bytes(content + packed)


def test_the_browser_judges_a_header_as_the_portal_does(portal: Page, wim: Path, tmp_path: Path) -> None:
    """Real headers with one or two bytes changed at every place that means something, and cut to several lengths."""
    pipable = made_wim(tmp_path / "pipable.wim", {"Windows 11 Pro": PRO}, "--pipable").read_bytes()
    cases: list[tuple[bytes, int, bool]] = []
    for content in (wim.read_bytes(), pipable):
        for part in (content[:HEADER_BYTES], content[-HEADER_BYTES:]):
            for at_end in (False, True):
                cases += [(part[:length], len(content), at_end) for length in (0, 7, 8, 100, HEADER_BYTES)]
                for place in (*range(20), *range(40, 44), *range(72, 96)):
                    for value in (0, 1, 8, 0xFF):
                        changed = bytearray(part)
                        changed[place] = value
                        cases.append((bytes(changed), len(content), at_end))

    portal.goto(ADDRESS)
    found = portal.evaluate(
        """async ([address, cases]) => {
          const { nextPlace } = await import(address);
          return cases.map(([bytes, size, atEnd]) => nextPlace(new Uint8Array(bytes), size, atEnd));
        }""",
        [static("js/images.js"), [[list(data), size, at_end] for data, size, at_end in cases]],
    )
    assert found == [_judged(*case) for case in cases]


def _judged(data: bytes, file_size: int, at_end: bool) -> dict[str, Any]:
    try:
        place = header(data, file_size=file_size, at_end=at_end)
    except ImageUnreadable as unreadable:
        return {"fault": unreadable.problem.code, **unreadable.problem.params}
    return {"offset": place.offset, "size": place.size, "holdsHeader": place.holds_header}


def test_a_pipable_image_is_read_at_its_end(portal: Page, tmp_path: Path) -> None:
    path = made_wim(tmp_path / "pipable.wim", {"Windows 11 Pro": PRO}, "--pipable")
    portal.goto(ADDRESS)
    portal.get_by_label("Drop an install.wim or install.esd here").set_input_files(path)
    expect(portal.get_by_role("heading", name="Windows 11 Pro")).to_be_visible()


def test_without_javascript_the_output_of_a_tool_is_pasted(open_browser: OpenBrowser, manager: User, wim: Path) -> None:
    page = open_browser(manager, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(ADDRESS)
    expect(page.get_by_text("Drop an install.wim")).to_be_hidden()
    page.get_by_label("Output of DISM or wiminfo").fill(run("wiminfo", wim))
    page.get_by_role("button", name="Show the images").click()
    expect(page.get_by_role("heading", name="Windows 11 Pro")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keys_are_found_by_typing_what_is_known(portal: Page, assert_accessible: Callable[[Page], None]) -> None:
    portal.goto(reverse("productkeys:match"))
    portal.get_by_label("Operating system or build").fill("Windows 11 24H2")
    portal.get_by_label("Edition").select_option(label="Enterprise (Enterprise)")
    portal.get_by_role("button", name="Show the keys").click()
    expect(portal.get_by_role("heading", name="take …2YT43.")).to_be_visible()
    portal.locator("summary", has_text="keys do not fit").click()
    expect(portal.get_by_text("more keys are not shown.")).to_be_visible()
    assert_accessible(portal)
