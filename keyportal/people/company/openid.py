"""The company's account by OpenID Connect: allauth's code flow with PKCE, and a check of everything that it brings."""

import secrets
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

from keyportal.people.company.account import CompanyAccount, CompanyProvider, address_of

_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_USER_NAMES = ("preferred_username", "upn", "unique_name")
"""Keycloak and Entra ID, AD FS, AD FS."""
_SECOND_FACTORS = {"mfa", "ngcmfa", "otp", "hwk", "sc"}
"""Methods (RFC 8176, and one of Microsoft's) that are no mere password."""
_CLOCKS_DIFFER = 60
"""Seconds that the clocks of two machines may be apart."""


class OpenIDFlow(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth carries no types
    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises OAuth2Error where it is not the configured one."""
        issuer = self.get_provider().server_url.partition("/.well-known/")[0]
        try:
            config: dict[str, Any] = super().openid_config
            found, complete = config.get("issuer"), all(config.get(name) for name in _NEEDED)
        except (ValueError, AttributeError) as error:
            raise OAuth2Error("The discovery document is no JSON object") from error
        if not isinstance(found, str) or found.removesuffix("/") != issuer:
            raise OAuth2Error("The discovery document names another issuer than KEYPORTAL_OIDC_ISSUER")
        if not complete:
            raise OAuth2Error(f"The discovery document lacks one of {', '.join(_NEEDED)}")
        return config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return address_of("company_openid_answer")

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: OAuth2Client, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        try:
            data: dict[str, Any] = super().get_access_token_data(request, app, client, pkce_code_verifier)
        except (KeyError, ValueError, TypeError) as error:
            raise OAuth2Error("The token endpoint answers in no known form") from error
        return data

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, *, response: dict[str, Any]
    ) -> SocialLogin:
        try:
            claims = self._decode_id_token(app, response["id_token"])
            claims = self._more_of(claims, token.token, app.settings["groups_claim"]) | claims
            account = _account(claims, app)
        except (KeyError, ValueError, TypeError, jwt.PyJWTError) as error:
            raise OAuth2Error(f"The ID token will not do: {type(error).__name__}: {error}") from error
        login = self.get_provider().sociallogin_from_response(request, account)
        login.nonce = claims.get("nonce")
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Its claims, with signature, issuer, audience and times checked. allauth would trust the connection."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json())
        name = jwt.get_unverified_header(id_token).get("kid")
        claims: dict[str, Any] = jwt.decode(
            id_token,
            keys[name] if name else keys.keys[0],
            algorithms=_SIGNATURES,
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            leeway=_CLOCKS_DIFFER,
            options={"require": ["exp", "iat", "sub"]},
        )
        return claims

    def _more_of(self, claims: dict[str, Any], access_token: str, groups: str) -> dict[str, Any]:
        """What the provider keeps for its userinfo endpoint, where the ID token leaves something out."""
        if (groups in claims and any(claims.get(name) for name in _USER_NAMES)) or not self.openid_config.get(
            "userinfo_endpoint"
        ):
            return {}
        more = self._fetch_user_info(access_token)
        return more if more["sub"] == claims["sub"] else {}


class CompanyOpenID(CompanyProvider, OpenIDConnectProvider):  # type: ignore[misc]  # allauth carries no types
    oauth2_adapter_class = OpenIDFlow
    ask_again = {"auth_params": {"prompt": "login", "max_age": "0"}}

    def redirect(self, request: HttpRequest, process: str, **how: Any) -> HttpResponse:
        """To the provider, with a number that has to come back inside the ID token."""
        nonce = secrets.token_urlsafe(16)
        auth_params = how.pop("auth_params", {}) | {"nonce": nonce}
        response: HttpResponse = super().redirect(request, process, auth_params=auth_params, nonce=nonce, **how)
        return response


def _account(claims: dict[str, Any], app: SocialApp) -> CompanyAccount:
    claim = app.settings["groups_claim"]
    groups = claims.get(claim) or []
    methods = claims.get("amr") or []
    at = claims.get("auth_time")
    first_name, last_name = claims.get("given_name"), claims.get("family_name")
    if not (first_name or last_name):
        first_name, _space, last_name = str(claims.get("name") or "").rpartition(" ")
    return CompanyAccount(
        authority=f"openid:{claims['iss']}",
        uid=claims["sub"],
        user_name=next((str(claims[name]) for name in _USER_NAMES if claims.get(name)), ""),
        first_name=str(first_name or ""),
        last_name=str(last_name or ""),
        email=str(claims.get("email") or ""),
        # Entra ID lists no more than 200 groups, and says elsewhere that there are.
        groups=None if claim in claims.get("_claim_names", {}) else _texts(groups),
        authenticated_at=float(at) if at is not None else None,
        second_factor=app.settings["second_factor"] or not _SECOND_FACTORS.isdisjoint(methods),
    )


def _texts(claim: Any) -> tuple[str, ...]:
    return (claim,) if isinstance(claim, str) else tuple(map(str, claim))
