"""The way back in when nobody gets in any more: `manage.py let_in NAME` on the machine that serves."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import TrailEntry

FORGOTTEN = "a long enough passphrase"
GIVEN = "an even longer passphrase"
LOGIN = reverse("account_login")
pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", password=FORGOTTEN)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYPORTAL_ADMIN_PASSWORD", GIVEN)


def _let_in(name: str = "mara", *options: str) -> str:
    out = StringIO()
    call_command("let_in", name, *options, stdout=out, stderr=out)
    return out.getvalue()


def _gets_in(password: str, name: str = "mara", address: str = "192.0.2.1") -> bool:
    client = Client(REMOTE_ADDR=address)
    client.post(LOGIN, {"login": name, "password": password})
    return "_auth_user_id" in client.session


def test_the_printed_password_lets_the_person_in_and_the_old_one_does_not(person: User) -> None:
    printed = re.fullmatch(r"mara can sign in, password: (\S{20}) \(shown only now\)\n", _let_in())
    assert printed
    assert _gets_in(printed[1])
    assert not _gets_in(FORGOTTEN)


def test_a_given_password_lets_the_person_in_and_stands_nowhere(
    person: User, given: None, caplog: pytest.LogCaptureFixture
) -> None:
    assert _let_in() == "mara can sign in, password: the one in KEYPORTAL_ADMIN_PASSWORD\n"
    assert _gets_in(GIVEN)
    assert GIVEN not in caplog.text + str(list(TrailEntry.objects.values()))


def test_a_given_password_that_is_too_weak_is_refused_and_changes_nothing(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYPORTAL_ADMIN_PASSWORD", "mara12")
    with pytest.raises(CommandError, match="KEYPORTAL_ADMIN_PASSWORD will not do: ") as refused:
        _let_in()
    assert "mara12" not in str(refused.value)
    assert _gets_in(FORGOTTEN)


def test_a_deactivated_person_is_active_again_and_has_no_more_rights_than_before(person: User, given: None) -> None:
    User.objects.update(is_active=False)
    _let_in()
    person.refresh_from_db()
    assert (person.is_active, person.is_staff, person.is_superuser) == (True, False, False)
    assert _gets_in(GIVEN)


def test_an_administrator_gets_every_right(person: User) -> None:
    _let_in("mara", "--administrator")
    person.refresh_from_db()
    assert (person.is_active, person.is_staff, person.is_superuser) == (True, True, True)


def test_the_lock_after_failed_sign_ins_ends_at_every_address(person: User, given: None) -> None:
    addresses = ("192.0.2.1", "192.0.2.2")
    for address in addresses:
        for _try in range(5):
            _gets_in("wrong", address=address)
        assert not _gets_in(FORGOTTEN, address=address)
    _let_in()
    assert all(_gets_in(GIVEN, address=address) for address in addresses)


def test_the_lock_of_somebody_else_stays(person: User, given: None) -> None:
    User.objects.create_user("rolf", password=FORGOTTEN)
    for _try in range(5):
        _gets_in("wrong", "rolf")
    _let_in()
    assert not _gets_in(FORGOTTEN, "rolf")


def test_every_session_of_the_person_ends_and_nobody_elses(person: User) -> None:
    """A session carries a keyed hash of the password hash, so it does not outlive the password."""
    desk, phone, of_rolf = Client(), Client(), Client()
    desk.force_login(person)
    phone.force_login(person)
    of_rolf.force_login(User.objects.create_user("rolf", password=FORGOTTEN))
    page = reverse("account_change_password")
    assert [client.get(page).status_code for client in (desk, phone, of_rolf)] == [200, 200, 200]
    _let_in()
    assert [client.get(page).status_code for client in (desk, phone, of_rolf)] == [302, 302, 200]


def test_the_trail_says_what_changed_and_that_it_was_on_the_command_line(person: User) -> None:
    User.objects.update(is_active=False)
    _let_in("mara", "--administrator")
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason) == ("changed", "command-line")
    assert (entry.actor_uid, entry.actor_name, entry.address) == (None, "", None)
    assert (entry.subject_uid, entry.subject_name) == (person.uid, "mara")
    assert entry.before == {"is_active": False, "is_staff": False, "is_superuser": False}
    assert entry.after == {"is_active": True, "is_staff": True, "is_superuser": True, "password": "changed"}


def test_auditors_read_on_the_command_line(person: User, as_admin: Client) -> None:
    _let_in()
    assert "on the command line" in as_admin.get(reverse("productkeys:trail")).content.decode()


def test_an_unknown_name_is_refused_with_what_to_do(admin_user: User) -> None:
    with pytest.raises(CommandError, match=r"The administrators are: admin\. .* --new --administrator"):
        _let_in("nobody")
    assert not User.objects.filter(username="nobody").exists()


def test_a_new_administrator_can_be_made(given: None) -> None:
    _let_in("fresh", "--new", "--administrator")
    assert _gets_in(GIVEN, "fresh")
    assert User.objects.get(username="fresh").is_superuser
    assert TrailEntry.objects.filter(action="added", subject_name="fresh", reason="command-line").exists()


def test_a_new_account_takes_nobodys_name(person: User) -> None:
    with pytest.raises(CommandError, match="Leave --new out"):
        _let_in("Mara", "--new")


def test_a_new_account_needs_a_name_that_will_do() -> None:
    with pytest.raises(CommandError, match="This user name will not do: "):
        _let_in("<script>", "--new")


@pytest.mark.parametrize("name", ["admin\u3164", "admin\u202e", "admin\x1b[2J"])
def test_no_account_is_made_that_looks_like_another(name: str) -> None:
    with pytest.raises(CommandError, match="This user name will not do: "):
        _let_in(name, "--new", "--administrator")
    assert not User.objects.exists()
