"""People in the admin: added with user name and password, deactivated instead of deleted, never above oneself."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from keyportal.people.models import ScopedRole, User
from productkeys.models import Scope, TrailEntry
from tests.factories import new_code
from tests.letters import arrived

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/people/user/"
NEW_PASSWORD = "correct horse battery staple"


@pytest.fixture
def keeper(client: Client) -> Client:
    """Somebody who keeps the list of people, but is no superuser."""
    person = User.objects.create_user("kim.keeper", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="people"))
    client.force_login(person)
    return client


def _typed(person: User, **changes: Any) -> dict[str, Any]:
    values = {
        "username": person.username,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "language": person.language,
        "is_active": "on",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def test_a_person_is_added_without_an_address(as_admin: Client) -> None:
    values = {"username": "new.person", "usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert as_admin.post(f"{PEOPLE}add/", values).status_code == 302
    person = User.objects.get(username="new.person")
    assert person.check_password(NEW_PASSWORD)
    entry = TrailEntry.objects.get(subject_uid=person.uid)
    assert (entry.action, entry.subject_name, entry.actor_name) == ("added", "new.person", "admin")
    assert NEW_PASSWORD not in str(entry.after)
    assert not LogEntry.objects.exists()


def test_changes_to_a_person_are_in_the_trail(as_admin: Client, viewer: User) -> None:
    group = Group.objects.create(name="Service desk")
    values = _typed(viewer, first_name="Vera", language="de", groups=[str(group.pk)], is_staff="on")
    assert as_admin.post(f"{PEOPLE}{viewer.pk}/change/", values).status_code == 302
    viewer.refresh_from_db()
    assert (viewer.first_name, viewer.language, viewer.is_staff) == ("Vera", "de", True)
    entry = TrailEntry.objects.get(subject_uid=viewer.uid)
    assert (entry.before["is_staff"], entry.after["is_staff"]) == (False, True)
    assert entry.after["groups"] == ["Service desk"]
    html = as_admin.get(f"{PEOPLE}{viewer.pk}/history/").content.decode()
    assert "First name:" in html
    assert "Service desk" in html


def test_a_new_password_is_in_the_trail_as_changed(as_admin: Client, viewer: User) -> None:
    values = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "set-password": "1"}
    assert as_admin.post(f"{PEOPLE}{viewer.pk}/password/", values).status_code == 302
    entry = TrailEntry.objects.get(subject_uid=viewer.uid)
    assert NEW_PASSWORD not in f"{entry.before} {entry.after}"
    assert entry.action == "changed"


def test_people_are_never_deleted(as_admin: Client, viewer: User) -> None:
    assert as_admin.get(f"{PEOPLE}{viewer.pk}/delete/").status_code == 403
    as_admin.post(PEOPLE, {"action": "delete_selected", "_selected_action": [viewer.pk], "index": "0", "post": "yes"})
    assert User.objects.filter(pk=viewer.pk).exists()
    assert "deletelink" not in as_admin.get(f"{PEOPLE}{viewer.pk}/change/").content.decode()


def test_selected_people_are_deactivated_but_for_oneself(as_admin: Client, admin_user: User, viewer: User) -> None:
    chosen = {"action": "deactivate", "_selected_action": [viewer.pk, admin_user.pk], "index": "0"}
    assert as_admin.post(PEOPLE, chosen).status_code == 302
    viewer.refresh_from_db()
    admin_user.refresh_from_db()
    assert (viewer.is_active, admin_user.is_active) == (False, True)
    entry = TrailEntry.objects.get(subject_uid=viewer.uid)
    assert (entry.before, entry.after) == ({"is_active": True}, {"is_active": False})
    assert as_admin.post(PEOPLE, chosen | {"action": "activate"}).status_code == 302
    viewer.refresh_from_db()
    assert viewer.is_active


def test_who_keeps_the_list_of_people_cannot_give_rights(keeper: Client, viewer: User) -> None:
    values = _typed(viewer, is_superuser="on", is_staff="on", first_name="Vera")
    assert keeper.post(f"{PEOPLE}{viewer.pk}/change/", values).status_code == 302
    viewer.refresh_from_db()
    assert (viewer.first_name, viewer.is_superuser, viewer.is_staff) == ("Vera", False, False)


def test_who_keeps_the_list_of_people_cannot_change_a_superuser(keeper: Client, admin_user: User) -> None:
    assert keeper.post(f"{PEOPLE}{admin_user.pk}/change/", _typed(admin_user, first_name="Mine")).status_code == 403
    values = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "set-password": "1"}
    assert keeper.post(f"{PEOPLE}{admin_user.pk}/password/", values).status_code == 403
    chosen = {"action": "deactivate", "_selected_action": [admin_user.pk], "index": "0"}
    keeper.post(PEOPLE, chosen)
    admin_user.refresh_from_db()
    assert admin_user.is_active


def _sets_password(keeper: Client, person: User) -> bool:
    """Whether the keeper of the list can give `person` a new password; if not, they read why."""
    values = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "set-password": "1"}
    answer = keeper.post(f"{PEOPLE}{person.pk}/password/", values)
    person.refresh_from_db()
    done = person.check_password(NEW_PASSWORD)
    assert ('href="../password/"' in keeper.get(f"{PEOPLE}{person.pk}/change/").content.decode()) is done
    if not done:
        assert answer.status_code == 403
        assert (
            "Only a superuser may set the password of somebody with more rights than yours." in answer.content.decode()
        )
    return done


def test_who_keeps_the_list_of_people_gives_a_new_password_to_who_has_no_more_rights(keeper: Client) -> None:
    colleague = User.objects.create_user("carl.colleague")
    colleague.user_permissions.set(Permission.objects.filter(codename="view_user"))
    assert _sets_password(keeper, colleague)


def test_who_keeps_the_list_of_people_cannot_become_somebody_who_reveals_keys(keeper: Client, revealer: User) -> None:
    assert not _sets_password(keeper, revealer)


def test_rights_that_come_from_a_group_count_as_well(keeper: Client) -> None:
    person = User.objects.create_user("greta.group")
    group = Group.objects.create(name="Service desk")
    group.permissions.set(Permission.objects.filter(codename="reveal_productkey"))
    person.groups.add(group)
    assert not _sets_password(keeper, person)


def test_rights_of_somebody_deactivated_count_as_well(keeper: Client, revealer: User) -> None:
    User.objects.filter(pk=revealer.pk).update(is_active=False)
    assert not _sets_password(keeper, revealer)


@pytest.mark.parametrize("field", ["email", "username"])
def test_somebody_with_more_rights_keeps_the_name_and_the_address_that_they_are_found_by(
    keeper: Client, revealer: User, field: str
) -> None:
    """A letter about a new password, or a company account of that name, would be a way to act as them."""
    User.objects.filter(pk=revealer.pk).update(email="robin@example.org")
    revealer.refresh_from_db()
    before = getattr(revealer, field)
    sent = _typed(revealer, first_name="Robin", **{field: "kim@example.org"})
    assert keeper.post(f"{PEOPLE}{revealer.pk}/change/", sent).status_code == 302
    revealer.refresh_from_db()
    assert (revealer.first_name, getattr(revealer, field)) == ("Robin", before)
    keeper.post(reverse("account_reset_password"), {"email": before})
    assert [letter.to for letter in arrived()] == [["robin@example.org"]]


def test_a_colleague_without_more_rights_gets_another_address(keeper: Client) -> None:
    colleague = User.objects.create_user("carl.colleague", password=NEW_PASSWORD)
    sent = _typed(colleague, username="carla.colleague", email="carla@example.org")
    assert keeper.post(f"{PEOPLE}{colleague.pk}/change/", sent).status_code == 302
    colleague.refresh_from_db()
    assert (colleague.username, colleague.email) == ("carla.colleague", "carla@example.org")


def test_nobody_is_locked_out_by_a_colleague_of_the_same_name_in_other_letters(
    keeper: Client, admin_user: User
) -> None:
    colleague = User.objects.create_user("carl.colleague", password=NEW_PASSWORD)
    for change in ({"username": "ADMIN"}, {"username": "Carl.Colleague"}):
        page = keeper.post(f"{PEOPLE}{colleague.pk}/change/", _typed(colleague, **change))
        assert (page.status_code == 302) is (change["username"] != "ADMIN")
    admin_user.set_password(NEW_PASSWORD)
    admin_user.save()
    client = Client()
    client.post(reverse("account_login"), {"login": "admin", "password": NEW_PASSWORD})
    assert client.session["_auth_user_id"] == str(admin_user.pk)


def test_rights_and_ways_in_are_given_after_a_recent_sign_in_alone(as_admin: Client, viewer: User) -> None:
    values = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "set-password": "1"}
    acts = {
        f"{PEOPLE}{viewer.pk}/change/": _typed(viewer, email="kim@example.org", is_superuser="on"),
        f"{PEOPLE}add/": values | {"username": "new.person"},
        "/admin/auth/group/add/": {"name": "Service desk"},
    }
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        for address, sent in acts.items():
            confirm = f"{reverse('account_reauthenticate')}?next={address}"
            assert as_admin.get(address)["Location"] == confirm
            page = as_admin.post(address, sent).content.decode()
            assert f'<a href="{confirm}" target="_blank">' in page
            assert all(
                f'value="{typed}"' in page for typed in ("kim@example.org", "new.person") if typed in sent.values()
            )
        password = f"{PEOPLE}{viewer.pk}/password/"
        assert as_admin.post(password, values)["Location"] == f"{reverse('account_reauthenticate')}?next={password}"
    viewer.refresh_from_db()
    assert (viewer.email, viewer.is_superuser, viewer.check_password(NEW_PASSWORD)) == ("", False, False)
    assert not User.objects.filter(username="new.person").exists()
    assert not Group.objects.filter(name="Service desk").exists()


def test_roles_are_deleted_and_people_let_in_again_after_a_recent_sign_in_alone(as_admin: Client, viewer: User) -> None:
    group = Group.objects.create(name="Service desk")
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    delete, confirm = f"/admin/auth/group/{group.pk}/delete/", reverse("account_reauthenticate")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert as_admin.get(delete)["Location"] == f"{confirm}?next={delete}"
        assert as_admin.post(delete, {"post": "yes"})["Location"] == f"{confirm}?next={delete}"
        answer = as_admin.post(PEOPLE, {"action": "activate", "_selected_action": [viewer.pk], "index": "0"})
        assert answer["Location"] == f"{confirm}?next={PEOPLE}"
        assert (
            "Nothing is done yet: confirm that it is you, then choose again."
            in as_admin.get(answer["Location"]).content.decode()
        )
    viewer.refresh_from_db()
    assert not viewer.is_active
    assert as_admin.post(delete, {"post": "yes"}).status_code == 302
    assert not Group.objects.filter(pk=group.pk).exists()


@pytest.mark.parametrize("in_a_scope", [False, True])
def test_a_role_that_somebody_has_stays(as_admin: Client, viewer: User, in_a_scope: bool) -> None:
    group = Group.objects.create(name="Service desk")
    if in_a_scope:
        ScopedRole.objects.create(person=viewer, role=group, scope=Scope.objects.create(name="Berlin"))
    else:
        viewer.groups.add(group)
    answer = as_admin.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    said = "“Service desk” cannot be deleted: 1 person has this role. Take it away first."
    assert said in as_admin.get(answer["Location"]).content.decode()
    several = {"action": "delete_selected", "_selected_action": [group.pk], "index": "0", "post": "yes"}
    as_admin.post("/admin/auth/group/", several)
    assert Group.objects.filter(pk=group.pk).exists()
    assert not TrailEntry.objects.filter(subject_name="Service desk").exists()


def test_groups_are_for_superusers(keeper: Client, as_admin: Client) -> None:
    assert keeper.get("/admin/auth/group/").status_code == 403
    assert as_admin.post("/admin/auth/group/add/", {"name": "Service desk"}).status_code == 302
    assert TrailEntry.objects.filter(subject_name="Service desk", action="added").exists()


def test_a_product_key_in_a_name_is_refused(as_admin: Client, viewer: User) -> None:
    answer = as_admin.post(f"{PEOPLE}{viewer.pk}/change/", _typed(viewer, last_name=new_code().open()))
    assert "This text contains a product key, and everybody can read it." in answer.content.decode()


@pytest.mark.parametrize("name", ["admin\u3164", "adm\u200bin", "admin\x1b[2J"])
def test_nobody_is_called_so_that_they_look_like_somebody_else(as_admin: Client, viewer: User, name: str) -> None:
    answer = as_admin.post(f"{PEOPLE}{viewer.pk}/change/", _typed(viewer, username=name, first_name=name))
    said = answer.content.decode()
    assert "of this text is invisible" in said
    viewer.refresh_from_db()
    assert viewer.username == "vera.viewer"


@pytest.mark.parametrize("number", ["9" * 30, "4294967296", "-1", "x", "\u00b2"])
def test_a_right_and_a_role_that_are_not_there_are_refused(as_admin: Client, viewer: User, number: str) -> None:
    page = as_admin.post("/admin/auth/group/add/", {"name": "Service desk", "permissions": [number]})
    assert "Select a valid choice." in page.content.decode()
    page = as_admin.post(f"{PEOPLE}{viewer.pk}/change/", _typed(viewer, groups=[number]))
    assert "Select a valid choice." in page.content.decode()
    assert not Group.objects.filter(name="Service desk").exists()


def test_neither_a_role_nor_a_scope_has_a_name_that_looks_like_another(as_admin: Client) -> None:
    for address in ("/admin/auth/group/add/", "/admin/productkeys/scope/add/"):
        answer = as_admin.post(address, {"name": "Berlin\u200b"})
        assert "Character 7 of this text is invisible: U+200B ZERO WIDTH SPACE." in answer.content.decode()
    assert not Scope.objects.exists()
    assert not Group.objects.filter(name__startswith="Berlin").exists()


def test_addresses_have_no_list_of_their_own(as_admin: Client) -> None:
    assert "/admin/account/" not in as_admin.get("/admin/").content.decode()
    assert as_admin.get("/admin/account/emailaddress/").status_code == 404


@pytest.mark.parametrize("address", ["/admin/people/user/{person}/change/", "/admin/auth/group/{role}/change/"])
def test_permissions_are_ticked_in_a_list_that_speaks_german_throughout(
    as_admin: Client, viewer: User, address: str
) -> None:
    place = address.format(person=viewer.pk, role=Group.objects.get(name="Viewer").pk)
    page = as_admin.get(place, headers={"accept-language": "de"}).content.decode()
    assert re.search(r'<input type="checkbox" name="(user_)?permissions"', page)
    assert "selectfilter" not in page
