"""Says what is wrong with a deployment file: pure, on what was read of it and on what the portal knows of its keys."""

from collections.abc import Iterator

from productkeys.domain.answer_file import image, key_checks, key_rules, several, structure_rules
from productkeys.domain.answer_file.elsewhere import Elsewhere, Where
from productkeys.domain.answer_file.findings import Finding
from productkeys.domain.answer_file.known import KeyFacts, Known
from productkeys.domain.answer_file.media import Kind
from productkeys.domain.answer_file.places import PASSES, Place
from productkeys.domain.answer_file.product import Changes, Product, Systems, product_of, product_of_edition
from productkeys.domain.answer_file.reading import NAMESPACE, AnswerFile
from productkeys.domain.answer_file.report import Report
from productkeys.domain.answer_file.text import shown
from productkeys.domain.answer_file.values import Value
from productkeys.domain.keycode import KeyCode

_ELSEWHERE = {Where.COMMENT: key_rules.IN_COMMENT, Where.SCRIPT: key_rules.IN_SCRIPT}


def check(file: AnswerFile, *, known: Known, systems: Systems, changes: Changes) -> Report:
    """Everything that is wrong with `file`. `known` looks a key up, once for each; never raises.

    `changes` are those of an edition in place that Microsoft supports.
    """
    facts = _facts(file, known)
    findings = [
        *_of_file(file),
        *(finding for place in file.places for finding in _of_place(file, place, facts, systems, changes)),
        *_of_places(file, facts),
        *(finding for other in file.elsewhere if (finding := _of_elsewhere(other, facts))),
    ]
    findings.sort(key=lambda finding: finding.line)
    return Report(file, tuple(findings), facts)


def _facts(file: AnswerFile, known: Known) -> dict[KeyCode, KeyFacts]:
    looked_up = ((code, known(code)) for code in codes_in(file))
    return {code: facts for code, facts in looked_up if facts}


def _of_file(file: AnswerFile) -> Iterator[Finding]:
    if file.is_template:
        yield structure_rules.TEMPLATE_NOT_RENDERED.at(file.faults[0].line)
    else:
        yield from (fault.finding for fault in file.faults)
    if file.kind is Kind.ANSWER_FILE and file.markup.root:
        yield from _of_root(file)
        yield from _of_passes(file)


def _of_root(file: AnswerFile) -> Iterator[Finding]:
    line = file.text.line(file.markup.root_start)
    if file.is_readable and file.text.encoding.startswith("utf-16"):
        yield structure_rules.NOT_UTF_8.at(1, encoding="UTF-16")
    if file.markup.root.rpartition(":")[2] != "unattend":
        yield structure_rules.ROOT_WRONG.at(line, name=shown(file.markup.root))
    elif file.namespace is None:
        yield structure_rules.NAMESPACE_MISSING.at(line)
    elif file.namespace != NAMESPACE:
        yield structure_rules.NAMESPACE_WRONG.at(line)


def _of_passes(file: AnswerFile) -> Iterator[Finding]:
    seen: set[str] = set()
    for element in file.markup.elements:
        name = element.attributes.get("pass", "") if element.name == "settings" else ""
        if name and name not in PASSES and name not in seen:
            seen.add(name)
            yield structure_rules.PASS_UNKNOWN.at(file.text.line(element.start), name=shown(name))


def _of_place(
    file: AnswerFile, place: Place, all_facts: dict[KeyCode, KeyFacts], systems: Systems, changes: Changes
) -> Iterator[Finding]:
    yield from key_checks.of_value(file, place)
    yield from key_checks.of_structure(place)
    code = place.held.code
    if code is None or not place.is_read:
        return
    facts = all_facts.get(code)
    if facts is None:
        yield from key_checks.of_unknown(file, place)
        return
    yield from key_checks.of_kind(file, place, facts)
    yield from key_checks.of_entry(place, facts)
    installed = installed_product(file, place.architecture, systems)
    product = installed or _product_made_for(file, systems)
    if product:
        yield from key_checks.of_product(place, facts, product, systems, changes, is_installed=installed is not None)


def _of_places(file: AnswerFile, facts: dict[KeyCode, KeyFacts]) -> Iterator[Finding]:
    read = [place for place in file.places if place.is_read]
    if file.kind is Kind.ANSWER_FILE:
        if not file.is_template:  # several keys are alternatives, of which a tool takes one
            yield from several.of_repetitions(read)
        yield from several.of_passes(read, facts)
    elif file.kind is Kind.PID_TXT and read:
        yield key_rules.PID_IGNORED.at(read[0].line, read[0])


def _of_elsewhere(other: Elsewhere, all_facts: dict[KeyCode, KeyFacts]) -> Finding | None:
    if other.held.value is not Value.KEY or other.held.code is None:
        return None
    facts = all_facts.get(other.held.code)
    if facts and facts.published:
        return key_rules.PUBLISHED_ELSEWHERE.at(other.line)
    return _ELSEWHERE.get(other.where, key_rules.IN_OTHER_PLACE).at(other.line)


def installed_product(file: AnswerFile, architecture: str, systems: Systems) -> Product | None:
    """The product that InstallFrom chooses for an architecture, None where it chooses none or only by its number."""
    for selection in sorted(file.selections, key=lambda selection: selection.architecture != architecture):
        name = shown(selection.value)
        if selection.names_edition:
            return product_of_edition(name)
        if selection.names_product and (product := product_of(name, systems)):
            return product
    return None


def product_of_file(file: AnswerFile, systems: Systems) -> Product | None:
    """What the file installs, else what it was made for; None where it does not tell."""
    return installed_product(file, "", systems) or _product_made_for(file, systems)


def codes_in(file: AnswerFile) -> list[KeyCode]:
    """The product keys in a file, each once, in its order."""
    return list(dict.fromkeys(spot.held.code for spot in file.spots if spot.held.code))


def _product_made_for(file: AnswerFile, systems: Systems) -> Product | None:
    made_for: image.MadeFor | None = file.made_for
    return product_of(shown(made_for.name), systems) if made_for else None
