"""The page for several keys in the frame of the admin."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.urls import reverse

from productkeys.views.bulk import BulkView


class AdminBulkView(BulkView):
    template_name = "admin/productkeys/productkey/bulk.html"
    model_admin: ModelAdmin[Any] | None = None

    @property
    def list_address(self) -> str:
        return reverse("admin:productkeys_productkey_changelist")

    @property
    def action(self) -> str:
        return reverse("admin:productkeys_productkey_bulk")

    def frame(self) -> dict[str, Any]:
        assert self.model_admin is not None
        return {**self.model_admin.admin_site.each_context(self.request), "opts": self.model_admin.opts}
