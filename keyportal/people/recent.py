"""Whether somebody signed in, or confirmed that it is them, a short while ago; it is never prolonged by use.

allauth asks for that as well, but never asks who has no password here: those would always count as recent.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

BEGAN_AT = "began_at"
"""In the session: when it began with a sign-in, in seconds since 1970."""
_SIGNED_IN_AT = "signed_in_at"
"""When its person last proved who they are: with the company's account, that may be long before."""

View = Callable[..., HttpResponseBase]


def start() -> None:
    """Note the time of every sign-in from now on."""
    user_logged_in.connect(_note, dispatch_uid="recent")


def is_recent(request: HttpRequest) -> bool:
    """Whether the last sign-in or confirmation of this session is at most `RECENT_SIGN_IN_SECONDS` old."""
    assert request.user.is_authenticated
    longest: int = settings.RECENT_SIGN_IN_SECONDS
    records = get_authentication_records(request, request.user)
    # allauth takes the moment that somebody comes from the company's sign-in, however long they were signed in there.
    times = [record["at"] for record in records if record["method"] != "socialaccount"]
    age = time.time() - max([request.session.get(_SIGNED_IN_AT, 0), *times])
    # A clock that was set back makes nobody recent.
    return not longest or 0 <= age <= longest


def confirmation(back: str) -> HttpResponseRedirect:
    """The way to the page that asks who it is, and from there to the address `back`."""
    return redirect_to_login(back, reverse("account_reauthenticate"))


def required(view: View) -> View:
    """`view` for those who signed in a short while ago; all others confirm first that it is them, and come back."""

    @wraps(view)
    def asked_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_recent(request):
            return view(request, *args, **kwargs)
        return confirmation(request.get_full_path())

    return asked_first


def note(request: HttpRequest, at: float) -> None:
    """Note that whoever has this session proved who they are at that time, in seconds since 1970."""
    request.session[_SIGNED_IN_AT] = min(at, time.time())


def _note(request: HttpRequest, **_signal: Any) -> None:
    request.session[BEGAN_AT] = time.time()
    note(request, time.time())
