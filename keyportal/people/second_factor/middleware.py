"""Whoever needs a second factor reaches nothing before it: not by a link, not by a form, not by a page open already."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from keyportal.people.second_factor import rule

_ALWAYS_OPEN = {
    "account_logout",
    "account_reauthenticate",
    "admin:logout",
    "company_confirm",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "people:theme",
}
_TO_SET_ONE_UP = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn"}
"""Not open to who has one and has not shown it in this session."""


class SecondFactorMiddleware:
    """Leads to where one is set up, or asked for. What is open to strangers stays open (`login_required`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or not getattr(view, "login_required", True) or rule.passed(request):
            return None
        asked_for = rule.is_there(request.user)
        match = request.resolver_match
        if match and match.view_name in (_ALWAYS_OPEN if asked_for else _ALWAYS_OPEN | _TO_SET_ONE_UP):
            return None
        back = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        lead = redirect_to_login(back, reverse("mfa_reauthenticate")) if asked_for else redirect("mfa_index")
        # htmx would put the page into the place of a part of the old one.
        return HttpResponseClientRedirect(lead.url) if "HX-Request" in request.headers else lead
