"""Taking keys out as a file: a page that asks how, and the download. The workspace and the admin share this view.

Which keys they are, the address says as it does for the list; the admin also sends the rows that were ticked.
"""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from keyportal.people.recent import confirmation, is_recent
from productkeys.domain import rulebook
from productkeys.domain.choices import Status
from productkeys.forms.export import Codes, ExportForm, ticked
from productkeys.listing import key_file
from productkeys.listing.export_words import filters_of
from productkeys.listing.key_export import Reader, table_of
from productkeys.listing.query import ListQuery
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.models.trail import Why
from productkeys.services import exporting, reveal_limit
from productkeys.services.exporting import Export
from productkeys.services.origin import Origin
from productkeys.services.reveal_limit import Repeated, Stopped
from productkeys.views.letters import tell_of_the_export, tell_of_the_stop
from productkeys.views.workspace import may_view

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many keys the export has: `public` ones, and of the others how many this person may take out `whole`."""

    total: int
    public: int
    whole: int

    @property
    def masked(self) -> int:
        """How many stay masked whatever is chosen."""
        return self.total - self.public - self.whole


@method_decorator([never_cache, may_view, sensitive_post_parameters("note")], name="dispatch")
class ExportView(View):
    http_method_names = ["get", "head", "post"]
    template_name = "productkeys/export.html"
    tickets: list[str] | None = None
    """The rows that were ticked; None where the address says which keys they are."""
    with_archive = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.reader = Reader(request.user)
            self.query = ListQuery.read(request.GET, self.reader.scopes)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask()

    def ask(self) -> HttpResponse:
        """The page as it is at first."""
        return self._show(self._form())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        self.tickets = request.POST.getlist("key") or None
        if request.POST.get("codes") == Codes.PLAIN:
            self._require_right()
            if not is_recent(request):
                return confirmation(self.back if self.tickets else self.address)
        form = self._form(request.POST)
        self.with_archive = request.POST.get("archived") == "on" and "archived" in form.fields
        if not form.is_valid():
            if form.has_error("note", rulebook.KEY_IN_TEXT.code):
                exporting.refuse(Why.KEY_IN_REASON, origin=Origin.of(request))
            return self._show(form)
        if not self._of(self.reader.keys).exists():
            return self._nothing()
        try:
            export = self._taken_out(form)
        except Repeated:
            messages.info(
                request, _("This was sent twice, and exported once. If you still need the file, export again.")
            )
            return redirect(self.address)
        except Stopped as stopped:
            if stopped.passed:
                tell_of_the_stop(request)
            return self._show(form, status=429)
        except DatabaseError:
            logger.exception("Nothing was exported: the trail cannot be written")
            return self._show(form, failed=True, status=503)
        return self._download(form, export)

    def _form(self, data: QueryDict | None = None) -> ExportForm:
        return ExportForm(data, offers_archive=bool(self.archived))

    @cached_property
    def archived(self) -> int:
        """How many keys in the archive are like the active ones that are asked for."""
        if self.tickets is not None or self.query.status != Status.ACTIVE:
            return 0
        return self.query.select(self.reader.keys, with_archive=True).filter(shelf=1).count()

    def _show(self, form: ExportForm, *, failed: bool = False, status: int = 200) -> HttpResponse:
        numbers = self._numbers()
        if not numbers.total and not self.archived:
            return self._nothing()
        context = {
            "form": form,
            "numbers": numbers,
            "archived": self.archived,
            "offers_whole": self.may_reveal and bool(numbers.whole or self.archived),
            "tickets": self.tickets or (),
            "failed": failed,
            "is_recent": is_recent(self.request),
            "stop": reveal_limit.stop() if self.may_reveal else None,
            "may_reveal": self.may_reveal,
            "address": self.address,
            "back": self.back,
            **self.frame(),
        }
        return render(self.request, self.template_name, context, status=status)

    def _require_right(self) -> None:
        if not self.may_reveal:
            exporting.refuse(Why.NO_RIGHT, origin=Origin.of(self.request))
            raise PermissionDenied(_("Your account may look product keys up, but not reveal them."))

    def _nothing(self) -> HttpResponse:
        messages.warning(self.request, _("No key is like that, so there is nothing to export."))
        return redirect(self.back)

    @property
    def may_reveal(self) -> bool:
        return self.request.user.has_perm("productkeys.reveal_productkey")

    @property
    def list_address(self) -> str:
        return reverse("productkeys:list")

    @property
    def own_address(self) -> str:
        return reverse("productkeys:export")

    @property
    def address(self) -> str:
        """This page about the same keys."""
        return _with(self.own_address, self.query)

    @property
    def back(self) -> str:
        return _with(self.list_address, self.query)

    def frame(self) -> dict[str, Any]:
        """What the page around needs beside the export itself."""
        return {}

    def _of(self, keys: ProductKeyQuerySet) -> ProductKeyQuerySet:
        """Those of `keys` that the export is about, in their order."""
        if self.tickets is not None:
            return keys.filter(pk__in=ticked(self.tickets)).order_by(*self.query.sort.order)
        return self.query.select(keys, with_archive=self.with_archive).order_by(*self.query.sort.order)

    def _numbers(self) -> Numbers:
        keys = self._of(self.reader.keys).order_by()
        whole = self._of(self.reader.revealable).filter(published=False).order_by().count()
        return Numbers(keys.count(), keys.filter(published=True).count(), whole)

    def _taken_out(self, form: ExportForm) -> Export:
        origin = Origin.of(self.request)
        what: dict[str, Any] = {"format": form.file_format.value, "columns": form.wanted.value}
        asked = filters_of(self.query, with_archive=self.with_archive)
        what |= {"filters": asked} if self.tickets is None else {"chosen": True}
        keys = self._of(self.reader.keys)
        if not form.is_plain:
            return exporting.export_masked(keys, what=what, origin=origin)
        export = exporting.export_plain(
            keys,
            revealable=self.reader.revealable,
            reason=form.trail_text,
            what=what,
            origin=origin,
            act=form.cleaned_data["once"],
        )
        tell_of_the_export(self.request.user.get_username(), export.whole)
        return export

    def _download(self, form: ExportForm, export: Export) -> HttpResponseBase:
        name = key_file.name_of(form.file_format, plain=form.is_plain)
        table = table_of(export, form.wanted, self.reader, with_archive=self.with_archive)
        return StreamingHttpResponse(
            key_file.chunks(table, form.file_format),
            content_type=key_file.MEDIA_TYPES[form.file_format],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _with(address: str, query: ListQuery) -> str:
    parameters = query.parameters()
    return f"{address}?{urlencode(parameters)}" if parameters else address
