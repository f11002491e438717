"""What a text that nobody understood may have meant, for mapping the values of a list in bulk."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Architecture, Family, KeyType, Status, Usage
from productkeys.domain.rules import EDITION_OPTIONAL_TYPES
from productkeys.domain.systems import OfferingFacts, SystemFacts
from productkeys.incoming.catalogue import Catalogue, catalogue_of
from productkeys.incoming.fields import Field
from productkeys.incoming.naming import product_name
from productkeys.incoming.product_words import Named, Words, words_of
from productkeys.incoming.remembering import may_be_remembered
from productkeys.incoming.spelling import plain

_ALIKE = 0.4
_CONTRADICTION = 0.3
_USUAL_EDITIONS = ("Professional", "Enterprise", "ServerStandard", "ServerDatacenter", "EnterpriseS")
_ABOUT_PRODUCTS = (Field.PRODUCT, Field.OPERATING_SYSTEM, Field.EDITION)
_CHOICES: Mapping[Field, Sequence[tuple[str, str | Promise]]] = {
    Field.KEY_TYPE: KeyType.choices,
    Field.ARCHITECTURE: Architecture.choices,
    Field.USAGE: Usage.choices,
    Field.STATUS: Status.choices,
    Field.STATUS_BEFORE: Status.choices,
}


class Suggestion(NamedTuple):
    """A value that the reader of the field understands, what people call it, and how alike it is, 0 to 1."""

    value: str
    label: str | Promise
    similarity: float


class _Known(NamedTuple):
    value: str
    label: str | Promise
    spellings: tuple[str, ...]
    named: Named | None = None


def known_values(field: Field, systems: Mapping[str, SystemFacts]) -> list[tuple[str, str | Promise]]:
    """Everything that a text in this field can be said to mean, as choices; empty for fields that hold any text."""
    return [(known.value, known.label) for known in _known(field, catalogue_of(systems))]


def suggest(text: str, field: Field, systems: Mapping[str, SystemFacts], limit: int = 3) -> list[Suggestion]:
    """The known values of the field that are most like the text, the closest first."""
    find = _suggestions if may_be_remembered(text) else _suggestions.__wrapped__
    return list(find(text, field, catalogue_of(systems))[:limit])


@lru_cache(maxsize=1000)
def _suggestions(text: str, field: Field, catalogue: Catalogue) -> tuple[Suggestion, ...]:
    spellings, words = _spellings(text, field), words_of(text)
    system = catalogue.product(text).system if field is Field.PRODUCT else ""
    found = []
    for known in _editions_of(system, words, catalogue) if system else _known(field, catalogue):
        if field is Field.PRODUCT and ("/" in known.value) == (words.key_type in EDITION_OPTIONAL_TYPES):
            continue  # a KMS host key and an ESU key are for a product without an edition, the others never
        alike = max(map(_similarity, spellings, known.spellings)) - _contradictions(words.named, known.named)
        if system or alike >= _ALIKE:
            found.append(Suggestion(known.value, known.label, round(alike, 2)))
    return tuple(sorted(found, key=lambda suggestion: -suggestion.similarity))


def _similarity(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _contradictions(asked: Named, known: Named | None) -> float:
    """What the text says of Windows otherwise than the value does, as a loss of similarity."""
    if known is None or not (asked.versions or asked.years or asked.ltsc or asked.server):
        return 0.0
    differing = [
        asked.server != known.server,
        asked.ltsc != known.ltsc,
        asked.iot != known.iot,
        bool(asked.versions) and asked.versions != known.versions,
        bool(asked.years) and asked.years != known.years,
    ]
    return _CONTRADICTION * sum(differing)


def _editions_of(system: str, words: Words, catalogue: Catalogue) -> Iterable[_Known]:
    """Where a text names a system that is known, it means one of its editions: if it names none, a usual one."""
    editions = [known for known in _known(Field.PRODUCT, catalogue) if known.value.partition("/")[0] == system]
    if words.edition:
        return editions
    usual = {system, *(f"{system}/{edition}" for edition in _USUAL_EDITIONS)}
    return [known for known in editions if known.value in usual]


@lru_cache(maxsize=64)
def _known(field: Field, catalogue: Catalogue) -> tuple[_Known, ...]:
    return tuple(_values(field, catalogue.systems))


def _values(field: Field, systems: Mapping[str, SystemFacts]) -> Iterator[_Known]:
    if field is Field.PRODUCT:
        for system in systems.values():
            for edition in system.offerings:
                yield _of_system(f"{system.slug}/{edition}", product_name(system, edition), system)
            yield _of_system(system.slug, format_lazy("{} ({})", system.name, _("no edition")), system)
    elif field is Field.OPERATING_SYSTEM:
        for system in systems.values():
            yield _of_system(system.slug, system.name, system)
    elif field is Field.EDITION:
        yield from _editions(systems)
    elif field in _CHOICES:
        for value, label in _CHOICES[field]:
            yield _Known(value, label, _spellings(value, field))


def _editions(systems: Mapping[str, SystemFacts]) -> Iterator[_Known]:
    """Every edition as the first system calls it; two with the same label are told apart by what they are made for."""
    offered: dict[str, tuple[OfferingFacts, str]] = {}
    for system in systems.values():
        for edition, offering in system.offerings.items():
            offered.setdefault(edition, (offering, system.family))
    times = Counter(offering.label for offering, _family in offered.values())
    for edition, (offering, family) in offered.items():
        label: str | Promise = offering.label
        if times[offering.label] > 1:
            label = format_lazy("{} ({})", label, Family(family).label)
        yield _Known(edition, label, _spellings(offering.label, Field.EDITION))


def _of_system(value: str, label: str | Promise, system: SystemFacts) -> _Known:
    spellings = _spellings(label if isinstance(label, str) else system.name, Field.PRODUCT)
    return _Known(value, label, spellings, words_of(system.name).named)


def _spellings(text: str, field: Field) -> tuple[str, ...]:
    """The text as it stands, and for a product with its words in the one spelling that products are compared in."""
    if field not in _ABOUT_PRODUCTS:
        return (plain(text),)
    words = words_of(text)
    named = words.named
    said = ["server"] * named.server + sorted(named.versions | named.years | named.releases) + ["r2"] * named.r2
    return plain(text), " ".join([*said, *sorted(words.edition)])
