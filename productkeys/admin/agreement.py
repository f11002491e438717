"""Agreements in the admin. Every change goes through the service: rules, versions and trail hold here as well."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from productkeys.admin.base import PortalModelAdmin
from productkeys.admin.key_forms import StoredByServices
from productkeys.forms.agreement import AgreementForm
from productkeys.listing.agreements import term_badge
from productkeys.models import Agreement, reference
from productkeys.services import agreements, scoping
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import Origin
from productkeys.services.seen_version import values_when_seen

_PAPER = ("number", "vendor", "bought_on", "valid_until", "licences", "cost_centre", "proof", "note")


class StoredAgreementForm(AgreementForm, StoredByServices):
    """The form of the workspace; a change that somebody else made meanwhile is an error."""

    class Meta:
        model = Agreement
        fields: list[str] = []

    def __init__(self, data: Any = None, files: Any = None, *, instance: Any = None, initial: Any = None) -> None:
        super().__init__(data, origin=self.origin, agreement=instance)
        self.instance = instance or Agreement()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        stored = self.agreement
        if stored and cleaned.get("version", stored.version) != stored.version:
            who = stored.changed_by.full_name if stored.changed_by else "KeyPortal"
            text = _("%(who)s changed “%(name)s” meanwhile. Nothing is saved yet. Save again to keep your values.")
            self.add_error(None, ValidationError(text, "changed_meanwhile", {"who": who, "name": stored.number}))
            self.show_on_top_of(stored, values_when_seen(stored, cleaned["version"]))
        return cleaned


@admin.register(Agreement)
class AgreementAdmin(PortalModelAdmin):
    list_display = ("number", "vendor", "bought_on", "shown_end", "licences")
    search_fields = ("number", "vendor")
    ordering = ("number", "vendor", "id")
    actions = None
    view_on_site = False

    @admin.display(description=gettext_lazy("Valid until"), ordering="valid_until")
    def shown_end(self, agreement: Agreement) -> SafeString:
        """The last day, and the mark of one that is near or over."""
        day = date_format(agreement.valid_until, "SHORT_DATE_FORMAT") if agreement.valid_until else "–"
        return format_html("{} {}", day, term_badge(agreement.valid_until))

    # What a person may see and do: what they may with the keys of its scope

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agreement]:
        return Agreement.objects.visible_to(request.user).select_related("scope", "created_by", "changed_by")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Agreement | None = None) -> bool:
        return request.user.has_perm("productkeys.view_productkey")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(scoping.ADD)

    def has_change_permission(self, request: HttpRequest, obj: Agreement | None = None) -> bool:
        return _may(request, scoping.CHANGE, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Agreement | None = None) -> bool:
        return _may(request, scoping.DELETE, obj)

    # The form, and what becomes of it

    def get_fieldsets(self, request: HttpRequest, obj: Agreement | None = None) -> list[tuple[Any, Any]]:
        offered = reference.current().has_scopes and len(scoping.places(Origin.of(request), obj)) > 1
        fields = [*_PAPER[:2], *(["scope"] if offered else []), *_PAPER[2:]]
        is_changed = obj is not None and self.has_change_permission(request, obj)
        return [(None, {"fields": [*fields, "version"] if is_changed else fields})]

    def get_form(
        self, request: HttpRequest, obj: Agreement | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        return type("StoredAgreementForm", (StoredAgreementForm,), {"origin": Origin.of(request)})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Agreement:
        """Hand what the form says to the service, which stores it and writes the trail."""
        if not change:
            return agreements.add(form.values, origin=form.origin)
        seen_version = form.cleaned_data["version"]
        return agreements.change(form.agreement, form.values, seen_version=seen_version, origin=form.origin)

    def save_model(self, request: HttpRequest, obj: Agreement, form: Any, change: bool) -> None:
        """Nothing: `save_form` has stored it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: an agreement has no rows below it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the service has written the trail."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the service has written the trail."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Nothing: the service has written the trail."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (Refused, ChangedMeanwhile):
            # Somebody was faster between the form's look and the write: the form sees it at its second look.
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Only an agreement to which no key belongs goes."""
        agreement = self.get_object(request, unquote(object_id))
        if agreement is None or not self.has_delete_permission(request, agreement):
            return super().delete_view(request, object_id, extra_context)
        if problems := agreements.problems_of_deletion(agreement, origin=Origin.of(request)):
            messages.error(request, problems[0].text)
            return redirect("admin:productkeys_agreement_change", agreement.pk)
        try:
            return super().delete_view(request, object_id, extra_context)
        except (Refused, ChangedMeanwhile):
            # Somebody was faster between the two looks: what is there now is asked about anew.
            return redirect("admin:productkeys_agreement_delete", agreement.pk)

    def delete_model(self, request: HttpRequest, obj: Agreement) -> None:
        agreements.delete(obj, seen_version=obj.version, origin=Origin.of(request))


def _may(request: HttpRequest, right: str, agreement: Agreement | None) -> bool:
    if agreement is None:
        return request.user.has_perm(right)
    return scoping.holds(Origin.of(request), right, agreement.scope_id)
