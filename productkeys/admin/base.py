"""What every list and form of the admin has in common: search by POST, capped counts, and the trail as its history.

Django's own log of the admin is not used: what is done here stands in the same trail as everything else.
"""

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connection, models, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from productkeys.domain import keycode, rules
from productkeys.forms.masking import MasksKeys
from productkeys.listing.agreements import numbers_known
from productkeys.listing.changes import in_words
from productkeys.listing.history import entries_about, events_of
from productkeys.listing.paging import COUNTED
from productkeys.listing.scopes import scopes_named_to
from productkeys.models import Agreement, ProductKey
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.once_more import once_more
from productkeys.services.origin import Origin

_HISTORY_PAGE = 50
_MOST_ROWS = 300
_IN_SCOPES = (ProductKey, Agreement)

P = ParamSpec("P")
T = TypeVar("T")

Changed = tuple[dict[str, Any], dict[str, Any]]
"""The changed fields before and after, as plain values for the trail."""


class CappedPaginator(Paginator[Any]):
    """Counts no further than the list of the workspace does: one more than `bound` means "more than that"."""

    bound = COUNTED

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return rows.order_by()[: self.bound + 1].count() if isinstance(rows, models.QuerySet) else len(rows)


class ReadableForm(MasksKeys, forms.ModelForm[Any]):
    """Refuses a product key in any text, and shows it masked: names, notes and labels are readable by all."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            problem = rules.problem_of_text(value, name) if isinstance(value, str) and "password" not in name else None
            if problem:
                self.add_error(name, forms.ValidationError(problem.text, problem.code))
        return cleaned


class FewRows:
    """Rows below a form, or in a list: no more are read than anybody has, however many a request says that it sends."""

    def get_formset(self, *args: Any, **kwargs: Any) -> Any:
        return _with_few_rows(super().get_formset(*args, **kwargs))  # type: ignore[misc]  # of Django's inlines

    def get_changelist_formset(self, *args: Any, **kwargs: Any) -> Any:
        return _with_few_rows(super().get_changelist_formset(*args, **kwargs))  # type: ignore[misc]  # of Django's lists


def _with_few_rows(formset: Any) -> Any:
    formset.absolute_max = _MOST_ROWS  # Django's own bound is 2,000, and each row costs queries
    return formset


class PortalModelAdmin(admin.ModelAdmin[Any]):
    """A list and a form of the admin in the manner of the portal."""

    form = ReadableForm
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    object_history_template = "admin/trail_history.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        view = super().changeform_view
        if request.method == "POST":
            view = _asked_at_once(view)
        return view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().delete_view
        if request.method == "POST":
            view = _asked_at_once(view)
        return view(request, object_id, extra_context)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("search/", self.admin_site.admin_view(self.search_view), name=self._url_name("search")),
            *super().get_urls(),
        ]

    @method_decorator([require_POST, sensitive_post_parameters("q")])
    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Lead to the list with what was typed in its address, unless that looks like a product key."""
        text = request.POST.get("q", "").strip()
        if keycode.looks_like_key(text):
            return self.answer_key(request, text)
        query = QueryDict(request.POST.get("query", "").removeprefix("?"), mutable=True)
        query.pop("q", None)
        if text:
            query["q"] = text
        return redirect(f"{self.list_address}?{query.urlencode()}")

    def answer_key(self, request: HttpRequest, text: str) -> HttpResponse:
        """What to do with a search text that is a product key: it never gets into an address."""
        messages.warning(request, _("Product keys are searched in the list of product keys only."))
        return redirect(self.list_address)

    @property
    def list_address(self) -> str:
        return reverse(f"admin:{self._url_name('changelist')}")

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only by the filters on offer: any other column could be guessed letter by letter, shown or not."""
        offered = (str(one[0] if isinstance(one, tuple) else one) for one in self.list_filter)
        named = any(lookup == name or lookup.startswith(f"{name}__") for name in offered)
        return named and super().lookup_allowed(lookup, value, request)

    def response_action(  # type: ignore[override]  # the stubs know a later Django
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> HttpResponse | None:
        """As for nothing ticked, where something was that cannot be in the list: databases fail on it.

        Deleting what is ticked, once it is confirmed, is all in the trail and done, or nothing of it.
        """
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(_may_be_stored(self.opts.pk, typed) for typed in ticked):
            return redirect(request.get_full_path())
        act = super().response_action
        if request.POST.get("action") == "delete_selected" and "post" in request.POST:
            act = _asked_at_once(act)
        return act(request, queryset)

    # The trail instead of Django's log

    def subject_uid(self, obj: Any) -> UUID:
        """The name of `obj` in the trail: its own uid, or one made of its kind and primary key."""
        own: UUID | None = getattr(obj, "uid", None)
        return own or uuid5(NAMESPACE_URL, f"{self.opts.label_lower}:{obj.pk}")

    def construct_change_message(  # type: ignore[override]  # for the trail, not for Django's log
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Changed:
        """The changed fields of the form and of the rows below it, for `log_addition` and `log_change`."""
        before, after = _changed_fields(form, add=add)
        for formset in formsets or []:
            rows = _changed_rows(formset)
            if rows:
                after[formset.prefix] = rows
        return before, after

    def log_addition(self, request: HttpRequest, obj: Any, message: Changed) -> None:  # type: ignore[override]
        self._record(Action.ADDED, request, obj, *message)

    def log_change(self, request: HttpRequest, obj: Any, message: Changed) -> None:  # type: ignore[override]
        if any(message):
            self._record(Action.CHANGED, request, obj, *message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        for obj in queryset:
            self._record(Action.DELETED, request, obj, {}, {})

    def _record(
        self, action: Action, request: HttpRequest, obj: Any, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        subject = self.subject_uid(obj), str(obj)
        trail.record(trail.entry(action, origin=Origin.of(request), subject=subject, before=before, after=after))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the trail says about one object, newest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_view_or_change_permission(request, obj):
            raise Http404
        assert request.user.is_authenticated
        uid = self.subject_uid(obj)
        page = CappedPaginator(entries_about(uid), _HISTORY_PAGE).get_page(request.GET.get("p"))
        scopes = {name for _pk, name in scopes_named_to(request.user)} if self.model in _IN_SCOPES else None
        agreements = numbers_known(page, reader=request.user)
        said = partial(in_words, model=self.model, scopes=scopes, agreements=agreements)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "object": obj,
            "opts": self.opts,
            "page": page,
            "events": [
                (event, list(said(event.before, event.after)))
                for event in events_of(page, about=uid, reader=request.user)
            ],
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)


def _asked_at_once(view: Callable[P, T]) -> Callable[P, T]:
    """`view`, told at once what the database has against it, and looking anew where others came between.

    They took the name that was free, or put something under what goes: the second look finds it and says so.
    """

    @once_more(seeing_others=True)
    @wraps(view)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return view(*args, **kwargs)

    return asked


def _may_be_stored(field: models.Field[Any, Any], typed: str) -> bool:
    """Whether `typed` can be the primary key of anything."""
    try:
        value = field.to_python(typed)
    except ValidationError:
        return False
    return abs(value) <= models.BigIntegerField.MAX_BIGINT if isinstance(value, int) else "\0" not in typed


def _changed_fields(form: Any, *, add: bool) -> Changed:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in form.changed_data:
        if "password" in name:
            after[name] = _("changed")
            continue
        after[name] = _plain(form.cleaned_data.get(name))
        if not add:
            before[name] = _plain(form.initial.get(name))
    return before, after


def _changed_rows(formset: Any) -> list[str]:
    return [
        *(f"+ {row}" for row in formset.new_objects),
        *(f"~ {row}: {', '.join(fields)}" for row, fields in formset.changed_objects),
        *(f"- {row}" for row in formset.deleted_objects),
    ]


def _plain(value: Any) -> Any:
    """A value that JSON can hold and people can read."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple | set | models.QuerySet):
        return sorted(str(item) for item in value)
    return str(value)
