"""Product keys in the admin. Every change goes through the services: rules, versions and trail hold here as well."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from productkeys.admin.base import FewRows, PortalModelAdmin
from productkeys.admin.bulk import AdminBulkView
from productkeys.admin.columns import KeyColumns, agreement_fact, scope_fact
from productkeys.admin.export import AdminExportView
from productkeys.admin.filters import LIST_FILTERS, PARAMETERS
from productkeys.admin.key_forms import AddKeyForm, ChangeKeyForm
from productkeys.admin.rows import RowForm, RowFormSet
from productkeys.domain.microsoft_count import COUNTED_TYPES
from productkeys.forms.agreement import offers_agreements
from productkeys.forms.bulk import Act
from productkeys.forms.scope import scope_fields
from productkeys.listing.agreements import agreement_of
from productkeys.listing.query import ListQuery
from productkeys.listing.scopes import scopes_named_to
from productkeys.listing.sorting import DEFAULT, SORTS
from productkeys.listing.whole_key import look_up
from productkeys.models import ProductKey, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import keys
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import Origin

_DECLARED = (
    "name",
    "key_type",
    "comment",
    "labels",
    "operating_system",
    "edition",
    "architecture",
    "quantity",
    "usage",
)
_FACTS = ("shown_key", "shown_status", "in_use", "added", "changed")
_NAMED = ("agreement", "created_by", "changed_by", "microsoft_counted_by")
_SORTED_BY = {sort.order[-2]: sort for sort in SORTS.values() if sort is not DEFAULT} | {
    "name": SORTS["name"],
    "-name": SORTS["-name"],
}


class KeyChangeList(ChangeList):
    """Django's list, in the orders that have an index."""

    def url_for_result(self, result: Any) -> str:
        before, after = self._around_the_number
        return f"{before}{result.pk}{after}"

    @cached_property
    def _around_the_number(self) -> tuple[str, str]:
        """The address of an entry is looked up once for all rows of a page."""
        before, _zero, after = reverse("admin:productkeys_productkey_change", args=[0]).rpartition("0")
        return before, after

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        if ORDER_VAR not in self.params:
            return [*DEFAULT.order]
        wanted = [_SORTED_BY[column] for column in super().get_ordering(request, queryset) if column in _SORTED_BY]
        if not wanted:
            return [*DEFAULT.order]
        return [*(column for sort in wanted for column in sort.order[:-1]), wanted[0].order[-1]]


