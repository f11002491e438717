"""Agreements: their list, the page of one, and adding, changing and deleting one."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from productkeys.domain.choices import KeyType
from productkeys.forms.agreement import AgreementForm
from productkeys.forms.edit import SeenVersionForm
from productkeys.forms.problems import add_problems
from productkeys.listing import agreements as listing
from productkeys.listing.changes import FieldChange, in_words
from productkeys.listing.history import events_of
from productkeys.listing.scopes import scope_label, scopes_named_to
from productkeys.models import Agreement, ProductKey, TrailEntry, reference
from productkeys.services import agreements, scoping
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import Origin
from productkeys.services.seen_version import values_when_seen
from productkeys.views.detail import HISTORY_LENGTH
from productkeys.views.one_agreement import get_agreement


@require_safe
@permission_required("productkeys.view_productkey", raise_exception=True)
@never_cache
def agreement_list(request: HttpRequest) -> HttpResponse:
    """The agreements that this person may know of, those that run out first."""
    assert request.user.is_authenticated
    asked = request.GET.get("term", "")
    term = asked if asked in listing.TERMS else ""
    rows, page = listing.page_of(request.user, term=term, number=request.GET.get("page"))
    context = {
        "rows": rows,
        "page": page,
        "term": term,
        "terms": listing.TERMS.items(),
        "speaks_of_scopes": reference.current().has_scopes,
    }
    return render(request, "productkeys/agreements/list.html", context)


@permission_required(("productkeys.view_productkey", "productkeys.add_productkey"), raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new agreement."""
    form = AgreementForm(request.POST or None, origin=Origin.of(request))
    if request.method == "POST" and form.is_valid():
        try:
            agreement = agreements.add(form.values, origin=form.origin)
        except Refused as refused:
            add_problems(form, refused.problems)
        else:
            messages.success(request, _("The agreement %(number)s is stored.") % {"number": agreement.number})
            return redirect(agreement)
    return render(request, "productkeys/agreements/form.html", {"form": form})


@require_safe
@never_cache
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """What one agreement is, what its keys come to, and what happened to it."""
    assert request.user.is_authenticated
    found, origin = get_agreement(request, pk), Origin.of(request)
    by_type = listing.sums_by_type(found, request.user)
    total = sum(by_type.values(), start=listing.Sums())
    archived = ProductKey.objects.visible_to(request.user).filter(agreement=found, shelf=1).count()
    entries = Paginator(TrailEntry.objects.filter(subject_uid=found.uid), HISTORY_LENGTH)
    history_page = entries.get_page(request.GET.get("history"))
    names = dict(scopes_named_to(request.user))
    context = {
        "agreement": found,
        "badge": listing.term_badge(found.valid_until),
        "term_in_words": listing.term_in_words(found.valid_until),
        "scope": scope_label(found.scope_id, names) if reference.current().has_scopes else "",
        "by_type": [(key_type, by_type[key_type]) for key_type in KeyType.values if key_type in by_type],
        "total": total,
        "archived": archived,
        "balance": listing.balance(found.licences, total),
        "may_change": scoping.holds(origin, scoping.CHANGE, found.scope_id),
        "may_delete": scoping.holds(origin, scoping.DELETE, found.scope_id),
        "history": events_of(history_page, about=found.uid, reader=request.user),
        "history_page": history_page,
    }
    return render(request, "productkeys/agreements/agreement.html", context)


@permission_required("productkeys.change_productkey", raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an agreement; whoever comes second is shown both versions and loses nothing."""
    found = get_agreement(request, pk, scoping.CHANGE)
    form = AgreementForm(request.POST or None, origin=Origin.of(request), agreement=found)
    if request.method != "POST" or not form.is_valid():
        return _show_form(request, form, found)
    seen_version = form.cleaned_data["version"]
    try:
        agreements.change(found, form.values, seen_version=seen_version, origin=form.origin)
    except Refused as refused:
        add_problems(form, refused.problems)
        return _show_form(request, form, get_agreement(request, pk, scoping.CHANGE))
    except ChangedMeanwhile:
        current = get_agreement(request, pk, scoping.CHANGE)
        form.show_on_top_of(current, values_when_seen(current, seen_version))
        return _show_form(request, form, current, differences=_compare(current, form), status=409)
    messages.success(request, _("The agreement %(number)s is saved.") % {"number": found.number})
    return redirect(found)


@permission_required("productkeys.delete_productkey", raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask on GET; on POST remove an agreement to which no key belongs, unless somebody changed it meanwhile."""
    found, origin = get_agreement(request, pk, scoping.DELETE), Origin.of(request)
    form = SeenVersionForm(request.POST)
    changed, status = False, 200
    if request.method == "POST" and form.is_valid():
        try:
            agreements.delete(found, seen_version=form.cleaned_data["version"], origin=origin)
        except Refused:
            status = 409
        except ChangedMeanwhile:
            found, changed, status = get_agreement(request, pk, scoping.DELETE), True, 409
        else:
            messages.success(request, _("The agreement %(number)s is deleted.") % {"number": found.number})
            return redirect("productkeys:agreements")
    context = {
        "agreement": found,
        "form": SeenVersionForm(initial={"version": found.version}),
        "problems": agreements.problems_of_deletion(found, origin=origin),
        "changed": changed,
    }
    return render(request, "productkeys/agreements/delete.html", context, status=status)


def _show_form(
    request: HttpRequest,
    form: AgreementForm,
    found: Agreement,
    *,
    differences: list[FieldChange] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "agreement": found, "differences": differences}
    return render(request, "productkeys/agreements/form.html", context, status=status)


def _compare(current: Agreement, form: AgreementForm) -> list[FieldChange]:
    """What is stored now, and what this person typed."""
    return list(in_words(agreements.shown(current), agreements.shown(form.values), model=Agreement))
