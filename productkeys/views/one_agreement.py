"""How a view gets the agreement it is about: only what the person may know of, anything else does not exist."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from productkeys.models import Agreement
from productkeys.services import scoping
from productkeys.services.origin import Origin


def get_agreement(request: HttpRequest, pk: int, right: str = "") -> Agreement:
    """The agreement `pk`, for an act that needs `right` in its scope (those of `services.scoping`).

    Raises Http404 where it is not there for this person, PermissionDenied where they may see it and do no such thing.
    """
    visible = Agreement.objects.visible_to(request.user).select_related("scope", "created_by", "changed_by")
    agreement = visible.filter(pk=pk).first()
    if agreement is None:
        raise Http404
    if right and not scoping.holds(Origin.of(request), right, agreement.scope_id):
        raise PermissionDenied
    return agreement
