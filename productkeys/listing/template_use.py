"""Which rollout templates use a key, and what would become of them: for the pages about keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from productkeys.models import ProductKey, RolloutTemplate
from productkeys.services.selection import in_batches
from productkeys.services.template_health import Harm, harm_of

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
    return _would_break(templates_using(keys, reader))


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change of keys does to templates, in `sentences`; `seen` stands for those templates in a form."""

    sentences: Sequence[str] = ()
    seen: str = ""


def consequences_of(changes: Iterable[tuple[ProductKey, Mapping[str, Any]]], reader: "User") -> Consequences:
    """What the new values of keys do to the templates that `reader` may know of; nothing where those are as well off.

    The values have the names of `KeyValues`; what is not named stays.
    """
    by_id = {key.pk: facts for key, values in changes if (facts := _facts_in(key, values))}
    visible = RolloutTemplate.objects.visible_to(reader)
    using = {template.pk: template for batch in in_batches(by_id) for template in visible.that_use(batch)}
    templates = sorted(using.values(), key=lambda template: (template.name_sort, template.pk))
    if not templates:
        return Consequences()
    harm = harm_of(templates, reader, by_id)
    broken = [template for template in templates if harm.get(template.pk) is Harm.BREAKS]
    to_confirm = [template for template in templates if harm.get(template.pk) is Harm.TO_CONFIRM]
    seen = "-".join(f"{pk}.{harm[pk].value[0]}" for pk in sorted(harm))
    return Consequences([*_would_break(broken), *_would_ask(to_confirm)], seen)


_FACTS = {
    "key_type": "key_type",
    "operating_system_id": "system",
    "edition": "edition",
    "architecture": "architecture",
    "usage": "usage",
    "status": "status",
}


def _facts_in(key: ProductKey, values: Mapping[str, Any]) -> dict[str, Any]:
    """What `values` change of the facts that matching asks for."""
    found = {_FACTS[name]: value for name, value in values.items() if name in _FACTS and value != getattr(key, name)}
    if "quantity" in values and values["quantity"] != key.quantity:
        found["left"] = None if values["quantity"] is None else values["quantity"] - key.in_use
    if code := values.get("code"):
        found["last_five"] = code.last_five
    return found


def _would_break(templates: Sequence[RolloutTemplate]) -> list[str]:
    text = ngettext(
        "One rollout template uses it and would not work any more: %(names)s.",
        "%(count)d rollout templates use it and would not work any more: %(names)s.",
        len(templates),
    )
    return [text % {"names": _names(templates), "count": len(templates)}] if templates else []


def _would_ask(templates: Sequence[RolloutTemplate]) -> list[str]:
    text = ngettext(
        "One rollout template uses it, still fits, and would not work until somebody confirms it: %(names)s.",
        "%(count)d rollout templates use it, still fit, and would not work until somebody confirms them: %(names)s.",
        len(templates),
    )
    return [text % {"names": _names(templates), "count": len(templates)}] if templates else []


def _names(templates: Sequence[RolloutTemplate]) -> str:
    names = ", ".join(f"“{template.name}”" for template in templates[:_NAMED])
    more = len(templates) - _NAMED
    return _("%(names)s and %(count)d more") % {"names": names, "count": more} if more > 0 else names
