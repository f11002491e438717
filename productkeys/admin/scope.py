"""Scopes: added, renamed, and deleted once nothing hangs on them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keyportal.people.models import ScopedRole
from productkeys.admin.base import PortalModelAdmin, ReadableForm
from productkeys.domain import labels
from productkeys.models import ProductKey, Scope, reference


class _NotEmpty(Exception):
    """Something came into a scope since it was found empty."""


class ScopeForm(ReadableForm):
    """A scope. Lists name several in one cell, so its name has none of the signs between them; one of old may stay."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "name" in self.changed_data and labels.is_divided(name):
            raise ValidationError(_("Write the name without a comma or a semicolon: these stand between scopes."))
        return name


@admin.register(Scope)
class ScopeAdmin(PortalModelAdmin):
    form = ScopeForm
    list_display = ("name",)
    search_fields = ("name",)
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The start page says nothing of scopes until there are two; the address answers, so that there can be."""
        return reference.current().has_scopes and super().has_module_permission(request)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Only a scope that is empty goes: nobody loses keys or roles by the way, without a word in the trail."""
        scope = self.get_object(request, unquote(object_id))
        if scope and self.has_delete_permission(request, scope) and (hindrance := _hindrance(scope)):
            messages.error(request, hindrance)
            return redirect("admin:productkeys_scope_change", scope.pk)
        try:
            return super().delete_view(request, object_id, extra_context)
        except _NotEmpty:
            return self.delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Scope) -> None:
        """Whoever puts something into it at this moment waits, and then finds it gone; or was faster."""
        Scope.objects.select_for_update().filter(pk=obj.pk).first()
        if _hindrance(obj):
            raise _NotEmpty
        super().delete_model(request, obj)


def _hindrance(scope: Scope) -> str:
    """Why `scope` cannot be deleted, in a sentence; empty where nothing hangs on it."""
    count = ProductKey.objects.filter(Q(scope=scope) | Q(shared_with=scope)).distinct().count()
    if count:
        text = ngettext(
            "“%(scope)s” cannot be deleted: %(count)d product key belongs to it or is shared with it. Move it.",
            "“%(scope)s” cannot be deleted: %(count)d product keys belong to it or are shared with it. Move them.",
            count,
        )
        return text % {"scope": scope, "count": count}
    count = scope.agreements.count()
    if count:
        text = ngettext(
            "“%(scope)s” cannot be deleted: %(count)d agreement belongs to it. Move it.",
            "“%(scope)s” cannot be deleted: %(count)d agreements belong to it. Move them.",
            count,
        )
        return text % {"scope": scope, "count": count}
    count = scope.rollout_templates.count()
    if count:
        text = ngettext(
            "“%(scope)s” cannot be deleted: %(count)d rollout template belongs to it. Move it.",
            "“%(scope)s” cannot be deleted: %(count)d rollout templates belong to it. Move them.",
            count,
        )
        return text % {"scope": scope, "count": count}
    count = ScopedRole.objects.filter(scope=scope).values("person").distinct().count()
    if count:
        text = ngettext(
            "“%(scope)s” cannot be deleted: %(count)d person has a role in it. Take it away first.",
            "“%(scope)s” cannot be deleted: %(count)d people have roles in it. Take them away first.",
            count,
        )
        return text % {"scope": scope, "count": count}
    return ""
