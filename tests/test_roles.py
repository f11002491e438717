"""The roles that a portal starts with: what each may do, how people read them, and that they are anybody's to cut."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import _get_all_permissions, create_permissions  # type: ignore[attr-defined]  # private
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from keyportal.people.models import User
from keyportal.people.roles import ROLES
from tests.factories import stored
from tests.migrated import make_roles

pytestmark = pytest.mark.django_db

SEES_TEMPLATES = "productkeys.view_rollouttemplate"
KEEPS_TEMPLATES = {f"productkeys.{right}_rollouttemplate" for right in ("view", "add", "change", "delete")}
RIGHTS = {
    "Viewer": {"productkeys.view_productkey", SEES_TEMPLATES},
    "Deployer": {"productkeys.view_productkey", *KEEPS_TEMPLATES},
    "Key manager": {
        *KEEPS_TEMPLATES,
        "productkeys.view_productkey",
        "productkeys.add_productkey",
        "productkeys.change_productkey",
        "productkeys.delete_productkey",
    },
    "Revealer": {"productkeys.view_productkey", SEES_TEMPLATES, "productkeys.reveal_productkey"},
    "Auditor": {"productkeys.view_trailentry"},
    "Administrator": {
        SEES_TEMPLATES,
        "productkeys.view_productkey",
        "productkeys.release_productkey",
        *(
            f"productkeys.{right}_{model}"
            for model in ("operatingsystem", "offering", "release", "scope")
            for right in ("view", "add", "change", "delete")
        ),
        "people.view_user",
        "people.add_user",
        "people.change_user",
        "auth.view_group",
    },
}


def _rights(group: Group) -> set[str]:
    return {f"{right.content_type.app_label}.{right.codename}" for right in group.permissions.all()}


def test_every_role_is_a_group_with_exactly_its_rights() -> None:
    assert {group.name: _rights(group) for group in Group.objects.all()} == RIGHTS


def test_the_table_of_the_roles_says_what_the_migration_made() -> None:
    assert {role.name: role.permissions for role in ROLES} == RIGHTS


def test_the_document_says_the_same() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "roles.md").read_text()
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert [(name, summary, sorted(re.findall(r"`(.+?)`", rights))) for name, summary, rights in rows] == [
        (role.name, str(role.summary), sorted(role.permissions)) for role in ROLES
    ]


def test_the_migration_names_rights_as_django_does_and_none_twice() -> None:
    Group.objects.all().delete()
    Permission.objects.all().delete()
    make_roles()
    made = Permission.objects.select_related("content_type")
    assert made.count() == len(set.union(*RIGHTS.values()))
    for right in made:
        model = right.content_type.model_class()
        assert model is not None
        assert right.name == dict(_get_all_permissions(model._meta))[right.codename]
    for app in apps.get_app_configs():
        create_permissions(app, verbosity=0)
    names = list(Permission.objects.values_list("content_type", "codename"))
    assert len(names) == len(set(names))


def test_a_group_that_somebody_made_under_the_name_of_a_role_stays_as_it_is() -> None:
    own = Group.objects.get(name="Auditor")
    own.permissions.set(Permission.objects.filter(codename="view_user"))
    Group.objects.get(name="Viewer").delete()
    make_roles()
    assert _rights(own) == {"people.view_user"}
    assert _rights(Group.objects.get(name="Viewer")) == RIGHTS["Viewer"]


def test_administrators_who_were_cut_otherwise_are_not_given_scopes_by_an_update() -> None:
    group = Group.objects.get(name="Administrator")
    group.permissions.set(group.permissions.exclude(content_type__model="scope").exclude(codename="view_group"))
    make_roles()
    given = {right for right in RIGHTS["Administrator"] if "scope" not in right}
    assert _rights(group) == given - {"auth.view_group"}
    group.delete()
    import_module("keyportal.people.migrations.0005_administrators_keep_scopes").give_scopes(
        apps, connection.schema_editor()
    )
    assert not Group.objects.filter(name="Administrator").exists()


def test_a_superuser_cuts_a_role_otherwise(as_admin: Client, in_role: Callable[..., User]) -> None:
    revealer = in_role("Revealer")
    group = Group.objects.get(name="Revealer")
    right = Permission.objects.get(codename="view_productkey")
    address = f"/admin/auth/group/{group.pk}/change/"
    assert as_admin.post(address, {"name": "Revealer", "permissions": [str(right.pk)]}).status_code == 302
    assert not User.objects.get(pk=revealer.pk).has_perm("productkeys.reveal_productkey")
    page = as_admin.get("/admin/auth/group/").content.decode()
    assert "Its rights were cut otherwise in this portal." in page
    assert "Reveals product keys, with a reason that is recorded." not in page


def test_a_role_is_given_on_the_page_of_a_person_and_holds_at_their_next_request(
    as_admin: Client, in_role: Callable[..., User], client: Client
) -> None:
    person = in_role()
    client.force_login(person)
    key = stored()
    page, typed = f"/admin/people/user/{person.pk}/change/", {"username": person.username, "is_active": "on"}
    choices = as_admin.get(page).content.decode()
    assert "Sees product keys, masked, and rollout templates." in choices
    assert "Reads the audit log; sees the names of product keys in it, not the keys." in choices

    viewer = Group.objects.get(name="Viewer")
    assert client.get(key.get_absolute_url()).status_code == 404
    assert as_admin.post(page, typed | {"groups": [str(viewer.pk)]}).status_code == 302
    assert client.get(key.get_absolute_url()).status_code == 200
    assert as_admin.post(page, typed).status_code == 302
    assert client.get(key.get_absolute_url()).status_code == 404


def test_a_role_taken_away_between_page_and_button_stops_the_act(client: Client, in_role: Callable[..., User]) -> None:
    manager = in_role("Key manager")
    client.force_login(manager)
    key = stored()
    assert client.get(f"{key.get_absolute_url()}delete/").status_code == 200
    manager.groups.clear()
    assert client.post(f"{key.get_absolute_url()}delete/", {"version": key.version}).status_code == 403
    key.refresh_from_db()


def test_administrators_who_are_no_superusers_read_roles_and_cannot_give_them(
    client: Client, in_role: Callable[..., User]
) -> None:
    client.force_login(in_role("Administrator", is_staff=True))
    auditor = in_role("Auditor")
    page = f"/admin/people/user/{auditor.pk}/change/"
    assert re.search(r'<div class="readonly">Auditor</div>', client.get(page).content.decode())
    sent = {"username": auditor.username, "is_active": "on", "groups": [str(Group.objects.get(name="Revealer").pk)]}
    assert client.post(page, sent).status_code == 302
    assert [group.name for group in auditor.groups.all()] == ["Auditor"]


def test_roles_read_in_the_language_of_the_reader_and_own_groups_as_they_were_called(as_admin: Client) -> None:
    Group.objects.create(name="Service desk")
    for language in ("en", "de"):
        as_admin.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        with translation.override(language):
            labels = [str(role.label) for role in ROLES]
        for address in ("/admin/auth/group/", "/admin/people/user/"):
            page = as_admin.get(address).content.decode()
            assert [label for label in labels if f">{label}</a>" not in page] == []
            assert ">Service desk</a>" in page


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("Viewer", "productkeys:list"),
        ("Key manager", "productkeys:list"),
        ("Auditor", "productkeys:trail"),
        (None, "productkeys:operating-systems"),
    ],
)
def test_everybody_begins_on_a_page_that_they_may_see(
    client: Client, in_role: Callable[..., User], role: str | None, page: str
) -> None:
    client.force_login(in_role(role) if role else in_role())
    assert client.get(reverse("home"))["Location"] == reverse(page)
    assert client.get(reverse("home"), follow=True).status_code == 200
