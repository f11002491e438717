"""The company's sign-in as the environment describes it: what allauth takes as SOCIALACCOUNT_PROVIDERS.

Read by the settings, so it knows neither models nor requests. Half a configuration stops the start.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

OPENID = "openid_connect"
SAML = "saml"
"""What allauth calls the two protocols."""

_NAME = _("your company account")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
SAML_ATTRIBUTES = {
    "ID": (
        "urn:oasis:names:tc:SAML:attribute:subject-id",
        "http://schemas.microsoft.com/identity/claims/objectidentifier",
    ),
    "USER_NAME": (f"{_CLAIMS}/upn", f"{_CLAIMS}/name", "urn:oid:0.9.2342.19200300.100.1.1", "username"),
    "FIRST_NAME": (f"{_CLAIMS}/givenname", "urn:oid:2.5.4.42", "givenName", "firstName"),
    "LAST_NAME": (f"{_CLAIMS}/surname", "urn:oid:2.5.4.4", "surname", "lastName"),
    "EMAIL": (f"{_CLAIMS}/emailaddress", "urn:oid:1.2.840.113549.1.9.1", "email"),
    "GROUPS": (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        "http://schemas.xmlsoap.org/claims/Group",
        "groups",
        "Role",
    ),
}
"""Where Entra ID, AD FS and Keycloak say what the portal needs to know; the first that is there counts."""


def providers(env: environ.Env, text_or_file: Callable[[str], str]) -> dict[str, Any]:
    """`text_or_file` reads a variable or the file that it points at. Nothing configured gives no apps.

    Raises ImproperlyConfigured for half a configuration.
    """
    here = "keyportal.people.company"
    return {
        OPENID: {"provider_class": f"{here}.openid.CompanyOpenID", "APPS": _openid(env, text_or_file)},
        SAML: {"provider_class": f"{here}.saml.CompanySAML", "APPS": _saml(env)},
    }


def _openid(env: environ.Env, text_or_file: Callable[[str], str]) -> list[dict[str, Any]]:
    needed = {
        "KEYPORTAL_OIDC_ISSUER": env.str("KEYPORTAL_OIDC_ISSUER", default=""),
        "KEYPORTAL_OIDC_CLIENT_ID": env.str("KEYPORTAL_OIDC_CLIENT_ID", default=""),
        "KEYPORTAL_OIDC_CLIENT_SECRET": text_or_file("KEYPORTAL_OIDC_CLIENT_SECRET"),
    }
    if not _is_wanted(env, "KEYPORTAL_OIDC_", needed):
        return []
    issuer, client_id, client_secret = needed.values()
    _require_trusted_way("KEYPORTAL_OIDC_ISSUER", issuer)
    return [
        {
            "provider_id": "openid",
            "name": env.str("KEYPORTAL_OIDC_NAME", default="") or _NAME,
            "client_id": client_id,
            "secret": client_secret,
            "settings": {
                "server_url": issuer.removesuffix("/"),
                "oauth_pkce_enabled": True,
                "groups_claim": env.str("KEYPORTAL_OIDC_GROUPS_CLAIM", default="groups"),
                "second_factor": env.bool("KEYPORTAL_OIDC_SECOND_FACTOR", default=False),
            },
        }
    ]


def _saml(env: environ.Env) -> list[dict[str, Any]]:
    metadata: str = env.str("KEYPORTAL_SAML_METADATA", default="")
    if not _is_wanted(env, "KEYPORTAL_SAML_", {"KEYPORTAL_SAML_METADATA": metadata}):
        return []
    where = {"metadata_url": metadata} if re.match("https?://", metadata) else {"metadata": _file(metadata)}
    if "metadata_url" in where:
        _require_trusted_way("KEYPORTAL_SAML_METADATA", metadata)
    return [
        {
            "provider_id": "saml",
            "name": env.str("KEYPORTAL_SAML_NAME", default="") or _NAME,
            "client_id": "saml",
            "settings": where
            | {
                "entity_id": env.str("KEYPORTAL_SAML_ENTITY_ID", default=""),
                "attributes": {name: _attribute(env, name) for name in SAML_ATTRIBUTES},
                "second_factor": env.bool("KEYPORTAL_SAML_SECOND_FACTOR", default=False),
            },
        }
    ]


def _is_wanted(env: environ.Env, prefix: str, needed: Mapping[str, str]) -> bool:
    """Whether this protocol is to be offered. Raises ImproperlyConfigured where some of what it needs is missing."""
    missing = [name for name, value in needed.items() if not value]
    if not missing:
        return True
    said = [name for name, value in env.ENVIRON.items() if name.startswith(prefix) and value]
    if said:
        raise ImproperlyConfigured(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. Set what is missing, or leave "
            f"out every variable that begins with {prefix} ({', '.join(sorted(said))}). See docs/sign-in.md."
        )
    return False


def _require_trusted_way(name: str, address: str) -> None:
    """Whoever answers at `address` decides who comes in: it has to be TLS, or this machine itself."""
    url = urlsplit(address)
    if not (url.hostname and (url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK))):
        raise ImproperlyConfigured(f"{name} takes an address that begins with https://, not {address!r}.")
    if url.fragment or (name.endswith("ISSUER") and url.query):
        raise ImproperlyConfigured(f"{name} takes an address without anything behind ? or #, not {address!r}.")


def _file(name: str) -> str:
    path = Path(name)
    if not path.is_file():
        raise ImproperlyConfigured(
            f"KEYPORTAL_SAML_METADATA names {name}, which is missing. Save the identity provider's metadata there, or "
            "give their address, which begins with https://."
        )
    # Not needed where nothing is configured, and it brings two XML libraries along.
    from keyportal.people.company.metadata import read_metadata

    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        read_metadata(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"KEYPORTAL_SAML_METADATA names {name}, which will not do: {error}.") from None
    return text


def _attribute(env: environ.Env, name: str) -> tuple[str, ...]:
    given: str = env.str(f"KEYPORTAL_SAML_{name}_ATTRIBUTE", default="")
    return (given,) if given else SAML_ATTRIBUTES[name]
