"""Asking for a new password: whose mailbox gets a letter, and nobody learns from the answer who has an account."""

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import TrailEntry
from tests.forgotten import ASK, FORGOTTEN, NEW, ask, gets_in, later, set_by
from tests.letters import address_in, arrived

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", "mara@example.org", FORGOTTEN)


# --- The letter


@pytest.mark.parametrize("typed", ["mara", "Mara", "mara@example.org", "MARA@Example.org", "  mara@example.org "])
def test_user_name_and_address_do_alike_in_any_case(person: User, typed: str) -> None:
    ask(typed)
    assert [letter.to for letter in arrived()] == [["mara@example.org"]]


def test_an_address_with_capital_letters_in_the_portal_is_found(person: User) -> None:
    User.objects.update(email="Mara.Manager@Example.org")
    ask("mara.manager@example.org")
    assert [letter.to for letter in arrived()] == [["Mara.Manager@Example.org"]]


def test_the_letter_is_plain_text_in_the_language_of_the_person(person: User) -> None:
    User.objects.update(language="de")
    ask("mara")
    (letter,) = arrived()
    assert letter.subject == "KeyPortal: Ihr neues Kennwort"
    assert "„mara“" in str(letter.body)
    assert letter.message().get_content_type() == "text/plain"


def test_who_chose_no_language_gets_that_of_the_browser(person: User) -> None:
    ask("mara", HTTP_ACCEPT_LANGUAGE="de-DE,de;q=0.9")
    assert arrived()[0].subject == "KeyPortal: Ihr neues Kennwort"


# --- Whose mailbox it is


def test_people_who_share_an_address_get_a_link_each_that_names_the_account(person: User) -> None:
    User.objects.create_user("office", "Mara@example.org", FORGOTTEN)
    ask("mara@example.org")
    for_mara, for_office = sorted(arrived(), key=lambda letter: "“office”" in str(letter.body))
    assert (for_mara.to, for_office.to) == (["mara@example.org"], ["Mara@example.org"])
    set_by(address_in(for_office).removeprefix("http://127.0.0.1:8000"))
    assert gets_in(NEW, "office")
    assert gets_in(FORGOTTEN, "mara")


def test_a_user_name_that_is_the_address_of_another_leads_to_no_confusion(person: User) -> None:
    User.objects.create_user("mara@example.org", "other@example.org", FORGOTTEN)
    ask("mara@example.org")
    assert sorted((letter.to[0], "“mara”" in str(letter.body)) for letter in arrived()) == [
        ("mara@example.org", True),
        ("other@example.org", False),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "m\u0131ke@example.org",  # a dotless i, which is an I in capital letters
        "mike@ex\u0430mple.org",  # a Cyrillic a
        "\uff4dike@example.org",  # a wide m
        "mike@example.org\u200b",
        "mike@example.org, thief@example.com",
        "mike@example.org\nBcc: thief@example.com",
        "mike@example.or%",
        "m_ke@example.org",
    ],
)
def test_an_address_that_looks_alike_is_another_one(typed: str) -> None:
    User.objects.create_user("mike", "mike@example.org", FORGOTTEN)
    ask(typed)
    assert arrived() == []


def test_a_sign_that_is_the_same_letter_leads_to_the_mailbox_in_the_portal() -> None:
    """The sign for kelvin is a k in small letters."""
    User.objects.create_user("mike", "mike@example.org", FORGOTTEN)
    ask("mi\u212ae@example.org")
    assert {letter.to[0] for letter in arrived()} <= {"mike@example.org"}


# --- Who has an account is told to nobody


@pytest.fixture
def all_kinds(person: User) -> dict[str, str]:
    """What is typed, by what stands behind it."""
    User.objects.create_user("gone", "gone@example.org", FORGOTTEN, is_active=False)
    User.objects.create_user("silent", "", FORGOTTEN)
    User.objects.create_user("company", "company@example.org")
    return {
        "somebody": "mara",
        "their address": "mara@example.org",
        "nobody": "nobody",
        "nobody's address": "nobody@example.org",
        "deactivated": "gone@example.org",
        "without an address": "silent",
        "without a password": "company",
        "no name at all": "<script>",
    }


