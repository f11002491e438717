"""People with roles in scopes, and keys of each kind of belonging, for tests."""

from django.contrib.auth.models import Group
from django.test import Client

from keyportal.people.models import ScopedRole, User
from productkeys.models import ProductKey, Scope
from tests.factories import stored


def scopes(*names: str) -> list[Scope]:
    """New scopes of these names."""
    return [Scope.objects.create(name=name) for name in names]


def person_in(scope: Scope, *roles: str, username: str = "", is_staff: bool = False) -> User:
    """Somebody with these roles in `scope` alone."""
    person = User.objects.create_user(username or f"{scope}-{len(roles)}".lower(), is_staff=is_staff)
    for role in roles:
        ScopedRole.objects.create(person=person, role=Group.objects.get(name=role), scope=scope)
    return person


def signed_in(person: User) -> Client:
    """The browser of `person`, signed in."""
    client = Client()
    client.force_login(person)
    return client


def of_each_kind(berlin: Scope, bonn: Scope) -> dict[str, ProductKey]:
    """Berlin's, Bonn's, one of Bonn that is shared with Berlin, and everybody's, by name."""
    made = {
        "Berlin's": stored(name="Berlin's", scope_id=berlin.pk),
        "Bonn's": stored(name="Bonn's", scope_id=bonn.pk),
        "shared": stored(name="shared", scope_id=bonn.pk),
        "everybody's": stored(name="everybody's"),
    }
    made["shared"].shared_with.add(berlin)
    return made
