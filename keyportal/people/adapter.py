"""allauth's account adapter: an administrator adds and deactivates people; what it says is said in our words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import filter_users_by_username
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from keyportal.people import recording
from keyportal.people.models import User
from productkeys.models.trail import Why


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "User name or password is not right. Five wrong tries lock the account here for 15 minutes."
        ),
        "too_many_login_attempts": _("Too many wrong tries. Wait 15 minutes, then try again."),
        "enter_current_password": _("This is not your present password. Type it again."),
        "incorrect_password": _("This is not your password. Type it again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        recording.sign_in_refused(user, Why.DEACTIVATED, request=request)
        messages.error(request, _("This account is deactivated. An administrator of the portal can activate it again."))
        return redirect("account_login")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Per person and address: whoever guesses at somebody's password does not lock them out elsewhere.
        # And per password: a new one, by whatever way, starts the count anew, at all addresses.
        key = super()._get_login_attempts_cache_key(request, **credentials)
        person = filter_users_by_username(credentials.get("username", "")).first()
        return f"{key}:{self.get_client_ip(request)}:{person.get_session_auth_hash() if person else ''}"
