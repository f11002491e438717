"""allauth's adapter for accounts of other systems: the environment describes them, and the portal says who comes in."""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.http import HttpRequest
from django.shortcuts import redirect

from keyportal.people.company import admission, confirmation, failing, problems
from keyportal.people.company.problems import Refused


class CompanyAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """Those of the settings. allauth would ask the database for more, on every page with a button."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        apps: list[SocialApp] = [app for apps in found.values() for app in apps]
        return apps

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in whom the rules let in; allauth then signs them in. A confirmation ends here."""
        try:
            _require_own_nonce(sociallogin)
            if sociallogin.state.get("data"):
                confirmation.accept(sociallogin, request)
                raise ImmediateHttpResponse(redirect(sociallogin.state.get("next") or "home"))
            person = admission.admit(sociallogin, request)
        except Refused as refused:
            raise ImmediateHttpResponse(failing.page_for_refused(request, sociallogin, refused.problem)) from None
        if not person.is_active:
            raise ImmediateHttpResponse(get_account_adapter(request).respond_user_inactive(request, person))
        # Kept with the sign-in, which may wait for a second factor in between.
        sociallogin.state["company"] = {
            "authenticated_at": sociallogin.company.authenticated_at,
            "second_factor": sociallogin.company.second_factor,
        }

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """allauth gives up: say why. Called before its own page, which is never shown."""
        raise ImmediateHttpResponse(failing.page_of(request, error, exception, extra_context or {}))


def _require_own_nonce(login: SocialLogin) -> None:
    """The answer is the one to the question of this session: a code of another sign-in cannot be put in its place."""
    if getattr(login, "nonce", None) != login.state.get("nonce"):
        raise Refused(problems.UNPROVEN)
