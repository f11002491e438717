"""The operating systems that the portal knows, by what their names and the labels of their editions say."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from productkeys.domain.choices import Family
from productkeys.domain.rules import EDITION_OPTIONAL_TYPES
from productkeys.domain.systems import SystemFacts
from productkeys.incoming.product_words import Named, Words, words_of
from productkeys.incoming.remembering import remembered
from productkeys.incoming.spelling import folded


class Product(NamedTuple):
    """What a product's text says; empty or None where it does not say it, or nothing that is known."""

    system: str = ""
    edition: str = ""
    architecture: str | None = None
    key_type: str | None = None
    certainty: float = 0.0


_Spelling: TypeAlias = frozenset[str]
_NO_EDITION = 0.7  # how certain a product is whose system is understood, and which names no edition
_NOT_NAMED = 0.75  # the same, where the system without a further word is the name of an edition, as with Windows 8


@dataclass(frozen=True, slots=True)
class _Edition:
    edition: str = ""
    certainty: float = 0.6


# The releases that LTSC is also called by.
_YEAR_OF_RELEASE = {"1507": "2015", "1607": "2016", "1809": "2019", "21h2": "2021", "24h2": "2024"}
_CERTAIN_ENOUGH = 0.75  # how alike a word must be to one of an edition to be taken for it, mistyped
_LEFT_OUT_OF_LTSC = ({"enterprise"}, {"ltsc"}, {"iot"}, {"enterprise", "iot"}, {"ltsc", "iot"})
# Words that make another product of a Windows, one that there are no keys for here.
_NOT_OFFERED = frozenset(
    {"business", "consumer", "embedded", "eval", "industry", "kn", "mobile", "nano", "posready", "storage"}
)


class Catalogue:
    """All systems, ready to be asked. Made once for a mapping of systems by `catalogue_of`."""

    def __init__(self, systems: Mapping[str, SystemFacts]) -> None:
        self.systems = systems
        self._by_text: dict[str, str] = {}
        self._named: dict[Named, str] = {}
        self._editions: dict[str, Mapping[_Spelling, str]] = {}
        for slug, system in systems.items():
            self._by_text[slug.casefold()] = slug
            self._by_text[folded(system.name)] = slug
            self._named[words_of(system.name).named] = slug
            self._editions[slug] = _spellings(system)
        self._vocabulary = _NOT_OFFERED.union(*(words for each in self._editions.values() for words in each))
        of_clients, of_servers = (
            _common(_certain(system) for system in systems.values() if system.family == family) for family in Family
        )
        self._without_a_system = {False: {**of_servers, **of_clients}, True: {**of_clients, **of_servers}}
        self.product = remembered(self._product)

    def system(self, text: str) -> str:
        """The slug of the system in a text of its own: its slug, its name, or what `product` finds."""
        return self._by_text.get(folded(text)) or self.product(text).system

    def edition(self, text: str, system: str) -> str:
        """The EditionID in a text of its own, such as "Pro N" or "ServerDatacenter"; empty where `system` lacks it."""
        facts = self.systems.get(system)
        bare = text.strip()
        if facts and bare in facts.offerings:
            return bare
        words = words_of(text)
        if not facts:
            return self._without_a_system[words.named.server].get(words.edition, "")
        return self._edition(words.edition, system).edition

    def _product(self, text: str) -> Product:
        bare = folded(text)
        slug, _slash, edition = bare.partition("/")
        if slug in self.systems and (not edition or edition in (offered := self._by_id(slug))):
            # The slug of a system is no text about it: in "windows-8-1" words would find Windows 8.
            return Product(slug, offered[edition], certainty=1.0) if edition else Product(slug, certainty=_NO_EDITION)
        words = words_of(text)
        system = self._system(words)
        if system is None:
            return self._without_system(words)
        found = self._edition(words.edition, system)
        if not words.says_windows and not words.named.ltsc:
            # "2022 Standard" is Windows Server 2022, but "Office Standard 2019" is no Windows at all.
            if words.edition and found.certainty < 1:
                return self._without_system(words)
            found = replace(found, certainty=found.certainty * 0.6)
        if not found.edition and words.key_type in EDITION_OPTIONAL_TYPES:
            found = replace(found, certainty=0.9)
        return Product(system, found.edition, words.architecture, words.key_type, round(found.certainty, 2))

    def _by_id(self, system: str) -> dict[str, str]:
        return {edition.casefold(): edition for edition in self.systems[system].offerings}

    def _without_system(self, words: Words) -> Product:
        edition = self._without_a_system[words.named.server].get(words.edition, "")
        certainty = 0.4 if edition else 0.2 if words.says_windows else 0.0
        return Product("", edition, words.architecture, words.key_type, certainty)

    def _system(self, words: Words) -> str | None:
        named = words.named
        if not (named.versions or named.years or named.releases or named.ltsc):
            return None
        if named.ltsc:
            return self._ltsc(named)
        if named.server:
            if named.years:
                return self._named.get(replace(named, releases=frozenset(), versions=frozenset()))
            return self._only(
                other for other in self._named if other.server and named.releases and named.releases <= other.releases
            )
        if named.years and any(other.ltsc and self._fits(named, other) for other in self._named):
            return None  # "Windows 10 Enterprise 2016" may be LTSB 2016
        return self._named.get(replace(named, years=frozenset(), releases=frozenset(), r2=False, iot=False))

    def _ltsc(self, named: Named) -> str | None:
        years = named.years or frozenset(
            _YEAR_OF_RELEASE[release] for release in named.releases if release in _YEAR_OF_RELEASE
        )
        asked = replace(named, years=years, releases=frozenset(), server=False, r2=False)
        return self._named.get(asked) or self._only(other for other in self._named if self._fits(asked, other))

    def _fits(self, asked: Named, other: Named) -> bool:
        """Whether an LTSC system is what is asked for, where the text leaves out its version or its year."""
        return (
            other.ltsc
            and other.iot == asked.iot
            and (other.years == asked.years if asked.years else len(other.years) == 1)
            and (other.versions == asked.versions if asked.versions else True)
        )

    def _only(self, found: Iterator[Named]) -> str | None:
        slugs = {self._named[named] for named in found}
        return slugs.pop() if len(slugs) == 1 else None

    def _edition(self, words: frozenset[str], system: str) -> _Edition:
        """The edition whose words these are, or most of them, if what is left over is no word of an edition."""
        spellings = self._editions[system]
        if words in spellings:
            return _Edition(spellings[words], 1.0 if words else _NOT_NAMED)
        # "EnterpriseS" says more than the word "enterprise" does.
        glued = [
            edition for edition in self.systems[system].offerings if _is_glued(edition) and edition.casefold() in words
        ]
        if len(glued) == 1:
            return _Edition(glued[0], 1.0)
        contained = sorted((spelling for spelling in spellings if spelling and spelling < words), key=len)
        if not contained:
            return _Edition(certainty=0.3 if words else _NO_EDITION)
        best = contained[-1]
        left_over = words - best
        if left_over & self._vocabulary or any(self._is_mistyped(word) for word in left_over):
            return _Edition(certainty=0.3)
        return _Edition(spellings[best], 0.8)

    def _is_mistyped(self, word: str) -> bool:
        return len(word) > 3 and bool(difflib.get_close_matches(word, self._vocabulary, n=1, cutoff=_CERTAIN_ENOUGH))


