"""Somebody comes in through the company's directory: the groups that they are in there give them roles here."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from keyportal.people import directory, group_roles
from keyportal.people.models import User
from productkeys.models import TrailEntry
from productkeys.models.trail import Why
from tests.machine import Machines
from tests.settings import BASE_DIR

pytestmark = pytest.mark.django_db

MANAGERS = "CN=Key managers,OU=Groups,DC=example,DC=org"
MAPPING = {
    MANAGERS: ["Key manager"],
    "Service desk": ["Viewer", "Revealer"],
    "b7f4f0c2-7d6d-4d3f-9b9e-1c1d6a9f3d10": ["Auditor"],
    "Portal administrators": ["Administrator", "staff"],
}


@pytest.fixture(autouse=True)
def _mapping(settings: Settings) -> None:
    settings.GROUP_ROLES = group_roles.read(json.dumps(MAPPING))


@pytest.fixture
def person() -> User:
    return User.objects.create_user("vera")


def _apply(person: User, *groups: str, is_new: bool = False) -> set[str]:
    """The roles of `person` after a sign-in with these groups."""
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    directory.apply(person, groups, why=Why.LDAP_GROUPS, request=request, is_new=is_new)
    return set(person.groups.values_list("name", flat=True))


def _newest() -> TrailEntry:
    return TrailEntry.objects.latest("id")


def test_it_works(person: User) -> None:
    assert _apply(person, "Service desk", MANAGERS, "Canteen") == {"Viewer", "Revealer", "Key manager"}


def test_who_has_left_the_group_loses_the_role_at_the_next_sign_in(person: User) -> None:
    _apply(person, "Service desk", MANAGERS)
    assert _apply(person, MANAGERS) == {"Key manager"}
    assert _apply(person) == set()


def test_a_role_that_no_group_gives_was_given_by_hand_and_stays(person: User) -> None:
    person.groups.add(Group.objects.get(name="Deployer"), Group.objects.get(name="Auditor"))
    assert _apply(person, MANAGERS) == {"Deployer", "Key manager"}


@pytest.mark.parametrize(
    ("group", "is_it"),
    [
        ("cn=key MANAGERS,ou=groups,dc=example,dc=org", True),
        ("CN=Key managers, OU=Groups, DC=example, DC=org", True),
        ("CN=Key managers,OU=Groups,DC=example,DC=com", False),
        ("CN=Key managers,OU=Canteen,OU=Groups,DC=example,DC=org", False),
        ("Key managers", False),
    ],
)
def test_a_distinguished_name_is_the_same_in_any_case_and_spacing(group: str, is_it: bool) -> None:
    assert directory.roles_of([group]) == ({"Key manager"} if is_it else set())


def test_a_space_within_a_name_counts(settings: Settings) -> None:
    settings.GROUP_ROLES = group_roles.read(json.dumps({"CN=IT\\, Berlin,DC=example,DC=org": ["Viewer"]}))
    assert directory.roles_of(["cn=it\\, berlin, dc=example, dc=org"]) == {"Viewer"}
    assert directory.roles_of(["CN=IT\\,Berlin,DC=example,DC=org"]) == set()


def test_any_other_name_is_taken_as_it_is() -> None:
    assert directory.roles_of(["service desk", " Service desk"]) == set()
    assert directory.roles_of(["b7f4f0c2-7d6d-4d3f-9b9e-1c1d6a9f3d10"]) == {"Auditor"}


def test_who_is_in_no_such_group_gets_no_account() -> None:
    assert not directory.roles_of(["Canteen"])
    assert not directory.roles_of([])


def test_staff_status_comes_and_goes_and_is_no_role(person: User, settings: Settings) -> None:
    _apply(person, "Portal administrators")
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert (_newest().before, _newest().after) == (
        {"groups": [], "is_staff": False},
        {"groups": ["Administrator"], "is_staff": True},
    )
    _apply(person)
    person.refresh_from_db()
    assert person.is_staff is False
    settings.GROUP_ROLES = group_roles.read('{"Door": ["staff"]}')
    assert directory.roles_of(["Door"]) == set()


def test_staff_status_that_the_mapping_does_not_name_is_left_alone(person: User, settings: Settings) -> None:
    settings.GROUP_ROLES = group_roles.read('{"Service desk": ["Viewer"]}')
    User.objects.update(is_staff=True)
    _apply(person, "Service desk")
    assert User.objects.get().is_staff


def test_a_superuser_is_neither_made_nor_shut_out(admin_user: User) -> None:
    _apply(admin_user, MANAGERS)
    admin_user.refresh_from_db()
    assert (admin_user.is_superuser, admin_user.is_staff) == (True, True)


class TestTheTrail:
    def test_a_change_is_one_entry_with_before_and_after_and_why(self, person: User) -> None:
        _apply(person, "Service desk")
        _apply(person, MANAGERS)
        entry = _newest()
        assert (entry.action, entry.reason, entry.address) == ("changed", "ldap-groups", "192.0.2.7")
        assert (entry.subject_uid, entry.subject_name) == (person.uid, "vera")
        assert (entry.actor_uid, entry.actor_name) == (None, "")
        assert (entry.before, entry.after) == ({"groups": ["Revealer", "Viewer"]}, {"groups": ["Key manager"]})

    def test_a_sign_in_that_changes_nothing_is_none(self, person: User) -> None:
        _apply(person, MANAGERS)
        _apply(person, MANAGERS)
        assert TrailEntry.objects.filter(subject_uid=person.uid).count() == 1

    def test_somebody_new_is_added(self, person: User) -> None:
        _apply(person, MANAGERS, is_new=True)
        assert (_newest().action, _newest().before, _newest().after) == ("added", {}, {"groups": ["Key manager"]})

    def test_auditors_read_it_in_words(self, person: User, in_role: Callable[..., User], client: Client) -> None:
        _apply(person, MANAGERS)
        client.force_login(in_role("Auditor"))
        page = client.get(reverse("productkeys:trail")).content.decode()
        assert "by the groups of the LDAP directory" in page
        assert "Key manager" in page


class TestTheSetting:
    def test_without_it_nobody_gets_or_loses_anything(self, person: User, settings: Settings) -> None:
        settings.GROUP_ROLES = group_roles.read("")
        person.groups.add(Group.objects.get(name="Viewer"))
        assert _apply(person, MANAGERS) == {"Viewer"}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"IT": ["Viewer"}', "is not JSON"),
            ('["Viewer"]', "takes an object"),
            ('{"IT": "Viewer"}', "a list of names of roles"),
            ('{"IT": []}', "a list of names of roles"),
            ('{"IT": [7]}', "a list of names of roles"),
        ],
    )
    def test_what_is_no_mapping_is_refused_with_an_example(self, text: str, message: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=message) as refusal:
            group_roles.read(text)
        assert '["Key manager"]' in str(refusal.value)

    def test_a_role_that_is_not_there_stops_the_start(self, settings: Settings) -> None:
        settings.GROUP_ROLES = group_roles.read('{"IT": ["Viewers", "staff", "Auditor"]}')
        with pytest.raises(ImproperlyConfigured, match="roles that are not there: Viewers") as refusal:
            directory.require_known_roles()
        assert "There are: Administrator, Auditor, Deployer, Key manager, Revealer, Viewer." in str(refusal.value)
        with pytest.raises(CommandError, match="roles that are not there: Viewers"):
            call_command("prepare")

    def test_a_group_of_ones_own_is_a_role_as_well(self, settings: Settings, person: User) -> None:
        Group.objects.create(name="Night shift")
        settings.GROUP_ROLES = group_roles.read('{"IT": ["Night shift"]}')
        directory.require_known_roles()
        assert _apply(person, "IT") == {"Night shift"}

    def test_it_may_come_from_a_file_which_has_to_be_there(self, new_machine: Machines, tmp_path: Path) -> None:
        file = tmp_path / "roles.json"
        environment = new_machine() | {"KEYPORTAL_GROUP_ROLES_FILE": str(file)}
        command = [sys.executable, "-c", "from keyportal.settings import GROUP_ROLES; print(list(GROUP_ROLES))"]
        answer = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
        assert f"KEYPORTAL_GROUP_ROLES_FILE names {file}, which is missing." in answer.stderr
        file.write_text('{"IT": ["Viewer"]}')
        answer = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == "['IT']"
