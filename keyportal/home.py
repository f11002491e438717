"""Where the portal begins: the first of its pages that this person may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

_BEGINNINGS = (
    ("productkeys.view_productkey", "productkeys:list"),
    ("productkeys.view_trailentry", "productkeys:trail"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The workspace; the audit log for those who see no keys, and what everybody may read for all others."""
    for right, page in _BEGINNINGS:
        if request.user.has_perm(right):
            return redirect(page)
    return redirect("productkeys:operating-systems")
