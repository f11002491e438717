"""Roles and permissions as people choose them: those that the portal knows and asks for, in their language.

Django makes some permissions for each of its own tables as well, and keeps all names in the database, in English.
"""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from keyportal.people.roles import ROLE_OF

_ASKED_FOR = Q(content_type__app_label__in=("auth", "people", "productkeys")) & ~Q(content_type__model="permission")
_RIGHTS = {
    "view": pgettext_lazy("right", "view"),
    "add": pgettext_lazy("right", "add"),
    "change": pgettext_lazy("right", "change"),
    "delete": pgettext_lazy("right", "delete"),
    "reveal": pgettext_lazy("right", "reveal"),
    "release": pgettext_lazy("right", "let them be revealed again after a stop"),
}


class _OnOffer(forms.ModelMultipleChoiceField[Any]):
    """Takes what is on offer. Django asks the database for any number, and databases fail on the largest."""

    def clean(self, value: Any) -> Any:
        assert self.queryset is not None
        offered = set(map(str, self.queryset.values_list("pk", flat=True)))
        if strange := [typed for typed in value or () if str(typed) not in offered]:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": strange[0]})
        return super().clean(value)


class PermissionsField(_OnOffer):
    """Permissions to choose from, each named by its things and what may be done to them."""

    def __init__(self, queryset: QuerySet[Permission], **options: Any) -> None:
        super().__init__(queryset.filter(_ASKED_FOR), **options)

    def label_from_instance(self, obj: Permission) -> str:
        model, right = obj.content_type.model_class(), obj.codename.partition("_")[0]
        if model is None or right not in _RIGHTS:
            return str(obj)
        things = capfirst(str(model._meta.verbose_name_plural))
        return str(_("%(things)s: %(right)s") % {"things": things, "right": _RIGHTS[right]})


class RolesField(_OnOffer):
    """Groups to choose from, each with what it may do where it is one of the portal's roles."""

    def __init__(self, queryset: QuerySet[Group], **options: Any) -> None:
        super().__init__(queryset.prefetch_related("permissions__content_type"), **options)

    def label_from_instance(self, obj: Group) -> str:
        summary = summary_of(obj)
        return format_html('{} <span class="help">{}</span>', name_of(obj), summary) if summary else name_of(obj)


def name_of(group: Group) -> str:
    """The name of `group` in the reader's language if it is a role, or else the name that somebody gave it."""
    role = ROLE_OF.get(group.name)
    return str(role.label) if role else group.name


def summary_of(group: Group) -> str:
    """What a role may do, if it still may what it could at the start; empty for a group that is no role."""
    role = ROLE_OF.get(group.name)
    if role is None:
        return ""
    rights = {f"{right.content_type.app_label}.{right.codename}" for right in group.permissions.all()}
    return str(role.summary if rights == role.permissions else _("Its rights were cut otherwise in this portal."))
