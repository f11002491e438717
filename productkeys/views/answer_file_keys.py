"""Adding a key that stands in a deployment file: the wizard begins with all that the file tells of it."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from productkeys.domain import rules
from productkeys.domain.answer_file.checking import codes_in
from productkeys.domain.answer_file.key_checks import said_type, stored_architecture
from productkeys.domain.answer_file.places import Place, Purpose
from productkeys.domain.choices import Usage
from productkeys.listing.answer_file import FilePage
from productkeys.models import CheckedFile, reference
from productkeys.services.answer_files import Checked
from productkeys.views import wizard_storage
from productkeys.views.one_answer_file import about_a_file
from productkeys.views.wizard import GENERAL, page_url
from productkeys.views.workspace import may_view


@never_cache
@may_view
@permission_required("productkeys.add_productkey", raise_exception=True)
@require_POST
@about_a_file
@sensitive_variables("code", "codes", "product")
def add(request: HttpRequest, kept: CheckedFile, checked: Checked) -> HttpResponse:
    """Begin a flow of the wizard for the key of this number in the file; the key goes there sealed."""
    codes = dict(enumerate(codes_in(checked.report.file)))
    number = request.POST.get("key", "")
    code = codes.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else None
    if code is None:
        raise Http404
    if known := checked.keys.get(code):
        return redirect(known)
    places = [place for place in checked.report.file.places if place.held.code == code]
    general = {
        "key_type": next((said for place in places if (said := said_type(place))), ""),
        "name": FilePage(kept, checked).checked_for[: rules.MAX_NAME],
        "comment": _("Found in %(file)s.") % {"file": kept.name} if kept.name else "",
    }
    product = _product(checked) | _use(places)
    flow = wizard_storage.begin(request, general=general, key=product | {"code": code.open()})
    return redirect(page_url(flow, GENERAL))


def _product(checked: Checked) -> dict[str, Any]:
    """The Windows of the file, where it is one that a key can be for."""
    product = checked.product
    if product is None or len(product.systems) != 1:
        return {}
    (slug,) = product.systems
    system = reference.current().systems.get(slug)
    if system is None:
        return {}
    return {"operating_system": slug, "edition": product.edition if product.edition in system.offerings else ""}


def _use(places: list[Place]) -> dict[str, Any]:
    """What the places say of the key. One that only installs is no word on its use: a MAK may stand there wrongly."""
    architectures = {stored_architecture(place.architecture) for place in places}
    told: dict[str, Any] = {"architecture": architectures.pop()} if len(architectures) == 1 else {}
    purposes = {place.purpose for place in places}
    if Purpose.ACTIVATION in purposes:
        both = Purpose.INSTALLATION in purposes
        told["usage"] = (Usage.BOTH if both else Usage.ACTIVATION).value
    return told
