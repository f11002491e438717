"""Reading an image: what is in an install.wim, and which keys fit each image of it.

The file never comes here: the browser sends the XML part alone, and without JavaScript people paste what a tool prints.
"""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from productkeys.domain.choices import Usage
from productkeys.domain.matching import Verdict
from productkeys.forms.images import ImagesForm
from productkeys.listing import image_files
from productkeys.models import ProductKey
from productkeys.services import published_facts
from productkeys.services.fitting import fitting

AT_MOST = {Verdict.FITS: 3, Verdict.WARNING: 3, Verdict.DOES_NOT_FIT: 0}
"""So many keys stand at each image; all of them are one link away."""
_PURPOSES = (Usage.INSTALLATION.value, Usage.ACTIVATION.value)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("productkeys.view_productkey", raise_exception=True)
@never_cache
@sensitive_post_parameters("text")
def images(request: HttpRequest) -> HttpResponse:
    """Ask for an image on GET; on POST show what is in it, with the keys that this person may see."""
    form = ImagesForm(request.POST, request.FILES) if request.method == "POST" else ImagesForm()
    if not form.is_valid():
        context = {"form": form, "faults": image_files.faults()}
        return render(request, "productkeys/images/read.html", context)
    windows = published_facts.catalogue()
    asked = [(image.facts(windows), purpose) for image in form.images for purpose in _PURPOSES]
    keys = ProductKey.objects.visible_to(request.user)
    found = fitting(asked, keys, windows, at_most=AT_MOST)
    context = {"images": image_files.shown_images(form.images, asked, found, windows)}
    return render(request, "productkeys/images/found.html", context)
