"""What of a deployment file may be shown: its tags and names, and the few texts in it that are never a secret.

Answer files hold passwords, plain and as base64, in elements, scripts and comments. So nothing is shown unless it is
known to be harmless; every other text is an ellipsis, and a product key its mask. Every pattern runs in linear time.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import accumulate, takewhile
from textwrap import dedent
from typing import NamedTuple

from productkeys.domain import keycode, keycode_text
from productkeys.domain.answer_file import media
from productkeys.domain.answer_file.media import Kind
from productkeys.domain.answer_file.places import PASSES
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.splicing import Edit, spliced
from productkeys.domain.answer_file.text import readable
from productkeys.domain.answer_file.values import Value

HIDDEN = "…"
_NO_LAST_FIVE = keycode.MASK_CHARACTER * 5
_MASK = re.compile(rf"((?:{keycode.MASK_CHARACTER}{{5}}-){{4}}[0-9A-Z{keycode.MASK_CHARACTER}]{{5}})")
_LINE_END = re.compile("[\r\n]")
_SHOWN_OF_A_LINE, _BESIDE = 240, 60
_LONGEST_TEXT = 80

_HARMLESS_ELEMENTS = frozenset(
    {
        *("AcceptEula", "WillShowUI", "ComputerName", "SkipAutoActivation", "TimeZone", "Order", "ProtectYourPC"),
        *("UILanguage", "UILanguageFallback", "InputLocale", "SystemLocale", "UserLocale"),
        *("HideEULAPage", "SkipMachineOOBE", "SkipUserOOBE"),
    }
)
_KEY_ELEMENTS = frozenset({"Key", "ProductKey"})
_HARMLESS_ATTRIBUTES = frozenset(
    {
        *("xmlns", "name", "processorArchitecture", "publicKeyToken", "language", "versionScope"),
        *("wcm:action", "version", "encoding"),
    }
)
_HARMLESS_SETTINGS = frozenset({"priority", "properties", "skipproductkey", "osinstall", "deploymenttype"})
_PLAIN_LINE = re.compile(r"[ \t\ufeff]*+(?:\[[^\]\r\n]{1,60}+\]|[A-Za-z_]{1,40}+)[ \t]*+")

_NAME = r"(?:[A-Za-z_][\w.-]{0,63}+:)?+[A-Za-z_][\w.-]{0,63}+"
_ATTRIBUTE = re.compile(rf"""(\s++)({_NAME})(\s*+=\s*+)("[^"<>]*+"|'[^'<>]*+')""")
_PIECE = re.compile(
    rf"(?P<opening><!--|<!\[CDATA\[|<\?xml(?=\s))|<(?P<slash>/?)(?P<name>{_NAME})"
    rf"""(?P<written>(?:\s++{_NAME}\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'))*+\s*+/?+)>"""
)
_TAG_NAME = re.compile(rf"</?{_NAME}")
_CLOSING = {"<!--": "-->", "<![CDATA[": "]]>", "<?xml": "?>"}


class ShownLine(NamedTuple):
    """A line of a file as it may be shown: its number from 1, and whether it is the one that is spoken of."""

    number: int
    text: str
    is_meant: bool


def excerpts(file: AnswerFile, meant: Iterable[int], *, around: int = 1) -> dict[int, list[ShownLine]]:
    """For each number of a line in the file, that line as it may be shown, and those beside it."""
    numbers = set(meant)
    shown = veiled(file, {near for line in numbers for near in range(line - around, line + around + 1)})
    return {line: _beside(shown, line, around) for line in numbers if line in shown}


def _beside(shown: Mapping[int, str], line: int, around: int) -> list[ShownLine]:
    """The lines around one, without the blanks that all of them begin with."""
    numbers = [near for near in range(line - around, line + around + 1) if near in shown]
    texts = dedent("\n".join(shown[near].rstrip() for near in numbers)).split("\n")
    return [ShownLine(near, text, near == line) for near, text in zip(numbers, texts, strict=True)]


