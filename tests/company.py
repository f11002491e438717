"""A portal that people sign in to with the company's account, and the way there and back without a browser."""

from html import unescape
from typing import Any
from urllib.parse import urlsplit

import requests
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from keyportal.people import group_roles
from keyportal.people.company.configuration import SAML_ATTRIBUTES
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIDProvider
from tests.saml_provider import SAMLProvider

GROUP_ROLES = '{"it": ["Viewer"], "licences": ["Key manager", "Revealer"]}'
NAME = "Microsoft Entra ID"


def with_openid(settings: Settings, provider: OpenIDProvider, *, second_factor: bool = False) -> None:
    """The portal as KEYPORTAL_OIDC_... would set it up for `provider`, whose groups give roles."""
    app = {
        "provider_id": "openid",
        "name": NAME,
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {
            "server_url": provider.url,
            "oauth_pkce_enabled": True,
            "groups_claim": "groups",
            "second_factor": second_factor,
        },
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    settings.GROUP_ROLES = group_roles.read(GROUP_ROLES)


def with_saml(settings: Settings, provider: SAMLProvider, *, second_factor: bool = False) -> None:
    """The portal as KEYPORTAL_SAML_... would set it up for `provider`; each knows the other's metadata."""
    app = {
        "provider_id": "saml",
        "name": "AD FS",
        "client_id": "saml",
        "settings": {
            "metadata_url": f"{provider.url}/metadata",
            "entity_id": "",
            "attributes": SAML_ATTRIBUTES,
            "second_factor": second_factor,
        },
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [app]}}
    settings.GROUP_ROLES = group_roles.read(GROUP_ROLES)
    provider.knows(Client().get(reverse("company_saml_metadata")).content.decode())


def leave(client: Client, view: str, target: str = "") -> str:
    """Press the button of the page: the address that the page in between leads to."""
    page = client.post(reverse(view), {"next": target})
    assert page.status_code == 200, page.content.decode()
    return unescape(page.content.decode().split('content="0; url=')[1].split('"')[0])


def come_back(client: Client, address: str, **form: str) -> Any:
    """Fill in the provider's page at `address` and follow it back: what the portal answers."""
    answer = requests.post(address, data=form, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def sign_in(client: Client, person: str = "mara", target: str = "") -> Any:
    """Through the button and the OpenID provider, as `person`: what the portal answers at the end."""
    return come_back(client, leave(client, "company_openid_sign_in", target), person=person)


def saml_response(address: str, person: str = "mara") -> str:
    """What the identity provider at `address` has the browser post."""
    answer = requests.post(address, data={"person": person}, timeout=60)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text.split('name="SAMLResponse" value="')[1].split('"')[0])


def post_response(client: Client, response: str) -> Any:
    """Post it as the browser does, from another site: without cookies first, then with those of `client`."""
    answer = Client(enforce_csrf_checks=True).post(reverse("company_saml_answer"), {"SAMLResponse": response})
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def sign_in_with_saml(client: Client, person: str = "mara", target: str = "") -> Any:
    """Through the button and the identity provider, as `person`: what the portal answers at the end."""
    return post_response(client, saml_response(leave(client, "company_saml_sign_in", target), person))


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
