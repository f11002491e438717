"""The rules of rollout templates, on plain values: what one may say, and which keys it may use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _

from productkeys.domain import kms, matching
from productkeys.domain.choices import Architecture, Usage
from productkeys.domain.matching import Catalogue, ImageFacts, KeyFacts, Verdict
from productkeys.domain.rule import Problem, Rule
from productkeys.domain.rules import problem_of_text

MAX_NAME, MAX_DESCRIPTION, MAX_BUILD = 100, 2000, 999_999
MAX_ANSWER_FILE = 2**20
"""Bytes. Real answer files have some ten thousand."""

INSTALLATION, ACTIVATION = "installation_key", "activation_key"
PURPOSES = {INSTALLATION: Usage.INSTALLATION.value, ACTIVATION: Usage.ACTIVATION.value}
"""What each of the two keys of a template is for."""

NAME_NEEDED = Rule(
    "template_name_needed",
    "name",
    _("The name is missing."),
    _("Choose one by which others recognise the rollout."),
    "KeyPortal",
)
NAME_TOO_LONG = Rule(
    "template_name_too_long",
    "name",
    _("The name has more than %(limit)s characters."),
    _("Shorten it; the description has room for more."),
    "KeyPortal",
)
DESCRIPTION_TOO_LONG = Rule(
    "template_description_too_long",
    "description",
    _("The description has more than %(limit)s characters."),
    _("Shorten it."),
    "KeyPortal",
)
NAME_TAKEN = Rule(
    "template_name_taken",
    "name",
    _("There is a rollout template of this name already."),
    _("Choose another name, or change that template."),
    "KeyPortal",
)
NAME_TAKEN_ELSEWHERE = Rule(
    "template_name_taken_elsewhere",
    "name",
    _("This name cannot be used here."),
    _("Choose another name."),
    "KeyPortal",
)
SYSTEM_NEEDED = Rule(
    "template_system_needed",
    "operating_system",
    _("The operating system is missing."),
    _("Choose what the rollout installs."),
    "KeyPortal",
)
EDITION_UNKNOWN = Rule(
    "template_edition_unknown",
    "edition",
    _("%(system)s does not exist in this edition."),
    _("Choose one of its own editions, or leave it open."),
    "KeyPortal reference data: releases and editions of operating systems",
)
ARCHITECTURE_UNKNOWN = Rule(
    "template_architecture_unknown",
    "architecture",
    _("%(system)s does not exist for this architecture in this edition."),
    _("Choose another architecture."),
    "KeyPortal reference data: releases and editions of operating systems",
)
BUILD_OF_ANOTHER = Rule(
    "template_build_of_another",
    "build",
    _("Build %(build)s is none of %(system)s."),
    _("Correct the build, or leave it empty."),
    "KeyPortal reference data: releases and editions of operating systems",
)
KEY_NOT_THERE = Rule(
    "template_key_not_there",
    INSTALLATION,
    _("This key is not there."),
    _("Choose one of those on offer."),
    "KeyPortal",
)
KEY_UNSEEN_STAYS = Rule(
    "template_key_unseen_stays",
    INSTALLATION,
    _("This key belongs to a scope that you do not see; whether it fits another Windows is not said here."),
    _("Leave operating system, edition, architecture and build as they are, or choose a key that you see."),
    "KeyPortal",
)
FILE_TOO_LARGE = Rule(
    "template_file_too_large",
    "answer_file",
    _("This file is larger than %(limit)s KB."),
    _("Answer files are small: bring the answer file itself, without what it was packed with."),
    "KeyPortal",
)
FILE_IS_NONE = Rule(
    "template_file_is_none",
    "answer_file",
    _("This is no answer file that the portal can write keys into."),
    _("Bring an unattend.xml that is well-formed. The check of answer files says what is wrong with a file."),
    "KeyPortal",
)
NOT_YOURS = Rule(
    "template_not_yours",
    "scope",
    _("This rollout template belongs to a scope in which you may not do this."),
    _("Ask somebody who may, or duplicate it."),
    "KeyPortal",
)

_STATE = frozenset({"key_archived", "key_compromised", "none_left"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a template says. `keys` are the facts of its keys by field; a field without a key is left out."""

    name: str
    description: str = ""
    system: str
    edition: str = ""
    architecture: str = Architecture.X64.value
    build: int | None = None
    kms_host: str = ""
    keys: Mapping[str, KeyFacts] = field(default_factory=dict)

    @property
    def image(self) -> ImageFacts:
        """The image that the rollout installs, as matching sees it."""
        return image_of(self.system, self.edition, self.architecture, self.build)


