"""Checking a deployment file: bringing it, what was found in it, and forgetting it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from productkeys.domain.answer_file.writing import NotWritten
from productkeys.forms.answer_file import BringAnswerFileForm, most_mb
from productkeys.listing.answer_file import FilePage, changes_of
from productkeys.models import CheckedFile, ProductKey
from productkeys.services import answer_files
from productkeys.services.answer_files import Checked
from productkeys.services.origin import Origin
from productkeys.views.one_answer_file import about_a_file
from productkeys.views.workspace import may_view


@never_cache
@may_view
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("text")
@sensitive_variables("form", "data")
def bring(request: HttpRequest) -> HttpResponse:
    """Bring a file or a text; the files that one brought within the last hour."""
    assert request.user.is_authenticated
    form = BringAnswerFileForm(request.POST, request.FILES) if request.method == "POST" else BringAnswerFileForm()
    if form.is_valid():
        data, name = form.brought
        kept = answer_files.keep(data, name=name, origin=Origin.of(request))
        return redirect("productkeys:answer-file", kept.pk)
    context = {
        "form": form,
        "kept": answer_files.kept_of(request.user),
        "file_mb": most_mb(),
        "text_mb": settings.IMPORT_TEXT_MAX_MB,
    }
    return render(request, "productkeys/answer_files/bring.html", context)


@never_cache
@may_view
@require_safe
@about_a_file
def show(request: HttpRequest, kept: CheckedFile, checked: Checked) -> HttpResponse:
    """What was found in a file, and what its correction would change."""
    context = {"kept": kept, "page": FilePage(kept, checked), "gone_at": kept.created_at + answer_files.KEPT}
    try:
        written = answer_files.repair(checked, keys=ProductKey.objects.visible_to(request.user))
    except NotWritten as reason:
        context["not_written"] = reason.rule.broken()
    else:
        context["changes"] = list(changes_of(written))
    return render(request, "productkeys/answer_files/file.html", context)


@never_cache
@may_view
@require_POST
def forget(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Remove a file before its hour is over; one that is gone already is gone."""
    assert request.user.is_authenticated
    if kept := answer_files.find(uid, request.user):
        answer_files.forget(kept)
    messages.success(request, _("The file is forgotten."))
    return redirect("productkeys:answer-files")
