"""Adding, changing, confirming and removing rollout templates: each one transaction and one entry in the trail."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from productkeys.domain import rollout, rulebook
from productkeys.domain.answer_file import reading
from productkeys.domain.answer_file.media import Kind
from productkeys.domain.choices import Architecture
from productkeys.domain.matching import KeyFacts
from productkeys.domain.rollout import PURPOSES, Plan
from productkeys.domain.rulebook import Problem
from productkeys.models import ProductKey, RolloutTemplate, Scope, TrailEntry, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.models.text import fold
from productkeys.models.trail import Action
from productkeys.services import matching, published_facts, scoping, sealed_secrets, trail
from productkeys.services.keys import Refused
from productkeys.services.origin import PORTAL, Origin

VIEW = "productkeys.view_rollouttemplate"
ADD = "productkeys.add_rollouttemplate"
CHANGE = "productkeys.change_rollouttemplate"
DELETE = "productkeys.delete_rollouttemplate"

FIELDS = (
    "name",
    "description",
    "operating_system_id",
    "edition",
    "architecture",
    "build",
    "kms_host",
    "installation_key_id",
    "activation_key_id",
    "scope_id",
)
"""What a person says of a template, in the order of the form; its answer file goes beside them."""


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """An answer file as it was brought. `data` never shows in a log or an error."""

    name: str
    data: bytes = field(repr=False)


class Keep:
    """What stands for the answer file that a template has already."""


KEEP: Final = Keep()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateValues:
    """What a person says of a template: keys and scope by their ids, the answer file None where there is to be none."""

    name: str
    operating_system_id: str
    description: str = ""
    edition: str = ""
    architecture: str = Architecture.X64.value
    build: int | None = None
    kms_host: str = ""
    installation_key_id: int | None = None
    activation_key_id: int | None = None
    scope_id: int | None = None
    answer_file: BroughtFile | Keep | None = KEEP

    @classmethod
    def of(cls, template: RolloutTemplate, **changes: Any) -> "TemplateValues":
        """The values that `template` has, with `changes`."""
        return cls(**{name: getattr(template, name) for name in FIELDS} | changes)


class ChangedMeanwhile(Exception):
    """Somebody else changed or removed the template since it was shown."""


def problems_of(values: TemplateValues, *, origin: Origin, template: RolloutTemplate | None = None) -> list[Problem]:
    """What the rules say against storing `values`: as a new template, or as the new state of `template`."""
    if template and not scoping.holds(origin, CHANGE, template.scope_id):
        return [rollout.NOT_YOURS.broken()]
    facts = _facts(values, origin)
    plan = _plan(values, facts)
    before = _plan(TemplateValues.of(template), facts) if template else None
    found = []
    for name in PURPOSES:
        if not _key_id(values, name) or name in facts:
            continue
        if not _stays(values, name, template):
            found.append(replace(rollout.KEY_NOT_THERE.broken(), field=name))
        elif before and before.image != plan.image:
            found.append(replace(rollout.KEY_UNSEEN_STAYS.broken(), field=name))
    found += rollout.problems_of(plan, published_facts.catalogue(), before=before)
    if isinstance(values.answer_file, BroughtFile):
        found += problems_of_file(values.answer_file)
    stays = template is not None and values.scope_id == template.scope_id
    if not stays and not scoping.may_come_to(values.scope_id, ADD, origin=origin):
        found.append(rulebook.SCOPE_NOT_YOURS.broken())
    elif same := _same(values, template):
        visible = origin.person is None or RolloutTemplate.objects.visible_to(origin.person).filter(pk=same.pk).exists()
        found.append((rollout.NAME_TAKEN if visible else rollout.NAME_TAKEN_ELSEWHERE).broken())
    return found


def problems_of_file(file: BroughtFile) -> list[Problem]:
    """What the rules say against keeping `file` as the answer file of a template."""
    if len(file.data) > rollout.MAX_ANSWER_FILE:
        return [rollout.FILE_TOO_LARGE.broken(limit=rollout.MAX_ANSWER_FILE // 1024)]
    read = reading.read(file.data, file.name)
    if read.kind is not Kind.ANSWER_FILE or not read.markup.root or read.faults:
        return [rollout.FILE_IS_NONE.broken()]
    return []


def add(values: TemplateValues, *, origin: Origin) -> RolloutTemplate:
    """Store a new template. Raises Refused."""
    if problems := problems_of(values, origin=origin):
        raise Refused(problems)
    template = RolloutTemplate(
        **{name: getattr(values, name) for name in FIELDS}, created_by=origin.person, changed_by=origin.person
    )
    template.seen = _seen(values, _facts(values, origin), {})
    try:
        with transaction.atomic():
            _put_file(template, values.answer_file)
            template.save(force_insert=True)
            after = shown(values) | _file_shown(template)
            trail.record(_entry(Action.TEMPLATE_ADDED, template, origin, after=after))
    except IntegrityError:
        # Two people chose the same name at the same moment: the second is told like any later one.
        reference.forget()
        if problems := problems_of(values, origin=origin):
            raise Refused(problems) from None
        raise
    return template


def change(
    template: RolloutTemplate, values: TemplateValues, *, seen_version: int, origin: Origin, confirms: bool = True
) -> RolloutTemplate:
    """Store `values` as the new state of `template`, which the person saw as `seen_version`, and confirm its keys.

    Without `confirms` only a key that is new in it is confirmed. Raises Refused, or ChangedMeanwhile where it has
    another version by now. Changes nothing where nothing differs.
    """
    if problems := problems_of(values, origin=origin, template=template):
        raise Refused(problems)
    before = shown(TemplateValues.of(template))
    seen = _seen(values, _facts(values, origin), template.seen)
    if not confirms:
        new = {name: seen[name] for name in seen if not _stays(values, name, template)}
        seen = {name: said for name, said in template.seen.items() if _stays(values, name, template)} | new
    changed = [name for name in FIELDS if getattr(template, name) != getattr(values, name)]
    if not changed and values.answer_file is KEEP and seen == template.seen and template.version == seen_version:
        return template
    confirmed_anew = {name for name in seen if seen[name] != template.seen.get(name)}
    for name in changed:
        setattr(template, name, getattr(values, name))
    template.seen = seen
    named = {name.removesuffix("_id") for name in changed} | confirmed_anew
    after = shown(values)
    said = [{name: side[name] for name in side if name in named} for side in (before, after)]
    try:
        with transaction.atomic():
            old_file = template.answer_file_id
            if values.answer_file is not KEEP:
                said[0] |= _file_shown(template) or {"answer_file": None}
                _put_file(template, values.answer_file)
                said[1] |= _file_shown(template) or {"answer_file": None}
            _write(template, changed, seen_version=seen_version, origin=origin)
            if old_file and old_file != template.answer_file_id:
                sealed_secrets.forget([old_file])
            trail.record(_entry(Action.TEMPLATE_CHANGED, template, origin, before=said[0], after=said[1]))
    except IntegrityError:
        reference.forget()
        if problems := problems_of(values, origin=origin, template=template):
            raise Refused(problems) from None
        raise
    return template


def confirm(template: RolloutTemplate, *, seen_version: int, origin: Origin) -> None:
    """Say that the keys of `template` are right as they are now. Raises as `change` does."""
    change(template, TemplateValues.of(template), seen_version=seen_version, origin=origin)


@transaction.atomic
def delete(template: RolloutTemplate, *, seen_version: int, origin: Origin) -> None:
    """Remove `template` and its answer file; no key is touched. Raises Refused, or ChangedMeanwhile."""
    if not scoping.holds(origin, DELETE, template.scope_id):
        raise Refused([rollout.NOT_YOURS.broken()])
    before = shown(TemplateValues.of(template)) | _file_shown(template)
    trail.record(_entry(Action.TEMPLATE_DELETED, template, origin, before=before))
    if not RolloutTemplate.objects.filter(pk=template.pk, version=seen_version).delete()[0]:
        raise ChangedMeanwhile
    if template.answer_file_id:
        sealed_secrets.forget([template.answer_file_id])


def values_when_seen(current: RolloutTemplate, seen_version: int) -> dict[str, Any]:
    """What others have changed since `seen_version`, as it was then, under the names of the trail."""
    changes = TrailEntry.objects.filter(subject_uid=current.uid, action=Action.TEMPLATE_CHANGED)
    before: dict[str, Any] = {}
    for entry in changes[: max(current.version - seen_version, 0)]:
        before |= entry.before  # the newest comes first: what stands last is the oldest
    return before


def file_of(template: RolloutTemplate) -> bytes | None:
    """The answer file as it was brought, None where there is none.

    Raises SealedSecret.DoesNotExist and InvalidTag as `sealed_secrets.read` does.
    """
    return base64.b64decode(sealed_secrets.read(template.answer_file_id)) if template.answer_file_id else None


def usable_keys(origin: Origin) -> ProductKeyQuerySet:
    """The keys that the acting person may put into a template: those that they see."""
    keys: ProductKeyQuerySet = ProductKey.objects.all()
    return keys.visible_to(origin.person) if origin.person else keys


def places(origin: Origin, template: RolloutTemplate | None = None) -> list[scoping.Place]:
    """Where the acting person may put a new template, or `template` (where it is comes into it)."""
    everywhere: list[scoping.Place] = [None, *reference.current().scopes]
    return [
        place
        for place in everywhere
        if scoping.holds(origin, ADD, place) or (template is not None and place == template.scope_id)
    ]


def shown(values: TemplateValues, *, reader: Origin = PORTAL) -> dict[str, Any]:
    """What a template says: scope and keys by their names, a key with its last five characters.

    The trail has all of it; for anybody else who reads it, a key that is not there for them is not named.
    """
    said: dict[str, Any] = {name.removesuffix("_id"): getattr(values, name) for name in FIELDS}
    ids = {name: _key_id(values, name) for name in PURPOSES}
    wanted = [pk for pk in ids.values() if pk]
    rows = usable_keys(reader).filter(pk__in=wanted).values_list("pk", "name", "last_five") if wanted else ()
    names = {pk: f"{name} (…{last_five})" for pk, name, last_five in rows}
    unseen = gettext("of another scope") if reader.person else None
    said |= {name: names.get(pk, unseen) if pk else None for name, pk in ids.items()}
    if values.scope_id:
        said["scope"] = Scope.objects.filter(pk=values.scope_id).values_list("name", flat=True).first()
    return said


def _facts(values: TemplateValues, origin: Origin) -> dict[str, KeyFacts]:
    """What is known of the chosen keys by field: nothing of one that is not there for the person, who may keep it."""
    ids = {name: _key_id(values, name) for name in PURPOSES}
    wanted = {pk for pk in ids.values() if pk}
    there = matching.facts_of(usable_keys(origin).filter(pk__in=wanted)) if wanted else []
    found = {facts.id: facts for facts in there}
    return {name: found[pk] for name, pk in ids.items() if pk in found}


def _stays(values: TemplateValues, name: str, template: RolloutTemplate | None) -> bool:
    return template is not None and _key_id(values, name) == getattr(template, f"{name}_id")


def _key_id(values: TemplateValues, name: str) -> int | None:
    found: int | None = getattr(values, f"{name}_id")
    return found


def _plan(values: TemplateValues, facts: Mapping[str, KeyFacts]) -> Plan:
    return Plan(
        name=values.name,
        description=values.description,
        system=values.operating_system_id,
        edition=values.edition,
        architecture=values.architecture,
        build=values.build,
        kms_host=values.kms_host,
        keys={name: key for name, key in facts.items() if _key_id(values, name) == key.id},
    )


def _seen(values: TemplateValues, facts: Mapping[str, KeyFacts], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the keys are now, for `RolloutTemplate.seen`; of one that the person does not see, what it was before.

    Of a deleted key nothing, once somebody saves without it.
    """
    return {
        name: rollout.confirmed(facts[name]) if name in facts else before.get(name, {})
        for name in PURPOSES
        if _key_id(values, name)
    }