def veiled(file: AnswerFile, wanted: Iterable[int]) -> dict[int, str]:
    """The lines of these numbers, as they may be shown; what the file does not have is left out."""
    text = _masked(file)
    newline = "\n" if "\n" in text else "\r"
    ends = list(accumulate((len(line) + 1 for line in text.split(newline)), initial=0))
    numbers = sorted(number for number in set(wanted) if 0 < number < len(ends))
    asked = _Asked([(ends[number - 1], ends[number]) for number in numbers], newline)
    pieces = _pieces_of_xml(text) if file.kind is Kind.ANSWER_FILE else _pieces_of_settings(text, file.kind)
    needed = takewhile(lambda piece: bool(numbers) and piece[0] < ends[numbers[-1]], pieces)
    lines = "".join(asked.veiled(text, *piece) for piece in needed).split(newline)
    return {number: readable(_shortened(lines[number - 1].strip("\r"))) for number in numbers}


_Piece = tuple[int, int, Callable[[str], str]]
"""Start and end of a piece of the text, and what makes it fit to be shown. Pieces follow one another without a gap."""


class _Asked:
    """Veils only what is in the lines that are asked for: files may be large. All else leaves its line ends."""

    def __init__(self, spans: list[tuple[int, int]], newline: str) -> None:
        self._spans, self._newline, self._next = spans, newline, 0

    def veiled(self, text: str, start: int, end: int, veil: Callable[[str], str]) -> str:
        while self._next < len(self._spans) and self._spans[self._next][1] <= start:
            self._next += 1
        if self._next < len(self._spans) and self._spans[self._next][0] < end:
            return veil(text[start:end])
        return self._newline * text.count(self._newline, start, end)


