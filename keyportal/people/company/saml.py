"""The company's account by SAML: what is asked of the identity provider, and whether its answer can be believed.

python3-saml checks signature, audience, times, destination and issuer. Here stands what it leaves open: the assertion
itself answers a request of ours, is for the portal alone, and names an account that lasts.
"""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from keyportal.people.company.account import CompanyAccount, CompanyProvider, address_of
from keyportal.people.company.metadata import read_metadata

_METADATA_KEPT = 4 * 3600
"""Seconds until the identity provider's metadata are fetched again."""
_ANSWER_KEPT = 300
"""Seconds that a checked answer waits for the browser to come for it."""
_METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences"
_SECOND_FACTORS = {
    "http://schemas.microsoft.com/claims/multipleauthn",
    "https://refeds.org/profile/mfa",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
}


class Unbelievable(Exception):
    """The answer proves nothing; the message says why, for the log."""


class Declined(Exception):
    """The identity provider says that nobody signed in."""


class CompanySAML(CompanyProvider, SAMLProvider):  # type: ignore[misc]  # allauth carries no types
    ask_again = {"force_authn": True}

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        force_authn: bool = False,
    ) -> HttpResponse:
        """To the identity provider. Raises RequestException or OAuth2Error where its metadata cannot be had."""
        config = saml_settings(self.app)
        asked = OneLogin_Saml2_Authn_Request(config, force_authn=force_authn)
        self.stash_redirect_state(request, process, next_url, data, state_id=asked.get_id())
        target: str = config.get_idp_sso_url()
        return HttpResponseRedirect(OneLogin_Saml2_Utils.redirect(target, {"SAMLRequest": asked.get_request()}))


def saml_settings(app: SocialApp, *, of_the_portal_only: bool = False) -> OneLogin_Saml2_Settings:
    """What python3-saml needs to know. Raises RequestException or OAuth2Error where metadata cannot be had."""
    config = {
        "strict": True,
        "sp": {
            "entityId": app.settings["entity_id"] or address_of("company_saml_metadata"),
            "assertionConsumerService": {
                "url": address_of("company_saml_answer"),
                "binding": Constants.BINDING_HTTP_POST,
            },
        },
        "security": {
            "wantAssertionsSigned": True,
            "requestedAuthnContext": False,
            "rejectDeprecatedAlgorithm": True,
            "allowSingleLabelDomains": True,
            "allowRepeatAttributeName": True,
            "wantAttributeStatement": False,
            "wantNameId": False,
        },
    }
    if not of_the_portal_only:
        config["idp"] = _identity_provider(app)
    try:
        return OneLogin_Saml2_Settings(config, sp_validation_only=of_the_portal_only)
    except OneLogin_Saml2_Error as error:
        raise OAuth2Error(str(error)) from error


def keep(app: SocialApp, encoded: str) -> str:
    """Check the answer that a browser posts, and keep it until the browser comes with its session: under which name.

    A form of another site comes without the session's cookie, so the answer cannot be looked at in one go. Raises
    Unbelievable or Declined.
    """
    request_id, account = _read(app, encoded)
    name = get_random_string(32)
    cache.set(f"company-saml:{name}", {"request_id": request_id, "account": asdict(account)}, _ANSWER_KEPT)
    return name


def take(name: str) -> tuple[str, CompanyAccount] | None:
    """The id of our request and who answers it, as kept under `name`; once."""
    kept = cache.get(f"company-saml:{name}")
    if kept is None or not cache.delete(f"company-saml:{name}"):
        return None
    return kept["request_id"], CompanyAccount(**kept["account"])


def _read(app: SocialApp, encoded: str) -> tuple[str, CompanyAccount]:
    config = saml_settings(app)
    try:
        response = OneLogin_Saml2_Response(config, encoded)
    except (ValueError, TypeError, SyntaxError, AttributeError, OneLogin_Saml2_Error) as error:
        raise Unbelievable(f"it is no SAML response ({type(error).__name__})") from error
    try:
        response.check_status()
    except OneLogin_Saml2_ValidationError as error:
        raise Declined(str(error)) from error
    where = {
        "https": "on" if settings.TLS else "off",
        "http_host": urlsplit(settings.ORIGIN).netloc,
        "script_name": reverse("company_saml_answer"),
    }
    if not response.is_valid(where):
        raise Unbelievable(response.get_error())
    try:
        return _request_id(response), _account(response, config, app)
    except (ValueError, TypeError, LookupError, OneLogin_Saml2_ValidationError) as error:
        raise Unbelievable(str(error)) from error


def _request_id(response: OneLogin_Saml2_Response) -> str:
    """The request that the signed assertion answers; the response around it may be signed by nobody."""
    confirmations = response._query_assertion("/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData")
    answered = {node.get("InResponseTo") for node in confirmations} | {response.get_in_response_to()}
    if len(answered) != 1 or not (request_id := answered.pop()):
        raise ValueError("the assertion answers no request of the portal")
    if not response.get_audiences():
        raise ValueError("the assertion does not say whom it is for")
    return str(request_id)


def _account(response: OneLogin_Saml2_Response, config: OneLogin_Saml2_Settings, app: SocialApp) -> CompanyAccount:
    attributes, names = response.get_attributes(), app.settings["attributes"]
    told: dict[str, list[Any]] = {
        what: next((attributes[name] for name in names[what] if attributes.get(name)), []) for what in names
    }
    first = {what: str(values[0]) if values else "" for what, values in told.items()}
    ways = {*response.get_authn_contexts(), *map(str, attributes.get(_METHODS, []))}
    statement = response._query_assertion("/saml:AuthnStatement")[0]
    return CompanyAccount(
        authority=f"saml:{config.get_idp_data()['entityId']}",
        uid=first["ID"] or _lasting_name(response),
        user_name=first["USER_NAME"],
        first_name=first["FIRST_NAME"],
        last_name=first["LAST_NAME"],
        email=first["EMAIL"],
        # Entra ID sends a link instead of more than 150 groups.
        groups=None if any(name.endswith("/groups.link") for name in attributes) else tuple(map(str, told["GROUPS"])),
        authenticated_at=float(OneLogin_Saml2_Utils.parse_SAML_to_time(statement.get("AuthnInstant"))),
        second_factor=app.settings["second_factor"] or not _SECOND_FACTORS.isdisjoint(ways),
    )


def _lasting_name(response: OneLogin_Saml2_Response) -> str:
    if response.get_nameid_format() == Constants.NAMEID_TRANSIENT:
        raise ValueError("the NameID is transient, another one at each sign-in, and no attribute names the account")
    return response.get_nameid() or ""


def _identity_provider(app: SocialApp) -> dict[str, Any]:
    """The part of python3-saml's settings that the metadata give, fetched anew every few hours."""
    address = app.settings.get("metadata_url")
    text: str | None = app.settings.get("metadata") or cache.get(f"company-saml-metadata:{address}")
    if text is None:
        with get_adapter().get_requests_session() as session:
            answer = session.get(address)
            answer.raise_for_status()
        text = answer.text
    try:
        idp = read_metadata(text)
    except ValueError as error:
        raise OAuth2Error(str(error)) from error
    if address:
        cache.set(f"company-saml-metadata:{address}", text, _METADATA_KEPT)
    return idp
