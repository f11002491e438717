"""Putting another key into the rollout templates that use one, into all of them or into none."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from productkeys.domain import rollout
from productkeys.domain.matching import ImageFacts, KeyFacts, Match
from productkeys.domain.rollout import PURPOSES, Plan
from productkeys.domain.rule import Problem
from productkeys.models import ProductKey, RolloutTemplate
from productkeys.services import matching, published_facts, rollout_templates, scoping
from productkeys.services.fitting import fitting_all
from productkeys.services.origin import Origin
from productkeys.services.rollout_templates import CHANGE, TemplateValues


@dataclass(frozen=True, slots=True)
class Uses:
    """The templates that use a key, as far as the acting person may know of them: those they may change, and others."""

    changeable: tuple[RolloutTemplate, ...]
    others: tuple[RolloutTemplate, ...]


def uses_of(key: ProductKey, origin: Origin) -> Uses:
    """Where `key` is used, by name."""
    templates = RolloutTemplate.objects.that_use([key.pk])
    if origin.person:
        templates = templates.visible_to(origin.person)
    may = {place: scoping.holds(origin, CHANGE, place) for place in {template.scope_id for template in templates}}
    return Uses(
        tuple(template for template in templates if may[template.scope_id]),
        tuple(template for template in templates if not may[template.scope_id]),
    )


def offered(key: ProductKey, templates: Iterable[RolloutTemplate], origin: Origin, *, at_most: int) -> list[Match]:
    """The keys that fit wherever `templates` use `key`, the best first."""
    asked = [(_image(template), PURPOSES[name]) for template in templates for name in fields_with(key, template)]
    keys = rollout_templates.usable_keys(origin).exclude(pk=key.pk)
    return fitting_all(asked, keys, published_facts.catalogue(), at_most=at_most)


def facts_of(other_id: int, key: ProductKey, origin: Origin) -> KeyFacts | None:
    """What is known of the key that is to come for `key`; None where it is not there for the person, or is that key."""
    found = matching.facts_of(rollout_templates.usable_keys(origin).filter(pk=other_id).exclude(pk=key.pk))
    return found[0] if found else None


def problems_of(
    key: ProductKey, other: KeyFacts, templates: Iterable[RolloutTemplate]
) -> list[tuple[RolloutTemplate, Problem]]:
    """Why `other` cannot stand for `key` in some of `templates`: the first reason of each."""
    catalogue = published_facts.catalogue()
    found = []
    for template in templates:
        plan = Plan(
            name=template.name,
            system=template.operating_system_id,
            edition=template.edition,
            architecture=template.architecture,
            build=template.build,
            keys=dict.fromkeys(fields_with(key, template), other),
        )
        if problem := next(rollout.problems_of(plan, catalogue), None):
            found.append((template, replace(problem, field="replacement")))
    return found


def as_they_would_be(
    key: ProductKey, other: KeyFacts, templates: Iterable[RolloutTemplate]
) -> Sequence[RolloutTemplate]:
    """Copies of `templates`, not to be stored, with `other` for `key`."""
    copies = []
    for template in templates:
        changed = copy.copy(template)
        changed.seen = dict(template.seen)
        for name in fields_with(key, template):
            setattr(changed, f"{name}_id", other.id)
            changed.seen[name] = rollout.confirmed(other)
        copies.append(changed)
    return copies


@transaction.atomic
def replace_key(
    key: ProductKey,
    other: KeyFacts,
    templates: Iterable[RolloutTemplate],
    *,
    seen_versions: Mapping[int, int],
    origin: Origin,
) -> None:
    """Put `other` in the place of `key`; the second key of a template is not confirmed by that.

    Raises Refused, or ChangedMeanwhile where one of them has another version by now: then nothing is changed.
    """
    for template in sorted(templates, key=lambda template: template.pk):
        values = TemplateValues.of(template, **{f"{name}_id": other.id for name in fields_with(key, template)})
        version = seen_versions[template.pk]
        rollout_templates.change(template, values, seen_version=version, origin=origin, confirms=False)


def fields_with(key: ProductKey, template: RolloutTemplate) -> list[str]:
    """The fields of `template` in which `key` stands."""
    return [name for name in PURPOSES if getattr(template, f"{name}_id") == key.pk]


def _image(template: RolloutTemplate) -> ImageFacts:
    return rollout.image_of(template.operating_system_id, template.edition, template.architecture, template.build)
