"""The trail for auditors: the page with its filters, its export, and which keys a person has seen."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keyportal.people.models import User
from productkeys.forms.trail import ExportForm, ExportFormat, TrailForm
from productkeys.listing import seen_keys
from productkeys.listing import trail as listing
from productkeys.listing.trail_export import csv_lines, json_lines
from productkeys.models import TrailEntry
from productkeys.services import trail as trail_service
from productkeys.services.origin import Origin

auditors_only = permission_required("productkeys.view_trailentry", raise_exception=True)


@never_cache
@auditors_only
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("person", "key")
def trail(request: HttpRequest) -> HttpResponse:
    """The entries that the filters ask for. Filters come by POST and lead to an address that can be kept."""
    assert request.user.is_authenticated
    form = TrailForm(request.POST if request.method == "POST" else request.GET)
    if form.holds_a_key:
        messages.warning(request, _("Product keys are searched in the list of product keys only."))
        return redirect("productkeys:trail")
    if form.is_valid() and request.method == "POST":
        return redirect(_address(form))
    page = listing.page_of(
        listing.select(form, reader=request.user), before=_id(request, "before"), after=_id(request, "after")
    )
    context = {
        "form": form,
        "asked": form.asked,
        "person": form.cleaned_data.get("person"),
        "rows": listing.rows_of(page.entries, reader=request.user),
        "newer": _address(form, after=page.newer) if page.newer is not None else "",
        "older": _address(form, before=page.older) if page.older is not None else "",
        "formats": ExportFormat.choices,
    }
    return render(request, "productkeys/trail.html", context)


@never_cache
@auditors_only
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """All entries that the filters ask for, as a file; that they left the portal is an entry of its own."""
    assert request.user.is_authenticated
    form, wanted = TrailForm(request.POST), ExportForm(request.POST)
    if not form.is_valid() or not wanted.is_valid() or form.holds_a_key:
        return redirect("productkeys:trail")
    chosen = ExportFormat(wanted.cleaned_data["format"])
    until = TrailEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    trail_service.exported(origin=Origin.of(request), what={"format": chosen.value} | form.asked)
    entries = listing.select(form, reader=request.user).filter(id__lte=until)
    lines, kind = (
        (csv_lines(entries), "text/csv") if chosen is ExportFormat.CSV else (json_lines(entries), "application/jsonl")
    )
    name = f"audit-log-{timezone.localdate():%Y-%m-%d}.{chosen.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=f"{kind}; charset=utf-8", headers=headers)


@never_cache
@auditors_only
@require_safe
def seen_by(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Which keys a person has seen: for when they leave. Who may change keys can mark them from here."""
    assert request.user.is_authenticated
    person = get_object_or_404(User, uid=uid)
    page = seen_keys.seen_by(person, reader=request.user, before=_id(request, "before"), behind=_id(request, "behind"))
    context = {
        "person": person,
        "page": page,
        "may_mark": any(row.may_be_marked for row in page.seen),
    }
    return render(request, "productkeys/trail_person.html", context)


def _address(form: TrailForm, **on: Any) -> str:
    query = urlencode(form.asked | on)
    return f"{reverse('productkeys:trail')}?{query}" if query else reverse("productkeys:trail")


def _id(request: HttpRequest, name: str) -> int | None:
    """An id in the address; None for what is none, and for more digits than an id has."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