def test_everybody_gets_the_same_answer_by_the_same_queries(all_kinds: dict[str, str]) -> None:
    seen = {}
    ask("the first one reads what the process keeps")
    for kind, typed in all_kinds.items():
        client = Client()
        client.get(ASK)
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(ASK, {"email": typed})
        statements = [query["sql"].partition(" ")[0] for query in queries.captured_queries]
        headers = {name: value for name, value in answer.items() if name != "Expires"}
        page = client.get(answer["Location"])
        said = page.content.decode().replace(str(page.context["csrf_token"]), "")
        seen[kind] = (answer.status_code, headers, answer.cookies.output(), statements, said)
    assert all(told == seen["nobody"] for told in seen.values())


def test_who_gets_a_letter_and_who_gets_none(all_kinds: dict[str, str]) -> None:
    written: dict[str, Any] = {}
    for kind, typed in all_kinds.items():
        mail.outbox.clear()
        ask(typed, address=f"192.0.2.{len(written)}")
        written[kind] = [(letter.to, letter.subject) for letter in arrived()]
    link = [(["mara@example.org"], "KeyPortal: your new password")]
    assert written.pop("somebody") == written.pop("their address") == link
    assert written.pop("without a password") == [(["company@example.org"], "KeyPortal: your account has no password")]
    assert not any(written.values()), written


def test_who_has_no_password_is_told_where_to_sign_in_and_given_no_link(all_kinds: dict[str, str]) -> None:
    ask("company")
    (letter,) = arrived()
    assert "sign in with your company's account" in str(letter.body)
    assert "://" not in str(letter.body)


def test_a_mail_server_out_of_reach_changes_no_answer_and_is_logged(
    person: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert ask("mara")["Location"] == ask("nobody")["Location"]
    arrived()
    assert "could not be sent" in caplog.text
    assert "/password/reset/" not in caplog.text


# --- How often


def test_three_letters_an_hour_go_to_a_mailbox_by_whatever_name_and_from_wherever(person: User) -> None:
    for number, typed in enumerate(["mara", "MARA", "mara@example.org", "Mara@Example.org", "mara"]):
        assert ask(typed, address=f"192.0.2.{number}").status_code == 302
    assert len(arrived()) == 3
    assert TrailEntry.objects.filter(action="reset-asked").count() == 3
    with later(61):
        ask("mara")
    assert len(arrived()) == 4


def test_one_address_asks_ten_times_a_minute(person: User) -> None:
    answers = [ask(f"somebody-{number}").status_code for number in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert ask("mara", address="192.0.2.2").status_code == 302


# --- The trail


def test_the_trail_says_who_was_asked_for_and_from_where(person: User) -> None:
    ask("mara@example.org", address="192.0.2.9")
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason) == ("reset-asked", "")
    assert (entry.subject_uid, entry.subject_name) == (person.uid, "mara")
    assert (entry.actor_uid, entry.actor_name, entry.address) == (None, "", "192.0.2.9")


@pytest.mark.parametrize(
    ("kind", "reason", "name"),
    [
        ("nobody", "unknown-name", ""),
        ("no name at all", "unknown-name", ""),
        ("deactivated", "deactivated", "gone"),
        ("without an address", "no-email", "silent"),
        ("without a password", "no-password", "company"),
    ],
)
def test_the_trail_says_why_there_is_no_link_and_keeps_no_name_that_is_none(
    all_kinds: dict[str, str], kind: str, reason: str, name: str
) -> None:
    ask(all_kinds[kind])
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason, entry.subject_name) == ("reset-asked", reason, name)
    assert name or all_kinds[kind] not in str(TrailEntry.objects.filter(pk=entry.pk).values())
