"""Phone and key are lost: others remove the second factor, who may, and the trail says so."""

from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from keyportal.people.models import User
from productkeys.models import SealedSecret, TrailEntry
from tests.second_factor import CODE, PASSWORD, app_of, by_password, is_signed_in, kinds_of, recovery_codes_of

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/people/user/"


@pytest.fixture
def person() -> User:
    person = User.objects.create_user("mara", password=PASSWORD)
    app_of(person)
    recovery_codes_of(person)
    return person


@pytest.fixture
def keeper() -> Client:
    """Somebody who keeps the list of people, and may do nothing else."""
    keeper = User.objects.create_user("karl.keeper", is_staff=True)
    keeper.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = Client()
    client.force_login(keeper)
    return client


def _remove(client: Client, person: User) -> int:
    return client.post(f"{PEOPLE}{person.pk}/second-factor/").status_code


def test_it_works(as_admin: Client, person: User) -> None:
    page = as_admin.get(f"{PEOPLE}{person.pk}/change/").content.decode()
    assert f'href="{PEOPLE}{person.pk}/second-factor/"' in page
    question = as_admin.get(f"{PEOPLE}{person.pk}/second-factor/").content.decode()
    assert "mara then signs in with the password alone" in question
    assert kinds_of(person) == ["recovery_codes", "totp"]
    answer = as_admin.post(f"{PEOPLE}{person.pk}/second-factor/", follow=True)
    assert "The second factor of mara is removed." in answer.content.decode()
    assert kinds_of(person) == []
    assert SealedSecret.objects.count() == 0
    assert is_signed_in(by_password(person))


def test_the_trail_says_who_removed_what_from_whom(as_admin: Client, person: User) -> None:
    _remove(as_admin, person)
    entry = TrailEntry.objects.filter(action="factor-removed").get()
    assert (entry.actor_name, entry.subject_name) == ("admin", "mara")
    assert entry.before == {"second_factor": ["totp", "recovery_codes"]}


def test_who_may_set_the_password_may_remove_it(keeper: Client, person: User) -> None:
    assert _remove(keeper, person) == 302
    assert kinds_of(person) == []


def test_nobody_removes_that_of_somebody_with_more_rights(keeper: Client, person: User, admin_user: User) -> None:
    person.user_permissions.set(Permission.objects.filter(codename="reveal_productkey"))
    app_of(admin_user)
    for other in (person, admin_user):
        assert keeper.get(f"{PEOPLE}{other.pk}/second-factor/").status_code == 403
        assert _remove(keeper, other) == 403
        assert "totp" in kinds_of(other)
        assert "/second-factor/" not in keeper.get(f"{PEOPLE}{other.pk}/change/").content.decode()


def test_who_signed_in_a_while_ago_confirms_first(as_admin: Client, person: User) -> None:
    session = as_admin.session
    session["signed_in_at"] -= 600
    session.save()
    answer = as_admin.post(f"{PEOPLE}{person.pk}/second-factor/")
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert "totp" in kinds_of(person)


def test_nobody_of_that_number_is_not_there(as_admin: Client) -> None:
    assert as_admin.get(f"{PEOPLE}999999/second-factor/").status_code == 404


def test_the_lock_after_wrong_codes_ends_as_well(
    as_admin: Client, person: User, django_capture_on_commit_callbacks: object
) -> None:
    for _try in range(5):
        by_password(person).post(CODE, {"code": "recovery"})
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture
        _remove(as_admin, person)
    app, client = app_of(person), by_password(person)
    client.post(CODE, {"code": app.code()})
    assert is_signed_in(client)


def test_the_command_removes_it_too_and_says_so(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYPORTAL_ADMIN_PASSWORD", PASSWORD)
    out = StringIO()
    call_command("let_in", "mara", stdout=out)
    assert "The second factor is removed: app, passkeys and recovery codes do not let in any more." in out.getvalue()
    assert is_signed_in(by_password(person))
    entry = TrailEntry.objects.filter(action="factor-removed").get()
    assert (entry.actor_name, entry.subject_name, entry.reason) == ("", "mara", "command-line")
