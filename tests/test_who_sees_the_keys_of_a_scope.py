"""Scopes: a key belongs to one, is shared with further ones, or is everybody's; a role in a scope reaches its keys."""

from collections.abc import Callable, Iterable

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client

from keyportal.people.models import ScopedRole, User
from productkeys.models import ProductKey, Scope
from tests.scoped import of_each_kind, person_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(berlin: Scope, bonn: Scope) -> dict[str, ProductKey]:
    """A key of each kind of belonging, by name."""
    return of_each_kind(berlin, bonn)


@pytest.fixture
def in_berlin(berlin: Scope) -> Callable[..., User]:
    """A function that makes somebody with these roles in the scope Berlin, as a session knows them."""

    def make(*roles: str) -> User:
        return _as_a_session_knows(person_in(berlin, *roles, username="-".join(roles).lower().replace(" ", "-")))

    return make


def _as_a_session_knows(person: User) -> User:
    client = Client()
    client.force_login(person)
    found = client.get("/people/preferences/").wsgi_request.user
    assert isinstance(found, User)
    return found


def _own(found: Iterable[ProductKey]) -> set[str]:
    return {key.name for key in found if not key.published}


READ = {"Berlin's", "shared", "everybody's"}


@pytest.mark.parametrize(
    ("role", "right", "reached"),
    [
        ("Viewer", "view", READ),
        ("Viewer", "reveal", set()),
        ("Revealer", "reveal", READ),
        ("Key manager", "view", READ),
        ("Key manager", "change", {"Berlin's"}),
        ("Key manager", "delete", {"Berlin's"}),
        ("Key manager", "reveal", set()),
        ("Auditor", "view", set()),
    ],
)
def test_a_role_in_a_scope_reaches_its_keys_and_reading_also_what_is_shared(
    keys: dict[str, ProductKey], in_berlin: Callable[..., User], role: str, right: str, reached: set[str]
) -> None:
    person = in_berlin(role)
    assert _own(ProductKey.objects.permitted(person, right)) == reached
    assert {name for name, key in keys.items() if person.has_perm(f"productkeys.{right}_productkey", key)} == reached


def test_standard_keys_are_everybodys(in_berlin: Callable[..., User]) -> None:
    shown = ProductKey.objects.visible_to(in_berlin("Viewer"))
    assert shown.count() == ProductKey.objects.filter(published=True).count()


def test_roles_in_two_scopes_add_up(keys: dict[str, ProductKey], in_role: Callable[..., User]) -> None:
    person = in_role(username="both")
    for scope in Scope.objects.all():
        ScopedRole.objects.create(person=person, role=Group.objects.get(name="Viewer"), scope=scope)
    assert _own(ProductKey.objects.visible_to(_as_a_session_knows(person))) == set(keys)


def test_a_role_without_a_scope_holds_everywhere(keys: dict[str, ProductKey], in_role: Callable[..., User]) -> None:
    person = _as_a_session_knows(in_role("Viewer"))
    assert _own(ProductKey.objects.visible_to(person)) == set(keys)
    assert ProductKey.objects.visible_to(person).is_everything


def test_a_role_in_a_scope_brings_no_right_but_those_to_product_keys(
    berlin: Scope, in_berlin: Callable[..., User]
) -> None:
    for name in ("Auditor", "Administrator"):
        person = in_berlin(name)
        assert not person.has_perm("productkeys.view_trailentry")
        assert not person.has_perm("people.view_user")
        assert not person.has_module_perms("people")


def test_a_person_is_known_alike_whoever_loads_them(
    keys: dict[str, ProductKey], in_berlin: Callable[..., User]
) -> None:
    known = in_berlin("Key manager")
    loaded = User.objects.get(pk=known.pk)
    for right in ("view", "add", "change", "delete", "reveal"):
        name = f"productkeys.{right}_productkey"
        assert known.has_perm(name) == loaded.has_perm(name)
        assert known.scopes_with(name) == loaded.scopes_with(name)


def test_a_role_taken_away_is_gone_with_the_next_request(
    keys: dict[str, ProductKey], in_berlin: Callable[..., User]
) -> None:
    person = in_berlin("Viewer")
    person.scoped_roles.all().delete()
    assert not ProductKey.objects.visible_to(_as_a_session_knows(person)).exists()


def test_a_standard_key_cannot_be_given_to_a_scope(berlin: Scope) -> None:
    with pytest.raises(IntegrityError, match="published_keys_are_everybodys"), transaction.atomic():
        ProductKey.objects.filter(published=True).update(scope=berlin)
