"""A forgotten password: a link by e-mail, once and for an hour, and nobody learns from it who has an account."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from keyportal.error_reports import KeyMaskingFormatter
from keyportal.people.models import User
from productkeys.models import TrailEntry
from productkeys.services import chain
from tests.letters import address_in, arrived

FORGOTTEN = "a long enough passphrase"
NEW = "an even longer passphrase"
LOGIN, ASK = reverse("account_login"), reverse("account_reset_password")
pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", "mara@example.org", FORGOTTEN)


def _ask(typed: str, address: str = "192.0.2.1", **headers: Any) -> Any:
    return Client(REMOTE_ADDR=address).post(ASK, {"email": typed}, **headers)


def _link(typed: str = "mara") -> str:
    """The path of the link that the newest letter holds."""
    _ask(typed)
    address = address_in(arrived()[-1])
    assert address.startswith("http://127.0.0.1:8000/")
    return address.removeprefix("http://127.0.0.1:8000")


def _later(minutes: int) -> time_machine.travel:
    return time_machine.travel(time.time() + 60 * minutes)


def _set(link: str, client: Client | None = None, **typed: str) -> str:
    """What is said to whoever opens `link` and sets the new password."""
    client = client or Client(REMOTE_ADDR="192.0.2.1")
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page.content.decode()
    sent = {"password1": NEW, "password2": NEW} | typed
    return client.post(page.redirect_chain[-1][0], sent, follow=True).content.decode()


def _gets_in(password: str, name: str = "mara", client: Client | None = None) -> bool:
    client = client or Client(REMOTE_ADDR="192.0.2.1")
    client.post(LOGIN, {"login": name, "password": password})
    return "_auth_user_id" in client.session


# --- The way back


def test_it_works(person: User) -> None:
    assert "Forgotten your password?" in Client().get(LOGIN).content.decode()
    answer = _ask("mara")
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_reset_password_done"))
    assert "Look into your mailbox" in Client().get(answer["Location"]).content.decode()
    (letter,) = arrived()
    assert (letter.to, letter.subject) == (["mara@example.org"], "KeyPortal: your new password")
    said = _set(address_in(letter).removeprefix("http://127.0.0.1:8000"))
    assert "Your password is changed." in said
    assert "<h1>Sign in</h1>" in said
    assert _gets_in(NEW)
    assert not _gets_in(FORGOTTEN)


@pytest.mark.parametrize("typed", ["mara", "Mara", "mara@example.org", "MARA@Example.org", "  mara@example.org "])
def test_user_name_and_address_do_alike_in_any_case(person: User, typed: str) -> None:
    _ask(typed)
    assert [letter.to for letter in arrived()] == [["mara@example.org"]]


def test_an_address_with_capital_letters_in_the_portal_is_found(person: User) -> None:
    User.objects.update(email="Mara.Manager@Example.org")
    _ask("mara.manager@example.org")
    assert [letter.to for letter in arrived()] == [["Mara.Manager@Example.org"]]


def test_the_letter_is_plain_text_in_the_language_of_the_person(person: User) -> None:
    User.objects.update(language="de")
    _ask("mara")
    (letter,) = arrived()
    assert letter.subject == "KeyPortal: Ihr neues Kennwort"
    assert "„mara“" in str(letter.body)
    assert letter.message().get_content_type() == "text/plain"


def test_who_chose_no_language_gets_that_of_the_browser(person: User) -> None:
    _ask("mara", HTTP_ACCEPT_LANGUAGE="de-DE,de;q=0.9")
    assert arrived()[0].subject == "KeyPortal: Ihr neues Kennwort"


def test_an_empty_field_is_named(person: User) -> None:
    page = _ask(" ").content.decode()
    assert 'id="id_email_error"' in page
    assert 'aria-invalid="true"' in page
    assert arrived() == []


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"password1": "short", "password2": "short"}, "at least 12 characters"),
        ({"password1": "mara@example.org", "password2": "mara@example.org"}, "too similar to the"),
        ({"password2": "another passphrase"}, "You must type the same password each time."),
    ],
)
def test_a_password_that_will_not_do_is_refused_beside_the_field(
    person: User, typed: dict[str, str], message: str
) -> None:
    link, client = _link(), Client()
    assert message in _set(link, client, **typed)
    assert _gets_in(FORGOTTEN)


def test_after_a_refused_password_the_same_page_takes_a_better_one(person: User) -> None:
    link, client = _link(), Client()
    _set(link, client, password2="another passphrase")
    assert "Your password is changed." in _set(link, client)


# --- Where no letter can be sent


@pytest.fixture
def without_mail(settings: Settings) -> None:
    settings.MAIL_IS_SET_UP = False


def test_without_mail_the_sign_in_page_says_what_to_do(without_mail: None) -> None:
    page = Client().get(LOGIN).content.decode()
    assert "Forgotten? An administrator of the portal can set a new one." in page
    assert ASK not in page


def test_without_mail_the_pages_are_not_there(person: User, settings: Settings) -> None:
    link = _link()
    settings.MAIL_IS_SET_UP = False
    for address in (ASK, reverse("account_reset_password_done"), link):
        assert Client().get(address).status_code == 404, address
    assert _ask("mara").status_code == 404
    assert len(arrived()) == 1


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
    _ask("the first one reads what the process keeps")
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
        _ask(typed, address=f"192.0.2.{len(written)}")
        written[kind] = [(letter.to, letter.subject) for letter in arrived()]
    link = [(["mara@example.org"], "KeyPortal: your new password")]
    assert written.pop("somebody") == written.pop("their address") == link
    assert written.pop("without a password") == [(["company@example.org"], "KeyPortal: your account has no password")]
    assert not any(written.values()), written


def test_who_has_no_password_is_told_where_to_sign_in_and_given_no_link(all_kinds: dict[str, str]) -> None:
    _ask("company")
    (letter,) = arrived()
    assert "sign in with your company's account" in str(letter.body)
    assert "://" not in str(letter.body)


def test_a_mail_server_out_of_reach_changes_no_answer_and_is_logged(
    person: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert _ask("mara")["Location"] == _ask("nobody")["Location"]
    arrived()
    assert "could not be sent" in caplog.text
    assert "/password/reset/" not in caplog.text


# --- Whose link it is


def test_people_who_share_an_address_get_a_link_each_that_names_the_account(person: User) -> None:
    User.objects.create_user("office", "Mara@example.org", FORGOTTEN)
    _ask("mara@example.org")
    for_mara, for_office = sorted(arrived(), key=lambda letter: "“office”" in str(letter.body))
    assert (for_mara.to, for_office.to) == (["mara@example.org"], ["Mara@example.org"])
    _set(address_in(for_office).removeprefix("http://127.0.0.1:8000"))
    assert _gets_in(NEW, "office")
    assert _gets_in(FORGOTTEN, "mara")


def test_a_user_name_that_is_the_address_of_another_leads_to_no_confusion(person: User) -> None:
    User.objects.create_user("mara@example.org", "other@example.org", FORGOTTEN)
    _ask("mara@example.org")
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
    _ask(typed)
    assert arrived() == []


def test_a_sign_that_is_the_same_letter_leads_to_the_mailbox_in_the_portal() -> None:
    """The sign for kelvin is a k in small letters."""
    User.objects.create_user("mike", "mike@example.org", FORGOTTEN)
    _ask("mi\u212ae@example.org")
    assert {letter.to[0] for letter in arrived()} <= {"mike@example.org"}


def test_the_link_of_one_is_worth_nothing_for_another(person: User) -> None:
    other = User.objects.create_user("rolf", "rolf@example.org", FORGOTTEN)
    token = _link().split("/")[-2]
    of_rolf = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(other), token])
    assert "This link no longer works" in _set(of_rolf)
    assert _gets_in(FORGOTTEN, "rolf")


@pytest.mark.parametrize(("number", "token"), [("zzzzzzzzzzzzzzzzzz", "a-b"), ("ä", "a-b"), ("1", "set-password")])
def test_a_made_up_link_is_worth_nothing(person: User, number: str, token: str) -> None:
    page = Client().get(reverse("account_reset_password_from_key", args=[number, token]))
    assert "This link no longer works" in page.content.decode()


# --- How long it works


def test_it_works_once(person: User) -> None:
    link = _link()
    _set(link)
    assert "This link no longer works" in _set(link, password1="a third passphrase", password2="a third passphrase")
    assert _gets_in(NEW)


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_it_works_for_an_hour(person: User, minutes: int, works: bool) -> None:
    link = _link()
    with _later(minutes):
        assert ("Your password is changed." in _set(link)) == works


def test_an_hour_is_an_hour_when_the_clocks_are_set_back(person: User) -> None:
    half_past_two = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()  # in Berlin, for the first time that night
    with time_machine.travel(half_past_two):
        link = _link()
    with time_machine.travel(half_past_two + 61 * 60):
        assert "This link no longer works" in _set(link)


def test_opening_the_page_in_time_is_not_enough(person: User) -> None:
    link, client = _link(), Client()
    page = client.get(link, follow=True).redirect_chain[-1][0]
    with _later(61):
        said = client.post(page, {"password1": NEW, "password2": NEW}).content.decode()
    assert "This link no longer works" in said
    assert _gets_in(FORGOTTEN)


def _sign_in(person: User) -> None:
    assert _gets_in(FORGOTTEN)


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
    link = _link()
    happens(person)
    before = User.objects.get().password
    assert "This link no longer works" in _set(link)
    assert User.objects.get().password == before


# --- What it ends, and what it does not skip


def test_nobody_is_signed_in_by_it(person: User) -> None:
    client = Client()
    _set(_link(), client)
    assert "_auth_user_id" not in client.session


def test_every_session_of_the_person_ends_and_nobody_elses(person: User) -> None:
    desk, of_rolf = Client(), Client()
    desk.force_login(person)
    of_rolf.force_login(User.objects.create_user("rolf", "rolf@example.org", FORGOTTEN))
    person.refresh_from_db()
    _set(_link())
    page = reverse("people:preferences")
    assert [client.get(page).status_code for client in (desk, of_rolf)] == [302, 200]


def test_whoever_is_signed_in_as_another_is_signed_out_before_the_page(person: User) -> None:
    client = Client()
    client.force_login(User.objects.create_user("rolf", "rolf@example.org", FORGOTTEN))
    assert "Your password is changed." in _set(_link(), client)
    assert "_auth_user_id" not in client.session
    assert _gets_in(FORGOTTEN, "rolf")


def test_the_lock_after_failed_sign_ins_ends(person: User) -> None:
    for _try in range(5):
        _gets_in("wrong")
    assert not _gets_in(FORGOTTEN)
    _set(_link())
    assert _gets_in(NEW)


# --- Where the link may stand


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
    _ask("mara", **forged)
    assert address_in(arrived()[0]).startswith("http://127.0.0.1:8000/accounts/password/reset/")


def test_a_foreign_host_gets_nothing(person: User) -> None:
    assert _ask("mara", HTTP_HOST="evil.example.com").status_code == 400
    assert arrived() == []


def test_the_page_for_the_new_password_has_no_token_in_its_address(person: User) -> None:
    link, client = _link(), Client()
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
    link, written = _link(), StringIO()
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


# --- How often


def test_three_letters_an_hour_go_to_a_mailbox_by_whatever_name_and_from_wherever(person: User) -> None:
    for number, typed in enumerate(["mara", "MARA", "mara@example.org", "Mara@Example.org", "mara"]):
        assert _ask(typed, address=f"192.0.2.{number}").status_code == 302
    assert len(arrived()) == 3
    assert TrailEntry.objects.filter(action="reset-asked").count() == 3
    with _later(61):
        _ask("mara")
    assert len(arrived()) == 4


def test_one_address_asks_ten_times_a_minute(person: User) -> None:
    answers = [_ask(f"somebody-{number}").status_code for number in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert _ask("mara", address="192.0.2.2").status_code == 302


# --- The trail


def test_the_trail_says_who_was_asked_for_and_from_where(person: User) -> None:
    _ask("mara@example.org", address="192.0.2.9")
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason) == ("reset-asked", "")
    assert (entry.subject_uid, entry.subject_name) == (person.uid, "mara")
    assert (entry.actor_uid, entry.actor_name, entry.address) == (None, "", "192.0.2.9")


def test_the_trail_says_that_the_password_was_set_by_the_link(person: User) -> None:
    link = _link()
    _set(link)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason, entry.after) == ("changed", "link", {"password": "changed"})
    assert (entry.actor_uid, entry.subject_uid, entry.address) == (person.uid, person.uid, "192.0.2.1")
    everything = str(list(TrailEntry.objects.values()))
    assert NEW not in everything
    assert link.split("/")[-2] not in everything


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
    _ask(all_kinds[kind])
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason, entry.subject_name) == ("reset-asked", reason, name)
    assert name or all_kinds[kind] not in str(TrailEntry.objects.filter(pk=entry.pk).values())


def test_auditors_read_it_in_words_and_nobody_is_named_as_its_author(person: User, as_admin: Client) -> None:
    _set(_link())
    page = as_admin.get(reverse("productkeys:trail")).content.decode()
    assert "New password asked for" in page
    assert "by a link in a letter" in page


@pytest.mark.django_db(transaction=True)
def test_without_its_entry_in_the_trail_no_password_is_set(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = _link()
    monkeypatch.setattr(chain, "proof_of", lambda entry: 1 / 0)
    client = Client(raise_request_exception=False)
    _set(link, client)
    monkeypatch.undo()
    assert _gets_in(FORGOTTEN)
