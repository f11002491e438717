"""The form of a rollout template in the browser: it follows what is chosen."""

from playwright.sync_api import expect

from keyportal.people.models import User
from productkeys.models import RolloutTemplate
from tests.browser.conftest import OpenBrowser
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
    edition.select_option("Enterprise")
    page.wait_for_load_state("networkidle")
    expect(key.locator(f"option[value='{mak.pk}']")).to_have_count(1)
    key.select_option(str(mak.pk))
    page.get_by_role("button", name="Add", exact=True).click()

    expect(page.get_by_role("heading", level=1, name="Head office")).to_be_visible()
    added = RolloutTemplate.objects.get()
    assert (added.edition, added.activation_key_id, added.answer_file_name) == ("Enterprise", mak.pk, "unattend.xml")
