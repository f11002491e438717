"""What is wrong with one place: with what stands there, with the key for this use, with the key for this image."""

import re
from collections.abc import Iterator
from dataclasses import replace

from productkeys.domain import keycode
from productkeys.domain.answer_file import key_rules, structure_rules
from productkeys.domain.answer_file.findings import Finding
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.media import Kind
from productkeys.domain.answer_file.places import KEY_PATH, PASSES, SHELL_PATH, Place, Purpose
from productkeys.domain.answer_file.product import Changes, Product, Systems
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.values import Value
from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.domain.keycode import Check
from productkeys.domain.rules import ACTIVATION_ONLY_TYPES, problem_of_format

_SAYS_MAK = re.compile(r"\bMAK\b", re.IGNORECASE)
_SAYS_GVLK = re.compile(r"\b(?:GVLK|KMS)\b", re.IGNORECASE)
ARCHITECTURES = {
    "amd64": Architecture.X64,
    "x86": Architecture.X86,
    "arm64": Architecture.ARM64,
    "ia64": Architecture.IA64,
}
_NO_KEY = {Value.PLACEHOLDER: key_rules.PLACEHOLDER, Value.REDACTED: key_rules.REDACTED}
_NEVER = {KeyType.KMS_HOST: key_rules.KMS_HOST_KEY, KeyType.ESU: key_rules.ESU_KEY, KeyType.OEM: key_rules.OEM_KEY}
_MAK_INSTALLS = {
    Kind.ANSWER_FILE: key_rules.MAK_IN_WINDOWS_PE,
    Kind.PID_TXT: key_rules.PID_INSTALLS,
    Kind.CUSTOM_SETTINGS: key_rules.MAK_AS_PRODUCT_KEY,
}
# In specialize no image is chosen any more: there, a key of another Windows is an invalid one.
_OTHER_SYSTEM_ACTIVATES = replace(key_rules.OTHER_SYSTEM, source=key_rules.SHELL_SETUP)
_OTHER_EDITION_ACTIVATES = replace(key_rules.OTHER_EDITION, source=key_rules.SHELL_SETUP)
_OTHER_USAGE = {Purpose.INSTALLATION: Usage.ACTIVATION, Purpose.ACTIVATION: Usage.INSTALLATION}


def of_value(file: AnswerFile, place: Place) -> Iterator[Finding]:
    """What stands at the place, as a text."""
    held = place.held
    if not place.is_read:
        if held.value not in (Value.EMPTY, Value.MISSING) and (place.pass_name in PASSES or not place.pass_name):
            yield structure_rules.PLACE_UNREAD.at(place.line, place)
        return
    if held.value is Value.EMPTY:
        yield from _of_nothing(file, place)
    elif rule := _NO_KEY.get(held.value):
        yield rule.at(place.line, place)
    elif held.value is Value.MALFORMED and held.fault:
        problem = problem_of_format(held.fault)
        says_no_more = held.fault.code == "no_key"  # than the finding itself
        yield key_rules.MALFORMED.at(place.line, place, why=problem.advice if says_no_more else problem.message)
    elif held.value is Value.MALFORMED:
        yield key_rules.MORE_THAN_A_KEY.at(place.line, place)
    elif not held.as_issued:
        yield key_rules.NOT_AS_ISSUED.at(place.line, place)


def _of_nothing(file: AnswerFile, place: Place) -> Iterator[Finding]:
    if file.kind is Kind.PID_TXT:
        yield key_rules.EMPTY.at(place.line, place)
    elif file.kind is Kind.ANSWER_FILE:
        is_activation = place.purpose is Purpose.ACTIVATION
        rule = key_rules.EMPTY_IN_SHELL_SETUP if is_activation else key_rules.EMPTY_IN_WINDOWS_PE
        yield rule.at(place.line, place)


def of_structure(place: Place) -> Iterator[Finding]:
    """Whether the element is the one that Windows reads."""
    if place.held.value in (Value.EMPTY, Value.MISSING) or not place.element:
        return
    if place.purpose is Purpose.INSTALLATION and place.path != KEY_PATH:
        yield structure_rules.OUTSIDE_KEY.at(place.line, place)
    elif place.purpose is Purpose.ACTIVATION and place.path != SHELL_PATH:
        yield structure_rules.WITHIN_KEY.at(place.line, place)
    if place.architecture.lower() == "wow64":
        yield structure_rules.WOW64.at(place.line, place)


