"""The rules of product keys, on plain values: the one place that says what may be stored, and why not.

Forms, admin, bulk edit, import, API and fixture loader all ask `problems_of`. It does not look anything up: what it
needs to know of the operating system, of Microsoft's list and of what is stored already is part of the declaration.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from productkeys.domain import invisible, keycode, rulebook
from productkeys.domain.choices import Architecture, KeyType, Usage
from productkeys.domain.keycode import Check, KeyCode
from productkeys.domain.rulebook import Problem
from productkeys.domain.systems import SystemFacts

PUBLISHED_TYPES = frozenset({KeyType.GVLK.value, KeyType.AVMA.value})
ACTIVATION_ONLY_TYPES = frozenset({KeyType.MAK.value, KeyType.KMS_HOST.value, KeyType.ESU.value})
COUNTED_TYPES = ACTIVATION_ONLY_TYPES
ONE_DEVICE_TYPES = frozenset({KeyType.OEM.value})
EDITION_OPTIONAL_TYPES = frozenset({KeyType.KMS_HOST.value, KeyType.ESU.value})
_TYPES, _USAGES, _ARCHITECTURES = frozenset(KeyType.values), frozenset(Usage.values), frozenset(Architecture.values)
MAX_QUANTITY = 1_000_000
MAX_NAME = 120
MAX_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A stored entry that holds the declared key: published by Microsoft, or added before.

    `named` is false where the person may not know of it; then it is never named.
    """

    name: str
    key_type: str
    system: str
    edition: str
    architecture: str
    published: bool
    named: bool = True


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a person (or a file) says of a key, and what the portal looked up about it.

    `code` is None where the key stays as it is stored, `system` where the operating system is unknown or missing.
    """

    key_type: str
    usage: str
    name: str = ""
    comment: str = ""
    quantity: int | None = None
    in_use: int = 0
    edition: str = ""
    architecture: str = Architecture.ANY.value
    code: KeyCode | None = None
    typing_confirmed: bool = False
    system: SystemFacts | None = None
    known: KnownKey | None = None
    # Whether the entry itself is one of Microsoft's list that is being loaded or changed.
    published: bool = False


_ACTIVATION_ONLY_RULES = {
    KeyType.MAK.value: rulebook.MAK_ACTIVATION_ONLY,
    KeyType.KMS_HOST.value: rulebook.KMS_HOST_ACTIVATION_ONLY,
    KeyType.ESU.value: rulebook.ESU_ACTIVATION_ONLY,
}

# Embeddings, overrides and isolates. The marks that a right-to-left name needs, U+200E and U+200F, reverse nothing.
_CHANGES_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")

_SEVERAL_LINES = frozenset({"comment", "description", "note", "notes", "source"})

_NOT_FOR_EVERY_SYSTEM = {KeyType.AVMA.value: rulebook.AVMA_SYSTEM, KeyType.ESU.value: rulebook.ESU_SYSTEM}


def problem_of_format(error: keycode.KeyFormatError) -> Problem:
    """The problem for a text that is not a product key."""
    return rulebook.KEY_FORMAT_RULES[error.code].broken(**error.params)


def problem_of_text(text: str, field: str) -> Problem | None:
    """The problem with a text that everybody reads (name, comment, reason, label): a key in it, or a disguise."""
    if keycode.contains_key(text):
        return replace(rulebook.KEY_IN_TEXT.broken(), field=field)
    if _CHANGES_DIRECTION.search(text):
        return replace(rulebook.TEXT_CHANGES_DIRECTION.broken(), field=field)
    unseen = invisible.first_in(text, several_lines=field in _SEVERAL_LINES)
    if unseen is not None:
        problem = rulebook.TEXT_INVISIBLE.broken(place=unseen + 1, character=invisible.name_of(text[unseen]))
        return replace(problem, field=field)
    return None


def allowed_usages(key_type: str) -> list[str]:
    """The usages that a key of this type may be stored with."""
    return [Usage.ACTIVATION.value] if key_type in ACTIVATION_ONLY_TYPES else list(Usage.values)


def problems_of(declaration: Declaration) -> Iterator[Problem]:
    """Every rule that `declaration` breaks, at most one per cause; empty where it may be stored."""
    for name in ("name", "comment"):
        if problem := problem_of_text(getattr(declaration, name), name):
            yield problem
    if not declaration.name.strip():
        yield rulebook.NAME_NEEDED.broken()
    if len(declaration.name) > MAX_NAME:
        yield rulebook.NAME_TOO_LONG.broken(limit=MAX_NAME)
    if len(declaration.comment) > MAX_COMMENT:
        yield rulebook.COMMENT_TOO_LONG.broken(limit=MAX_COMMENT)
    if declaration.key_type not in _TYPES:
        yield rulebook.TYPE_UNKNOWN.broken()
    yield from _problems_of_use(declaration)
    yield from _problems_of_quantity(declaration)
    yield from _problems_of_what_is_in_use(declaration)
    yield from _problems_of_product(declaration)
    yield from _problems_of_code(declaration)


def _problems_of_use(declaration: Declaration) -> Iterator[Problem]:
    rule = _ACTIVATION_ONLY_RULES.get(declaration.key_type)
    if rule and declaration.usage != Usage.ACTIVATION:
        yield rule.broken()
    elif declaration.usage not in _USAGES:
        yield rulebook.USAGE_NEEDED.broken()


def _problems_of_quantity(declaration: Declaration) -> Iterator[Problem]:
    key_type, quantity = declaration.key_type, declaration.quantity
    label = KeyType(key_type).label if key_type in _TYPES else ""
    if key_type in PUBLISHED_TYPES:
        if quantity is not None:
            yield rulebook.NO_QUANTITY.broken(type=label)
    elif key_type in ONE_DEVICE_TYPES:
        if quantity != 1:
            yield rulebook.ONE_DEVICE.broken()
    elif key_type in COUNTED_TYPES and (quantity is None or quantity < 1):
        yield (rulebook.HOSTS_NEEDED if key_type == KeyType.KMS_HOST else rulebook.QUANTITY_NEEDED).broken(type=label)
    elif quantity is not None and quantity < 1:
        yield rulebook.QUANTITY_AT_LEAST_ONE.broken()
    elif quantity is not None and quantity > MAX_QUANTITY:
        yield rulebook.QUANTITY_TOO_LARGE.broken(limit=MAX_QUANTITY)
    elif quantity is not None and quantity < declaration.in_use:
        rule = rulebook.HOSTS_BELOW_USE if key_type == KeyType.KMS_HOST else rulebook.QUANTITY_BELOW_USE
        yield rule.broken(in_use=declaration.in_use)


def _problems_of_what_is_in_use(declaration: Declaration) -> Iterator[Problem]:
    if declaration.key_type in ONE_DEVICE_TYPES and declaration.in_use > 1:
        yield rulebook.IN_USE_ON_ONE_DEVICE.broken()
    elif declaration.quantity is None and declaration.in_use > MAX_QUANTITY:
        yield rulebook.IN_USE_TOO_LARGE.broken(limit=MAX_QUANTITY)


def _problems_of_product(declaration: Declaration) -> Iterator[Problem]:
    system, key_type = declaration.system, declaration.key_type
    if declaration.architecture not in _ARCHITECTURES:
        yield rulebook.ARCHITECTURE_UNKNOWN.broken()
    if system is None:
        yield rulebook.SYSTEM_NEEDED.broken()
    elif not system.takes(key_type):
        yield _NOT_FOR_EVERY_SYSTEM[key_type].broken(system=system.name)
    if not declaration.edition and key_type not in EDITION_OPTIONAL_TYPES:
        yield rulebook.EDITION_NEEDED.broken()
    elif system and system.takes(key_type):
        yield from _problems_of_edition(declaration, system)


def _problems_of_edition(declaration: Declaration, system: SystemFacts) -> Iterator[Problem]:
    edition, architecture = declaration.edition, declaration.architecture
    if edition and edition not in system.offerings:
        yield rulebook.EDITION_NOT_OFFERED.broken(system=system.name, edition=edition)
    elif edition and edition not in system.offerings_for(declaration.key_type):
        yield rulebook.AVMA_EDITION.broken(system=system.name)
    elif architecture in _ARCHITECTURES and not system.runs_on(edition, architecture):
        known = [str(choice.label) for choice in Architecture if choice in system.architectures_of(edition)]
        yield rulebook.ARCHITECTURE_NOT_OFFERED.broken(
            system=system.name, architecture=Architecture(architecture).label, known=", ".join(known)
        )


def _problems_of_code(declaration: Declaration) -> Iterator[Problem]:
    code, system, known = declaration.code, declaration.system, declaration.known
    if known and known.published and not declaration.published:
        yield _published_problem(declaration, known)
        return
    if known and not declaration.published:
        rule = rulebook.ALREADY_STORED if known.named else rulebook.ALREADY_STORED_ELSEWHERE
        yield rule.broken(name=known.name if known.named else "")
        return
    if code is None:
        return
    if system and system.keys_have_n and not code.has_n:
        yield rulebook.N_MISSING.broken(system=system.name)
    elif not declaration.typing_confirmed and keycode.check(code) is Check.INCONSISTENT:
        yield rulebook.TYPING_ERROR.broken()


def _published_problem(declaration: Declaration, known: KnownKey) -> Problem:
    label = KeyType(known.key_type).label
    if declaration.key_type in _TYPES and declaration.key_type != known.key_type:
        return rulebook.PUBLISHED_AS_OTHER_TYPE.broken(
            declared=KeyType(declaration.key_type).label, type=label, name=known.name
        )
    declared = (declaration.system.slug if declaration.system else "", declaration.edition, declaration.architecture)
    if declared != (known.system, known.edition, known.architecture):
        return rulebook.PUBLISHED_CONTRADICTED.broken(type=label, name=known.name)
    return rulebook.PUBLISHED_ALREADY.broken(type=label, name=known.name)