def image_of(system: str, edition: str, architecture: str, build: int | None) -> ImageFacts:
    """What a template installs, as matching sees it."""
    any_architecture = architecture == Architecture.ANY
    return ImageFacts(
        system=system, edition=edition, architecture="" if any_architecture else architecture, build=build
    )


def problems_of(plan: Plan, catalogue: Catalogue, *, before: Plan | None = None) -> Iterator[Problem]:
    """Every rule that `plan` breaks. `before` is what a stored template said: a key that stays in it is no new mistake.

    A key that stays is judged where the image is another now, and its state (archived, used up) never: the health of
    the template says that.
    """
    yield from _problems_of_texts(plan)
    system = catalogue.systems.get(plan.system)
    if system is None:
        yield SYSTEM_NEEDED.broken()
        return
    if plan.edition and plan.edition not in system.offerings:
        yield EDITION_UNKNOWN.broken(system=system.name)
        return
    if not system.runs_on(plan.edition, plan.architecture):
        yield ARCHITECTURE_UNKNOWN.broken(system=system.name)
        return
    if plan.build is not None and not _has_build(plan, catalogue):
        yield BUILD_OF_ANOTHER.broken(system=system.name, build=str(plan.build))
        return
    for name, key in plan.keys.items():
        yield from _problems_of_key(plan, name, key, catalogue, before)


def _problems_of_texts(plan: Plan) -> Iterator[Problem]:
    for name in ("name", "description", "kms_host"):
        if problem := problem_of_text(getattr(plan, name), name):
            yield problem
    if not plan.name.strip():
        yield NAME_NEEDED.broken()
    if len(plan.name) > MAX_NAME:
        yield NAME_TOO_LONG.broken(limit=MAX_NAME)
    if len(plan.description) > MAX_DESCRIPTION:
        yield DESCRIPTION_TOO_LONG.broken(limit=MAX_DESCRIPTION)
    if problem := kms.problem_of_host(plan.kms_host):
        yield replace(problem, field="kms_host")


def _has_build(plan: Plan, catalogue: Catalogue) -> bool:
    """Whether a release of the system has the build; of a system without releases nobody knows."""
    members = catalogue.members(plan.system)
    releases = [release for release in catalogue.releases if release.system in members]
    return not releases or any(release.first_build <= (plan.build or 0) <= release.last_build for release in releases)


def _problems_of_key(
    plan: Plan, name: str, key: KeyFacts, catalogue: Catalogue, before: Plan | None
) -> Iterator[Problem]:
    had = before.keys.get(name) if before else None
    stays = had is not None and had.id == key.id
    if stays and before and before.image == plan.image:
        return
    match = matching.match(plan.image, key, PURPOSES[name], catalogue)
    for reason in match.reasons:
        if reason.verdict is Verdict.DOES_NOT_FIT and not (stays and reason.code in _STATE):
            yield replace(reason.problem, field=name)
            return


def confirmed(key: KeyFacts) -> dict[str, str]:
    """What of a key matters to a template that uses it: kept when somebody confirms the template."""
    return {
        "last_five": key.last_five,
        "key_type": key.key_type,
        "operating_system": key.system,
        "edition": key.edition,
        "architecture": key.architecture,
        "usage": key.usage,
    }
