"""How a view gets the import it is about: a person's own, any other does not exist."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from productkeys.models import Import

keepers_only = permission_required("productkeys.add_productkey", raise_exception=True)
"""For everybody who may add a key, if only in one scope."""


def get_import(request: HttpRequest, uid: UUID) -> Import:
    """The import `uid` of the signed-in person. Raises Http404 where there is none, or it is another person's."""
    assert request.user.is_authenticated
    return get_object_or_404(Import, pk=uid, person=request.user)
