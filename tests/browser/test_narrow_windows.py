"""Windows that are narrower than a desk's: what a person chose to see stays there."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from keyportal.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1024, 1100, 1199])
def test_every_chosen_column_stays_and_published_keys_are_whole(
    open_browser: Callable[..., Page], manager: User, width: int
) -> None:
    page = open_browser(manager, viewport={"width": width, "height": 700})
    page.goto("/product-keys/?type=gvlk")
    for name in ("Arch.", "Edition", "Operating system", "Used for", "In use / quantity"):
        expect(page.get_by_role("columnheader", name=name)).to_be_visible()
    cut = "keys => keys.filter(key => key.scrollWidth > key.closest('td').clientWidth).length"
    assert page.locator(".c-name .kp-key").evaluate_all(cut) == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
