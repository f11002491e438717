"""Rollout templates: their list, the page of one, and adding, changing, duplicating, confirming and deleting one."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from productkeys.forms.edit import SeenVersionForm
from productkeys.forms.problems import add_problems
from productkeys.forms.rollout_template import RolloutTemplateForm
from productkeys.listing import rollout_templates as listing
from productkeys.listing.changes import FieldChange, in_words
from productkeys.listing.history import entries_about, events_of
from productkeys.listing.scopes import scope_label, scopes_named_to
from productkeys.models import RolloutTemplate, reference
from productkeys.services import rollout_templates, scoping
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.rollout_templates import ADD, CHANGE, DELETE, VIEW, ChangedMeanwhile
from productkeys.services.template_health import diagnoses
from productkeys.views.detail import HISTORY_LENGTH
from productkeys.views.one_key import find_key
from productkeys.views.one_rollout_template import get_template


@require_safe
@permission_required(VIEW, raise_exception=True)
@never_cache
def template_list(request: HttpRequest) -> HttpResponse:
    """The templates that this person may know of, each with how it is now."""
    assert request.user.is_authenticated
    asked, pk = request.GET.get("health", ""), _number(request.GET.get("key", ""))
    health = asked if asked in listing.HEALTHS else ""
    key = find_key(request, pk) if pk else None
    context = {
        "page": listing.page_of(request.user, _number(request.GET.get("page", "")), health=health, key=key),
        "health": health,
        "healths": listing.HEALTHS.items(),
        "key": key,
        "looked_through": listing.LOOKED_THROUGH,
        "speaks_of_scopes": reference.current().has_scopes,
    }
    return render(request, "productkeys/rollout_templates/list.html", context)


def _number(text: str) -> int:
    """A number in an address; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


@permission_required((VIEW, ADD), raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new template."""
    return _add(request, RolloutTemplateForm(request.POST or None, request.FILES, origin=Origin.of(request)))


@permission_required((VIEW, ADD), raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new template that says what another one says, but for its answer file."""
    found = get_template(request, pk)
    return _add(
        request, RolloutTemplateForm(request.POST or None, request.FILES, origin=Origin.of(request), copied=found)
    )


def _add(request: HttpRequest, form: RolloutTemplateForm) -> HttpResponse:
    if request.method == "POST" and not form.looks and form.is_valid():
        try:
            template = rollout_templates.add(form.values, origin=form.origin)
        except Refused as refused:
            add_problems(form, refused.problems)
        else:
            messages.success(request, _("The rollout template “%(name)s” is stored.") % {"name": template.name})
            return redirect(template)
    return _show_form(request, form)


@require_safe
@never_cache
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """What one template installs and with which keys, how it is now, and what happened to it."""
    assert request.user.is_authenticated
    found, origin = get_template(request, pk), Origin.of(request)
    diagnosis = diagnoses([found], request.user)[found.pk]
    keys = listing.keys_of(found, request.user)
    history_page = Paginator(entries_about(found.uid), HISTORY_LENGTH).get_page(request.GET.get("history"))
    names = dict(scopes_named_to(request.user))
    context = {
        "template": found,
        "diagnosis": diagnosis,
        "badge": listing.health_badge(diagnosis.health),
        "findings": listing.findings_of(diagnosis),
        "keys": keys,
        "product": listing.product_of(found),
        "scope": scope_label(found.scope_id, names) if reference.current().has_scopes else "",
        "form": SeenVersionForm(initial={"version": found.version}),
        "may_change": scoping.holds(origin, CHANGE, found.scope_id),
        "may_delete": scoping.holds(origin, DELETE, found.scope_id),
        "history": events_of(history_page, about=found.uid, reader=request.user),
        "history_page": history_page,
    }
    return render(request, "productkeys/rollout_templates/template.html", context)


@permission_required(CHANGE, raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a template; whoever comes second is shown both versions and loses nothing."""
    found = get_template(request, pk, CHANGE)
    form = RolloutTemplateForm(request.POST or None, request.FILES, origin=Origin.of(request), template=found)
    if request.method != "POST" or form.looks or not form.is_valid():
        return _show_form(request, form, found)
    seen_version = form.cleaned_data["version"]
    try:
        rollout_templates.change(found, form.values, seen_version=seen_version, origin=form.origin)
    except Refused as refused:
        add_problems(form, refused.problems)
        return _show_form(request, form, get_template(request, pk, CHANGE))
    except ChangedMeanwhile:
        current = get_template(request, pk, CHANGE)
        form.show_on_top_of(current, rollout_templates.values_when_seen(current, seen_version))
        return _show_form(request, form, current, differences=_compare(current, form), status=409)
    messages.success(request, _("The rollout template “%(name)s” is saved.") % {"name": found.name})
    return redirect(found)


@require_POST
@permission_required(CHANGE, raise_exception=True)
@never_cache
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the keys of the template are right as they are now."""
    found = get_template(request, pk, CHANGE)
    form = SeenVersionForm(request.POST)
    try:
        version = form.cleaned_data["version"] if form.is_valid() else 0
        rollout_templates.confirm(found, seen_version=version, origin=Origin.of(request))
    except (Refused, ChangedMeanwhile):
        messages.warning(request, _("Nothing is confirmed: the template is another by now, or a key does not fit."))
    else:
        messages.success(request, _("The keys of the template are confirmed as they are now."))
    return redirect(found)


@permission_required(DELETE, raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask on GET; on POST remove a template, unless somebody changed it meanwhile."""
    found = get_template(request, pk, DELETE)
    form = SeenVersionForm(request.POST)
    changed, status = False, 200
    if request.method == "POST" and form.is_valid():
        try:
            rollout_templates.delete(found, seen_version=form.cleaned_data["version"], origin=Origin.of(request))
        except ChangedMeanwhile:
            found, changed, status = get_template(request, pk, DELETE), True, 409
        else:
            messages.success(request, _("The rollout template “%(name)s” is deleted.") % {"name": found.name})
            return redirect("productkeys:rollout-templates")
    context = {
        "template": found,
        "product": listing.product_of(found),
        "form": SeenVersionForm(initial={"version": found.version}),
        "changed": changed,
    }
    return render(request, "productkeys/rollout_templates/delete.html", context, status=status)


def _show_form(
    request: HttpRequest,
    form: RolloutTemplateForm,
    found: RolloutTemplate | None = None,
    *,
    differences: list[FieldChange] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "template": found,
        "differences": differences,
        "looks": form.looks,
        "brought": bool(request.FILES),
    }
    return render(request, "productkeys/rollout_templates/form.html", context, status=status)


def _compare(current: RolloutTemplate, form: RolloutTemplateForm) -> list[FieldChange]:
    """What is stored now, and what this person typed, as they may read it."""
    stored, typed = rollout_templates.TemplateValues.of(current), form.values
    sides = (rollout_templates.shown(values, reader=form.origin) for values in (stored, typed))
    return list(in_words(*sides, model=RolloutTemplate))
