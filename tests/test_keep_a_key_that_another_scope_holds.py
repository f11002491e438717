"""A key that another scope holds is not stored twice, and nothing says who holds it; and roles that go meanwhile."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import ScopedRole, User
from productkeys.domain import rulebook
from productkeys.models import ProductKey, Scope
from productkeys.services import keys
from productkeys.services.keys import KeyValues, Refused
from productkeys.services.origin import Origin
from productkeys.services.rights import Rights
from tests.factories import new_code, posted, stored
from tests.wizard import Wizard

pytestmark = pytest.mark.django_db

CANNOT = "This product key cannot be added here."
SECRET_NAME = "the key of the other house"
PAGE_2 = {
    "key-operating_system": "windows-11",
    "key-edition": "Enterprise",
    "key-usage": "activation",
    "key-quantity": "5",
}


@pytest.fixture
def person(in_role: Callable[..., User], berlin: Scope) -> User:
    """Somebody who keeps the keys of Berlin, and may enter the administration."""
    person = in_role(username="somebody", is_staff=True)
    _keeps_keys(person, berlin)
    return person


@pytest.fixture
def client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _keeps_keys(person: User, scope: Scope) -> None:
    ScopedRole.objects.create(person=person, role=Group.objects.get(name="Key manager"), scope=scope)


def _tells_nothing(page: str, code_text: str) -> None:
    """The page refuses the key and names neither the entry, nor its scope, nor the key."""
    assert CANNOT in page
    assert SECRET_NAME not in page
    assert "Bonn" not in page
    assert code_text not in page


# A key that another scope holds


def test_the_recognition_while_typing_tells_nothing(client: Client, bonn: Scope) -> None:
    code = new_code()
    held = stored(code=code, name=SECRET_NAME, scope_id=bonn.pk)
    wizard = Wizard(client)
    wizard.send(**{"general-key_type": "mak", "general-name": "new"})
    typed = wizard.form.fields | PAGE_2 | {"key-code": code.open()}
    page = client.post(reverse("productkeys:recognise"), typed, headers={"HX-Request": "true"}).content.decode()
    assert CANNOT in page
    assert SECRET_NAME not in page
    assert "Bonn" not in page
    assert held.get_absolute_url() not in page


def test_the_edit_page_tells_nothing(client: Client, berlin: Scope, bonn: Scope) -> None:
    code = new_code()
    stored(code=code, name=SECRET_NAME, scope_id=bonn.pk)
    own = stored(scope_id=berlin.pk)
    changed = posted(own, code=code.open())
    _tells_nothing(client.post(reverse("productkeys:edit", args=[own.pk]), changed).content.decode(), code.open())
    own.refresh_from_db()
    assert own.version == 1


def test_the_administration_tells_nothing(client: Client, berlin: Scope, bonn: Scope) -> None:
    code = new_code()
    stored(code=code, name=SECRET_NAME, scope_id=bonn.pk)
    own = stored(scope_id=berlin.pk)
    values = posted(own, code=code.open())
    for address in (
        reverse("admin:productkeys_productkey_change", args=[own.pk]),
        reverse("admin:productkeys_productkey_add"),
    ):
        _tells_nothing(client.post(address, values).content.decode(), code.open())
    assert ProductKey.objects.filter(scope__isnull=False).count() == 2


def test_a_key_that_is_shared_with_the_own_scope_is_named(client: Client, berlin: Scope, bonn: Scope) -> None:
    code = new_code()
    held = stored(code=code, name="shared one", scope_id=bonn.pk)
    held.shared_with.add(berlin)
    own = stored(scope_id=berlin.pk)
    changed = posted(own, code=code.open())
    page = client.post(reverse("productkeys:edit", args=[own.pk]), changed).content.decode()
    assert CANNOT not in page
    assert "shared one" in page


# Roles that are taken away between page and POST


def test_who_lost_the_new_scope_meanwhile_does_not_move_a_key_there(
    client: Client, person: User, berlin: Scope, bonn: Scope
) -> None:
    _keeps_keys(person, bonn)
    key = stored(scope_id=berlin.pk)
    address = reverse("productkeys:edit", args=[key.pk])
    assert re.search(rf'<option value="{bonn.pk}"', client.get(address).content.decode())
    ScopedRole.objects.filter(person=person, scope=bonn).delete()
    client.post(address, posted(key, scope=bonn.pk))
    key.refresh_from_db()
    assert key.scope == berlin


def test_who_lost_the_scope_of_the_key_meanwhile_changes_nothing(
    client: Client, person: User, berlin: Scope, bonn: Scope
) -> None:
    _keeps_keys(person, bonn)
    key = stored(scope_id=berlin.pk)
    sent = posted(key, name="taken", scope=bonn.pk)
    ScopedRole.objects.filter(person=person, scope=berlin).delete()
    assert client.post(reverse("productkeys:edit", args=[key.pk]), sent).status_code == 404
    key.refresh_from_db()
    assert (key.name == "taken", key.scope) == (False, berlin)


def test_who_lost_a_scope_between_the_pages_of_the_wizard_adds_nothing_to_it(
    client: Client, person: User, bonn: Scope
) -> None:
    _keeps_keys(person, bonn)
    wizard = Wizard(client)
    wizard.send(**{"general-key_type": "mak", "general-name": "new", "general-scope": str(bonn.pk)})
    ScopedRole.objects.filter(person=person, scope=bonn).delete()
    wizard.send(**PAGE_2 | {"key-code": new_code().open()})
    assert not ProductKey.objects.filter(scope=bonn).exists()


def test_the_service_asks_again_when_it_writes(client: Client, berlin: Scope, bonn: Scope) -> None:
    key = stored(scope_id=berlin.pk)
    person = client.get(key.get_absolute_url()).wsgi_request.user
    assert isinstance(person, User)
    with pytest.raises(Refused) as refused:
        keys.change_key(
            key, KeyValues.of(key, scope_id=bonn.pk), seen_version=key.version, origin=Origin(person, "192.0.2.7")
        )
    assert [(problem.rule, problem.rule.field) for problem in refused.value.problems] == [
        (rulebook.SCOPE_NOT_YOURS, "scope")
    ]


# What asking costs


@pytest.mark.parametrize("place", ["own", "shared", "everybody's"])
def test_asking_for_the_rights_to_a_key_costs_one_query_for_each_right_at_most(
    client: Client, berlin: Scope, bonn: Scope, place: str
) -> None:
    key = stored(scope_id={"own": berlin.pk, "everybody's": None}.get(place, bonn.pk))
    if place == "shared":
        key.shared_with.add(berlin)
    person = client.get(key.get_absolute_url()).wsgi_request.user
    assert isinstance(person, User)
    person.has_perm("productkeys.view_productkey")  # the page has read the person by then
    with CaptureQueriesContext(
        connection,
    ) as asked:
        Rights.of(person, key)
    assert len(asked) <= 3


def test_asking_costs_nothing_where_rights_hold_everywhere(in_role: Callable[..., User], bonn: Scope) -> None:
    client, key = Client(), stored(scope_id=bonn.pk)
    client.force_login(in_role("Key manager", "Revealer"))
    person = client.get(key.get_absolute_url()).wsgi_request.user
    assert isinstance(person, User)
    with CaptureQueriesContext(connection) as asked:
        rights = Rights.of(person, key)
    assert len(asked) == 0
    assert rights == Rights(add=True, change=True, delete=True, reveal=True)
