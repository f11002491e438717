"""Who signs in, and what they may do: allauth's backend, with a person and their rights read in one query."""

from functools import cache

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Group, Permission
from django.db import connections, router
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from keyportal.people.models import User

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
            person._perm_cache = set(person.held.split(",")) if person.held else set()  # type: ignore[attr-defined]  # of the query
        return person


@cache
def _person_query(alias: str) -> tuple[str, int]:
    """The SQL for a person and the rights that are theirs or their groups', and how often it takes the person's id.

    Written by the ORM once per process: on every page, that takes ten times as long as asking the database.
    """
    own = User.user_permissions.through.objects.filter(user=0).values("permission")
    by_group = Group.permissions.through.objects.filter(group__user=0).values("permission")
    rights = Permission.objects.filter(pk__in=own.union(by_group, all=True)).order_by()
    names = rights.values_list("content_type__app_label", "codename")
    sql, parameters = names.query.get_compiler(alias).as_sql()
    join = _JOIN[connections[alias].vendor]
    held = f"{join}(content_type__app_label || '.' || codename, ',')"
    sql = f"SELECT {held} FROM ({sql}) AS rights"  # noqa: S608 - nothing that was typed
    person = User.objects.filter(pk=0).annotate(held=RawSQL(sql, parameters, TextField()))  # noqa: S611 - likewise
    sql, parameters = person.query.get_compiler(alias).as_sql()
    assert set(parameters) == {0}, "the id of the person is the only parameter"
    return sql, len(parameters)
