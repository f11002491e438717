"""Signing in with the company's account in a browser: to another site and back, with the policy on forms as it is."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from keyportal.people.models import User
from tests.browser.conftest import OpenBrowser
from tests.company import with_openid, with_saml
from tests.factories import stored
from tests.openid_provider import OpenIDProvider, running_openid_provider
from tests.saml_provider import SAMLProvider, running_saml_provider

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"


@pytest.fixture(scope="module")
def openid_server() -> Iterator[OpenIDProvider]:
    with running_openid_provider() as provider:
        provider.url = provider.url.replace("127.0.0.1", "localhost")  # another site than the portal
        yield provider


@pytest.fixture
def openid(openid_server: OpenIDProvider, settings: Settings, live_server: LiveServer) -> OpenIDProvider:
    settings.ORIGIN = live_server.url
    openid_server.reset()
    openid_server.people["mara"] = {"sub": "4711", "preferred_username": "mara", "groups": ["it", "licences"]}
    with_openid(settings, openid_server)
    return openid_server


@pytest.fixture(scope="module")
def saml_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SAMLProvider]:
    with running_saml_provider(tmp_path_factory.mktemp("saml")) as provider:
        provider.url = provider.url.replace("127.0.0.1", "localhost")
        yield provider


@pytest.fixture
def saml(saml_server: SAMLProvider, settings: Settings, live_server: LiveServer) -> SAMLProvider:
    settings.ORIGIN = live_server.url
    saml_server.reset()
    saml_server.people["mara"] = {"NameID": "4711", f"{CLAIMS}/upn": ["mara"], GROUPS: ["it"]}
    with_saml(settings, saml_server)
    return saml_server


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_openid_connect_through_the_button(
    openid: OpenIDProvider, open_browser: OpenBrowser, assert_accessible: Callable[[Page], None]
) -> None:
    page = open_browser()
    page.goto("/operating-systems/")
    assert_accessible(page)
    _press(page, "Sign in with Microsoft Entra ID")
    expect(page).to_have_title("Sign in")
    assert page.url.startswith(openid.url)
    _press(page, "mara")
    expect(page).to_have_url(re.compile("/operating-systems/$"))
    assert User.objects.filter(username="mara").exists()


def test_saml_through_the_button(saml: SAMLProvider, open_browser: OpenBrowser) -> None:
    page = open_browser(viewport={"width": 390, "height": 844}, color_scheme="dark", locale="de-DE")
    page.goto("/operating-systems/")
    page.get_by_role("button", name="AD FS").click()
    expect(page).to_have_title("Sign in")
    assert page.url.startswith(saml.url)
    _press(page, "mara")
    expect(page).to_have_url(re.compile("/operating-systems/$"))


def test_without_javascript(openid: OpenIDProvider, open_browser: OpenBrowser) -> None:
    page = open_browser(java_script_enabled=False)
    page.goto("/accounts/login/")
    _press(page, "Sign in with Microsoft Entra ID")
    _press(page, "mara")
    expect(page).to_have_url(re.compile("/product-keys/$"))


def test_an_old_sign_in_is_confirmed_on_the_way_to_a_key(
    openid: OpenIDProvider, open_browser: OpenBrowser, assert_accessible: Callable[[Page], None]
) -> None:
    key = stored()
    openid.signed_in_at = 1
    page = open_browser()
    page.goto(key.get_absolute_url())
    _press(page, "Sign in with Microsoft Entra ID")
    _press(page, "mara")
    page.get_by_role("link", name=re.compile("Confirm")).first.click()
    expect(page.get_by_role("button", name="Confirm with Microsoft Entra ID")).to_be_visible()
    assert_accessible(page)
    openid.signed_in_at = None
    _press(page, "Confirm with Microsoft Entra ID")
    _press(page, "mara")
    page.get_by_label("Why is it revealed?").select_option(label="Device replaced")
    page.get_by_role("button", name=re.compile("^Reveal for")).click()
    expect(page.get_by_text(key.code.open())).to_be_visible()


def test_what_went_wrong_is_said_in_the_look_of_the_portal(
    openid: OpenIDProvider, open_browser: OpenBrowser, assert_accessible: Callable[[Page], None]
) -> None:
    openid.people["mara"]["groups"] = []
    page = open_browser()
    page.goto("/")
    _press(page, "Sign in with Microsoft Entra ID")
    _press(page, "mara")
    expect(page.get_by_role("heading", name="You have no access to the portal yet")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Back to sign-in").click()
    expect(page.get_by_label("User name")).to_be_visible()
