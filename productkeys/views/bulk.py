"""Acting on several keys: what it would do to each is shown first, then it is done to all of them or to none.

The workspace and the admin share this view. It keeps nothing between its pages: each carries the keys (ticked rows with
their versions, or the query that finds them with a digest of what it found), so that nothing happens to a key in a
state that nobody saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from keyportal.way_back import way_back
from productkeys.forms.bulk import STATUS_AFTER, Act, EditForm, Page, SelectionForm
from productkeys.listing.bulk_preview import Preview
from productkeys.listing.query import ListQuery
from productkeys.listing.scopes import scopes_named_to
from productkeys.models import ProductKey
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import bulk_edit
from productkeys.services.bulk_edit import Changes
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.selection import AT_MOST, Selection, SelectionChanged, present
from productkeys.views.bulk_words import WORDS, PreviewWords
from productkeys.views.effects import counted

_SHOWN_CHANGES = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """What others did to the selection since the person saw it."""

    changed: Sequence[ProductKey]
    more_changed: int
    before: int
    now: int


@method_decorator(never_cache, name="dispatch")
class BulkView(View):
    """One address for all acts; what is to be done comes with the POST."""

    http_method_names = ["get", "head", "post"]
    template_name = "productkeys/bulk.html"
    posted: QueryDict

    def get(self, request: HttpRequest) -> HttpResponse:
        """There is nothing to look at without keys: a reload or a change of language leads back to the list."""
        return redirect(self.list_address)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request.POST)

    def answer(self, posted: QueryDict) -> HttpResponse:
        """The page that `posted` asks for, or what became of the act."""
        self.posted = posted
        request, asked = self.request, SelectionForm(posted)
        if not asked.is_valid() or asked.act is Act.CLEAR:
            return redirect(self._back)
        right = "delete" if asked.act is Act.DELETE else "change"
        if not request.user.has_perm(f"productkeys.{right}_productkey"):
            raise PermissionDenied
        selection = self._selection(asked)
        if len(selection) > AT_MOST:
            messages.error(request, _too_many())
            return redirect(self._back)
        form = self._form(asked)
        changes = _changes(asked.act, form)
        complete = changes is not None or asked.act is Act.DELETE
        if asked.page is Page.APPLY and complete and len(selection) and self._is_as_seen(asked, selection):
            try:
                return self._done(asked.act, self._apply(asked, selection, changes))
            except (Refused, SelectionChanged):
                pass  # the page says what is different now
        return self._show(asked, selection, form, changes)

    @property
    def keys(self) -> ProductKeyQuerySet:
        """The keys that this person may know of; all others are not there."""
        keys: ProductKeyQuerySet = ProductKey.objects.visible_to(self.request.user)
        return keys

    @property
    def list_address(self) -> str:
        return reverse("productkeys:list")

    @property
    def action(self) -> str:
        """Where the forms of the page are sent."""
        return reverse("productkeys:bulk")

    def frame(self) -> dict[str, Any]:
        """What the page around needs beside the act itself."""
        return {}

    def _selection(self, asked: SelectionForm) -> Selection:
        if not asked.cleaned_data["select_across"]:
            return asked.ticked()
        assert self.request.user.is_authenticated
        query = ListQuery.read(QueryDict(asked.cleaned_data["query"]), scopes_named_to(self.request.user))
        return Selection.of(query.select(self.keys), at_most=AT_MOST)

    def _form(self, asked: SelectionForm) -> EditForm | None:
        if asked.act is not Act.EDIT:
            return None
        assert self.request.user.is_authenticated
        return EditForm(self.posted if asked.page is not Page.CHOOSE else None, person=self.request.user)

    @staticmethod
    def _is_as_seen(asked: SelectionForm, selection: Selection) -> bool:
        # The versions of ticked rows are compared by the service, with the rows locked.
        return not asked.cleaned_data["select_across"] or asked.cleaned_data["digest"] == selection.digest

    def _apply(self, asked: SelectionForm, selection: Selection, changes: Changes | None) -> int:
        origin, leaving_out = Origin.of(self.request), asked.cleaned_data["leaving_out"] or 0
        if changes is None:
            return bulk_edit.apply_deletion(selection, among=self.keys, origin=origin, leaving_out=leaving_out)
        return bulk_edit.apply_changes(selection, changes, among=self.keys, origin=origin, leaving_out=leaving_out)

    def _done(self, act: Act, count: int) -> HttpResponse:
        messages.success(self.request, counted(WORDS[act].done(count), count))
        return redirect(self._back)

    def _show(
        self, asked: SelectionForm, selection: Selection, form: EditForm | None, changes: Changes | None
    ) -> HttpResponse:
        chosen = present(self.keys.select_related("changed_by"), selection)
        if not chosen:
            messages.warning(self.request, _("No key is selected. Tick the keys in the list first."))
            return redirect(self._back)
        plan = None
        if changes is not None:
            plan = bulk_edit.plan_changes(chosen, changes, origin=Origin.of(self.request))
        elif asked.act is Act.DELETE:
            plan = bulk_edit.plan_deletion(chosen, origin=Origin.of(self.request))
        assert self.request.user.is_authenticated
        preview = Preview.of(plan, reader=self.request.user) if plan else None
        words, drift = WORDS[asked.act], _drift(asked, selection, chosen)
        now = Selection.of_pairs((key.pk, key.version) for key in chosen)
        context = {
            "act": asked.act,
            "words": words,
            "act_title": words.title(len(chosen)),
            "asked": asked.cleaned_data,
            "count": len(chosen),
            "form": form,
            "preview": preview,
            "said": PreviewWords.of(asked.act, preview, reader=self.request.user) if preview else None,
            "drift": drift,
            "unanswered": bool(asked.page is Page.APPLY and preview and preview.refused and not drift),
            "tickets": [] if asked.cleaned_data["select_across"] else [f"{pk}:{version}" for pk, version in now.seen],
            "digest": now.digest,
            "seen_at": timezone.now().isoformat(),
            "back": self._back,
            "action": self.action,
            **self.frame(),
        }
        return render(self.request, self.template_name, context, status=409 if asked.page is Page.APPLY else 200)

    @property
    def _back(self) -> str:
        return way_back(self.request, self.posted.get("next"), otherwise=self.list_address)


def _changes(act: Act, form: EditForm | None) -> Changes | None:
    """What is to change; None for deleting, and as long as the form does not say it."""
    if act in STATUS_AFTER:
        return Changes({"status": STATUS_AFTER[act]})
    return form.changes() if form and form.is_bound and form.is_valid() else None


def _drift(asked: SelectionForm, selection: Selection, chosen: Sequence[ProductKey]) -> Drift | None:
    if asked.cleaned_data["select_across"]:
        if asked.page is Page.CHOOSE or asked.cleaned_data["digest"] == selection.digest:
            return None
        seen_at: datetime | None = asked.cleaned_data["seen_at"]
        changed = [key for key in chosen if seen_at and key.changed_at > seen_at]
        before = asked.cleaned_data["count"] or 0
    else:
        seen, before = dict(selection.seen), len(selection)
        changed = [key for key in chosen if key.version != seen[key.pk]]
        if not changed and len(chosen) == before:
            return None
    return Drift(changed[:_SHOWN_CHANGES], len(changed[_SHOWN_CHANGES:]), before, len(chosen))


def _too_many() -> str:
    return _("More than %(limit)s keys match. Narrow the list by filters or search first; nothing was changed.") % {
        "limit": number_format(AT_MOST, force_grouping=True)
    }
