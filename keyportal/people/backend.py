"""Who signs in, and what they may do: allauth's backend, with a person's rights read in one query instead of two."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Group

from keyportal.people.models import User

_NAMES = ("permission__content_type__app_label", "permission__codename")


class PortalBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth carries no types
    def get_all_permissions(self, user_obj: Any, obj: object = None) -> set[str]:
        """The rights of a person and of their groups, asked for at once, since every page needs some."""
        if not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser or obj is not None:
            rights: set[str] = super().get_all_permissions(user_obj, obj)
            return rights
        if not hasattr(user_obj, "_perm_cache"):
            own = User.user_permissions.through.objects.filter(user=user_obj.pk).values_list(*_NAMES)
            by_group = Group.permissions.through.objects.filter(group__user=user_obj.pk).values_list(*_NAMES)
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in own.union(by_group)}
        kept: set[str] = user_obj._perm_cache
        return kept
