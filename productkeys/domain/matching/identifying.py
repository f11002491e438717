"""What an image may be: the systems and the edition that its build, edition and architecture leave over."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from productkeys.domain.choices import Family
from productkeys.domain.matching.facts import Catalogue, ImageFacts, Installation
from productkeys.domain.systems import SystemFacts

_FAMILY = {"Client": Family.CLIENT, "Server": Family.SERVER, "Server Core": Family.SERVER}
_EVALUATION = "eval"
_CORE = ("core", "cor")
_LONG_TERM = re.compile(r"\blts[bc]\b")
_LONG_TERM_YEAR = re.compile(r"\b(20\d\d) (lts[bc])\b")


@dataclass(frozen=True, slots=True)
class Identified:
    """An image, and what it may be.

    `systems` are all that its facts leave over, never joined products; empty where nothing is known of it. `edition` is
    the EditionID that keys are for: without the ends that name an evaluation or Server Core, which take no key of their
    own. `guessed` is true where no release is known to have the build.
    """

    image: ImageFacts
    systems: frozenset[str]
    edition: str
    evaluation: bool
    core: bool
    guessed: bool

    @property
    def running_edition(self) -> str:
        """The EditionID that changes of edition start from, as Microsoft writes it."""
        ends = ("Eval" if self.evaluation else "") + ("Cor" if self.evaluation and self.core else "")
        return self.edition + ends if self.edition else ""


def identify(image: ImageFacts, catalogue: Catalogue) -> Identified:
    """Say what `image` may be.

    The build alone never decides: 26100, 17763 and 14393 are client and server builds. A fact that would leave nothing
    over is not used, so that a new edition or a new processor never hides what is known otherwise.
    """
    edition, ends = _edition(image.edition, catalogue)
    pool, guessed = _by_build(image, catalogue)
    family = _FAMILY.get(image.installation)
    facts: list[Callable[[SystemFacts], bool]] = []
    if family:
        facts.append(lambda system: system.family == family)
    if edition:
        facts.append(lambda system: edition in system.offerings)
    if image.architecture:
        facts.append(lambda system: system.runs_on(edition, image.architecture))
    for fact in facts:
        pool = frozenset(slug for slug in pool if fact(catalogue.systems[slug])) or pool
    return Identified(
        image=image,
        systems=pool,
        edition=edition,
        evaluation=image.evaluation or _EVALUATION in ends,
        core=image.installation == "Server Core" or any(end in _CORE for end in ends),
        guessed=guessed,
    )


def _edition(written: str, catalogue: Catalogue) -> tuple[str, list[str]]:
    """The EditionID as the catalogue spells it, and the ends in small letters that were taken off for that."""
    rest = written.strip().casefold()
    ends: list[str] = []
    while rest not in catalogue.editions:
        end = next((end for end in (_EVALUATION, *_CORE) if rest.endswith(end)), "")
        if not end:
            return written.strip(), []
        rest, ends = rest.removesuffix(end), [*ends, end]
    return catalogue.editions[rest], ends


def _by_build(image: ImageFacts, catalogue: Catalogue) -> tuple[frozenset[str], bool]:
    """The systems that the chosen one or else the build leaves over, and whether that is a guess."""
    pool = catalogue.members(image.system)
    if pool and (len(pool) == 1 or image.build is None):
        return pool, False
    releases = [release for release in catalogue.releases if not pool or release.system in pool]
    slugs = {slug for release in releases for slug in catalogue.members(release.system)}
    if image.build is None:
        return pool or frozenset(slugs), False
    exact = [release for release in releases if release.first_build <= image.build <= release.last_build]
    if exact:
        return frozenset(release.system for release in exact), False
    if pool:
        return pool, True
    # A build that the catalogue does not know yet is taken for a successor of the nearest older one of its family.
    older = [release for release in releases if release.last_build < image.build]
    nearest: dict[str, int] = {}
    for release in older:
        family = catalogue.systems[release.system].family
        nearest[family] = max(nearest.get(family, 0), release.last_build)
    return frozenset(r.system for r in older if r.last_build == nearest[catalogue.systems[r.system].family]), True


def named(name: str, catalogue: Catalogue) -> ImageFacts:
    """Read what the name of an image tells, such as "Windows Server 2016 SERVERSTANDARD" or "Windows 11 Pro N".

    A name that tells nothing gives empty facts.
    """
    text = " ".join(name.split()).casefold().replace("pro n for workstations", "pro for workstations n")
    without_n = re.sub(r"\bn (?=(?:20\d\d )?lts[bc]\b)", "", text)
    plain = without_n
    if "server" not in text:  # where LTSC is no edition, but how long it is supported
        plain = _LONG_TERM_YEAR.sub(r"\2 \1", without_n)
        plain = re.sub(r"(?<!enterprise )\b(?=lts[bc]\b)", "enterprise ", plain)
    found = [system for system in catalogue.systems.values() if _holds(plain, system.name.casefold())]
    if not found:
        return ImageFacts()
    system = max(found, key=lambda system: len(system.name))
    rest = plain.partition(system.name.casefold())[2]
    evaluation = bool(re.search(r"\beval(?:uation|uierung)?\b", rest)) or "eval" in rest.partition("server")[2]
    if system.family == Family.CLIENT and _LONG_TERM.search(rest):
        several = _long_term(system, rest, catalogue)
        if len(several) != 1:
            return ImageFacts(
                edition="EnterpriseS" + "N" * (without_n != text), installation="Client", evaluation=evaluation
            )
        (system,), rest = several, ""
    edition = _edition_named(rest, system, catalogue)
    if without_n != text and edition + "N" in system.offerings:
        edition += "N"
    return ImageFacts(
        system=system.slug,
        edition=edition,
        evaluation=evaluation,
        installation=_installation_named(rest, system),
    )


def _long_term(base: SystemFacts, rest: str, catalogue: Catalogue) -> list[SystemFacts]:
    """The long-term systems that a name means: each year is one of its own, and LTSB 2016 is called LTSC as well."""
    told = re.search(r"\b20\d\d\b", rest) or _LONG_TERM.search(rest)
    return [
        system
        for system in catalogue.systems.values()
        if not system.covers
        and _LONG_TERM.search(name := system.name.casefold())
        and name.startswith(f"{base.name.casefold()} ")
        and told
        and told[0] in name
        and ("iot" in name) == ("iot" in rest)
    ]


def _holds(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?![\w.])", text) is not None


def _edition_named(rest: str, system: SystemFacts, catalogue: Catalogue) -> str:
    labels = {
        label.casefold().replace(":", ""): offering.edition
        for offering in system.offerings.values()
        for label in (offering.label, offering.label_de)
        if label
    }
    if said := [label for label in labels if _holds(rest.replace(":", ""), label)]:
        return labels[max(said, key=len)]
    for word in re.findall(r"\w+", rest):
        edition, _ends = _edition(word, catalogue)
        if edition in system.offerings:
            return edition
    return next(iter(system.offerings)) if len({name.removesuffix("N") for name in system.offerings}) == 1 else ""


def _installation_named(rest: str, system: SystemFacts) -> Installation:
    if system.family == Family.CLIENT:
        return "Client"
    core = re.search(r"\bserver core\b|\bserver\w+core?\b|core installation", rest)
    return "Server Core" if core else "Server"
