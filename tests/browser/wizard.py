"""The way to page 2 of the wizard, and what is filled in there."""

from playwright.sync_api import Page, expect


def open_page_2(page: Page, key_type: str = "mak", name: str = "Head office") -> None:
    """Fill in page 1 and go on."""
    page.goto("/product-keys/add/")
    page.locator(f"[value={key_type}]").check()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**step=key")  # loaded, its scripts as well


def fill_in(page: Page, key: str) -> None:
    """Fill in page 2 for Windows 11 Enterprise and 25 devices."""
    page.get_by_label("Product key", exact=True).fill(key)
    page.get_by_label("Operating system").select_option("Windows 11")
    expect(page.get_by_label("Edition").locator("[value=ServerEnterprise]")).to_have_count(0)  # called Enterprise too
    page.get_by_label("Edition").select_option("Enterprise")
    page.get_by_label("Quantity").fill("25")


def finish(page: Page) -> None:
    """Press the button at the end, and wait for the page that follows, its scripts as well."""
    with page.expect_navigation():
        page.get_by_role("button", name="Finish", exact=True).click()
