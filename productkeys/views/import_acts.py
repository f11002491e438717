"""What a person does with an import: each act is one form of its page, and leads back to it."""

import logging
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from keyportal.people.recent import is_recent
from productkeys.forms.import_plan import ColumnsForm, DefaultsForm, ValuesForm
from productkeys.forms.imports import FormatForm, MappingForm, StartForm
from productkeys.listing import imports as listing
from productkeys.listing import key_file
from productkeys.models import Import, SealedSecret
from productkeys.models.importing import Mode, State
from productkeys.services.importing import mappings, steps
from productkeys.services.importing import plan as plans
from productkeys.services.importing.mappings import NotKept
from productkeys.services.importing.refused import take_out
from productkeys.services.importing.steps import NotNow
from productkeys.services.importing.undoing import NotUndone
from productkeys.services.origin import Origin
from productkeys.tables.formats import Format
from productkeys.tables.reading import Unreadable
from productkeys.tables.writing import csv_lines, delimiter_for
from productkeys.views.imports import import_page
from productkeys.views.one_import import get_import, keepers_only

logger = logging.getLogger(__name__)

Act = Callable[[HttpRequest, Import], HttpResponseBase]


def _act(*states: State) -> Callable[[Act], Callable[[HttpRequest, UUID], HttpResponseBase]]:
    """A view that takes the form of `act` for an import in one of `states`; in any other its page says where it is."""

    def decorate(act: Act) -> Callable[[HttpRequest, UUID], HttpResponseBase]:
        @never_cache
        @keepers_only
        @require_POST
        @sensitive_post_parameters()
        @wraps(act)
        def view(request: HttpRequest, uid: UUID) -> HttpResponseBase:
            imp = get_import(request, uid)
            try:
                if imp.state in states:
                    return act(request, imp)
            except (NotNow, SealedSecret.DoesNotExist):
                pass  # somebody took another step meanwhile, perhaps this person in another window
            messages.warning(request, _("Nothing was done: this import is further than the page that you saw."))
            return redirect("productkeys:import", imp.pk)

        return view

    return decorate


def _back(imp: Import, place: str) -> HttpResponse:
    return redirect(f"{reverse('productkeys:import', args=[imp.pk])}#{place}")


_open_only = _act(State.CHECKING, State.CHECKED)


@_open_only
def change_format(request: HttpRequest, imp: Import) -> HttpResponse:
    """Read the file in another way."""
    form = FormatForm(request.POST, recognised=Format.of(imp.format), sheets=plans.read(imp).sheets)
    if form.is_valid():
        try:
            steps.change_format(imp, form.format, origin=Origin.of(request))
            return _back(imp, "file")
        except Unreadable as unreadable:
            form.add_error(None, unreadable.problem.text)
    return import_page(request, imp, format_form=form)


@_open_only
def columns(request: HttpRequest, imp: Import) -> HttpResponse:
    """Say what each column means; the rows are checked anew."""
    form = ColumnsForm(request.POST, plan=plans.read(imp))
    if not form.is_valid():
        return import_page(request, imp, columns_form=form)
    steps.change_plan(imp, fields=form.chosen, origin=Origin.of(request))
    return _back(imp, "columns")


@_open_only
def values(request: HttpRequest, imp: Import) -> HttpResponse:
    """Say what texts mean that nobody understood; the rows are checked anew."""
    plan, origin = plans.read(imp), Origin.of(request)
    form = ValuesForm(request.POST, plan=plan, origin=origin)
    if not form.is_valid():
        return import_page(request, imp, values_form=form)
    steps.change_plan(imp, values=form.chosen, origin=origin)
    return _back(imp, "values")


@_open_only
def defaults(request: HttpRequest, imp: Import) -> HttpResponse:
    """Say what is meant where the file says nothing; the rows are checked anew."""
    origin = Origin.of(request)
    form = DefaultsForm(request.POST, imp=imp, plan=plans.read(imp), origin=origin)
    if not form.is_valid():
        return import_page(request, imp, defaults_form=form)
    steps.change_plan(imp, defaults=form.chosen, existing=form.cleaned_data["existing"], origin=origin)
    return _back(imp, "defaults")


