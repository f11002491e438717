"""The elements of a file that matter for product keys, by their places in its text, well-formed or not.

Whether a file is well-formed says expat (`wellformed.py`). Where it is, this reading and expat's are the same; where it
is not, this one goes on behind the fault. Only a few names are looked at, which is what makes it fast. Every pattern
here runs in linear time, and what is kept is bounded: files come from strangers.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

Span = tuple[int, int]

_NAMES = (
    "(unattend|AutoUnattend|settings|component|UserData|ProductKey|Key|InstallFrom|MetaData|Value|SkipAutoActivation"
    "|offlineImage)"
)
# What stands in a tag behind its name; of one with a quote too many, everything up to its end.
_REST = r"""((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+|[^<>]*+)>"""
_SECTION = r"(!--|!\[CDATA\[|\?)"
_PREFIX = r"(?:([^\s<>/:=!?&]++):)?"
_TOKEN = re.compile(rf"<(?:(/?)(){_NAMES}(?=[\s/>]){_REST}|{_SECTION})")
_TOKEN_WITH_PREFIX = re.compile(rf"<(?:(/?){_PREFIX}{_NAMES}(?=[\s/>]){_REST}|{_SECTION})")
_PREFIXED = (":settings", ":component", ":UserData", ":ProductKey", ":Key", ":offlineImage")
_TAG = re.compile(rf"""<(?:{_SECTION}|(/?)(?:[^\s<>/:=!?"'&]++:)?([^\s<>/:=!?"'&]++){_REST})""")
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENDS = {"!--": "-->", "![CDATA[": "]]>", "?": "?>"}
_DEEPEST = 64
_MOST = 5000


@dataclass(slots=True, eq=False)
class Element:
    """One element: its name without prefix, its places in the text, and the nearest kept element around it.

    The start tag is `start` to `inside`, the end tag `outside` to `end`; in an element without content the last three
    are the same, and so they are in one that is never closed.
    """

    name: str
    prefix: str
    written: str
    parent: "Element | None" = field(repr=False)
    start: int
    inside: int
    outside: int = -1
    end: int = -1
    _attributes: dict[str, str] | None = field(default=None, repr=False)

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes by their names as they are written, with prefix."""
        if self._attributes is None:
            self._attributes = attributes(self.written)
        return self._attributes

    @property
    def is_empty(self) -> bool:
        """Whether it is written as one tag: <Key/>."""
        return self.written.endswith("/")

    def within(self, name: str) -> "Element | None":
        """The nearest element of this name around this one, or None."""
        element = self.parent
        for _level in range(_DEEPEST):
            if element is None or element.name == name:
                return element
            element = element.parent
        return None


@dataclass(slots=True)
class Markup:
    """The root tag of a file, its kept elements in the order of the file, and the places of comments and CDATA."""

    root: str = ""
    root_attributes: str = ""
    root_start: int = 0
    elements: list[Element] = field(default_factory=list)
    comments: list[Span] = field(default_factory=list)
    cdata: list[Span] = field(default_factory=list)


def read(text: str) -> Markup:
    """The markup of a file."""
    markup, sections = Markup(), _Sections(text)
    open_elements: list[Element] = []
    behind = 0  # the end of the last comment: what looks like a tag in it is none
    pattern = _TOKEN_WITH_PREFIX if any(name in text for name in _PREFIXED) else _TOKEN
    for token in pattern.finditer(text):
        start, end = token.span()
        if start < behind:
            continue
        slash, prefix, name, written, section = token.groups()
        if section:
            behind = sections.end(section, end)
            if behind > end and section != "?":
                (markup.comments if section == "!--" else markup.cdata).append((start, behind))
        elif slash:
            _close(open_elements, name, start, end)
        elif len(markup.elements) < _MOST:
            parent = open_elements[-1] if open_elements else None
            element = Element(name, prefix or "", written, parent, start, end)
            markup.elements.append(element)
            if written.endswith("/"):
                element.outside = element.end = end
            else:
                open_elements.append(element)
    for element in open_elements:
        element.outside = element.end = element.inside
    markup.root, markup.root_attributes, markup.root_start = _root(text)
    return markup


class _Sections:
    """Finds where comments, CDATA and instructions end; what never ends is none, and is looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._endless: set[str] = set()

    def end(self, section: str, position: int) -> int:
        """Where to read on, for a section that begins before `position`."""
        mark = _ENDS[section]
        end = -1 if section in self._endless else self._text.find(mark, position)
        if end < 0:
            self._endless.add(section)
            return position
        return end + len(mark)


def _close(open_elements: list[Element], name: str, outside: int, end: int) -> None:
    """Close the innermost open element of this name, and those in it that were left open."""
    if name not in [element.name for element in open_elements[-_DEEPEST:]]:
        return
    last = ""
    while last != name:
        element = open_elements.pop()
        last = element.name
        element.outside, element.end = outside, end if last == name else outside


def _root(text: str) -> tuple[str, str, int]:
    """Name, with its prefix, attributes and place of the first tag."""
    sections, position = _Sections(text), 0
    while token := _TAG.search(text, position):
        if token[1]:
            position = sections.end(token[1], token.end())
            continue
        name = re.match(r"[^\s<>/=]++", text[token.start() + 1 : token.end()])
        return name[0] if name else "", token[4], token.start()
    return "", "", 0


def names_between(text: str, start: int, end: int) -> tuple[str, ...]:
    """The names of the elements that are opened between two places and not closed again before the second."""
    between = text[start:end]
    if "<!" not in between and "<?" not in between:
        closing = between.count("</")
        if between.count("<") - closing - between.count("/>") == closing:
            return ()
    names: list[str] = []
    times: Counter[str] = Counter()
    sections, position = _Sections(between), 0
    while token := _TAG.search(between, position):
        section, slash, name, written = token.groups()
        position = sections.end(section, token.end()) if section else token.end()
        if section or (not slash and written.endswith("/")):
            continue
        if not slash:
            names.append(name)
            times[name] += 1
            continue
        while times[name] and (last := names.pop()):
            times[last] -= 1
            if last == name:
                break
    return tuple(names[-_DEEPEST:])


def attributes(written: str) -> dict[str, str]:
    """The attributes in a tag by their names as they are written, with prefix."""
    return {name: unescaped(one or other) for name, one, other in _ATTRIBUTE.findall(written)}


def is_within(spans: Sequence[Span], place: int) -> bool:
    """Whether one of the sorted spans holds the place."""
    index = bisect_right(spans, (place, 1 << 62)) - 1
    return index >= 0 and spans[index][0] <= place < spans[index][1]


def plain(written: str) -> str | None:
    """What a stretch of XML says, or None where there is an element in it."""
    if "<" not in written:
        return unescaped(written)
    pieces, position = [], 0
    while (start := written.find("<", position)) >= 0:
        pieces.append(unescaped(written[position:start]))
        for mark, end_mark in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")):
            if written.startswith(mark, start):
                end = written.find(end_mark, start + len(mark))
                if end < 0:
                    return None
                pieces.append(written[start + len(mark) : end] if mark == "<![CDATA[" else "")
                position = end + len(end_mark)
                break
        else:
            return None
    return "".join([*pieces, unescaped(written[position:])])


def unescaped(written: str) -> str:
    """A text with the characters in place of what stands for them."""
    return _REFERENCE.sub(_character, written) if "&" in written else written


def _character(reference: "re.Match[str]") -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        return _NAMED[name]
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(number) if number < 0x110000 else reference[0]
