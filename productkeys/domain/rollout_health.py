"""Whether a rollout template still works: plain facts in, a diagnosis with its findings out. Never holds a key."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from productkeys.domain import matching
from productkeys.domain.answer_file.checking import installed_product
from productkeys.domain.answer_file.findings import Severity
from productkeys.domain.answer_file.known import KeyFacts as FileKeyFacts
from productkeys.domain.answer_file.places import Purpose
from productkeys.domain.answer_file.report import Report
from productkeys.domain.answer_file.values import Value
from productkeys.domain.choices import KeyType
from productkeys.domain.matching import Catalogue, ImageFacts, KeyFacts, Verdict
from productkeys.domain.rollout import ACTIVATION, INSTALLATION, PURPOSES, confirmed
from productkeys.domain.rule import Problem, Rule

ANSWER_FILE, KMS_HOST = "answer_file", "kms_host"
_PURPOSE_OF = {INSTALLATION: Purpose.INSTALLATION, ACTIVATION: Purpose.ACTIVATION}
_HINTS = frozenset({"avma_needs_host", "oem_one_device"})
"""Reasons that matching warns of, and that hold for every key of their type: no sign that this one is wrong."""


class Health(TextChoices):
    """How a template is, from well to not at all."""

    FINE = "fine", _("fine")
    WARNING = "warning", _("look at it")
    BROKEN = "broken", _("does not work")


class Weight(TextChoices):
    """What a finding means for the rollout."""

    ERROR = "error", _("Error")
    WARNING = "warning", _("Warning")
    HINT = "hint", _("Hint")
    FINE = "fine", _("Fine")


KEY_DELETED = Rule(
    "template_key_deleted",
    INSTALLATION,
    _("The key …%(last_five)s that stood here was deleted."),
    _("Choose another key, or save the template without one."),
    "KeyPortal",
)
UNSEEN_KEY_DELETED = Rule(
    "template_unseen_key_deleted",
    INSTALLATION,
    _("The key that stood here was deleted."),
    _("Choose another key, or save the template without one."),
    "KeyPortal",
)
KEY_UNSEEN = Rule(
    "template_key_unseen",
    INSTALLATION,
    _("This key belongs to a scope that you do not see; whether it still works is not said here."),
    _("Ask somebody of that scope, or choose a key that you see."),
    "KeyPortal",
)
KEY_CHANGED = Rule(
    "template_key_changed",
    INSTALLATION,
    _("The key was changed since the template was last confirmed."),
    _("Look whether it is still the right one, then confirm the template."),
    "KeyPortal",
)
AGREEMENT_ENDED = Rule(
    "template_agreement_ended",
    INSTALLATION,
    _("The agreement that the key was bought under ended on %(day)s."),
    _("The papers say whether the key may still be used; if not, choose another one."),
    "KeyPortal",
)
HOST_WITHOUT_CLIENT = Rule(
    "template_host_without_client",
    KMS_HOST,
    _("A KMS host is named, but the activation key is no GVLK: it activates without that host."),
    _("Leave the KMS host out, or choose the GVLK of the edition."),
    "Microsoft Learn: KMS client activation and product keys",
)
FILE_UNREADABLE = Rule(
    "template_file_unreadable",
    ANSWER_FILE,
    _("The stored answer file cannot be opened: it is gone, or somebody changed it past the portal."),
    _("Bring the file again, and tell the people who run the portal."),
    "KeyPortal",
)
FILE_INSTALLS_OTHER = Rule(
    "template_file_installs_other",
    ANSWER_FILE,
    _("The answer file installs “%(image)s”, and the template is for another Windows."),
    _("Correct the operating system and the edition here, or InstallFrom in the answer file."),
    "Microsoft Learn: Unattended Windows Setup Reference, OSImage, InstallFrom, MetaData",
)
FILE_HAS_ANOTHER_KEY = Rule(
    "template_file_has_another_key",
    ANSWER_FILE,
    _("The answer file brings the key …%(last_five)s, which is none of the template."),
    _("Choose it as a key of the template, or take it out of the file."),
    "KeyPortal",
)


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key of a template: `key` as it is now, None where it was deleted or the reader may not know of it (`hidden`).

    `seen` is what `rollout.confirmed` said of it when somebody confirmed the template last; of a deleted key, nothing
    for a reader who may not have known of it.
    """

    key: KeyFacts | None
    seen: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = False
    agreement_ended: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFacts:
    """What is known of a template. `keys` by field, a field without a key left out.

    `report` is the check of its answer file as it was brought, None without one; `file_is_lost` where it does not open.
    """

    image: ImageFacts
    keys: Mapping[str, UsedKey] = field(default_factory=dict)
    kms_host: str = ""
    report: Report | None = None
    file_is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is said of a template, about one of its fields; `line` is one of the answer file."""

    about: str
    weight: Weight
    problem: Problem
    line: int | None = None

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def source(self) -> str:
        return self.problem.rule.source


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How a template is, and why: the gravest finding first."""

    health: Health
    findings: tuple[Finding, ...]

    def about(self, name: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.about == name]

    @property
    def needs_confirmation(self) -> bool:
        return any(finding.code == KEY_CHANGED.code for finding in self.findings)


