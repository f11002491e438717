"""Which key fits? What is known of an image in the address, the keys in the order of fitness on the page."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from productkeys.domain.matching import Verdict
from productkeys.forms.match import MatchForm
from productkeys.listing.matches import image_words, shown
from productkeys.models import ProductKey
from productkeys.services import published_facts
from productkeys.services.fitting import fitting

AT_MOST = {Verdict.FITS: 50, Verdict.WARNING: 50, Verdict.DOES_NOT_FIT: 25}
"""So many keys of each verdict stand on the page, however many there are."""


@require_safe
@permission_required("productkeys.view_productkey", raise_exception=True)
@never_cache
def match(request: HttpRequest) -> HttpResponse:
    """The keys that this person may see, in the order in which they fit the image that the address describes."""
    windows = published_facts.catalogue()
    form = MatchForm(request.GET, windows=windows)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        purpose = form.cleaned_data["purpose"]
        keys = ProductKey.objects.visible_to(request.user)
        (found,) = fitting([(form.facts, purpose)], keys, windows, at_most=AT_MOST)
        (answer,) = shown([found], [purpose])
        context |= {"answer": answer, "image": image_words(found.image, windows)}
    return render(request, "productkeys/match.html", context)
