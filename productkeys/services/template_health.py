"""How rollout templates are now, for one reader: of any number of them in the same number of queries."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from productkeys.domain import rollout
from productkeys.domain.answer_file import checking, reading
from productkeys.domain.answer_file.known import Known
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.report import Report
from productkeys.domain.keycode import KeyCode
from productkeys.domain.matching import Catalogue, KeyFacts
from productkeys.domain.rollout import PURPOSES
from productkeys.domain.rollout_health import KEY_CHANGED, Diagnosis, TemplateFacts, UsedKey, Weight, diagnose
from productkeys.models import ProductKey, RolloutTemplate
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import matching, published_facts, sealed_secrets
from productkeys.services.known_keys import known_among

if TYPE_CHECKING:
    from keyportal.people.models import User


class Harm(Enum):
    """What a change of a key does to a template: it has to be confirmed again, or does not work any more at all."""

    TO_CONFIRM = "to confirm"
    BREAKS = "breaks"


def diagnoses(
    templates: Sequence[RolloutTemplate], reader: "User", *, instead: Mapping[int, Mapping[str, Any]] | None = None
) -> dict[int, Diagnosis]:
    """How each of `templates` is, by its id. What `reader` does not see of keys plays no part.

    `instead` are facts of keys (by id and by the names of `KeyFacts`) that are judged in place of the stored ones.
    """
    keys = ProductKey.objects.visible_to(reader)
    used = _Keys(templates, keys, instead or {}, knows_deleted=sees_deleted_keys(reader))
    catalogue = published_facts.catalogue()
    files = _files(templates)
    known = known_among({code for file in files.values() for code in _codes(file)}, keys)
    found = {}
    for template in templates:
        file = files.get(template.answer_file_id) if template.answer_file_id else None
        facts = TemplateFacts(
            image=rollout.image_of(
                template.operating_system_id, template.edition, template.architecture, template.build
            ),
            keys=used.of(template),
            kms_host=template.kms_host,
            report=_checked(file, known, catalogue) if file else None,
            file_is_lost=bool(template.answer_file_id) and file is None,
        )
        found[template.pk] = diagnose(facts, catalogue)
    return found


def _checked(file: AnswerFile, known: Known, catalogue: Catalogue) -> Report:
    return checking.check(file, known=known, systems=catalogue.systems, changes=catalogue.changes)


def sees_deleted_keys(reader: "User") -> bool:
    """Whether `reader` may know which key it was that was deleted: nobody can tell any more in which scope it was."""
    return reader.scopes_with("productkeys.view_productkey") is None


class _Keys:
    """The keys of some templates as they are now."""

    def __init__(
        self,
        templates: Iterable[RolloutTemplate],
        keys: ProductKeyQuerySet,
        instead: Mapping[int, Mapping[str, Any]],
        *,
        knows_deleted: bool,
    ) -> None:
        self._knows_deleted = knows_deleted
        ids = {getattr(template, f"{name}_id") for template in templates for name in PURPOSES} - {None}
        wanted = keys.filter(pk__in=ids) if ids else keys.none()
        self._facts: dict[int | None, KeyFacts] = {
            facts.id: replace(facts, **instead.get(facts.id or 0, {})) for facts in matching.facts_of(wanted)
        }
        ended = wanted.filter(agreement__valid_until__lt=timezone.localdate())
        self._ended = dict(ended.values_list("pk", "agreement__valid_until"))

    def of(self, template: RolloutTemplate) -> dict[str, UsedKey]:
        found = {}
        for name in PURPOSES:
            pk, seen = getattr(template, f"{name}_id"), template.seen.get(name, {})
            if pk or seen:  # what was seen without a key was deleted
                facts = self._facts.get(pk) if pk else None
                told = seen if pk or self._knows_deleted else {}
                found[name] = UsedKey(facts, told, pk is not None and facts is None, self._ended.get(pk))
        return found


def harm_of(
    templates: Sequence[RolloutTemplate], reader: "User", changes: Mapping[int, Mapping[str, Any]]
) -> dict[int, Harm]:
    """What becomes worse for `templates`, by id, where keys change as `changes` say: `instead` of `diagnoses`.

    A template that does not work already is told only where another reason comes to those that it has.
    """
    before, after = diagnoses(templates, reader), diagnoses(templates, reader, instead=changes)
    found = {}
    for template in templates:
        if new := _errors(after[template.pk]) - _errors(before[template.pk]):
            asks = {code for _about, code in new} == {KEY_CHANGED.code}
            found[template.pk] = Harm.TO_CONFIRM if asks else Harm.BREAKS
    return found


def _errors(diagnosis: Diagnosis) -> set[tuple[str, str]]:
    return {(finding.about, finding.code) for finding in diagnosis.findings if finding.weight is Weight.ERROR}


def _files(templates: Iterable[RolloutTemplate]) -> Mapping[UUID, AnswerFile]:
    """The answer files of `templates` that open."""
    names = {template.answer_file_id: template.answer_file_name for template in templates if template.answer_file_id}
    found = {}
    for uid, text in sealed_secrets.read_all(names).items() if names else ():
        try:
            found[uid] = reading.read(base64.b64decode(text), names[uid])
        except (binascii.Error, ValueError):
            continue
    return found


def _codes(file: AnswerFile) -> Iterable[KeyCode]:
    held = (*(place.held for place in file.places), *(other.held for other in file.elsewhere))
    return (one.code for one in held if one.code)