def _put_file(template: RolloutTemplate, file: BroughtFile | Keep | None) -> None:
    if isinstance(file, Keep):
        return
    template.answer_file_id = sealed_secrets.keep(base64.b64encode(file.data).decode()) if file else None
    template.answer_file_name = file.name if file else ""


def _file_shown(template: RolloutTemplate) -> dict[str, Any]:
    return {"answer_file": template.answer_file_name} if template.answer_file_id else {}


def _write(template: RolloutTemplate, changed: list[str], *, seen_version: int, origin: Origin) -> None:
    """The one way a stored template changes: only where it still has the version that was seen."""
    template.changed_at, template.changed_by = timezone.now(), origin.person
    template.version, template.name_sort = seen_version + 1, fold(template.name)[:200]
    columns = {*changed, "name_sort", "seen", "answer_file_id", "answer_file_name", "changed_at", "changed_by"}
    written = {name: getattr(template, name) for name in columns}
    stored = RolloutTemplate.objects.filter(pk=template.pk, version=seen_version)
    if not stored.update(**written, version=F("version") + 1):
        raise ChangedMeanwhile


def _same(values: TemplateValues, template: RolloutTemplate | None) -> RolloutTemplate | None:
    """Another template of this name in the same scope."""
    same = RolloutTemplate.objects.filter(name=values.name, scope=values.scope_id)
    return (same.exclude(pk=template.pk) if template else same).first()


def _entry(
    action: Action,
    template: RolloutTemplate,
    origin: Origin,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> TrailEntry:
    subject = template.uid, template.name
    return trail.entry(action, origin=origin, subject=subject, before=before, after=after)
