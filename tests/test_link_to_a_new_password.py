"""The link to a new password: for one person, once and for an hour, and what it ends, skips and shows."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse

from keyportal.error_reports import KeyMaskingFormatter
from keyportal.people.models import User
from tests.forgotten import FORGOTTEN, NEW, ask, gets_in, later, link_for, set_by
from tests.letters import address_in, arrived

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", "mara@example.org", FORGOTTEN)


# --- Whose it is


def test_the_link_of_one_is_worth_nothing_for_another(person: User) -> None:
    other = User.objects.create_user("rolf", "rolf@example.org", FORGOTTEN)
    token = link_for().split("/")[-2]
    of_rolf = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(other), token])
    assert "This link no longer works" in set_by(of_rolf)
    assert gets_in(FORGOTTEN, "rolf")


@pytest.mark.parametrize(("number", "token"), [("zzzzzzzzzzzzzzzzzz", "a-b"), ("ä", "a-b"), ("1", "set-password")])
def test_a_made_up_link_is_worth_nothing(person: User, number: str, token: str) -> None:
    page = Client().get(reverse("account_reset_password_from_key", args=[number, token]))
    assert "This link no longer works" in page.content.decode()


# --- How long it works


def test_it_works_once(person: User) -> None:
    link = link_for()
    set_by(link)
    assert "This link no longer works" in set_by(link, password1="a third passphrase", password2="a third passphrase")
    assert gets_in(NEW)


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_it_works_for_an_hour(person: User, minutes: int, works: bool) -> None:
    link = link_for()
    with later(minutes):
        assert ("Your password is changed." in set_by(link)) == works


def test_an_hour_is_an_hour_when_the_clocks_are_set_back(person: User) -> None:
    half_past_two = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()  # in Berlin, for the first time that night
    with time_machine.travel(half_past_two):
        link = link_for()
    with time_machine.travel(half_past_two + 61 * 60):
        assert "This link no longer works" in set_by(link)


def test_opening_the_page_in_time_is_not_enough(person: User) -> None:
    link, client = link_for(), Client()
    page = client.get(link, follow=True).redirect_chain[-1][0]
    with later(61):
        said = client.post(page, {"password1": NEW, "password2": NEW}).content.decode()
    assert "This link no longer works" in said
    assert gets_in(FORGOTTEN)


def _sign_in(person: User) -> None:
    assert gets_in(FORGOTTEN)


def _another_password(person: User) -> None:
    person.set_password("given by an administrator")
    person.save()


def _another_address(person: User) -> None:
    User.objects.update(email="elsewhere@example.org")


def _deactivated(person: User) -> None:
    User.objects.update(is_active=False)


def _password_taken_away(person: User) -> None:
    person.set_unusable_password()
    person.save()


@pytest.mark.parametrize("happens", [_sign_in, _another_password, _another_address, _deactivated, _password_taken_away])
def test_it_ends_with(person: User, happens: Callable[[User], None]) -> None:
    link = link_for()
    happens(person)
    before = User.objects.get().password
    assert "This link no longer works" in set_by(link)
    assert User.objects.get().password == before


# --- What it ends, and what it does not skip


def test_nobody_is_signed_in_by_it(person: User) -> None:
    client = Client()
    set_by(link_for(), client)
    assert "_auth_user_id" not in client.session


def test_every_session_of_the_person_ends_and_nobody_elses(person: User) -> None:
    desk, of_rolf = Client(), Client()
    desk.force_login(person)
    of_rolf.force_login(User.objects.create_user("rolf", "rolf@example.org", FORGOTTEN))
    person.refresh_from_db()
    set_by(link_for())
    page = reverse("people:preferences")
    assert [client.get(page).status_code for client in (desk, of_rolf)] == [302, 200]


def test_whoever_is_signed_in_as_another_is_signed_out_before_the_page(person: User) -> None:
    client = Client()
    client.force_login(User.objects.create_user("rolf", "rolf@example.org", FORGOTTEN))
    assert "Your password is changed." in set_by(link_for(), client)
    assert "_auth_user_id" not in client.session
    assert gets_in(FORGOTTEN, "rolf")


def test_the_lock_after_failed_sign_ins_ends(person: User) -> None:
    for _try in range(5):
        gets_in("wrong")
    assert not gets_in(FORGOTTEN)
    set_by(link_for())
    assert gets_in(NEW)


# --- Where it may stand


@pytest.mark.parametrize(
    "forged",
    [
        {"HTTP_HOST": "localhost"},
        {"HTTP_HOST": "127.0.0.1:9999"},
        {"HTTP_X_FORWARDED_HOST": "evil.example.com"},
        {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_FORWARDED": "host=evil.example.com"},
        {"HTTP_ORIGIN": "https://evil.example.com", "HTTP_REFERER": "https://evil.example.com/"},
    ],
)
def test_the_link_leads_to_the_address_in_the_settings(person: User, forged: dict[str, str]) -> None:
    ask("mara", **forged)
    assert address_in(arrived()[0]).startswith("http://127.0.0.1:8000/accounts/password/reset/")


def test_a_foreign_host_gets_nothing(person: User) -> None:
    assert ask("mara", HTTP_HOST="evil.example.com").status_code == 400
    assert arrived() == []


def test_the_page_for_the_new_password_has_no_token_in_its_address(person: User) -> None:
    link, client = link_for(), Client()
    token = link.split("/")[-2]
    opened = client.get(link)
    assert opened.status_code == 302
    page = client.get(opened["Location"])
    assert token not in opened["Location"]
    assert token not in page.content.decode()
    for answer in (opened, page):
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]


def test_no_log_line_holds_a_link_that_works(person: User) -> None:
    link, written = link_for(), StringIO()
    console = next(item for item in logging.getLogger().handlers if isinstance(item.formatter, KeyMaskingFormatter))
    assert isinstance(console, logging.StreamHandler)
    before = console.setStream(written)
    try:
        for _try in range(21):
            Client().post(link)
        Client(headers={"host": "evil.example.com"}).get(link)
        Client().put(link)
    finally:
        console.setStream(before)
    assert "Too Many Requests: /accounts/password/reset/" in written.getvalue()
    assert link.split("/")[-2] not in written.getvalue()
