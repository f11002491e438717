"""Rollout templates as people read them: their list with the health of each, and what one says of its keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy

from productkeys.domain.rollout import PURPOSES
from productkeys.domain.rollout_health import Diagnosis, Finding, Health, Weight
from productkeys.listing.badges import icon
from productkeys.listing.scopes import scope_label, scopes_named_to
from productkeys.listing.sources import source_words
from productkeys.models import ProductKey, RolloutTemplate, reference
from productkeys.services.template_health import diagnoses, sees_deleted_keys

if TYPE_CHECKING:
    from keyportal.people.models import User

PAGE, LOOKED_THROUGH = 100, 500
"""So many templates stand on a page of the list, or are looked through for those of one health: each is anew."""
_MOST_PAGES = 10_000

HEALTHS: Mapping[str, Promise] = {
    "": gettext_lazy("All"),
    Health.BROKEN.value: gettext_lazy("Do not work"),
    Health.WARNING.value: gettext_lazy("To look at"),
    Health.FINE.value: gettext_lazy("Fine"),
}
"""What the list can be narrowed to, by the parameter `health`."""

_HEALTH_LOOK = {
    Health.FINE: ("ok", "check-c"),
    Health.WARNING: ("warn", "warn"),
    Health.BROKEN: ("danger", "error"),
}
_WEIGHT_LOOK = {
    Weight.ERROR: ("danger", "error"),
    Weight.WARNING: ("warn", "warn"),
    Weight.HINT: ("plain", "info"),
    Weight.FINE: ("ok", "check"),
}


@dataclass(frozen=True, slots=True)
class KeyOf:
    """A key of a template by the name of its field: `key` is None where it is none, or not there for the reader."""

    field: str
    label: str
    key: ProductKey | None
    is_hidden: bool
    last_five: str


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template in the list. `scope` is whose it is in words, empty in a portal that speaks of no scopes."""

    template: RolloutTemplate
    product: str
    keys: Sequence[KeyOf]
    health: Health
    badge: SafeString
    why: str
    scope: str


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """A page of the list: its number from 1, and whether there are templates behind it. Nobody counts them."""

    rows: Sequence[TemplateRow]
    number: int
    has_next: bool


def page_of(reader: "User", number: int = 1, *, health: str = "", key: ProductKey | None = None) -> TemplatePage:
    """The templates that `reader` may know of, by name; of those that use `key` where one is given.

    How a template is stands nowhere: those of one `health` are found by looking through some, which may be none.
    """
    found = RolloutTemplate.objects.visible_to(reader)
    if key:
        found = found.that_use([key.pk])
    size, number = LOOKED_THROUGH if health else PAGE, min(max(number, 1), _MOST_PAGES)
    templates = list(found[(number - 1) * size : number * size + 1])
    rows = [row for row in _rows(templates[:size], reader) if not health or row.health == health]
    return TemplatePage(rows, number, len(templates) > size)


def _rows(templates: Sequence[RolloutTemplate], reader: "User") -> list[TemplateRow]:
    said = diagnoses(templates, reader)
    keys = _keys_of(templates, reader)
    names = dict(scopes_named_to(reader))
    speaks_of_scopes = reference.current().has_scopes
    return [
        TemplateRow(
            template,
            product_of(template),
            keys_in(template, keys, reader),
            said[template.pk].health,
            health_badge(said[template.pk].health),
            why(said[template.pk]),
            scope_label(template.scope_id, names) if speaks_of_scopes else "",
        )
        for template in templates
    ]


def keys_of(template: RolloutTemplate, reader: "User") -> list[KeyOf]:
    """The two keys of one template, for its page."""
    return keys_in(template, _keys_of([template], reader), reader)


def _keys_of(templates: Sequence[RolloutTemplate], reader: "User") -> dict[int, ProductKey]:
    ids = {getattr(template, f"{name}_id") for template in templates for name in PURPOSES} - {None}
    keys = ProductKey.objects.visible_to(reader).filter(pk__in=ids) if ids else ()
    return {key.pk: key for key in keys}


def keys_in(template: RolloutTemplate, keys: Mapping[int, ProductKey], reader: "User") -> list[KeyOf]:
    """The keys of `template`, of which `keys` are there for the reader."""
    found, knows_deleted = [], sees_deleted_keys(reader)
    for name in PURPOSES:
        pk = getattr(template, f"{name}_id")
        key = keys.get(pk)
        label = str(RolloutTemplate._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a field of its own
        deleted = "" if pk or not knows_deleted else template.seen.get(name, {}).get("last_five", "")
        found.append(KeyOf(name, label, key, pk is not None and key is None, key.last_five if key else deleted))
    return found


def product_of(template: RolloutTemplate) -> str:
    """What the template installs, in words."""
    system = reference.current().system_name(template.operating_system_id)
    architecture = template.get_architecture_display()
    return ", ".join(text for text in (system, template.edition_label, architecture) if text)


def why(diagnosis: Diagnosis) -> str:
    """The gravest finding of a template that is not fine."""
    first = next(iter(diagnosis.findings), None)
    grave = first and first.weight in (Weight.ERROR, Weight.WARNING)
    return first.problem.message if first and grave else ""


def health_badge(health: str) -> SafeString:
    """The mark of a health: glyph, word, tint."""
    return _health_badge(health, get_language() or "")


@cache
def _health_badge(health: str, language: str) -> SafeString:
    tint, glyph = _HEALTH_LOOK[Health(health)]
    return format_html('<span class="kp-badge kp-badge--{}">{}{}</span>', tint, icon(glyph), Health(health).label)


def weight_badge(finding: Finding) -> SafeString:
    """The mark of a finding."""
    tint, glyph = _WEIGHT_LOOK[finding.weight]
    return format_html('<span class="kp-badge kp-badge--{}">{}{}</span>', tint, icon(glyph), finding.weight.label)


def findings_of(diagnosis: Diagnosis) -> list[tuple[SafeString, str, Finding, str]]:
    """The findings with their marks, what each is about and where it is written, the gravest first."""
    labels = {name: _label(name) for name in (*PURPOSES, "answer_file", "kms_host")}
    return [
        (weight_badge(finding), labels[finding.about], finding, source_words(finding.source))
        for finding in diagnosis.findings
    ]


def _label(name: str) -> str:
    label = str(RolloutTemplate._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a field of its own
    return label[:1].upper() + label[1:]
