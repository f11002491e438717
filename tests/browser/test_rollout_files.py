"""The files of a rollout template in the browser: one with a placeholder, one with the key, one copied."""

from pathlib import Path

from keyportal.people.models import User
from productkeys.models import ProductKey
from tests.browser.conftest import OpenBrowser, expect_copied
from tests.factories import stored
from tests.rollouts import template


def test_a_script_is_taken_along_with_a_placeholder_and_with_the_key(
    open_browser: OpenBrowser, admin_user: User
) -> None:
    mak = stored()
    one = template(activation_key_id=mak.pk)
    page = open_browser(admin_user, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(one.get_absolute_url())
    page.get_by_role("link", name="Files").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download Command script with a placeholder").click()
    assert started.value.suggested_filename == "Head-office-floor-4.cmd"
    assert f'/ipk "[MAK ...{mak.last_five}: see KeyPortal]"' in Path(started.value.path()).read_text()

    page.get_by_role("radio", name="PowerShell script").check()
    page.get_by_label("Ticket or remark").fill("INC-20418")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download with the key").click()
    assert started.value.suggested_filename == "Head-office-floor-4-PLAIN.ps1"
    assert f"/ipk {mak.code.open()}" in Path(started.value.path()).read_text("utf-8-sig")


def test_a_file_without_a_secret_is_copied(open_browser: OpenBrowser, admin_user: User) -> None:
    gvlk = ProductKey.objects.get(last_five="2YT43")
    one = template(activation_key_id=gvlk.pk)
    page = open_browser(admin_user, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{one.get_absolute_url()}files/")
    page.get_by_role("button", name="Copy OSDProductKey").click()
    expect_copied(page, f"OSDProductKey={gvlk.public_code}")
