"""Adding the keys of one purchase by pasting them, one per line: all of them or none."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from productkeys.forms.paste import AT_MOST, PasteKeysForm
from productkeys.services import pasting
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.views.one_agreement import get_agreement


@permission_required("productkeys.add_productkey", raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("lines")
@sensitive_variables("form")
def paste(request: HttpRequest, pk: int) -> HttpResponse:
    """The keys as lines, and what they have in common."""
    agreement, origin = get_agreement(request, pk), Origin.of(request)
    form = PasteKeysForm(request.POST or None, agreement=agreement, origin=origin)
    if request.method == "POST" and form.is_valid():
        try:
            stored = pasting.add_all(form.values, origin=origin)
        except Refused:
            # Somebody was faster between the form's look and the write: a second look sees it.
            form = PasteKeysForm(request.POST, agreement=agreement, origin=origin)
        else:
            text = ngettext(
                "%(count)d key is stored under %(agreement)s.",
                "%(count)d keys are stored under %(agreement)s.",
                len(stored),
            )
            messages.success(request, text % {"count": len(stored), "agreement": agreement.number})
            return redirect(agreement)
    context = {"agreement": agreement, "form": form, "at_most": AT_MOST}
    return render(request, "productkeys/agreements/paste.html", context)
