"""Whether a file is well-formed XML: expat judges, this says in words what it found."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from productkeys.domain.answer_file import structure_rules
from productkeys.domain.answer_file.findings import FileRule, Finding

MAX_BYTES = 32 * 1024 * 1024
_DECLARATION = b"<?xml "
_JOINED = re.compile(rb"""=\s*["'][^"'<>]*+["'][\w:]\Z""")
_AMPERSAND = re.compile(rb"&[\w.#-]*+.?\Z", re.DOTALL)
_BROKEN = {
    expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]: structure_rules.PREFIX_UNDEFINED,
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: structure_rules.ENTITY_UNDEFINED,
    expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: structure_rules.TAGS_CROSSED,
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: structure_rules.NO_XML,
    expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING]: structure_rules.ENCODING_WRONG,
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]: structure_rules.ENCODING_WRONG,
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: structure_rules.CUT_OFF,
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR]: structure_rules.CUT_OFF,
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: structure_rules.CUT_OFF,
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: structure_rules.MORE_THAN_ONE_ROOT,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file cannot be read as XML, and in which line."""

    rule: FileRule
    line: int
    detail: str = ""

    @property
    def finding(self) -> Finding:
        return self.rule.at(self.line, detail=self.detail)

    @property
    def message(self) -> str:
        return self.finding.message


class _Doctype(Exception):
    pass


def faults(data: bytes) -> list[Fault]:
    """What is wrong with the file as XML; empty where it is well-formed.

    Expat stops at the first fault. Where that is something before the XML declaration, the rest is judged as well.
    """
    if len(data) > MAX_BYTES:
        return [Fault(structure_rules.TOO_LARGE, 1)]
    fault = _judge(data)
    if fault is None:
        return []
    start = data.find(_DECLARATION)
    before = data[: max(start, 0)].removeprefix(b"\xef\xbb\xbf")
    if not before or (b"<" in before and not before.lstrip().startswith(b"<!--")):
        return [fault]
    named = Fault(structure_rules.BEFORE_DECLARATION, 1)
    rest = _judge(data[start:])
    return [named, Fault(rest.rule, rest.line + data.count(b"\n", 0, start), rest.detail)] if rest else [named]


def _judge(data: bytes) -> Fault | None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except _Doctype:
        return Fault(structure_rules.DOCTYPE, parser.CurrentLineNumber)
    except expat.ExpatError as error:
        return _fault_of(error, data, parser.ErrorByteIndex)
    except (ValueError, LookupError):  # an encoding that Python does not have, or that is none of text
        return Fault(structure_rules.ENCODING_WRONG, 1)
    return None


def _refuse(*_declaration: object) -> NoReturn:
    raise _Doctype


def _fault_of(error: expat.ExpatError, data: bytes, place: int) -> Fault:
    rule = _BROKEN.get(error.code) if b"<" in data else structure_rules.NO_XML
    if rule is None and error.code == expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]:
        rule = _invalid_token(data, place)
    if rule is structure_rules.NO_XML and _begins_an_element(data):
        rule = structure_rules.CUT_OFF
    detail = expat.ErrorString(error.code) or ""
    return Fault(rule or structure_rules.NOT_WELL_FORMED, error.lineno, detail)


def _begins_an_element(data: bytes) -> bool:
    """Whether it is XML whose outermost element is never closed: to expat, that is no element as well."""
    parser, begun = expat.ParserCreate(), []
    parser.StartElementHandler = lambda name, _attributes: begun.append(name)
    with suppress(expat.ExpatError):
        parser.Parse(data, True)
    return bool(begun)


def _invalid_token(data: bytes, place: int) -> FileRule | None:
    """Expat's one name for many faults, told apart by the bytes it stopped at."""
    stopped, before = data[place : place + 1], data[max(place - 2, 0) : place + 2]
    if stopped >= b"\x80":
        return structure_rules.BYTE_OF_OTHER_ENCODING
    if b"--" in before:
        return structure_rules.DASHES_IN_COMMENT
    if _JOINED.search(data[max(place - 200, 0) : place + 1]):
        return structure_rules.ATTRIBUTES_JOINED
    if _AMPERSAND.search(data[max(place - 40, 0) : place + 1]):
        return structure_rules.BARE_AMPERSAND
    return None
