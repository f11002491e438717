"""What a session knows of the company's sign-in that it began with."""

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest

from keyportal.people import recent
from keyportal.people.second_factor.rule import COMPANY


def start() -> None:
    """Note from now on when somebody who comes from the company's sign-in proved there who they are."""
    user_logged_in.connect(_signed_in, dispatch_uid="company")


def remember(request: HttpRequest, login: SocialLogin | None) -> None:
    """Note, before anybody is signed in, whether the company vouches for a second factor of theirs."""
    request.session[COMPANY] = bool(login and login.state["company"]["second_factor"])


def _signed_in(request: HttpRequest, sociallogin: SocialLogin | None = None, **_signal: Any) -> None:
    if sociallogin is not None:
        recent.note(request, sociallogin.state["company"]["authenticated_at"] or 0)
