"""An account without a password goes to whoever the company's sign-in calls by its name: nobody may be in it before.

Who keeps the list of people could otherwise prepare one, wait, and act with the roles that its owner brings along.
"""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import TrailEntry
from tests.second_factor import PASSWORD, app_of, by_password, is_signed_in, kinds_of, recovery_codes_of

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/people/user/"


@pytest.fixture
def keeper(db: None) -> User:
    """Somebody who keeps the list of people, but is no superuser."""
    person = User.objects.create_user("kim.keeper", password=PASSWORD, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return person


def _disable_password(client: Client, person: User) -> None:
    answer = client.post(f"{PEOPLE}{person.pk}/password/", {"usable_password": "false", "unset-password": "1"})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert not person.has_usable_password()


def _rename(client: Client, person: User, name: str) -> str:
    """What `person` is called after `client` tried to call them `name`."""
    client.post(f"{PEOPLE}{person.pk}/change/", {"username": name, "is_active": "on"})
    person.refresh_from_db()
    return person.get_username()


def test_who_loses_the_password_loses_every_other_way_in(keeper: User) -> None:
    puppet = User.objects.create_user("puppet", password=PASSWORD)
    inside = by_password(puppet)
    app_of(puppet)
    recovery_codes_of(puppet)
    client = by_password(keeper)
    assert _rename(client, puppet, "the.boss") == "the.boss"
    _disable_password(client, puppet)
    assert kinds_of(puppet) == []
    assert inside.get(reverse("account_change_password")).status_code == 302
    entry = TrailEntry.objects.filter(action="factor-removed").get()
    assert (entry.actor_name, entry.subject_name) == ("kim.keeper", "the.boss")
    assert is_signed_in(client)


def test_who_takes_away_their_own_password_is_signed_out(keeper: User) -> None:
    client = by_password(keeper)
    assert _rename(client, keeper, "the.boss") == "the.boss"
    _disable_password(client, keeper)
    assert not is_signed_in(client)


def test_a_name_that_the_company_knows_is_changed_by_superusers(keeper: User, as_admin: Client) -> None:
    of_the_company = User.objects.create_user("vera")
    client = by_password(keeper)
    assert _rename(client, of_the_company, "the.boss") == "vera"
    assert _rename(as_admin, of_the_company, "vera.viewer") == "vera.viewer"


def test_a_new_password_takes_no_second_factor(keeper: User) -> None:
    colleague = User.objects.create_user("carl", password=PASSWORD)
    app_of(colleague)
    sent = {"usable_password": "true", "password1": "a new passphrase", "password2": "a new passphrase"}
    by_password(keeper).post(f"{PEOPLE}{colleague.pk}/password/", sent | {"set-password": "1"})
    colleague.refresh_from_db()
    assert colleague.check_password("a new passphrase")
    assert kinds_of(colleague) == ["totp"]
