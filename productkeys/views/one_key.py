"""How a view gets the key it is about: only what the person may know of, anything else does not exist."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from productkeys.models import ProductKey


def get_key(request: HttpRequest, pk: int) -> ProductKey:
    """The key `pk` with everything a page about it names. Raises Http404 where it is not there for this person."""
    keys = ProductKey.objects.visible_to(request.user).select_related("operating_system", "created_by", "changed_by")
    key: ProductKey = get_object_or_404(keys, pk=pk)
    return key
