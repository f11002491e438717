"""Which key is this? What machines show of their keys, and the entries that they belong to."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from productkeys.domain.slmgr import MAX_FOUND
from productkeys.forms.identify import MAX_CHARACTERS, ShownProductForm, ShownTextForm, grouped
from productkeys.models import ProductKey
from productkeys.services import matching
from productkeys.views import wizard_storage
from productkeys.views.wizard import GENERAL, page_url


@permission_required("productkeys.view_productkey", raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form")
def identify(request: HttpRequest) -> HttpResponse:
    """The answer stands in the reply to the form and nowhere else: nothing of what was pasted is kept."""
    if "add" in request.POST:
        return _add(request)
    form = ShownTextForm(request.POST if request.method == "POST" else None)
    found: list[matching.Identified] = []
    if form.is_valid():
        keys = ProductKey.objects.visible_to(request.user).select_related("operating_system")
        found = matching.identify_keys(form.cleaned_data["text"], keys)
        if not found:
            form.refuse(
                _(
                    "No key was found in this text. Paste the last five characters of one, "
                    "or what slmgr /dli or slmgr /dlv prints."
                )
            )
    context = {
        "form": form,
        "found": found,
        "number_known": sum(bool(one.keys) for one in found),
        "is_cut": len(found) >= MAX_FOUND,
        "limits": {"keys": grouped(MAX_FOUND), "characters": grouped(MAX_CHARACTERS)},
    }
    return render(request, "productkeys/identify.html", context)


def _add(request: HttpRequest) -> HttpResponse:
    """Begin a flow of the wizard with what the machine says of the key; the key itself was never there."""
    form = ShownProductForm(request.POST)
    if not request.user.has_perm("productkeys.add_productkey") or not form.is_valid():
        raise PermissionDenied
    told = form.cleaned_data
    general = {"key_type": told["key_type"], "name": form.name}
    product = {"operating_system": told["operating_system"], "edition": told["edition"]}
    return redirect(page_url(wizard_storage.begin(request, general=general, key=product), GENERAL))
