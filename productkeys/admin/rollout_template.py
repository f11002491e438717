"""Rollout templates in the admin: to be found and read; they are kept in the workspace, which judges their keys."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from productkeys.admin.base import PortalModelAdmin
from productkeys.listing.rollout_templates import product_of
from productkeys.models import RolloutTemplate


@admin.register(RolloutTemplate)
class RolloutTemplateAdmin(PortalModelAdmin):
    """Keys are left out: a reader of a template may not know of them, and its page in the workspace says which it has.

    So does the trail: its page stands in the workspace.
    """

    list_display = ("name", "product", "scope", "changed_at", "changed_by")
    search_fields = ("name", "description")
    ordering = ("name_sort", "id")
    actions = None
    fields = (
        "name",
        "description",
        "product",
        "build",
        "kms_host",
        "answer_file_name",
        "scope",
        "created_at",
        "created_by",
        "changed_at",
        "changed_by",
    )
    readonly_fields = ("product",)

    @admin.display(description=_("Installs"), ordering="operating_system")
    def product(self, template: RolloutTemplate) -> str:
        return product_of(template)

    def view_on_site(self, obj: RolloutTemplate) -> str:
        """Where its keys, its health and its history stand, and where it is changed."""
        return obj.get_absolute_url()

    def get_queryset(self, request: HttpRequest) -> QuerySet[RolloutTemplate]:
        return RolloutTemplate.objects.visible_to(request.user).select_related("scope", "created_by", "changed_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RolloutTemplate | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RolloutTemplate | None = None) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Leads to the history in the workspace, which names no key that the reader does not see."""
        template = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if template is None:
            raise Http404
        return redirect(f"{template.get_absolute_url()}#history")
