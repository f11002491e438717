"""Imports: the list of one's own, bringing a file or a text, and the one page of an import from preview to result."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from productkeys.forms.import_plan import ColumnsForm, DefaultsForm, ValuesForm
from productkeys.forms.imports import BringForm, FormatForm, MappingForm, recognised_words
from productkeys.listing import imports as listing
from productkeys.listing.import_faults import against_undoing, fault_of
from productkeys.models import Agreement, Import
from productkeys.models.importing import Mode, State
from productkeys.services.importing import mappings, preview, steps
from productkeys.services.importing import plan as plans
from productkeys.services.importing.outcomes import REMARKED, Outcome
from productkeys.services.importing.plan import Plan
from productkeys.services.importing.progress import progress
from productkeys.services.origin import Origin
from productkeys.tables.formats import Format
from productkeys.tables.reading import Unreadable
from productkeys.views.one_import import get_import, keepers_only, looks_again

_IMPORTS_A_PAGE = 25
_ROWS_A_PAGE = 50
_PREVIEWED = (State.CHECKING, State.CHECKED)
"""The states of an import that is looked at; in all others it is being stored or undone, or over."""


@never_cache
@keepers_only
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """The imports of this person, newest first."""
    assert request.user.is_authenticated
    found = Paginator(Import.objects.filter(person=request.user), _IMPORTS_A_PAGE)
    page = found.get_page(request.GET.get("page"))
    rows = [(imp, listing.counts_of(imp)) for imp in page]
    return render(request, "productkeys/imports/list.html", {"page": page, "rows": rows})


@never_cache
@keepers_only
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("text")
def new(request: HttpRequest) -> HttpResponse:
    """Bring a file or a text. What cannot be read is said beside it, and nothing is kept of it."""
    form = BringForm(request.POST, request.FILES) if request.method == "POST" else BringForm()
    if form.is_valid():
        data, name = form.brought
        try:
            return redirect("productkeys:import", steps.begin(data, name=name, origin=Origin.of(request)).pk)
        except Unreadable as unreadable:
            form.refuse(unreadable.problem.text)
    limits = {"file_mb": settings.IMPORT_MAX_MB, "text_mb": settings.IMPORT_TEXT_MAX_MB}
    return render(request, "productkeys/imports/new.html", {"form": form, **limits})


@never_cache
@keepers_only
@require_safe
@looks_again
def show(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Columns and preview, then how far storing or undoing is, then the result: whatever the import is at."""
    imp = get_import(request, uid)
    if "HX-Request" in request.headers and _is_another_page(State(imp.state), request.GET.get("seen", "")):
        return HttpResponseClientRefresh()
    return import_page(request, imp)


def _is_another_page(state: State, seen: str) -> bool:
    """Whether a page that asks how far the import is, and was made in the state `seen`, shows another step by now."""
    return state not in _PREVIEWED if seen in _PREVIEWED else state != seen


def import_page(request: HttpRequest, imp: Import, **bound: Form) -> HttpResponse:
    """The page of `imp`, with the forms that were sent and need another look."""
    far = progress(imp)
    context: dict[str, Any] = {
        "imp": imp,
        "progress": far,
        "time_left": listing.time_left(far.seconds_left),
        "is_forgotten": listing.is_forgotten(imp, far),
        "fault": fault_of(imp),
        "here": reverse("productkeys:import", args=[imp.pk]),
    }
    if imp.state in _PREVIEWED:
        is_asking_again = "HX-Request" in request.headers and not bound
        plan = plans.read(imp)
        context |= _preview(request, imp) | _texts(request, imp, plan)
        if is_asking_again:
            return render(request, "productkeys/imports/polled.html", context)
        context |= _forms(request, imp, plan) | bound
        return render(request, "productkeys/imports/preview.html", context)
    context["tally"] = listing.tally(imp)
    if imp.state == State.DONE:
        context |= {"address_of_keys": listing.address_of_keys(imp), "against": against_undoing(imp)}
    if imp.state == State.UNDONE:
        context["left"] = Agreement.objects.visible_to(request.user).filter(import_uid=imp.uid)
    return render(request, "productkeys/imports/result.html", context)


def _preview(request: HttpRequest, imp: Import) -> dict[str, Any]:
    outcome, start = request.GET.get("outcome", ""), _number(request.GET.get("start"))
    chosen = outcome if outcome in (*Outcome.values, REMARKED) else ""
    page = preview.page(imp, outcome=chosen, start=start, size=_ROWS_A_PAGE)
    query = urlencode({name: value for name, value in (("outcome", chosen), ("start", start)) if value})
    return {
        "here": f"{reverse('productkeys:import', args=[imp.pk])}?{query}",
        "tabs": listing.tabs(imp, chosen),
        "outcome": chosen,
        "start": start,
        "lines": [listing.line_of(row) for row in page.rows],
        "next_start": page.next_start,
        "ready": listing.ready(imp),
        "refused": listing.refused(imp),
        "modes": Mode,
    }


def _texts(request: HttpRequest, imp: Import, plan: Plan) -> dict[str, Any]:
    """The form of texts that nobody understood: they are known when all rows are checked."""
    return {"values_form": ValuesForm(plan=plan, origin=Origin.of(request))} if imp.state == State.CHECKED else {}


def _forms(request: HttpRequest, imp: Import, plan: Plan) -> dict[str, Any]:
    origin, fmt = Origin.of(request), Format.of(imp.format)
    return {
        "recognised": recognised_words(fmt, plan.sheets),
        "format_form": FormatForm(recognised=fmt, sheets=plan.sheets),
        "columns_form": ColumnsForm(plan=plan),
        "defaults_form": DefaultsForm(imp=imp, plan=plan, origin=origin),
        "mapping_form": MappingForm() if mappings.may_be_kept(imp) else None,
        "mappings": mappings.mappings_like(imp, plan),
        "defaults": len(plan.defaults),
        "lacks_product": listing.lacks_product(plan),
    }


def _number(text: str | None) -> int:
    """A position in an address; 0 for anything else, and for more rows than any file has."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
