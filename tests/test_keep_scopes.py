"""Scopes in the admin: kept by administrators, hidden from the start page until there are two, deleted once empty."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from keyportal.people.models import ScopedRole, User
from productkeys.models import Scope, TrailEntry, reference
from tests.factories import stored

pytestmark = pytest.mark.django_db

SCOPES = "/admin/productkeys/scope/"
START = f'href="{SCOPES}"'


@pytest.fixture(autouse=True)
def _scopes_are_read_anew() -> Iterator[None]:
    yield
    reference.forget()


@pytest.fixture
def administrator(client: Client, in_role: Callable[..., User]) -> Client:
    client.force_login(in_role("Administrator", is_staff=True))
    return client


def _delete(client: Client, scope: Scope) -> str:
    """What the page says after the attempt."""
    address = f"{SCOPES}{scope.pk}/delete/"
    assert client.get(address).status_code in (200, 302)
    return client.post(address, {"post": "yes"}, follow=True).content.decode()


def test_an_administrator_begins_at_the_address_and_finds_them_on_the_start_page_once_there_are_two(
    administrator: Client,
) -> None:
    for name in ("Berlin", "Bonn"):
        assert START not in administrator.get("/admin/").content.decode()
        assert START not in administrator.get("/admin/productkeys/").content.decode()
        assert administrator.get(SCOPES).status_code == 200
        assert administrator.post(f"{SCOPES}add/", {"name": name}).status_code == 302
    assert START in administrator.get("/admin/").content.decode()


@pytest.mark.parametrize("name", ["Bonn, north", "Bonn; north"])
def test_the_name_of_a_scope_has_no_signs_that_stand_between_scopes(administrator: Client, name: str) -> None:
    answer = administrator.post(f"{SCOPES}add/", {"name": name})
    assert "these stand between scopes" in answer.content.decode()
    assert not Scope.objects.exists()


def test_a_scope_that_has_such_a_name_keeps_it(administrator: Client) -> None:
    scope = Scope.objects.create(name="Bonn, north")
    assert administrator.post(f"{SCOPES}{scope.pk}/change/", {"name": scope.name}).status_code == 302
    assert administrator.post(f"{SCOPES}{scope.pk}/change/", {"name": "Bonn; south"}).status_code == 200


def test_what_is_done_to_a_scope_stands_in_the_trail_under_its_uid_and_in_its_history(administrator: Client) -> None:
    administrator.post(f"{SCOPES}add/", {"name": "Berlin"})
    scope = Scope.objects.get()
    administrator.post(f"{SCOPES}{scope.pk}/change/", {"name": "Berlin north"})
    history = administrator.get(f"{SCOPES}{scope.pk}/history/").content.decode()
    assert "Name:" in history
    assert "Berlin north" in history
    _delete(administrator, scope)
    entries = TrailEntry.objects.filter(subject_uid=scope.uid).order_by("id")
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        ("added", {}, {"name": "Berlin"}),
        ("changed", {"name": "Berlin"}, {"name": "Berlin north"}),
        ("deleted", {}, {}),
    ]
    assert not Scope.objects.exists()


def test_two_scopes_of_one_name_are_refused(administrator: Client) -> None:
    Scope.objects.create(name="Berlin")
    answer = administrator.post(f"{SCOPES}add/", {"name": "Berlin"})
    assert "There is a scope of this name already." in answer.content.decode()


@pytest.mark.parametrize("shared", [False, True])
def test_a_scope_with_keys_stays(administrator: Client, shared: bool) -> None:
    scope = Scope.objects.create(name="Berlin")
    key = stored(scope_id=None if shared else scope.pk)
    if shared:
        key.shared_with.add(scope)
    said = "“Berlin” cannot be deleted: 1 product key belongs to it or is shared with it. Move it."
    assert said in _delete(administrator, scope)
    assert Scope.objects.filter(pk=scope.pk).exists()
    assert not TrailEntry.objects.filter(subject_uid=scope.uid).exists()


def test_a_scope_in_which_people_have_roles_stays(administrator: Client, in_role: Callable[..., User]) -> None:
    scope = Scope.objects.create(name="Berlin")
    for name in ("Viewer", "Revealer"):
        ScopedRole.objects.create(person=in_role(username=name), role=Group.objects.get(name=name), scope=scope)
    assert "“Berlin” cannot be deleted: 2 people have roles in it. Take them away first." in _delete(
        administrator, scope
    )
    assert Scope.objects.filter(pk=scope.pk).exists()


def test_they_are_not_deleted_several_at_once(administrator: Client) -> None:
    scope = Scope.objects.create(name="Berlin")
    chosen = {"action": "delete_selected", "_selected_action": [scope.pk], "index": "0", "post": "yes"}
    administrator.post(SCOPES, chosen)
    assert Scope.objects.filter(pk=scope.pk).exists()