@_open_only
def keep_mapping(request: HttpRequest, imp: Import) -> HttpResponse:
    """Keep what the columns mean under a name, for the next file of this kind."""
    form = MappingForm(request.POST)
    if not form.is_valid():
        return import_page(request, imp, mapping_form=form)
    try:
        mappings.keep_mapping(imp, form.cleaned_data["name"], origin=Origin.of(request))
    except NotKept as refusal:
        form.add_error("name", str(refusal.text))
        return import_page(request, imp, mapping_form=form)
    messages.success(request, _("The mapping “%(name)s” is kept.") % {"name": form.cleaned_data["name"]})
    return _back(imp, "columns")


@_open_only
def use_mapping(request: HttpRequest, imp: Import) -> HttpResponse:
    """Take over what was kept from a file like this."""
    plan, origin = plans.read(imp), Origin.of(request)
    for mapping in mappings.mappings_like(imp, plan):
        if str(mapping.pk) == request.POST.get("mapping"):
            kept = mappings.applied(plan, mapping)
            steps.change_plan(imp, fields=kept.fields, values=kept.values, origin=origin)
    return _back(imp, "columns")


@_act(State.CHECKED)
def start(request: HttpRequest, imp: Import) -> HttpResponse:
    """Let the rows be stored: from here on the import goes by itself."""
    form = StartForm(request.POST)
    if not form.is_valid() or not listing.ready(imp):
        return _back(imp, "preview")
    if form.cleaned_data["attempt"] != imp.attempt:
        raise NotNow  # the rows were checked in another way since this person saw them
    mode = form.cleaned_data["mode"]
    if mode == Mode.ALL_OR_NOTHING and listing.refused(imp):
        messages.error(request, _("All or nothing: mend the refused rows first, or import the good ones alone."))
        return _back(imp, "preview")
    steps.start(imp, mode=mode, origin=Origin.of(request))
    return redirect("productkeys:import", imp.pk)


@_act(State.CHECKING, State.CHECKED, State.STORING, State.UNDOING)
def cancel(request: HttpRequest, imp: Import) -> HttpResponse:
    """Stop here: nothing is stored, and what was brought is deleted; or nothing is undone, and all of it stays."""
    steps.cancel(imp)
    return redirect("productkeys:import", imp.pk)


@_open_only
def refused(request: HttpRequest, imp: Import) -> HttpResponseBase:
    """The refused rows as a file, with a column that says why.

    They hold the keys as this person brought them: that takes no right to reveal, but a recent sign-in and an entry.
    """
    if not is_recent(request):
        page = reverse("productkeys:import", args=[imp.pk])
        return redirect_to_login(page, reverse("account_reauthenticate"))
    try:
        table = take_out(imp, origin=Origin.of(request))
    except DatabaseError:
        logger.exception("No refused rows left the portal: the trail cannot be written")
        messages.error(
            request,
            _(
                "The trail cannot be written, so nothing was exported. Try again in a minute. If it stays, tell the "
                "administrator of the portal."
            ),
        )
        return _back(imp, "preview")
    return StreamingHttpResponse(
        csv_lines(*table, delimiter=delimiter_for(get_language() or "")),
        content_type=key_file.MEDIA_TYPES[key_file.Format.CSV],
        headers={"Content-Disposition": f'attachment; filename="{key_file.name_of_refused_rows()}"'},
    )


@never_cache
@keepers_only
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take an import out again: what that means is said first, then a POST lets the worker do it."""
    imp = get_import(request, uid)
    if imp.state != State.DONE:
        return redirect("productkeys:import", imp.pk)
    against: NotUndone | None = None
    if request.method == "POST":
        try:
            steps.undo(imp, origin=Origin.of(request))
            return redirect("productkeys:import", imp.pk)
        except NotNow:
            return redirect("productkeys:import", imp.pk)
        except NotUndone as found:
            against = found
    context = {"imp": imp, "against": against}
    return render(request, "productkeys/imports/undo.html", context, status=409 if against else 200)
