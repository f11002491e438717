"""Which rollout templates use a key, and what would become of them: for the pages about keys."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from productkeys.models import ProductKey, RolloutTemplate
from productkeys.services.selection import in_batches

if TYPE_CHECKING:
    from keyportal.people.models import User

_NAMED = 5


def templates_using(keys: Iterable[ProductKey], reader: "User") -> list[RolloutTemplate]:
    """The templates that use any of `keys` and that `reader` may know of, by name."""
    visible = RolloutTemplate.objects.visible_to(reader)
    found = {
        template.pk: template for batch in in_batches(key.pk for key in keys) for template in visible.that_use(batch)
    }
    return sorted(found.values(), key=lambda template: (template.name_sort, template.pk))


def what_breaks(keys: Iterable[ProductKey], reader: "User") -> list[str]:
    """A sentence with the templates that stop working without `keys`; nothing where there are none."""
    broken = templates_using(keys, reader)
    if not broken:
        return []
    names = ", ".join(f"“{template.name}”" for template in broken[:_NAMED])
    if more := len(broken) - _NAMED if len(broken) > _NAMED else 0:
        names = _("%(names)s and %(count)d more") % {"names": names, "count": more}
    text = ngettext(
        "One rollout template uses it and would not work any more: %(names)s.",
        "%(count)d rollout templates use it and would not work any more: %(names)s.",
        len(broken),
    )
    return [text % {"names": names, "count": len(broken)}]
