"""The files of a rollout template, to look at and to take along: with placeholders, or with the keys for a reason."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from keyportal.people.recent import is_recent
from productkeys.domain.answer_file.difference import difference
from productkeys.domain.rollout_files import SOURCES, SUFFIXES, FileKind
from productkeys.forms.answer_file_keys import DownloadForm, RolloutDownloadForm
from productkeys.listing.rollout_templates import health_badge
from productkeys.models import RolloutTemplate
from productkeys.services import reveal_limit
from productkeys.services.origin import Origin
from productkeys.services.rollout_files import Codes, RolloutFiles
from productkeys.services.template_health import diagnoses
from productkeys.views.handing_out import HandingOut
from productkeys.views.one_rollout_template import get_template


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("note")
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """All files on GET, one of them with placeholders on GET with `as`, one with the keys in it on POST with `file`."""
    found = RolloutFiles(get_template(request, pk), Origin.of(request))
    if found.why_no_answer_file == "broken":  # or another one was brought in this moment
        found = RolloutFiles(get_template(request, pk), Origin.of(request))
    if asked := request.GET.get("as"):
        return _download(found, _kind(found, asked))
    if request.method != "POST":
        return _show(request, found)
    kind = _kind(found, request.POST.get("file", ""))

    def show(form: DownloadForm, *, failed: bool = False, status: int = 200) -> HttpResponse:
        return _show(request, found, form, chosen=kind, failed=failed, status=status)

    handing_out = HandingOut(
        request,
        found.secret_keys(kind),
        RolloutDownloadForm(request.POST),
        is_locked=found.is_locked(kind),
        part=kind.value,
    )
    return handing_out.answer(lambda codes: _download(found, kind, codes), show=show)


def _kind(found: RolloutFiles, asked: str) -> FileKind:
    kind = next((kind for kind in found.kinds if kind.value == asked), None)
    if kind is None:
        raise Http404
    return kind


@sensitive_variables("data", "codes")
def _download(found: RolloutFiles, kind: FileKind, codes: Codes | None = None) -> HttpResponse:
    data = found.data(kind, codes)
    return HttpResponse(
        data,
        content_type="application/octet-stream",  # no browser shows it, or guesses what it is
        headers={"Content-Disposition": f'attachment; filename="{_file_name(found.template, kind, bool(codes))}"'},
    )


def _file_name(template: RolloutTemplate, kind: FileKind, is_plain: bool) -> str:
    """The name of the template as far as it is harmless everywhere, and whether secret keys are in the file."""
    name = re.sub(r"[^\w.-]+", "-", template.name, flags=re.ASCII).strip("-.")[:60] or "rollout"
    return f"{name}{'-PLAIN' if is_plain else ''}{SUFFIXES[kind]}"


def _show(
    request: HttpRequest,
    found: RolloutFiles,
    form: DownloadForm | None = None,
    *,
    chosen: FileKind | None = None,
    failed: bool = False,
    status: int = 200,
) -> HttpResponse:
    assert request.user.is_authenticated
    kinds = found.kinds
    secret = [kind for kind in kinds if found.holds_placeholders(kind)]
    open_kinds = [kind for kind in secret if not found.is_locked(kind)]
    context: dict[str, Any] = {
        "template": found.template,
        "verb": _("Files"),
        "badge": health_badge(diagnoses([found.template], request.user)[found.template.pk].health),
        "shown": [_shown(found, kind) for kind in kinds],
        "foreign": found.foreign,
        "why_no_answer_file": found.why_no_answer_file,
        "has_secrets": bool(secret),
        "files": [(kind.value, kind.label) for kind in open_kinds],
        "chosen": (chosen or next(iter(open_kinds), None)),
        "download_form": form or RolloutDownloadForm(),
        "is_locked": not open_kinds,
        "is_recent": is_recent(request),
        "stop": reveal_limit.stop() if secret else None,
        "failed": failed,
        "here": request.path,
    }
    return render(request, "productkeys/rollout_templates/files.html", context, status=status)


def _shown(found: RolloutFiles, kind: FileKind) -> dict[str, Any]:
    """A file for the page: what everybody gets, of an answer file only the lines that the template changes."""
    said = {
        "kind": kind.value,
        "label": kind.label,
        "source": SOURCES[kind],
        "has_placeholders": found.holds_placeholders(kind),
    }
    if kind is FileKind.ANSWER_FILE:
        before, after = found.answer_file_before_and_after()
        lines = difference(before, after)
        return said | {"lines": [one for one in lines if found.template.answer_file_id or one.sign == "+"]}
    return said | {"text": found.data(kind).decode("utf-8-sig").strip()}
