"""Entering what Microsoft counts of a key, beside what the portal counts."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from productkeys.domain import rulebook
from productkeys.domain.microsoft_count import COUNTED_TYPES
from productkeys.forms.microsoft_count import MicrosoftCountForm
from productkeys.forms.problems import add_problems
from productkeys.listing.microsoft import comparison_of
from productkeys.models import ProductKey
from productkeys.services import microsoft_count
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import Origin
from productkeys.views.one_key import get_key


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("productkeys.change_productkey", raise_exception=True)
@never_cache
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and what came of it; of a key that Microsoft does not count, the reason why not."""
    key = get_key(request, pk, "change")
    form = MicrosoftCountForm.of(key, request.POST if request.method == "POST" else None)
    if key.key_type not in COUNTED_TYPES:
        problem = rulebook.NO_MICROSOFT_COUNT.broken()
        return _show(request, key, form, problem=problem.text, status=409 if request.method == "POST" else 200)
    if request.method != "POST" or not form.is_valid():
        return _show(request, key, form)
    typed = {name: form.cleaned_data[name] for name in ("microsoft_used", "microsoft_counted_on")}
    seen_version, origin = form.cleaned_data["version"], Origin.of(request)
    try:
        microsoft_count.record(key, *typed.values(), seen_version=seen_version, origin=origin)
    except Refused as refused:
        add_problems(form, refused.problems)
        return _show(request, key, form)
    except ChangedMeanwhile:
        key = get_key(request, pk, "change")
        return _show(request, key, MicrosoftCountForm.of(key, **typed), changed=True, status=409)
    messages.success(request, _("What Microsoft counts of “%(name)s” is saved.") % {"name": key.name})
    return redirect(key)


def _show(
    request: HttpRequest,
    key: ProductKey,
    form: MicrosoftCountForm,
    *,
    problem: str = "",
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "key": key,
        "form": form,
        "comparison": comparison_of(key),
        "problem": problem,
        "changed": changed,
    }
    return render(request, "productkeys/microsoft_count.html", context, status=status)
