"""Who signs in, and what they may do: allauth's backend, with a person's rights read in one query instead of two."""

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Group, Permission
from django.db import connections, router

from keyportal.people.models import User


class PortalBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth carries no types
    def get_all_permissions(self, user_obj: Any, obj: object = None) -> set[str]:
        """The rights of a person and of their groups, asked for at once, since every page needs some."""
        if not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser or obj is not None:
            rights: set[str] = super().get_all_permissions(user_obj, obj)
            return rights
        if not hasattr(user_obj, "_perm_cache"):
            alias = router.db_for_read(User, instance=user_obj)
            sql, number_of_ids = _rights_query(alias)
            with connections[alias].cursor() as cursor:
                cursor.execute(sql, [user_obj.pk] * number_of_ids)
                user_obj._perm_cache = {f"{app}.{codename}" for app, codename in cursor.fetchall()}
        kept: set[str] = user_obj._perm_cache
        return kept


@cache
def _rights_query(alias: str) -> tuple[str, int]:
    """The SQL for the rights of a person and of their groups, and how often it takes the id of the person.

    Written by the ORM once per process: on every page, that takes ten times as long as asking the database.
    """
    own = User.user_permissions.through.objects.filter(user=0).values("permission")
    by_group = Group.permissions.through.objects.filter(group__user=0).values("permission")
    rights = Permission.objects.filter(pk__in=own.union(by_group, all=True)).order_by()
    sql, parameters = rights.values_list("content_type__app_label", "codename").query.get_compiler(alias).as_sql()
    assert set(parameters) == {0}, "the id of the person is the only parameter"
    return sql, len(parameters)