def of_unknown(file: AnswerFile, place: Place) -> Iterator[Finding]:
    """A key that the portal does not hold. Of one that it holds, somebody has confirmed how it is spelled."""
    if place.held.value is Value.KEY and place.held.code and keycode.check(place.held.code) is Check.INCONSISTENT:
        yield key_rules.TYPING_ERROR.at(place.line, place)
    if place.purpose is Purpose.INSTALLATION and file.kind is not Kind.CUSTOM_SETTINGS:
        yield key_rules.UNKNOWN_IN_WINDOWS_PE.at(place.line, place)


def of_kind(file: AnswerFile, place: Place, facts: KeyFacts) -> Iterator[Finding]:
    """Whether a key of this kind may stand here."""
    rule = None
    if facts.is_mak and place.purpose is Purpose.INSTALLATION:
        rule = _MAK_INSTALLS.get(file.kind)
    elif facts.is_mak and (file.sets_kms_host or _says(_SAYS_GVLK, _SAYS_MAK, place)):
        rule = key_rules.MAK_FOR_GVLK
    elif facts.is_gvlk and place.purpose is Purpose.ACTIVATION:
        is_meant = file.kind is Kind.CUSTOM_SETTINGS or _says(_SAYS_MAK, _SAYS_GVLK, place)
        rule = key_rules.GVLK_FOR_MAK if is_meant else None
    elif facts.key_type == KeyType.RETAIL and file.skips_activation:
        rule = key_rules.RETAIL_NOT_ACTIVATED
    if rule := rule or _NEVER.get(KeyType(facts.key_type)):
        yield rule.at(place.line, place, name=facts.name)


def said_type(place: Place) -> str:
    """The type of key that the comment beside the place names; empty where it names none, or both."""
    if _says(_SAYS_MAK, _SAYS_GVLK, place):
        return KeyType.MAK.value
    return ""


def stored_architecture(written: str) -> str:
    """The architecture of a component, as keys are stored with it; empty for one that no key is kept for."""
    architecture = ARCHITECTURES.get(written.lower())
    return architecture.value if architecture else ""


def _says(this: "re.Pattern[str]", other: "re.Pattern[str]", place: Place) -> bool:
    """Whether the comment beside the place speaks of one kind of key, and not of the other."""
    return this.search(place.remark) is not None and other.search(place.remark) is None


def of_entry(place: Place, facts: KeyFacts) -> Iterator[Finding]:
    """Whether the entry in the portal may still be used, and for this."""
    name = facts.name
    if facts.status == Status.ARCHIVED:
        yield key_rules.ARCHIVED.at(place.line, place, name=name)
    elif facts.status == Status.COMPROMISED:
        yield key_rules.COMPROMISED.at(place.line, place, name=name)
    if facts.left is not None and facts.left <= 0:
        yield key_rules.USED_UP.at(place.line, place, name=name)
    if facts.usage == _OTHER_USAGE.get(place.purpose) and facts.key_type not in ACTIVATION_ONLY_TYPES:
        yield key_rules.OTHER_USAGE.at(place.line, place, name=name, usage=Usage(facts.usage).label)
    architecture = ARCHITECTURES.get(place.architecture.lower())
    if architecture and facts.architecture not in (Architecture.ANY, architecture):
        label = Architecture(facts.architecture).label
        yield key_rules.OTHER_ARCHITECTURE.at(place.line, place, name=name, architecture=label)


def of_product(
    place: Place, facts: KeyFacts, product: Product, systems: Systems, changes: Changes, *, is_installed: bool
) -> Iterator[Finding]:
    """Whether the key is one of `product`: what the file installs, or only what it was made for."""
    if facts.key_type in (KeyType.KMS_HOST, KeyType.ESU):
        return
    told = {"key": facts.name, "image": product.name}
    is_system, is_edition = product.is_system_of(facts, systems), product.is_edition_of(facts)
    if is_system and is_edition:
        if is_installed and product.is_evaluation:
            yield key_rules.EVALUATION.at(place.line, place, **told)
        return
    if not is_installed:
        rule = key_rules.MADE_FOR_OTHER
    elif place.purpose is not Purpose.ACTIVATION:
        rule = key_rules.OTHER_EDITION if is_system else key_rules.OTHER_SYSTEM
    elif product.becomes_edition_of(facts, systems, changes):
        rule = key_rules.EDITION_CHANGES
    else:
        rule = _OTHER_EDITION_ACTIVATES if is_system else _OTHER_SYSTEM_ACTIVATES
    yield rule.at(place.line, place, **told)
