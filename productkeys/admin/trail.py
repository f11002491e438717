"""The trail for those who audit: to be read and searched, never to be changed."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from productkeys.admin.base import PortalModelAdmin
from productkeys.forms.reveal import readable_reason
from productkeys.listing.changes import in_words
from productkeys.listing.export_words import export_in_words
from productkeys.models import TrailEntry
from productkeys.models.trail import Action


@admin.register(TrailEntry)
class TrailEntryAdmin(PortalModelAdmin):
    list_display = ("at", "action", "subject_name", "actor_name", "address", "changes_in_short")
    list_filter = ("action", "at")
    search_fields = ("subject_name", "actor_name", "=subject_uid", "=actor_uid")
    search_help_text = _("Name of a key, user name, or uid.")
    fields = (
        "at",
        "action",
        "subject_name",
        "subject_uid",
        "actor_name",
        "actor_uid",
        "address",
        "why",
        "changes",
        "uid",
    )
    readonly_fields = ("why", "changes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TrailEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: TrailEntry | None = None) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """An entry has no history: it never changes."""
        raise Http404

    @admin.display(description=_("Changes"))
    def changes_in_short(self, entry: TrailEntry) -> SafeString | str:
        """What became of what; all values of a new or a deleted thing stand on the entry's own page."""
        return self.changes(entry) if entry.before and entry.after else ""

    @admin.display(description=_("Changes"))
    def changes(self, entry: TrailEntry) -> SafeString:
        is_export = entry.action == Action.KEYS_EXPORTED
        rows = list(export_in_words(entry.after) if is_export else in_words(entry.before, entry.after))
        if entry.before and entry.after:
            lines = ((row.label, row.before or "–", row.after or "–") for row in rows)
            return format_html_join("", "<div>{}: {} → <b>{}</b></div>", lines)
        return format_html_join("", "<div>{}: <b>{}</b></div>", ((row.label, row.after or row.before) for row in rows))

    @admin.display(description=_("Reason"))
    def why(self, entry: TrailEntry) -> str:
        return readable_reason(entry.reason)
