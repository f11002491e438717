"""Writing stored keys into an answer file, or into a new one: choosing, looking at the difference, downloading.

What is chosen stands in the address; a POST to the same address is the download. Secret keys leave by a reveal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from keyportal.people.recent import is_recent
from productkeys.domain.answer_file.difference import difference
from productkeys.domain.answer_file.reading import read
from productkeys.domain.answer_file.writing import ARCHITECTURES, NotWritten
from productkeys.domain.keycode import KeyCode
from productkeys.forms.answer_file_keys import PLACES, ChooseForm, DownloadForm, product_choices
from productkeys.listing.answer_file import Verdict, changes_of
from productkeys.models import CheckedFile, ProductKey
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import answer_file_keys, answer_files, reveal_limit
from productkeys.services.answer_file_keys import Offer, Wanted
from productkeys.services.answer_files import Checked
from productkeys.views.answer_file_changes import download
from productkeys.views.handing_out import HandingOut
from productkeys.views.one_answer_file import about_a_file
from productkeys.views.workspace import may_view


@never_cache
@may_view
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("note")
@about_a_file
def write(request: HttpRequest, kept: CheckedFile, checked: Checked) -> HttpResponse:
    """Keys into a file that somebody brought."""
    return _Writing(request, kept, checked).answer()


@never_cache
@may_view
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("note")
def new(request: HttpRequest) -> HttpResponse:
    """Keys into the smallest answer file that holds them."""
    return _Writing(request).answer()


@dataclass
class _Writing:
    """One request: what is chosen, what is offered, and the answer."""

    request: HttpRequest
    kept: CheckedFile | None = None
    checked: Checked | None = None
    offered: dict[str, list[Offer]] = field(default_factory=dict)
    more: dict[str, int] = field(default_factory=dict)

    @cached_property
    def form(self) -> ChooseForm:
        data = self.request.GET.copy()
        data.setlistdefault("architectures", [ARCHITECTURES[0]])
        if "product" not in data:
            data.update({"product": self._told_product, "tidy": "on"})
        return ChooseForm(data, is_new=self.checked is None)

    @property
    def _told_product(self) -> str:
        """The product that the file tells; empty where it tells none."""
        product = self.checked.product if self.checked else None
        told = f"{min(product.systems)}/{product.edition}" if product and len(product.systems) == 1 else ""
        known = {value for _name, editions in product_choices() for value, _label in editions}
        return told if told in known else ""

    @property
    def _architectures(self) -> Iterable[str]:
        if self.checked:
            return answer_files.architectures_in(self.checked.report.file)
        architectures: Sequence[str] = self.form.cleaned_data["architectures"]
        return architectures

    def answer(self) -> HttpResponse:
        assert self.request.user.is_authenticated
        if not self.form.is_valid():
            return self._show(Wanted())
        system, edition = self.form.system_and_edition
        image = answer_file_keys.image_of(system, edition, self._architectures)
        for place, purpose in PLACES.items():
            found = answer_file_keys.offers(image, purpose, self.request.user) if system else ([], 0)
            self.offered[place], self.more[place] = found
        wanted = self.form.wanted(self.offered)
        if self.request.method == "POST" and (self.checked or wanted.keys):
            return self._download(wanted)
        return self._show(wanted)

    def _show(
        self, wanted: Wanted, form: DownloadForm | None = None, *, failed: bool = False, status: int = 200
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "kept": self.kept,
            "verb": _("Write keys"),
            "form": self.form,
            "offered": [
                (place, self.form.chosen(place), self.offered.get(place, []), self.more.get(place, 0))
                for place in PLACES
            ],
            "has_product": bool(self.form.system_and_edition[0]),
            "wanted": wanted,
            "download_form": form or DownloadForm(),
            "is_locked": self._is_locked(wanted),
            "is_recent": is_recent(self.request),
            "stop": reveal_limit.stop() if wanted.secret_keys else None,
            "failed": failed,
            "here": self.request.get_full_path(),
        }
        try:
            written, report = answer_file_keys.preview(wanted, self.checked, keys=self._visible)
        except NotWritten as reason:
            context["not_written"] = reason.rule.broken()
        else:
            before = self.checked.report.file if self.checked else read(b"")
            lines = difference(before, written.file)
            context["lines"] = lines if self.checked else [line for line in lines if line.sign == "+"]
            context["changes"] = list(changes_of(written))
            context["verdict"] = Verdict(report)
        return render(self.request, "productkeys/answer_files/write.html", context, status=status)

    @property
    def _visible(self) -> ProductKeyQuerySet:
        visible: ProductKeyQuerySet = ProductKey.objects.visible_to(self.request.user)
        return visible

    def _is_locked(self, wanted: Wanted) -> bool:
        locked = {offer.key.pk for offers in self.offered.values() for offer in offers if offer.is_locked}
        return any(key.pk in locked for key in wanted.keys)

    def _download(self, wanted: Wanted) -> HttpResponse:
        def show(form: DownloadForm, *, failed: bool = False, status: int = 200) -> HttpResponse:
            return self._show(wanted, form, failed=failed, status=status)

        try:
            answer_file_keys.preview(wanted, self.checked, keys=self._visible)  # before anything leaves
        except NotWritten:
            return self._show(wanted)
        handing_out = HandingOut(
            self.request, wanted.secret_keys, DownloadForm(self.request.POST), is_locked=self._is_locked(wanted)
        )
        return handing_out.answer(lambda codes: self._file(wanted, codes), show=show)

    @sensitive_variables("codes", "written")
    def _file(self, wanted: Wanted, codes: Mapping[int, KeyCode]) -> HttpResponse:
        written = answer_file_keys.write(wanted, codes, self.checked, keys=self._visible)
        return download(written, name=self.kept.name if self.kept else "")
