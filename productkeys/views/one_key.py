"""How a view gets the key it is about: only what the person may know of, anything else does not exist."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from productkeys.listing import labels
from productkeys.models import ProductKey
from productkeys.models.product_key import ProductKeyQuerySet


def get_key(request: HttpRequest, pk: int, right: str = "view") -> ProductKey:
    """The key `pk` with everything a page about it names, for an act that needs `right`.

    Raises Http404 where it is not there for this person, PermissionDenied where they may see it and do no such thing.
    """
    visible = _with_names(request)
    key: ProductKey | None = visible.permitted(request.user, right).filter(pk=pk).first()
    if key is None:
        get_object_or_404(visible, pk=pk)
        raise PermissionDenied
    return key


def find_key(request: HttpRequest, pk: int | None) -> ProductKey | None:
    """Like `get_key`, where the page does without: None in place of a key that is not there, or was not asked for."""
    return _with_names(request).filter(pk=pk).first() if pk else None


def _with_names(request: HttpRequest) -> ProductKeyQuerySet:
    keys: ProductKeyQuerySet = ProductKey.objects.visible_to(request.user)
    keys = keys.annotate(label_names=labels.NAMES)
    people = ("created_by", "changed_by", "microsoft_counted_by")
    return keys.select_related("operating_system", "agreement", *people)