@admin.register(ProductKey)
class ProductKeyAdmin(KeyColumns, FewRows, PortalModelAdmin):
    list_display = ("shown_key", "name", "product", "shown_usage", "stock", "comment")
    list_display_links = ("shown_key",)
    list_editable = ("name", "comment")
    sortable_by = tuple(column for column in list_display if column != "comment")
    list_filter = LIST_FILTERS
    search_fields = ("search_text",)
    search_help_text = gettext_lazy("Name, comment, last five characters, or a whole product key.")
    ordering = ("published", "name_sort")
    actions = (
        "edit_selected",
        "archive_selected",
        "restore_selected",
        "compromise_selected",
        "delete_selected",
        "export_selected",
    )
    readonly_fields = _FACTS
    view_on_site = False

    # What a person may see

    def get_queryset(self, request: HttpRequest) -> ProductKeyQuerySet:
        keys_of_person: ProductKeyQuerySet = ProductKey.objects.visible_to(request.user)
        return keys_of_person.select_related(*_NAMED) if _is_one_key(request) else keys_of_person

    def has_view_permission(self, request: HttpRequest, obj: ProductKey | None = None) -> bool:
        return request.user.has_perm("productkeys.view_productkey", obj)

    def has_change_permission(self, request: HttpRequest, obj: ProductKey | None = None) -> bool:
        return request.user.has_perm("productkeys.change_productkey", obj)

    def has_delete_permission(self, request: HttpRequest, obj: ProductKey | None = None) -> bool:
        return request.user.has_perm("productkeys.delete_productkey", obj)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in PARAMETERS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeyChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The keys that the address asks for: filters and search together, as in the workspace."""
        assert isinstance(queryset, ProductKeyQuerySet)
        assert request.user.is_authenticated
        return ListQuery.read(request.GET, scopes_named_to(request.user)).select(queryset), False

    def answer_key(self, request: HttpRequest, text: str) -> HttpResponse:
        """A whole key in the search leads to its entry."""
        lookup = look_up(text, ProductKey.objects.visible_to(request.user))
        if lookup.found:
            return redirect("admin:productkeys_productkey_change", lookup.found)
        messages.warning(request, lookup.fault or _("No entry holds this product key."))
        return redirect(self.list_address)

    # The form of one key

    def get_fieldsets(self, request: HttpRequest, obj: ProductKey | None = None) -> list[tuple[Any, Any]]:
        belonging = scope_fields(Origin.of(request), obj)
        if not (obj and obj.published) and offers_agreements(Origin.of(request)):
            belonging.append("agreement")
        declared = [*_DECLARED[:2], *belonging, *_DECLARED[2:4], "code", "typing_confirmed", *_DECLARED[4:]]
        if obj is None:
            return [(None, {"fields": [*declared, "kept_code"]})]
        facts = (_("As it is stored"), {"fields": self.get_readonly_fields(request, obj)})
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": _DECLARED}), facts]
        if obj.published:
            about = _(
                "A standard key stays as Microsoft published it. Comment and labels are yours, and it can be archived."
            )
            return [(None, {"fields": [*_DECLARED, "version"], "description": about}), facts]
        return [(None, {"fields": [*declared, "version", "kept_code"]}), facts]

    def get_readonly_fields(self, request: HttpRequest, obj: ProductKey | None = None) -> tuple[Any, ...]:
        """The facts; whose the key is among them, in words that this person may read."""
        assert request.user.is_authenticated
        facts: tuple[Any, ...] = _FACTS
        if obj and obj.key_type in COUNTED_TYPES:
            facts = (*facts, "microsoft_count")
        if obj and reference.current().has_scopes:
            facts = (*facts, scope_fact(scopes_named_to(request.user)))
        if obj and (agreement := agreement_of(obj, reader=request.user)):
            facts = (*facts, agreement_fact(agreement.agreement.number, agreement.badge))
        return facts

    def get_form(
        self, request: HttpRequest, obj: ProductKey | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form = ChangeKeyForm if change else AddKeyForm
        return type(form.__name__, (form,), {"origin": Origin.of(request)})

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm[Any]]:
        return type("RowForm", (RowForm,), {"origin": Origin.of(request)})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_formset(request, formset=RowFormSet, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> ProductKey:
        """Hand what the form says to the service, which stores it and writes the trail."""
        if not change:
            return keys.add_key(form.values, origin=form.origin)
        return keys.change_key(
            form.instance, form.values, seen_version=form.cleaned_data["version"], origin=form.origin
        )

    def save_model(self, request: HttpRequest, obj: ProductKey, form: Any, change: bool) -> None:
        """Nothing: `save_form` has stored it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: a key has no rows below it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the service has written the trail."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the service has written the trail."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (Refused, ChangedMeanwhile):
            # Somebody was faster between the form's look and the write: the form sees it at its second look.
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except (Refused, ChangedMeanwhile):
            return super().changelist_view(request, extra_context)

    # Acts on several keys, and the same page for one

    def get_urls(self) -> list[URLPattern]:
        bulk, export = AdminBulkView.as_view(model_admin=self), AdminExportView.as_view(model_admin=self)
        return [
            path("bulk/", self.admin_site.admin_view(bulk), name="productkeys_productkey_bulk"),
            path("export/", self.admin_site.admin_view(export), name="productkeys_productkey_export"),
            *super().get_urls(),
        ]

    @admin.action(description=gettext_lazy("Edit selected"), permissions=["change"])
    def edit_selected(self, request: HttpRequest, queryset: ProductKeyQuerySet) -> HttpResponse:
        return self._act(request, Act.EDIT, queryset)

    @admin.action(description=gettext_lazy("Archive selected"), permissions=["change"])
    def archive_selected(self, request: HttpRequest, queryset: ProductKeyQuerySet) -> HttpResponse:
        return self._act(request, Act.ARCHIVE, queryset)

    @admin.action(description=gettext_lazy("Restore selected"), permissions=["change"])
    def restore_selected(self, request: HttpRequest, queryset: ProductKeyQuerySet) -> HttpResponse:
        return self._act(request, Act.RESTORE, queryset)

    @admin.action(description=gettext_lazy("Mark selected as compromised"), permissions=["change"])
    def compromise_selected(self, request: HttpRequest, queryset: ProductKeyQuerySet) -> HttpResponse:
        return self._act(request, Act.COMPROMISE, queryset)

    @admin.action(description=gettext_lazy("Delete selected"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: ProductKeyQuerySet) -> HttpResponse:
        return self._act(request, Act.DELETE, queryset)

    @admin.action(description=gettext_lazy("Export selected"), permissions=["view"])
    def export_selected(self, request: HttpRequest, queryset: ProductKeyQuerySet) -> HttpResponse:
        """The page of the export, for the keys that were ticked, or for all that the address finds."""
        view = AdminExportView(model_admin=self)
        view.setup(request)
        if request.POST.get("select_across") != "1":
            view.tickets = [f"{pk}:{version}" for pk, version in queryset.values_list("pk", "version")]
        return view.ask()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The same question and the same answer as for several keys."""
        key = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, key):
            raise PermissionDenied
        if key is None:
            raise Http404
        return self._act(request, Act.DELETE, ProductKey.objects.filter(pk=key.pk))

    def _act(self, request: HttpRequest, act: Act, queryset: ProductKeyQuerySet) -> HttpResponse:
        """The page of `act`, for the keys that were ticked, or for all that the address finds."""
        posted = QueryDict(mutable=True)
        posted["do"], posted["next"] = act, self.list_address
        if _is_list(request):
            posted["next"] = request.get_full_path()
        if request.POST.get("select_across") == "1":
            posted["select_across"], posted["query"] = "1", request.GET.urlencode()
        else:
            posted.setlist("key", [f"{pk}:{version}" for pk, version in queryset.values_list("pk", "version")])
        view = AdminBulkView(model_admin=self)
        view.setup(request)
        return view.answer(posted)


def _is_list(request: HttpRequest) -> bool:
    return bool(request.resolver_match and request.resolver_match.url_name == "productkeys_productkey_changelist")


def _is_one_key(request: HttpRequest) -> bool:
    return bool(request.resolver_match and "object_id" in request.resolver_match.kwargs)
