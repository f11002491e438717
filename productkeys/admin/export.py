"""The page of the export in the frame of the admin."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.urls import reverse

from productkeys.views.export import ExportView


class AdminExportView(ExportView):
    template_name = "admin/productkeys/productkey/export.html"
    model_admin: ModelAdmin[Any] | None = None

    @property
    def list_address(self) -> str:
        return reverse("admin:productkeys_productkey_changelist")

    @property
    def own_address(self) -> str:
        return reverse("admin:productkeys_productkey_export")

    def frame(self) -> dict[str, Any]:
        assert self.model_admin is not None
        return {**self.model_admin.admin_site.each_context(self.request), "opts": self.model_admin.opts}
