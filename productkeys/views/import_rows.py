"""Mending one row of an import in place."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from productkeys.forms.import_row import RowForm
from productkeys.listing import imports as listing
from productkeys.models.importing import State
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.steps import NotNow
from productkeys.services.origin import Origin
from productkeys.views.one_import import get_import, keepers_only, looks_again


@never_cache
@keepers_only
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@looks_again
def mend(request: HttpRequest, uid: UUID, index: int) -> HttpResponse:
    """What is wrong with the row, and its texts to be put right. The page stays until nothing is wrong any more."""
    imp, origin = get_import(request, uid), Origin.of(request)
    if imp.state not in (State.CHECKING, State.CHECKED):
        return redirect("productkeys:import", imp.pk)
    row = preview.row(imp, index)
    if row is None:
        raise Http404
    form = RowForm(
        request.POST or None, plan=plans.read(imp), row=row, texts=preview.texts_of(imp, index), origin=origin
    )
    if request.method == "POST" and form.is_valid():
        try:
            steps.mend(imp, index, form.mended, origin=origin)
        except NotNow:
            messages.warning(request, _("Nothing was mended: the file was read anew meanwhile."))
            return redirect("productkeys:import", imp.pk)
        mended = preview.row(imp, index)
        if mended is None or mended.outcome != Outcome.REFUSED:
            said = _("Line %(number)s is mended.") if imp.counts_lines else _("Row %(number)s is mended.")
            messages.success(request, said % {"number": row.number})
            return redirect(f"{reverse('productkeys:import', args=[imp.pk])}?outcome={Outcome.REFUSED}#preview")
        return redirect(request.path)
    context = {"imp": imp, "line": listing.line_of(row), "form": form}
    return render(request, "productkeys/imports/row.html", context)
