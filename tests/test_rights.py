"""What a person may do: their own rights and those of their groups, read along with the person."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keyportal.people.backend import PortalBackend
from keyportal.people.models import User

pytestmark = pytest.mark.django_db


def _right(codename: str) -> Permission:
    return Permission.objects.get(codename=codename, content_type__app_label="productkeys")


def _of_a_session(person: User) -> User | None:
    return PortalBackend().get_user(person.pk)


def test_own_rights_and_those_of_groups_count_alike_and_cost_no_query_of_their_own() -> None:
    person = User.objects.create_user("vera")
    person.user_permissions.add(_right("view_productkey"))
    group = Group.objects.create(name="reveal")
    group.permissions.add(_right("reveal_productkey"), _right("view_productkey"))
    person.groups.add(group)
    Group.objects.create(name="others").permissions.add(_right("delete_productkey"))
    with CaptureQueriesContext(connection) as queries:
        signed_in = _of_a_session(person)
        assert signed_in == person
        assert signed_in.has_perm("productkeys.view_productkey")
        assert signed_in.has_perm("productkeys.reveal_productkey")
        assert not signed_in.has_perm("productkeys.delete_productkey")
    assert len(queries) == 1
    assert signed_in.get_all_permissions() == person.get_all_permissions()


def test_who_is_deactivated_may_do_nothing_and_a_superuser_everything() -> None:
    person = User.objects.create_user("vera", is_active=False)
    person.user_permissions.add(_right("view_productkey"))
    assert not person.has_perm("productkeys.view_productkey")
    assert _of_a_session(person) is None
    root = _of_a_session(User.objects.create_superuser("root"))
    assert root is not None
    assert root.has_perm("productkeys.delete_productkey")


def test_who_has_no_right_may_do_nothing() -> None:
    person = _of_a_session(User.objects.create_user("vera"))
    assert person is not None
    assert person.get_all_permissions() == set()
