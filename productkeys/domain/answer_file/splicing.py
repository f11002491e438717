"""Changes to a text at single places: everything else stays character for character.

New elements come indented as those around them are, and with their prefix.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from productkeys.domain.answer_file.markup import Element

_NEXT_LINE = re.compile(r"[ \t]*(\r\n|\n|\r)([ \t]*)(?=<)")
_INDENT = re.compile(r"(?:^|[\r\n])([ \t]*)\Z")
_KEPT = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_FAR = 400


class Edit(NamedTuple):
    """Puts `written` in place of the characters from `start` to `end`."""

    start: int
    end: int
    written: str


class Line(NamedTuple):
    """A line of new elements, and how many levels deeper than the first of them it stands."""

    depth: int
    written: str


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all edits made, each once; they do not overlap."""
    pieces, position = [], 0
    for edit in sorted(set(edits)):
        pieces += [text[position : edit.start], edit.written]
        position = edit.end
    return "".join([*pieces, text[position:]])


def replaced(text: str, element: Element, content: str) -> Edit:
    """Puts `content` in place of the text in an element. Comments in it stay."""
    if element.is_empty:
        return Edit(element.start, element.inside, f"{_opened(text, element)}{content}</{tag(element)}>")
    inside = text[element.inside : element.outside]
    kept = [match.span() for match in _KEPT.finditer(inside)]
    if not kept:
        return Edit(element.inside, element.outside, content)
    behind = not inside[: kept[0][0]].strip()  # the comment stands before the text
    comments = "".join(inside[start:end] for start, end in kept)
    return Edit(element.inside, element.outside, comments + content if behind else content + comments)


def removed(text: str, element: Element) -> Edit:
    """Takes an element away, and its line where it has one of its own. Comments in it stay."""
    start, end = element.start, element.end
    comments = "".join(match[0] for match in _KEPT.finditer(text[element.inside : element.outside]))
    if not comments and text[end : end + 1] in ("\r", "\n") and (indent := _indent(text, start)) is not None:
        start -= len(indent)
        end += 2 if text.startswith("\r\n", end) else 1
    return Edit(start, end, comments)


def put_first(text: str, outer: Element, lines: Sequence[Line]) -> Edit:
    """Puts new elements in an element, before all that is in it."""
    if element_is_blank(text, outer):
        return _filled(text, outer, lines)
    following = _NEXT_LINE.match(text, outer.inside)
    if following is None:
        return Edit(outer.inside, outer.inside, "".join(line.written for line in lines))
    newline, indent = following.groups()
    unit = _unit(text, outer, indent)
    return Edit(outer.inside, outer.inside, _laid_out(lines, newline, indent, unit))


def put_last(text: str, outer: Element, lines: Sequence[Line]) -> Edit:
    """Puts new elements in an element, behind all that is in it."""
    if element_is_blank(text, outer):
        return _filled(text, outer, lines)
    place = outer.inside + len(text[outer.inside : outer.outside].rstrip())
    following = _NEXT_LINE.match(text, outer.inside)
    if following is None or place == outer.outside:
        return Edit(place, place, "".join(line.written for line in lines))
    newline, indent = following.groups()
    return Edit(place, place, _laid_out(lines, newline, indent, _unit(text, outer, indent)))


def element_is_blank(text: str, element: Element) -> bool:
    """Whether there is nothing in an element, not even a comment."""
    return not text[element.inside : element.outside].strip()


def tag(element: Element) -> str:
    """The name of an element as the file writes it."""
    return f"{element.prefix}:{element.name}" if element.prefix else element.name


def _filled(text: str, outer: Element, lines: Sequence[Line]) -> Edit:
    """Puts new elements in an element that is blank."""
    indent, newline = _indent(text, outer.start), "\r\n" if "\r\n" in text else "\n"
    if indent is None:
        content = "".join(line.written for line in lines)
    else:
        unit = "\t" if "\t" in indent else "  "
        content = _laid_out(lines, newline, indent + unit, unit) + newline + indent
    return Edit(outer.start, outer.end, f"{_opened(text, outer)}{content}</{tag(outer)}>")


def _laid_out(lines: Sequence[Line], newline: str, indent: str, unit: str) -> str:
    return "".join(f"{newline}{indent}{unit * line.depth}{line.written}" for line in lines)


def _opened(text: str, element: Element) -> str:
    """The start tag of an element, as one that something follows."""
    written = text[element.start : element.inside]
    return f"{written[:-2].rstrip()}>" if element.is_empty else written


def _indent(text: str, place: int) -> str | None:
    """The blanks before a place, None where something else stands before it in its line."""
    before = _INDENT.search(text[max(place - _FAR, 0) : place])
    return before[1] if before else None


def _unit(text: str, outer: Element, inner: str) -> str:
    """By how much the file indents what is in an element, at least two blanks."""
    own = _indent(text, outer.start) or ""
    return inner[len(own) :] if inner.startswith(own) and len(inner) > len(own) else "  "
