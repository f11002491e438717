"""A forgotten password: a link by e-mail leads back, and the trail says who went that way."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import TrailEntry
from productkeys.services import chain
from tests.forgotten import ASK, FORGOTTEN, LOGIN, NEW, ask, gets_in, link_for, set_by
from tests.letters import address_in, arrived

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", "mara@example.org", FORGOTTEN)


# --- The way back


def test_it_works(person: User) -> None:
    assert "Forgotten your password?" in Client().get(LOGIN).content.decode()
    answer = ask("mara")
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_reset_password_done"))
    assert "Look into your mailbox" in Client().get(answer["Location"]).content.decode()
    (letter,) = arrived()
    assert (letter.to, letter.subject) == (["mara@example.org"], "KeyPortal: your new password")
    said = set_by(address_in(letter).removeprefix("http://127.0.0.1:8000"))
    assert "Your password is changed." in said
    assert "<h1>Sign in</h1>" in said
    assert gets_in(NEW)
    assert not gets_in(FORGOTTEN)


def test_an_empty_field_is_named(person: User) -> None:
    page = ask(" ").content.decode()
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
    link, client = link_for(), Client()
    assert message in set_by(link, client, **typed)
    assert gets_in(FORGOTTEN)


def test_after_a_refused_password_the_same_page_takes_a_better_one(person: User) -> None:
    link, client = link_for(), Client()
    set_by(link, client, password2="another passphrase")
    assert "Your password is changed." in set_by(link, client)


# --- Where no letter can be sent


@pytest.fixture
def without_mail(settings: Settings) -> None:
    settings.MAIL_IS_SET_UP = False


def test_without_mail_the_sign_in_page_says_what_to_do(without_mail: None) -> None:
    page = Client().get(LOGIN).content.decode()
    assert "Forgotten? An administrator of the portal can set a new one." in page
    assert ASK not in page


def test_without_mail_the_pages_are_not_there(person: User, settings: Settings) -> None:
    link = link_for()
    settings.MAIL_IS_SET_UP = False
    for address in (ASK, reverse("account_reset_password_done"), link):
        assert Client().get(address).status_code == 404, address
    assert ask("mara").status_code == 404
    assert len(arrived()) == 1


# --- The trail


def test_the_trail_says_that_the_password_was_set_by_the_link(person: User) -> None:
    link = link_for()
    set_by(link)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason, entry.after) == ("changed", "link", {"password": "changed"})
    assert (entry.actor_uid, entry.subject_uid, entry.address) == (person.uid, person.uid, "192.0.2.1")
    everything = str(list(TrailEntry.objects.values()))
    assert NEW not in everything
    assert link.split("/")[-2] not in everything


def test_auditors_read_it_in_words_and_nobody_is_named_as_its_author(person: User, as_admin: Client) -> None:
    set_by(link_for())
    page = as_admin.get(reverse("productkeys:trail")).content.decode()
    assert "New password asked for" in page
    assert "by a link in a letter" in page


@pytest.mark.django_db(transaction=True)
def test_without_its_entry_in_the_trail_no_password_is_set(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_for()
    monkeypatch.setattr(chain, "proof_of", lambda entry: 1 / 0)
    client = Client(raise_request_exception=False)
    set_by(link, client)
    monkeypatch.undo()
    assert gets_in(FORGOTTEN)
