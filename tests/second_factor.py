"""Second factors, for tests: an authenticator app that shows the code of the moment, and signing in with it."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User

PASSWORD = "correct horse battery staple"
LOGIN = reverse("account_login")
CODE = reverse("mfa_authenticate")
SECURITY = reverse("mfa_index")

OnCommit = Callable[..., Any]
"""pytest-django's fixture: what waits for the end of a transaction runs at the end of the `with`."""


class App:
    """An authenticator app that knows one secret."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.replace(" ", "")

    def code(self, *, steps: int = 0) -> str:
        """What it shows now, or so many half minutes later."""
        now = next(yield_hotp_counters_from_time())
        code: str = format_hotp_value(hotp_value(self.secret, now + steps))
        return code

    def wrong_code(self) -> str:
        """Six digits that it shows neither now nor around now."""
        near = {self.code(steps=steps) for steps in (-1, 0, 1)}
        return next(code for code in ("000000", "000001", "000002", "000003") if code not in near)


def app_of(person: User) -> App:
    """An app that `person` has set up."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    return App(secret)


def recovery_codes_of(person: User) -> list[str]:
    """Recovery codes that `person` has."""
    codes: list[str] = RecoveryCodes.activate(person).get_unused_codes()
    return codes


def by_password(person: User, *, address: str = "127.0.0.1") -> Client:
    """A client that has sent the right password, and nothing more."""
    client = Client(REMOTE_ADDR=address)
    client.post(LOGIN, {"login": person.get_username(), "password": PASSWORD})
    return client


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def kinds_of(person: User) -> list[str]:
    return sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))
