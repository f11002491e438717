"""Permissions as people choose them: those that the portal asks for, in their language.

Django makes some for each of its own tables as well, and keeps the names of all of them in the database, in English.
"""

from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_ASKED_FOR = Q(content_type__app_label__in=("auth", "people", "productkeys")) & ~Q(content_type__model="permission")
_RIGHTS = {
    "view": pgettext_lazy("right", "view"),
    "add": pgettext_lazy("right", "add"),
    "change": pgettext_lazy("right", "change"),
    "delete": pgettext_lazy("right", "delete"),
    "reveal": pgettext_lazy("right", "reveal"),
    "release": pgettext_lazy("right", "let them be revealed again after a stop"),
}


class PermissionsField(forms.ModelMultipleChoiceField[Permission]):
    """Permissions to choose from, each named by its things and what may be done to them."""

    def __init__(self, queryset: QuerySet[Permission], **options: Any) -> None:
        super().__init__(queryset.filter(_ASKED_FOR), **options)

    def label_from_instance(self, obj: Permission) -> str:
        model, right = obj.content_type.model_class(), obj.codename.partition("_")[0]
        if model is None or right not in _RIGHTS:
            return str(obj)
        things = capfirst(str(model._meta.verbose_name_plural))
        return str(_("%(things)s: %(right)s") % {"things": things, "right": _RIGHTS[right]})