def _shortened(line: str) -> str:
    """A line, and of a very long one, such as a whole file, the part around its first key."""
    if len(line) <= _SHOWN_OF_A_LINE:
        return _redacted(line)
    key = _MASK.search(line)
    start = max((key.start() if key else 0) - _SHOWN_OF_A_LINE // 2, 0)
    before = min(start, _BESIDE)  # what begins or ends outside of the part is still seen as a key
    part = _redacted(line[start - before : start + _SHOWN_OF_A_LINE + _BESIDE])
    return f"{HIDDEN * (start > 0)}{part[before : before + _SHOWN_OF_A_LINE]}{HIDDEN}"


def _redacted(line: str) -> str:
    return "".join(part if place % 2 else keycode.redact(part) for place, part in enumerate(_MASK.split(line)))


def _masked(file: AnswerFile) -> str:
    """The text with a mask for what stands at the places of keys and for what looks like one."""
    text, edits, position = file.text.text, [], 0
    for spot in file.spots:
        start = max(spot.start, position)  # in a broken file, one place may reach into the next
        if spot.held.value in (Value.KEY, Value.MALFORMED) and start < spot.end:
            mask = keycode.mask(spot.held.last_five or _NO_LAST_FIVE)
            edits.append(Edit(start, spot.end, mask + _line_ends(text[start : spot.end])))
            position = spot.end
    return spliced(text, edits)


def _pieces_of_xml(text: str) -> Iterator[_Piece]:
    opened, position = "", 0
    while piece := _PIECE.search(text, position):
        start, end, local_name = piece.start(), piece.end(), (piece["name"] or "").rpartition(":")[2]
        if position < start:
            yield position, start, partial(_said, opened if piece["slash"] and local_name == opened else "")
        if mark := piece["opening"]:
            closed = text.find(_CLOSING[mark], end)
            inside_ends = closed if closed >= 0 else len(text)
            position = min(inside_ends + len(_CLOSING[mark]), len(text))
            yield start, end, str
            yield end, inside_ends, _attributes if mark == "<?xml" else _hidden
            yield inside_ends, position, str
            opened = ""
        else:
            yield start, end, _tag
            is_open = not piece["slash"] and text[end - 2] != "/"
            position, opened = end, local_name if is_open else ""
    yield position, len(text), _hidden


def _tag(written: str) -> str:
    name = _TAG_NAME.match(written)
    assert name
    return f"{name[0]}{_attributes(written[name.end() : -1])}>"


def _said(element: str, text: str) -> str:
    """The text of an element without others in it; of `element`, empty where it is between other tags."""
    if not text or text.isspace():
        return text
    if len(text) <= _LONGEST_TEXT:
        if element in _HARMLESS_ELEMENTS and not _holds_key(text):
            return text
        if element in _KEY_ELEMENTS and keycode_text.is_placeholder(keycode_text.fold(text).text):
            return text
    return _hidden(text)


def _holds_key(text: str) -> bool:
    return len(text) >= keycode_text.KEY_LENGTH and keycode.contains_key(text)


def _attributes(written: str) -> str:
    """The attributes of a tag, with what is not known to be harmless hidden."""
    shown, position = [], 0
    for attribute in _ATTRIBUTE.finditer(written):
        blank, name, equals, value = attribute.groups()
        is_harmless = name in _HARMLESS_ATTRIBUTES or name.startswith("xmlns:")
        is_harmless |= name == "pass" and value[1:-1] in PASSES  # elsewhere it may be a password
        if not is_harmless or len(value) > _LONGEST_TEXT or _holds_key(value):
            value = f"{value[0]}{_hidden(value[1:-1])}{value[0]}"
        shown += [_hidden(written[position : attribute.start()]), blank, name, equals, value]
        position = attribute.end()
    rest = written[position:]
    return "".join([*shown, _hidden(rest) if rest.strip(" \t\r\n/?") else rest])


def _pieces_of_settings(text: str, kind: Kind) -> Iterator[_Piece]:
    position = 0
    for setting in media.settings(text):
        line_start = max(text.rfind("\n", position, setting.start), text.rfind("\r", position, setting.start)) + 1
        line_start = max(line_start, position)
        yield position, line_start, partial(_plain_lines, kind)
        yield line_start, setting.start, _setting_name
        yield setting.start, setting.end, partial(_setting_value, setting.name)
        position = setting.end
    yield position, len(text), partial(_plain_lines, kind)


def _setting_name(written: str) -> str:
    return written if len(written) <= _LONGEST_TEXT and not _holds_key(written) else _hidden(written)


def _setting_value(name: str, value: str) -> str:
    is_harmless = name.lower() in _HARMLESS_SETTINGS and len(value) <= _LONGEST_TEXT and not _holds_key(value)
    return value if is_harmless else _hidden(value)


def _plain_lines(kind: Kind, text: str) -> str:
    """Lines that set nothing: sections, comments, and the values of ei.cfg."""
    return "".join(line if _is_plain(line, kind) else _hidden(line) for line in re.split("([\r\n])", text))


def _is_plain(line: str, kind: Kind) -> bool:
    if not _PLAIN_LINE.fullmatch(line) or _holds_key(line):
        return False
    return kind is Kind.EI_CFG or line.lstrip(" \t\ufeff").startswith("[")


def _hidden(text: str) -> str:
    """Marks and masks in place of a text, with its line ends and the blanks at the beginning of its lines."""
    return "".join(_hidden_line(part) for part in re.split("([\r\n])", text)) if text else ""


def _hidden_line(line: str) -> str:
    if not line.strip():
        return line
    pieces = [part if place % 2 else (HIDDEN if part.strip() else "") for place, part in enumerate(_MASK.split(line))]
    before, behind = line[: len(line) - len(line.lstrip())], line[len(line.rstrip()) :]
    return before + " ".join(piece for piece in pieces if piece) + behind


def _line_ends(text: str) -> str:
    return "".join(_LINE_END.findall(text))