def diagnose(template: TemplateFacts, catalogue: Catalogue) -> Diagnosis:
    """Say how `template` is now."""
    found: list[Finding] = []
    for name in (INSTALLATION, ACTIVATION):
        used = template.keys.get(name)
        found += _of_key(template.image, name, used, catalogue) if used else _without(template, name, catalogue)
    found += _of_host(template)
    found += _of_file(template, catalogue)
    found.sort(key=lambda finding: list(Weight).index(finding.weight))
    weights = {finding.weight for finding in found}
    health = Health.BROKEN if Weight.ERROR in weights else Health.WARNING if Weight.WARNING in weights else Health.FINE
    return Diagnosis(health, tuple(found))


def _of_key(image: ImageFacts, name: str, used: UsedKey, catalogue: Catalogue) -> Iterator[Finding]:
    key = used.key
    if key is None:
        if used.hidden:
            yield Finding(name, Weight.WARNING, KEY_UNSEEN.broken())
        elif last_five := used.seen.get("last_five"):
            yield Finding(name, Weight.ERROR, KEY_DELETED.broken(last_five=last_five))
        else:
            yield Finding(name, Weight.ERROR, UNSEEN_KEY_DELETED.broken())
        return
    for reason in matching.match(image, key, PURPOSES[name], catalogue).reasons:
        yield Finding(name, _weight(reason.verdict, reason.code), reason.problem)
    if used.seen and confirmed(key) != dict(used.seen):
        yield Finding(name, Weight.ERROR, KEY_CHANGED.broken())
    if used.agreement_ended:
        yield Finding(name, Weight.WARNING, AGREEMENT_ENDED.broken(day=used.agreement_ended))


def _weight(verdict: Verdict, code: str) -> Weight:
    if code in _HINTS:
        return Weight.HINT
    return {Verdict.FITS: Weight.FINE, Verdict.WARNING: Weight.WARNING, Verdict.DOES_NOT_FIT: Weight.ERROR}[verdict]


def _without(template: TemplateFacts, name: str, catalogue: Catalogue) -> Iterator[Finding]:
    """Why the rollout may do without this key: the likeliest way."""
    image = matching.identify(template.image, catalogue)
    for problem in matching.ways_without_a_key(image, PURPOSES[name], catalogue)[:1]:
        yield Finding(name, Weight.HINT, problem)


def _of_host(template: TemplateFacts) -> Iterator[Finding]:
    used = template.keys.get(ACTIVATION)
    if template.kms_host and used and used.key and used.key.key_type != KeyType.GVLK:
        yield Finding(KMS_HOST, Weight.WARNING, HOST_WITHOUT_CLIENT.broken())


def _of_file(template: TemplateFacts, catalogue: Catalogue) -> Iterator[Finding]:
    if template.file_is_lost:
        yield Finding(ANSWER_FILE, Weight.ERROR, FILE_UNREADABLE.broken())
    report = template.report
    if report is None:
        return
    filled = {_PURPOSE_OF[name] for name in template.keys}
    for finding in report.findings:
        if finding.place is None or finding.place.purpose not in filled:
            problem = finding.rule.broken(**finding.params)
            yield Finding(ANSWER_FILE, _FILE_WEIGHT[finding.severity], problem, finding.line)
    yield from _of_product(template, report, catalogue)
    yield from _of_other_keys(report, filled)


_FILE_WEIGHT = {Severity.ERROR: Weight.ERROR, Severity.WARNING: Weight.WARNING, Severity.INFO: Weight.HINT}


def _of_product(template: TemplateFacts, report: Report, catalogue: Catalogue) -> Iterator[Finding]:
    architecture = {"x64": "amd64"}.get(template.image.architecture, template.image.architecture)
    product = installed_product(report.file, architecture, catalogue.systems)
    itself = FileKeyFacts("", "", template.image.system, template.image.edition)
    if product and not (product.is_system_of(itself, catalogue.systems) and product.is_edition_of(itself)):
        yield Finding(ANSWER_FILE, Weight.ERROR, FILE_INSTALLS_OTHER.broken(image=product.name))


def _of_other_keys(report: Report, filled: set[Purpose]) -> Iterator[Finding]:
    """Keys at places that the template leaves as they are."""
    told: set[str] = set()
    for place in report.file.places:
        held = place.held
        left_alone = place.purpose not in filled and report.value_of(held) in (Value.KEY, Value.MALFORMED)
        if left_alone and held.last_five and held.last_five not in told:
            told.add(held.last_five)
            problem = FILE_HAS_ANOTHER_KEY.broken(last_five=held.last_five)
            yield Finding(ANSWER_FILE, Weight.WARNING, problem, place.line)
