"""Asking for a new password, the link in the letter, and setting the password by it."""

import time
from typing import Any

import time_machine
from django.test import Client
from django.urls import reverse

from tests.letters import address_in, arrived

FORGOTTEN = "a long enough passphrase"
NEW = "an even longer passphrase"
LOGIN, ASK = reverse("account_login"), reverse("account_reset_password")


def ask(typed: str, address: str = "192.0.2.1", **headers: Any) -> Any:
    return Client(REMOTE_ADDR=address).post(ASK, {"email": typed}, **headers)


def link_for(typed: str = "mara") -> str:
    """The path of the link that the newest letter holds."""
    ask(typed)
    address = address_in(arrived()[-1])
    assert address.startswith("http://127.0.0.1:8000/")
    return address.removeprefix("http://127.0.0.1:8000")


def later(minutes: int) -> time_machine.travel:
    return time_machine.travel(time.time() + 60 * minutes)


def set_by(link: str, client: Client | None = None, **typed: str) -> str:
    """What is said to whoever opens `link` and sets the new password."""
    client = client or Client(REMOTE_ADDR="192.0.2.1")
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page.content.decode()
    sent = {"password1": NEW, "password2": NEW} | typed
    return client.post(page.redirect_chain[-1][0], sent, follow=True).content.decode()


def gets_in(password: str, name: str = "mara", client: Client | None = None) -> bool:
    client = client or Client(REMOTE_ADDR="192.0.2.1")
    client.post(LOGIN, {"login": name, "password": password})
    return "_auth_user_id" in client.session
