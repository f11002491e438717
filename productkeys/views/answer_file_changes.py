"""The corrected deployment file: what changes in it, and its download."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from productkeys.domain.answer_file.difference import difference
from productkeys.domain.answer_file.writing import NotWritten, Written
from productkeys.listing.answer_file import changes_of
from productkeys.models import CheckedFile, ProductKey
from productkeys.services import answer_files
from productkeys.services.answer_files import Checked
from productkeys.views.one_answer_file import about_a_file
from productkeys.views.workspace import may_view


@never_cache
@may_view
@require_http_methods(["GET", "HEAD", "POST"])
@about_a_file
@sensitive_variables("written")
def corrected(request: HttpRequest, kept: CheckedFile, checked: Checked) -> HttpResponse:
    """The difference on GET, the file on POST. No stored key is in it that is not public: it is no reveal."""
    try:
        written = answer_files.repair(checked, keys=ProductKey.objects.visible_to(request.user))
    except NotWritten as reason:
        messages.warning(request, reason.rule.broken().text)
        return redirect("productkeys:answer-file", kept.pk)
    if request.method == "POST":
        return download(written, name=kept.name)
    context = {
        "kept": kept,
        "verb": _("Corrected file"),
        "lines": difference(checked.report.file, written.file),
        "changes": list(changes_of(written)),
    }
    return render(request, "productkeys/answer_files/corrected.html", context)


def download(written: Written, *, name: str) -> HttpResponse:
    """The file, byte for byte, under the name that it came with."""
    return HttpResponse(
        written.data,
        content_type="application/octet-stream",  # no browser shows it, or guesses what it is
        headers={"Content-Disposition": f'attachment; filename="{_file_name(name)}"'},
    )


def _file_name(name: str) -> str:
    """The name as far as it is harmless everywhere; answer files are XML."""
    plain = re.sub(r"[^\w.-]+", "-", name.removesuffix(".xml"), flags=re.ASCII).strip("-.")[:80]
    return f"{plain or 'unattend'}.xml"
