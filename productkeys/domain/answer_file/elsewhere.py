"""Product keys at places that no reader of answer files looks at: comments, scripts, attributes, other text."""

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from productkeys.domain.answer_file import values
from productkeys.domain.answer_file.markup import Span, is_within
from productkeys.domain.answer_file.text import Text
from productkeys.domain.answer_file.values import Held, Value
from productkeys.domain.keycode_text import ALPHABET, GROUP_LENGTH, KEY_LENGTH


class Where(StrEnum):
    """What a key elsewhere stands in; part of the contract with scripts."""

    COMMENT = "comment"
    SCRIPT = "script"
    ATTRIBUTE = "attribute"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A text that looks like a product key, at a place that is none of a key."""

    line: int
    where: Where
    held: Held
    start: int
    end: int


# Dashes are rare in a text, so the search starts at one of them.
_MIDDLE = re.compile(r"-[0-9A-Za-z]{5}-[0-9A-Za-z]{5}-[0-9A-Za-z]{5}-")
_FIVE = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9A-Za-z]{5}-)[0-9A-Za-z]{5}(?:-[0-9A-Za-z]{5}){4}(?![0-9A-Za-z])(?!-[0-9A-Za-z]{5}(?![0-9A-Za-z]))"
)
# A key without dashes is rare, and looking for one at every character takes long: bytes are looked through much faster.
_RUN = b"K" * KEY_LENGTH
_AS_RUNS = bytes.maketrans((ALPHABET + "N" + ALPHABET.lower() + "n").encode(), b"K" * 2 * (len(ALPHABET) + 1))
_UNDASHED = re.compile(rf"(?<![\w+/-])(?:[{ALPHABET}N]{{25}}|[{ALPHABET.lower()}n]{{25}})(?![\w+/=-])")
_SCRIPT_ELEMENTS = frozenset({"commandline", "path", "file", "script", "extractscript", "command", "arguments"})
_SCRIPT_WORDS = re.compile(
    r"slmgr|[/-]ipk\b|cscript|powershell|cmd(?:\.exe)? /|changepk|ProductKey:|InstallProductKey|\breg(?:\.exe)? add",
    re.IGNORECASE,
)
_TAG_NAME = re.compile(r"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")
_FAR = 4000
_MOST = 1000
_LISTED = frozenset({Value.KEY, Value.PLACEHOLDER, Value.MALFORMED})


def elsewhere(text: Text, *, taken: Iterable[Span], comments: Sequence[Span], cdata: Sequence[Span]) -> list[Elsewhere]:
    """Every text that looks like a key outside the spans `taken`; of too many, the first thousand."""
    spans = sorted(taken)
    found: list[Elsewhere] = []
    for start, end in heapq.merge(_dashed(text.text), _undashed(text.text)):
        if len(found) >= _MOST:
            break
        if is_within(spans, start):
            continue
        held = values.held(text.text[start:end])
        # Without dashes, what is no key may be anything.
        if held.value in _LISTED and (held.code or text.text[start + GROUP_LENGTH] == "-"):
            found.append(Elsewhere(text.line(start), _where(text.text, start, comments, cdata), held, start, end))
    return found


def _dashed(text: str) -> Iterator[Span]:
    last = 0
    for middle in _MIDDLE.finditer(text):
        match = _FIVE.match(text, max(middle.start() - 5, 0))
        if match and match.start() >= last:
            last = match.end()
            yield match.span()


def _undashed(text: str) -> Iterator[Span]:
    """Keys without dashes: 25 of their characters in one case, and no more of the same word around them."""
    if _RUN in text.encode("ascii", "replace").translate(_AS_RUNS):
        yield from (match.span() for match in _UNDASHED.finditer(text))


def _where(text: str, place: int, comments: Sequence[Span], cdata: Sequence[Span]) -> Where:
    if is_within(comments, place):
        return Where.COMMENT
    if is_within(cdata, place):
        return Where.SCRIPT
    near = max(place - _FAR, 0)
    opened, closed = text.rfind("<", near, place), text.rfind(">", near, place)
    if opened > closed:
        return Where.ATTRIBUTE
    tag = _TAG_NAME.match(text, opened) if opened >= 0 else None
    line_end = text.find("\n", place)
    around = text[max(closed + 1, near) : line_end if 0 <= line_end < place + _FAR else place + _FAR]
    if (tag and tag[1].lower() in _SCRIPT_ELEMENTS) or _SCRIPT_WORDS.search(around):
        return Where.SCRIPT
    return Where.TEXT
