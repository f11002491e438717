"""Who signs in, and what they may do: allauth's backend, with a person and their rights read in one query.

A right is held everywhere (by a permission of one's own or of a role), or in some scopes (by a role in a scope).
`has_perm(right)` asks whether it is held anywhere, which opens the pages; with a product key it asks about that key.
"""

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import connections, router
from django.db.models import BooleanField, QuerySet, TextField
from django.db.models.expressions import RawSQL

from keyportal.people.models import APP, CODENAME, SCOPE, ScopedRole, User, rights_in_scopes
from keyportal.people.second_factor import rule
from productkeys.models import ProductKey

_JOIN = {"postgresql": "string_agg", "sqlite": "group_concat"}


class PortalBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth carries no types
    def get_user(self, user_id: int) -> User | None:
        """The person of a session along with their rights, since every page needs both; None if they may not enter.

        The rights lie where Django keeps them once it has asked for them, so that it does not ask again.
        """
        alias = router.db_for_read(User)
        sql, number_of_ids = _person_query(alias)
        person = next(iter(User.objects.using(alias).raw(sql, [user_id] * number_of_ids)), None)
        if person is None or not self.user_can_authenticate(person):
            return None
        if not person.is_superuser:
            person._perm_cache = set(_listed(person.held))  # type: ignore[attr-defined]  # of the query
            person.rights_in_scopes = _in_scopes(person.held_in_scopes)  # type: ignore[attr-defined]  # likewise
        return person

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: Any = None) -> bool:
        """Whether the right is held everywhere or in any scope; with a product key, whether it is held for that one."""
        if not user_obj.is_active or not user_obj.is_authenticated:
            return False
        if isinstance(obj, ProductKey):
            right = perm.removeprefix("productkeys.").removesuffix("_productkey")
            return obj.permits(user_obj, right)
        held: bool = super().has_perm(user_obj, perm, obj)
        return held or (obj is None and perm in user_obj.rights_in_scopes)

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        """Whether any right of the app is held anywhere."""
        held: bool = super().has_module_perms(user_obj, app_label)
        if held or app_label != "productkeys" or not user_obj.is_active or not user_obj.is_authenticated:
            return held
        return bool(user_obj.rights_in_scopes)


@cache
def _person_query(alias: str) -> tuple[str, int]:
    """The SQL for a person and the rights that are theirs or their groups', and how often it takes the person's id.

    Written by the ORM once per process: on every page, that takes ten times as long as asking the database.
    """
    own = User.user_permissions.through.objects.filter(user=0).values("permission")
    by_group = Group.permissions.through.objects.filter(group__user=0).values("permission")
    rights = Permission.objects.filter(pk__in=own.union(by_group, all=True)).order_by()
    in_scopes = ScopedRole.objects.filter(person=0).order_by()
    person = User.objects.filter(pk=0).annotate(
        held=_joined(alias, rights, "content_type__app_label", ".", "codename"),
        held_in_scopes=_joined(alias, in_scopes, SCOPE, ":", APP, ".", CODENAME),
        # For second_factor.rule:
        role_needs_second_factor=_exists(rule.rules_of(0), alias),
        administrators_need_second_factor=_exists(rule.rules_of_administrators(), alias),
        has_second_factor=_exists(rule.factors_of(0), alias),
    )
    sql, parameters = person.query.get_compiler(alias).as_sql()
    assert set(parameters) == {0}, "the id of the person is the only parameter"
    return sql, len(parameters)


def _joined(alias: str, rows: QuerySet[Any], *parts: str) -> RawSQL:
    """One text of all `rows`, of which each gives the values of its fields, with what stands between two of them."""
    fields, between = parts[::2], parts[1::2]
    sql, parameters = rows.values_list(*fields).query.get_compiler(alias).as_sql()
    text = "||".join(
        [f'"{fields[0]}"', *(f"'{mark}'||\"{field}\"" for mark, field in zip(between, fields[1:], strict=True))]
    )
    aggregate = _JOIN[connections[alias].vendor]
    joined = f"SELECT {aggregate}({text}, ',') FROM ({sql}) AS rights"  # noqa: S608 - nothing that was typed
    return RawSQL(joined, parameters, TextField())  # noqa: S611 - likewise


def _listed(joined: str | None) -> list[str]:
    return joined.split(",") if joined else []


def _in_scopes(joined: str | None) -> dict[str, frozenset[int]]:
    held = (entry.split(":") for entry in _listed(joined))
    return rights_in_scopes((int(scope), *right.split(".")) for scope, right in held)  # type: ignore[misc]  # two parts


def _exists(rows: QuerySet[Any], alias: str) -> RawSQL:
    # Django's Exists takes a parameter of its own.
    sql, parameters = rows.order_by().values("pk").query.get_compiler(alias).as_sql()
    return RawSQL(f"EXISTS ({sql})", parameters, BooleanField())  # noqa: S611 - nothing that was typed
