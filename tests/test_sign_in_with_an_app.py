"""An authenticator app as the second factor: setting it up, signing in with it, recovery codes, no way around it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from keyportal.people.models import User
from productkeys.models import SealedSecret, TrailEntry
from tests.second_factor import (
    CODE,
    LOGIN,
    PASSWORD,
    SECURITY,
    App,
    OnCommit,
    app_of,
    by_password,
    is_signed_in,
    kinds_of,
    recovery_codes_of,
)

pytestmark = pytest.mark.django_db

SET_UP = reverse("mfa_activate_totp")
REMOVE = reverse("mfa_deactivate_totp")
CODES = reverse("mfa_view_recovery_codes")
NEW_CODES = reverse("mfa_generate_recovery_codes")
NOT_RIGHT = "This code is not right, or not any more"
LOCKED = "Too many wrong tries. Wait 15 minutes, then try again."


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", password=PASSWORD)


@pytest.fixture
def client(person: User) -> Client:
    """Somebody who has signed in by password a moment ago."""
    return by_password(person)


def _shown(client: Client) -> App:
    """The app that has scanned what the page shows."""
    page = client.get(SET_UP).content.decode()
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert secret
    return App(secret[1])


def _enter(client: Client, code: str) -> str:
    return client.post(CODE, {"code": code}, follow=True).content.decode()


def _set_up(client: Client, on_commit: OnCommit) -> App:
    app = _shown(client)
    with on_commit(execute=True):
        answer = client.post(SET_UP, {"code": app.code()})
    assert answer["Location"] == CODES
    return app


def _last_entries(count: int) -> list[tuple[Any, ...]]:
    entries = TrailEntry.objects.order_by("-id")[:count]
    return [(entry.action, entry.actor_name, entry.subject_name, entry.reason) for entry in entries]


class TestSettingItUp:
    def test_it_works(self, client: Client, person: User, django_capture_on_commit_callbacks: OnCommit) -> None:
        _set_up(client, django_capture_on_commit_callbacks)
        assert kinds_of(person) == ["recovery_codes", "totp"]
        page = client.get(SECURITY).content.decode()
        assert "Remove the app" in page
        assert "10 unused codes" in page

    def test_the_page_shows_a_picture_to_scan_and_the_same_as_text(self, client: Client) -> None:
        page = client.get(SET_UP)
        assert 'src="data:image/svg+xml;base64,' in page.content.decode()
        assert "no-store" in page["Cache-Control"]

    def test_a_wrong_code_changes_nothing_and_the_picture_stays_the_same(self, client: Client, person: User) -> None:
        app = _shown(client)
        page = client.post(SET_UP, {"code": app.wrong_code()}).content.decode()
        assert NOT_RIGHT in page
        assert app.secret in page.replace(" ", "")
        assert _shown(client).secret == app.secret
        assert kinds_of(person) == []

    def test_five_wrong_codes_lock_it_and_say_what_to_do(self, client: Client) -> None:
        app = _shown(client)
        for _try in range(5):
            client.post(SET_UP, {"code": app.wrong_code()})
        assert LOCKED in client.post(SET_UP, {"code": app.code()}).content.decode()

    def test_who_signed_in_a_while_ago_confirms_first_and_comes_back(self, client: Client) -> None:
        app = _shown(client)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            answer = client.post(SET_UP, {"code": app.code()})
            assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={SET_UP}"
            assert client.post(answer["Location"], {"password": PASSWORD})["Location"] == SET_UP
            assert _shown(client).secret == app.secret

    def test_the_code_that_set_it_up_signs_nobody_in(
        self, client: Client, person: User, django_capture_on_commit_callbacks: OnCommit
    ) -> None:
        with time_machine.travel(timezone.now(), tick=False):
            app = _set_up(client, django_capture_on_commit_callbacks)
            thief = by_password(person)
            assert NOT_RIGHT in _enter(thief, app.code())
        assert not is_signed_in(thief)

    def test_a_second_app_is_not_offered(self, client: Client, person: User) -> None:
        app_of(person)
        assert client.get(SET_UP)["Location"] == REMOVE


class TestSigningIn:
    def test_it_works(self, person: User) -> None:
        app, target = app_of(person), reverse("productkeys:operating-systems")
        client = Client()
        typed = {"login": "mara", "password": PASSWORD, "next": target}
        assert client.post(LOGIN, typed)["Location"] == CODE
        assert not is_signed_in(client)
        assert client.post(CODE, {"code": app.code()})["Location"] == target
        assert is_signed_in(client)

    def test_the_password_alone_opens_no_page(self, person: User) -> None:
        app_of(person)
        client = by_password(person)
        for page in ("/product-keys/", SECURITY, SET_UP, CODES, REMOVE, "/people/preferences/", "/admin/"):
            assert client.get(page, follow=True).redirect_chain[-1][0] == CODE, page
        assert not is_signed_in(client)

    def test_a_code_without_the_password_does_nothing(self, person: User) -> None:
        app, client = app_of(person), Client()
        assert client.get(CODE)["Location"] == LOGIN
        assert client.post(CODE, {"code": app.code()})["Location"] == LOGIN
        assert not is_signed_in(client)

    @pytest.mark.parametrize("steps", [-1, 1])
    def test_a_code_of_before_or_after_is_refused(self, person: User, steps: int) -> None:
        app, client = app_of(person), by_password(person)
        with time_machine.travel(timezone.now(), tick=False):
            assert NOT_RIGHT in _enter(client, app.code(steps=steps))
        assert not is_signed_in(client)

    def test_a_code_is_taken_once(self, person: User) -> None:
        app, client, thief = app_of(person), by_password(person), by_password(person)
        with time_machine.travel(timezone.now(), tick=False):
            _enter(client, app.code())
            assert NOT_RIGHT in _enter(thief, app.code())
        assert (is_signed_in(client), is_signed_in(thief)) == (True, False)

    def test_five_wrong_codes_lock_the_person_from_everywhere(self, person: User) -> None:
        app = app_of(person)
        for number in range(5):
            assert NOT_RIGHT in _enter(by_password(person, address=f"192.0.2.{number}"), app.wrong_code())
        client = by_password(person, address="192.0.2.9")
        assert LOCKED in _enter(client, app.code())
        assert not is_signed_in(client)
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            client = by_password(person)
            _enter(client, app.code())
            assert is_signed_in(client)

    def test_a_wrong_code_is_in_the_trail(self, person: User) -> None:
        app, client = app_of(person), by_password(person)
        _enter(client, app.wrong_code())
        assert _last_entries(1) == [("sign-in-failed", "", "mara", "wrong-second-factor")]
        _enter(client, app.code())
        assert _last_entries(1) == [("signed-in", "mara", "", "")]

    def test_it_can_be_given_up(self, person: User) -> None:
        app_of(person)
        client = by_password(person)
        assert "Cancel" in client.get(CODE).content.decode()
        assert client.post(reverse("account_logout"))["Location"] == LOGIN
        assert client.get(LOGIN).status_code == 200
        assert client.get(CODE)["Location"] == LOGIN


class TestRecoveryCodes:
    def test_each_lets_in_once(self, person: User) -> None:
        app_of(person)
        first, second, *_rest = recovery_codes_of(person)
        for code, lets_in in [(first, True), (first, False), (f"{second[:4]} {second[4:]}", True)]:
            client = by_password(person)
            _enter(client, code)
            assert is_signed_in(client) is lets_in
        assert "8 unused codes" in client.get(SECURITY).content.decode()

    def test_they_are_shown_once(
        self, client: Client, person: User, django_capture_on_commit_callbacks: OnCommit
    ) -> None:
        _set_up(client, django_capture_on_commit_callbacks)
        first = client.get(CODES)
        codes = re.findall(r"<li>(\d{4} \d{4})</li>", first.content.decode())
        assert len(codes) == 10
        assert "no-store" in first["Cache-Control"]
        assert 'data-download="codes"' in first.content.decode()
        again = client.get(CODES).content.decode()
        assert not [code for code in codes if code in again]
        assert "not shown again" in again
        other = by_password(person)
        _enter(other, codes[0])
        assert is_signed_in(other)

    def test_new_ones_take_the_place_of_the_old(
        self, person: User, django_capture_on_commit_callbacks: OnCommit
    ) -> None:
        app_of(person)
        old = recovery_codes_of(person)
        client = by_password(person)
        _enter(client, old[0])
        assert (
            "The codes you have are not taken any more. 9 of them are unused." in client.get(NEW_CODES).content.decode()
        )
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(NEW_CODES)["Location"] == CODES
        assert _last_entries(1) == [("codes-renewed", "mara", "mara", "")]
        new = re.findall(r"<li>(\d{4}) (\d{4})</li>", client.get(CODES).content.decode())
        for code, lets_in in [(old[1], False), ("".join(new[0]), True)]:
            other = by_password(person)
            _enter(other, code)
            assert is_signed_in(other) is lets_in

    def test_without_a_second_factor_there_are_none(self, client: Client, person: User) -> None:
        assert client.get(CODES).status_code == 404
        assert "set one up first" in client.post(NEW_CODES).content.decode()
        assert kinds_of(person) == []


class TestRemovingIt:
    def test_it_works(self, client: Client, person: User, django_capture_on_commit_callbacks: OnCommit) -> None:
        _set_up(client, django_capture_on_commit_callbacks)
        assert "the recovery codes go as well" in client.get(REMOVE).content.decode()
        assert "The authenticator app is removed." in client.post(REMOVE, follow=True).content.decode()
        assert kinds_of(person) == []
        assert SealedSecret.objects.count() == 0
        assert is_signed_in(by_password(person))

    def test_what_comes_and_goes_is_in_the_trail(
        self, client: Client, django_capture_on_commit_callbacks: OnCommit, as_admin: Client
    ) -> None:
        _set_up(client, django_capture_on_commit_callbacks)
        client.post(REMOVE)
        added, removed = ("factor-added", "mara", "mara", ""), ("factor-removed", "mara", "mara", "")
        assert _last_entries(4) == [removed, removed, added, added]
        page = as_admin.get(reverse("productkeys:trail")).content.decode()
        assert "Second factor added" in page
        assert "Second factor removed" in page

    def test_who_signed_in_a_while_ago_confirms_first(
        self, client: Client, person: User, django_capture_on_commit_callbacks: OnCommit
    ) -> None:
        _set_up(client, django_capture_on_commit_callbacks)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            for page in (REMOVE, NEW_CODES, CODES):
                assert client.post(page)["Location"] == f"{reverse('account_reauthenticate')}?next={page}"
        assert kinds_of(person) == ["recovery_codes", "totp"]


class TestItsSecret:
    """It is readable nowhere but on the page that shows it, and on the phone."""

    def _stored(self) -> str:
        """Everything in the database, sessions decoded."""
        with connection.cursor() as cursor:
            rows = []
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a name of ours
                rows += cursor.fetchall()
        sessions = [session.get_decoded() for session in Session.objects.all()]
        return f"{rows} {sessions}"

    def test_it_is_sealed_in_the_database_and_before_that_in_the_session(
        self,
        client: Client,
        person: User,
        caplog: pytest.LogCaptureFixture,
        django_capture_on_commit_callbacks: OnCommit,
    ) -> None:
        secret = _shown(client).secret
        assert secret not in self._stored()
        assert "kp1.e" in client.session["mfa.totp.secret"]
        _set_up(client, django_capture_on_commit_callbacks)
        codes = re.findall(r"<li>(\d{4}) (\d{4})</li>", client.get(CODES).content.decode())
        stored = self._stored()
        assert not [text for text in (secret, *map("".join, codes)) if text in stored + caplog.text]
        assert "mfa.totp.secret" not in client.session

    def test_a_secret_that_was_sealed_for_somebody_else_is_not_taken_up(self, client: Client) -> None:
        secret = _shown(client).secret
        other = by_password(User.objects.create_user("rolf", password=PASSWORD))
        session = other.session
        session["mfa.totp.secret"] = client.session["mfa.totp.secret"]
        session.save()
        assert _shown(other).secret != secret
