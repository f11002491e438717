"""How a view gets the rollout template it is about: only what the person may know of, anything else does not exist."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from productkeys.models import RolloutTemplate
from productkeys.services import scoping
from productkeys.services.origin import Origin


def get_template(request: HttpRequest, pk: int, right: str = "") -> RolloutTemplate:
    """The template `pk`, for an act that needs `right` in its scope (those of `services.rollout_templates`).

    Raises Http404 where it is not there for this person, PermissionDenied where they may see it and do no such thing.
    """
    visible = RolloutTemplate.objects.visible_to(request.user)
    template = visible.filter(pk=pk).select_related("created_by", "changed_by").first()
    if template is None:
        raise Http404
    if right and not scoping.holds(Origin.of(request), right, template.scope_id):
        raise PermissionDenied
    return template
