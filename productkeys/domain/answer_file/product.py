"""Which Windows an image name means, and whether a key is one for it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.matching import EditionChange, supported_change
from productkeys.domain.systems import SystemFacts

Systems = Mapping[str, SystemFacts]
Changes = Sequence[EditionChange]

_ASIDE = re.compile(r"\([^()]*\)|\bmicrosoft\b|\bevaluation\b|\bversion \w+")
_EVALUATION = re.compile(r"\bevaluation\b|\b(?:server\w+|enterprises?n?)eval(?:core?)?\b", re.IGNORECASE)
_CORE = re.compile(r"(?<=[a-z])(?:core|cor|eval)$")
_LONG_TERM = re.compile(r"\blts[bc]\b")
_YEAR = re.compile(r"\b20\d\d\b")


@dataclass(frozen=True, slots=True)
class Product:
    """A Windows as a file names it: the systems it can be (none: any) and its edition, empty where that is not told."""

    name: str
    systems: frozenset[str]
    edition: str

    @property
    def is_evaluation(self) -> bool:
        """Whether the name says that it runs for a time only: such an image takes no key."""
        return _EVALUATION.search(self.name) is not None

    def is_system_of(self, key: KeyFacts, systems: Systems) -> bool:
        """Whether the key is one of this operating system."""
        system = systems.get(key.system)
        return not self.systems or system is None or bool(self.systems & {system.slug, *system.covers})

    def is_edition_of(self, key: KeyFacts) -> bool:
        """Whether the key is one of this edition; a missing edition never excludes."""
        return not self.edition or not key.edition or _plain_edition(self.edition) == _plain_edition(key.edition)

    def becomes_edition_of(self, key: KeyFacts, systems: Systems, changes: Changes) -> bool:
        """Whether the key alone, once it is installed, turns this into the edition that it is for."""
        system = systems.get(key.system)
        if system is None or self.is_evaluation:
            return False
        on = system.covers or frozenset({system.slug})
        change = supported_change(changes, before=self.edition, of=self.systems, after=key.edition, on=on)
        return change is not None and change.by == "key"


def product_of(image_name: str, systems: Systems) -> Product | None:
    """The product that the name of an image means, such as "Windows 10 Pro" or "Windows Server 2016 SERVERSTANDARD".

    None where it names none of `systems`: people name their own images as they like.
    """
    said = " ".join(_ASIDE.sub(" ", image_name[:200].casefold().replace("2012r2", "2012 r2")).split())
    single = [system for system in systems.values() if not system.covers]
    named = [system for system in single if f"{said} ".startswith(f"{system.name.casefold()} ")]
    if not named:
        return None
    system = max(named, key=lambda system: len(system.name))
    rest = said[len(system.name) :].strip()
    if _LONG_TERM.search(rest):
        return _long_term(image_name, system, rest, single)
    return Product(image_name, frozenset({system.slug}), _edition(system, rest))


def product_of_edition(edition: str) -> Product:
    """What an EditionID alone means."""
    return Product(edition, frozenset(), edition)


def _long_term(image_name: str, base: SystemFacts, rest: str, single: list[SystemFacts]) -> Product | None:
    """Images are named "Windows 10 Enterprise LTSC", with or without a year; each year is a system of its own.

    With a year the word does not count: Microsoft has called LTSB 2016 LTSC as well.
    """
    word, year, is_iot = _LONG_TERM.findall(rest)[0], _YEAR.search(rest), "iot" in rest
    fitting = [
        system
        for system in single
        if (name := system.name.casefold()).startswith(f"{base.name.casefold()} ")
        and _LONG_TERM.search(name)
        and ("iot" in name) == is_iot
        and (year[0] if year else word) in name
    ]
    if not fitting:
        return None
    is_n = "n" in rest.split()
    editions = [edition for system in fitting for edition in system.offerings if edition.endswith("N") == is_n]
    return Product(image_name, frozenset(system.slug for system in fitting), editions[0] if editions else "")


def _edition(system: SystemFacts, said: str) -> str:
    words, joined = sorted(said.split()), _CORE.sub("", said.replace(" ", ""))
    for edition, offering in system.offerings.items():
        if edition.casefold() == joined or sorted(offering.label.casefold().split()) == words:
            return edition
    bases = {edition.removesuffix("N") for edition in system.offerings}
    if len(bases) == 1 and words in ([], ["n"]):
        (base,) = bases
        return base + "N" * len(words) if base + "N" * len(words) in system.offerings else ""
    return ""


def _plain_edition(edition: str) -> str:
    return _CORE.sub("", edition.casefold())
