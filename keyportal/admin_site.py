"""The Django admin as part of the portal: its own name, and the same door as everything else."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog


class PortalAdminSite(admin.AdminSite):
    site_title = _("KeyPortal administration")
    site_header = _("KeyPortal administration")
    index_title = _("Administration")
    site_url = "/product-keys/"
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without Django's way from the number of anything to its page: it tells which numbers there are."""
        return [entry for entry in super().get_urls() if getattr(entry, "name", None) != "view_on_site"]

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Sign-in happens at the portal's own page."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """One's own password is changed at the portal's own page, which counts wrong tries and writes the trail."""
        return redirect("account_change_password")

    password_change_done = password_change  # type: ignore[assignment]  # that page says itself what was done

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> TemplateResponse:
        """The start page, with the last entries of the trail for those who may read it."""
        from productkeys.models import TrailEntry

        recent = TrailEntry.objects.all()[:10] if request.user.has_perm("productkeys.view_trailentry") else None
        return super().index(request, {**(extra_context or {}), "recent_entries": recent})

    def i18n_javascript(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The words of the admin's scripts, those of locale/ among them: Django's catalogue lacks some in German."""
        return JavaScriptCatalog().get(request)
