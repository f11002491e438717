"""The form of a rollout template in the browser: it follows what is chosen."""

import pytest
from playwright.sync_api import expect

from keyportal.people.models import User
from productkeys.forms import rollout_template
from productkeys.models import RolloutTemplate
from tests.browser.conftest import OpenBrowser, expect_settled
from tests.factories import stored


def test_editions_and_keys_follow_the_operating_system(open_browser: OpenBrowser, admin_user: User) -> None:
    mak = stored()
    page = open_browser(admin_user)
    page.goto("/rollout-templates/add/")
    page.get_by_label("Name").fill("Head office")
    page.get_by_label("Answer file").set_input_files(
        {
            "name": "unattend.xml",
            "mimeType": "text/xml",
            "buffer": b"<unattend xmlns='urn:schemas-microsoft-com:unattend'/>",
        }
    )
    edition, key = page.get_by_label("Edition"), page.get_by_label("Activation key")

    page.get_by_label("Operating system").select_option("windows-11")
    expect(edition.locator("option[value=ServerEnterprise]")).to_have_count(0)
    expect_settled(page)
    with page.expect_response("**/add/"):
        edition.select_option("Enterprise")
    expect_settled(page)
    expect(key.locator(f"option[value='{mak.pk}']")).to_have_count(1)
    key.select_option(str(mak.pk))
    page.get_by_role("button", name="Add", exact=True).click()

    expect(page.get_by_role("heading", level=1, name="Head office")).to_be_visible()
    added = RolloutTemplate.objects.get()
    assert (added.edition, added.activation_key_id, added.answer_file_name) == ("Enterprise", mak.pk, "unattend.xml")


def test_a_key_among_many_is_looked_for_while_the_form_stays(
    open_browser: OpenBrowser, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout_template, "_OFFERED", 2)
    keys = [stored(name=name) for name in ("Harbour", "Airport", "Town hall")]
    page = open_browser(admin_user)
    page.goto("/rollout-templates/add/")
    page.get_by_label("Name").fill("Head office")
    page.get_by_label("Operating system").select_option("windows-11")

    page.get_by_label("Find a key").fill("town hall")
    page.keyboard.press("Tab")
    option = page.get_by_label("Activation key").locator("option")
    expect(option).to_have_count(2)
    expect(option.last).to_have_attribute("value", str(keys[2].pk))
    expect(page.get_by_role("button", name="Search", exact=True)).to_be_focused()

    page.get_by_label("Find a key").fill("harbour")
    page.keyboard.press("Enter")
    expect(option.last).to_have_attribute("value", str(keys[0].pk))
    expect(page.get_by_label("Name")).to_have_value("Head office")
    assert not RolloutTemplate.objects.exists()
