"""How a view gets the import it is about: a person's own, any other does not exist."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from productkeys.models import Import, SealedSecret

View = Callable[..., HttpResponse]

keepers_only = permission_required("productkeys.add_productkey", raise_exception=True)
"""For everybody who may add a key, if only in one scope."""


def looks_again(view: View) -> View:
    """For views that open what is sealed of an import: it may end or be read anew meanwhile, so they look again.

    A second time would be a fault of the portal.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, uid: UUID, **place: int) -> HttpResponse:
        try:
            return view(request, uid, **place)
        except SealedSecret.DoesNotExist:
            return redirect("productkeys:import", uid) if request.method == "POST" else view(request, uid, **place)

    return wrapped


def get_import(request: HttpRequest, uid: UUID) -> Import:
    """The import `uid` of the signed-in person. Raises Http404 where there is none, or it is another person's."""
    assert request.user.is_authenticated
    return get_object_or_404(Import, pk=uid, person=request.user)
