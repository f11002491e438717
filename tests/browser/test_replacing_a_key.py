"""Replacing a key in all rollout templates, in a real browser: the pages are accessible, and lead to the end."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from keyportal.people.models import User
from productkeys.models import ProductKey, RolloutTemplate
from tests.browser.conftest import OpenBrowser
from tests.factories import stored
from tests.rollouts import template
from tests.swept_pages import pages_of_rollout_templates


@pytest.mark.parametrize(("theme", "width", "locale"), [("light", 1440, "en-GB"), ("dark", 390, "de-DE")])
def test_a_leaked_key_is_replaced(
    open_browser: OpenBrowser,
    admin_user: User,
    assert_accessible: Callable[[Page], None],
    theme: str,
    width: int,
    locale: str,
) -> None:
    pages_of_rollout_templates()
    fresh = stored(name="Fresh")
    leaked = ProductKey.objects.get(status="compromised")
    page = open_browser(admin_user, color_scheme=theme, locale=locale, viewport={"width": width, "height": 900})

    page.goto(leaked.get_absolute_url())
    page.locator(f"main a[href='{reverse('productkeys:replace', args=[leaked.pk])}']").first.click()
    expect(page.locator("[name=replacement]")).to_be_visible()
    assert_accessible(page)
    page.locator("main .btn-primary").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    page.locator("[name=replacement]").select_option(str(fresh.pk))
    page.locator("main .btn-primary").click()
    expect(page.locator("[name=apply]")).to_be_visible()
    assert_accessible(page)
    page.locator("[name=apply]").click()

    expect(page.get_by_role("status")).to_be_visible()
    assert RolloutTemplate.objects.get(name="Head office, floor 5").activation_key == fresh


@pytest.mark.parametrize(("theme", "width", "locale"), [("light", 1440, "en-GB"), ("dark", 390, "de-DE")])
def test_what_a_change_breaks_is_said_before_it_is_stored(
    open_browser: OpenBrowser,
    admin_user: User,
    assert_accessible: Callable[[Page], None],
    theme: str,
    width: int,
    locale: str,
) -> None:
    key = stored(name="Used")
    template(activation_key_id=key.pk)
    page = open_browser(admin_user, color_scheme=theme, locale=locale, viewport={"width": width, "height": 900})

    page.goto(reverse("productkeys:edit", args=[key.pk]))
    page.locator("[name=architecture]").select_option("any")
    page.locator("main .btn-primary").click()
    expect(page.get_by_role("alert")).to_contain_text("Head office, floor 4")
    assert_accessible(page)
    page.locator("main .btn-primary").click()

    expect(page.get_by_role("status")).to_be_visible()
    key.refresh_from_db()
    assert key.architecture == "any"