def _spellings(system: SystemFacts) -> Mapping[_Spelling, str]:
    """The words by which people name the editions of a system. Those of its labels win over shorter ways."""
    ltsc = words_of(system.name).named.ltsc
    shorter: dict[_Spelling, str] = {}
    for edition, offering in system.offerings.items():
        outside = re.sub(r"\(.*\)", "", offering.label)
        if outside != offering.label and outside.startswith("Windows"):  # "Windows 8.1 (Core)" is sold as Windows 8.1
            shorter.setdefault(words_of(outside).edition, edition)
        words = _words_of_label(offering.label, system)
        if "azure" in words:
            shorter.setdefault(frozenset({"azure"}), edition)
        for dropped in _LEFT_OUT_OF_LTSC if ltsc else ():
            shorter.setdefault(words - dropped, edition)
    return {**shorter, **_certain(system)}


def _certain(system: SystemFacts) -> dict[_Spelling, str]:
    spellings: dict[_Spelling, str] = {}
    for edition, offering in system.offerings.items():
        spellings.setdefault(frozenset({edition.casefold()}), edition)
        for label in (offering.label, offering.label_de):
            spellings.setdefault(_words_of_label(label, system), edition)
    return spellings


def _words_of_label(label: str, system: SystemFacts) -> _Spelling:
    return words_of(label if label.startswith("Windows") else f"{system.family} {label}").edition


def _common(spellings_of_systems: Iterable[Mapping[_Spelling, str]]) -> dict[_Spelling, str]:
    """The words that mean the same edition in every system that knows them."""
    meanings: dict[_Spelling, set[str]] = {}
    for spellings in spellings_of_systems:
        for words, edition in spellings.items():
            meanings.setdefault(words, set()).add(edition)
    return {words: found.pop() for words, found in meanings.items() if words and len(found) == 1}


def _is_glued(edition: str) -> bool:
    """Whether an EditionID is several words in one."""
    return sum(map(str.isupper, edition)) > 1


class _Same:
    """A mapping as the key of a cache: the same object, not an equal one."""

    def __init__(self, systems: Mapping[str, SystemFacts]) -> None:
        self.systems = systems

    def __hash__(self) -> int:
        return id(self.systems)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.systems is self.systems


@lru_cache(maxsize=4)
def _catalogue(same: _Same) -> Catalogue:
    return Catalogue(same.systems)


def catalogue_of(systems: Mapping[str, SystemFacts]) -> Catalogue:
    """The catalogue of these systems, made once for as long as the mapping is the same object."""
    return _catalogue(_Same(systems))


def read_product(text: str, systems: Mapping[str, SystemFacts]) -> Product:
    """Operating system, edition, architecture and key type in one text, such as "Win11 Ent x64 MAK"."""
    return catalogue_of(systems).product(text)
