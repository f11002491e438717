"""A session ends when nobody uses it, and twelve hours after the sign-in in any case; use costs hardly a write."""

import time

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from keyportal.people.models import User
from tests.machine import Machines, started
from tests.wizard import Wizard

PASSWORD = "a long enough passphrase"
LOGIN, PAGE = reverse("account_login"), reverse("people:preferences")
MINUTE = 60.0
pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work() -> Client:
    """Somebody who has just signed in."""
    User.objects.create_user("mara", password=PASSWORD)
    client = Client()
    client.post(LOGIN, {"login": "mara", "password": PASSWORD})
    return client


def _is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def _written(client: Client) -> list[str]:
    """What one more page writes into the table of sessions."""
    with CaptureQueriesContext(connection) as queries:
        assert _is_in(client)
    statements = [query["sql"] for query in queries.captured_queries]
    return [sql for sql in statements if "django_session" in sql and not sql.startswith("SELECT")]


@pytest.mark.parametrize(("minutes", "is_in"), [(59, True), (61, False)])
def test_a_session_that_nobody_uses_ends(at_work: Client, minutes: int, is_in: bool) -> None:
    with time_machine.travel(time.time() + minutes * MINUTE):
        assert _is_in(at_work) == is_in


def test_whoever_comes_back_signs_in_and_goes_on_where_they_were(at_work: Client) -> None:
    with time_machine.travel(time.time() + 61 * MINUTE):
        answer = at_work.get(PAGE)
        assert answer["Location"] == f"{LOGIN}?next={PAGE}"
        answer = at_work.post(LOGIN, {"login": "mara", "password": PASSWORD, "next": PAGE})
        assert answer["Location"] == PAGE
        assert _is_in(at_work)


def test_use_puts_the_end_off(at_work: Client) -> None:
    start = time.time()
    for minutes in range(40, 700, 40):
        with time_machine.travel(start + minutes * MINUTE):
            assert _is_in(at_work), minutes


@pytest.mark.parametrize(("minutes", "is_in"), [(719, True), (721, False)])
def test_it_ends_twelve_hours_after_the_sign_in_however_much_it_is_used(
    at_work: Client, minutes: int, is_in: bool
) -> None:
    start = time.time()
    for used in range(30, 720, 30):
        with time_machine.travel(start + used * MINUTE):
            _is_in(at_work)
    with time_machine.travel(start + minutes * MINUTE):
        assert _is_in(at_work) == is_in


def test_what_a_page_keeps_in_the_session_puts_the_end_off_no_further(as_manager: Client) -> None:
    start = time.time()
    for used in range(30, 720, 30):
        with time_machine.travel(start + used * MINUTE):
            Wizard(as_manager).send(key_type="mak", name="Office")
    with time_machine.travel(start + 721 * MINUTE):
        assert not _is_in(as_manager)


def test_the_house_says_how_long(at_work: Client, settings: Settings) -> None:
    settings.SESSION_COOKIE_AGE = 15 * 60
    with time_machine.travel(time.time() + 6 * MINUTE):
        assert _is_in(at_work)
    with time_machine.travel(time.time() + 66 * MINUTE):
        assert not _is_in(at_work)


def test_pages_within_five_minutes_write_nothing(at_work: Client) -> None:
    signed_in_at = Session.objects.get().expire_date.timestamp() - settings.SESSION_COOKIE_AGE
    for seconds in range(0, 300, 10):
        with time_machine.travel(signed_in_at + seconds, tick=False):
            assert _written(at_work) == []


def test_then_the_end_is_written_once_and_nothing_else_of_the_session(at_work: Client) -> None:
    held = Session.objects.get().session_data
    with time_machine.travel(time.time() + 6 * MINUTE):
        (statement,) = _written(at_work)
        assert statement.startswith('UPDATE "django_session" SET "expire_date" = ')
        assert "session_data" not in statement
        assert _written(at_work) == []
    assert Session.objects.get().session_data == held


def test_the_browser_forgets_the_session_when_it_is_closed(at_work: Client) -> None:
    cookie = at_work.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


def test_a_copied_cookie_of_a_session_that_is_over_is_worth_nothing(at_work: Client) -> None:
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = str(at_work.session.session_key)
    with time_machine.travel(time.time() + 61 * MINUTE):
        assert not _is_in(thief)


@pytest.mark.parametrize("given", ["0", "721", "an hour"])
def test_a_time_that_makes_no_sense_stops_the_start(new_machine: Machines, given: str) -> None:
    process = started(new_machine() | {"KEYPORTAL_IDLE_MINUTES": given}, "manage.py", "check")
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "KEYPORTAL_IDLE_MINUTES takes a number of minutes from 1 to 720. Leave it empty for 60." in output
