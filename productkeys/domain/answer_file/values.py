"""What stands where a product key belongs: a key, nothing, or one of the many things that people put there."""

import re
from dataclasses import dataclass
from enum import StrEnum

from productkeys.domain import keycode, keycode_text
from productkeys.domain.keycode import KeyCode, KeyFormatError


class Value(StrEnum):
    """What the value of a place is; part of the contract with scripts."""

    PUBLISHED = "published"
    KEY = "key"
    PLACEHOLDER = "placeholder"
    EMPTY = "empty"
    MISSING = "missing"
    MALFORMED = "malformed"
    REDACTED = "redacted"


@dataclass(frozen=True, slots=True)
class Held:
    """The value of a place. Reading alone never says `PUBLISHED`: which keys are known is not its knowledge.

    `code` is the key, for a malformed value the key that was probably meant. `as_issued` is false where the key is not
    written as Windows reads it: five groups of capital letters and digits, joined by dashes, and nothing around them.
    `fault` says why a value is no key, without repeating it.
    """

    value: Value
    code: KeyCode | None = None
    as_issued: bool = True
    fault: KeyFormatError | None = None

    @property
    def last_five(self) -> str | None:
        return self.code.last_five if self.code else None


MISSING = Held(Value.MISSING)
_EMPTY = Held(Value.EMPTY)
_PLACEHOLDER = Held(Value.PLACEHOLDER)
_REDACTED = Held(Value.REDACTED)

# Windows System Image Manager writes the first of these; the others are what people do before they show a file.
_HIDDEN = re.compile(
    r"\W*(?:sensitive\*?data\*?deleted|hidden|redacted|removed|censored|deleted|masked|confidential|secret|geschwärzt"
    r"|entfernt|[*•●█]{3,}(?:-[*•●█\w]{3,})*)\W*",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"\{\{|\{%|\$\{|\$\(|%\w[\w .:-]*%|<%|#\w+:|@@|\$env:|\$\w+\Z|\A[{\[]\s*\w[\w .:-]*[}\]]\Z", re.IGNORECASE
)
_WORDS = re.compile(
    r"key|product_?id|serial|schl(?:ü|ue)ssel|licen[cs]e|lizenz|insert|enter|your|todo|tbd|change_?me|replace|placeholder"
    r"|example|dummy|n/?a\Z|none\Z|null\Z",
    re.IGNORECASE,
)
_UNISSUED = re.compile(r"[0-9A-Z]{5}(?:[ -]?[0-9A-Z]{5}){4}", re.IGNORECASE)
_AS_ISSUED = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}")
_NUMBERED = re.compile(r"\d{1,2}_?(?=[A-Za-z]{4})")  # 1ProductID: the first of several values to be filled in
_LONGEST = 400


def held(written: str) -> Held:
    """What `written`, the text of an element, an attribute or a line, is."""
    if _AS_ISSUED.fullmatch(written):
        return _spelled_as_issued(written)
    text = written.strip(" \t\r\n\ufeff")
    if not text:
        return _EMPTY
    if len(text) > _LONGEST:
        return Held(Value.MALFORMED, fault=KeyFormatError("no_key"))
    if _HIDDEN.fullmatch(text):
        return _REDACTED
    if keycode_text.is_placeholder(keycode_text.fold(text).text) or _TEMPLATE.search(text):
        return _PLACEHOLDER
    try:
        code = keycode.parse(text)
    except KeyFormatError as error:
        return _no_key(text, error)
    if not _UNISSUED.fullmatch(text):
        return Held(Value.MALFORMED, code, as_issued=False)
    return Held(Value.KEY, code, as_issued=False)


def _spelled_as_issued(written: str) -> Held:
    try:
        return Held(Value.KEY, keycode.parse(written))
    except KeyFormatError as error:
        return _no_key(written, error)


def _no_key(text: str, error: KeyFormatError) -> Held:
    meant = _NUMBERED.sub("", text)
    if error.code == "placeholder" or (_WORDS.search(meant) and not _UNISSUED.fullmatch(text)):
        return _PLACEHOLDER
    return Held(Value.MALFORMED, fault=error.with_traceback(None))
