"""Permissions as people read them: Django keeps their names in the database, in English."""

from django import forms
from django.contrib.auth.models import Permission
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_RIGHTS = {
    "view": pgettext_lazy("right", "view"),
    "add": pgettext_lazy("right", "add"),
    "change": pgettext_lazy("right", "change"),
    "delete": pgettext_lazy("right", "delete"),
    "reveal": pgettext_lazy("right", "reveal"),
}


class PermissionsField(forms.ModelMultipleChoiceField[Permission]):
    """Permissions to choose from, each named by its things and what may be done to them, in the present language."""

    def label_from_instance(self, obj: Permission) -> str:
        model, right = obj.content_type.model_class(), obj.codename.partition("_")[0]
        if model is None or right not in _RIGHTS:
            return str(obj)
        things = capfirst(str(model._meta.verbose_name_plural))
        return str(_("%(things)s: %(right)s") % {"things": things, "right": _RIGHTS[right]})
