"""The places of an answer file where a product key stands or may stand, each with what stands there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from productkeys.domain.answer_file import markup, values
from productkeys.domain.answer_file.markup import Element, Markup
from productkeys.domain.answer_file.text import Text, shown
from productkeys.domain.answer_file.values import Held

SETUP = "Microsoft-Windows-Setup"
SHELL_SETUP = "Microsoft-Windows-Shell-Setup"
WINDOWS_PE = "windowsPE"
SPECIALIZE = "specialize"
PASSES_IN_ORDER = (WINDOWS_PE, "offlineServicing", "generalize", SPECIALIZE, "auditSystem", "auditUser", "oobeSystem")
PASSES = frozenset(PASSES_IN_ORDER)
KEY_PATH = "UserData/ProductKey/Key"
SHELL_PATH = "ProductKey"

_CHILD = re.compile(r"<([^\s<>/!?]++)[^<>]*+>[^<]*+</\1\s*+>")
_BESIDE = 300
_LONGEST = 4000
_MOST = 300


class Purpose(StrEnum):
    """What Windows does with the key at a place; `NONE` where it reads no key there, or never comes there."""

    INSTALLATION = "installation"
    ACTIVATION = "activation"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a product key, named as the file names it.

    `start` to `end` is what is written there, in the text of the file; `element` is the element that holds it, None in
    files that are no XML. `remark` is a comment before it or in it.
    """

    pass_name: str
    component: str
    architecture: str
    path: str
    line: int
    held: Held
    purpose: Purpose
    start: int
    end: int
    element: Element | None = None
    remark: str = ""

    @property
    def is_read(self) -> bool:
        """Whether Windows reads a key here."""
        return self.purpose is not Purpose.NONE


def places(text: Text, read: Markup) -> list[Place]:
    """Every place that the file has, in its order; of a file that has more than any file should, the first ones."""
    keys: dict[int, list[Element]] = {}
    for element in read.elements:
        if element.name == "Key" and element.parent and element.parent.name == "ProductKey":
            keys.setdefault(element.parent.start, []).append(element)
    found: list[Place] = []
    for element in read.elements:
        component = element.within("component") if element.name == "ProductKey" else None
        if component:
            found += _of_product_key(text, element, component, keys.get(element.start, []))
            if len(found) >= _MOST:
                break
    return found


def _of_product_key(text: Text, element: Element, component: Element, keys: list[Element]) -> Iterator[Place]:
    settings = component.within("settings")
    pass_name = shown(settings.attributes.get("pass", "")) if settings else ""
    described = component.attributes
    name, architecture = shown(described.get("name", "")), shown(described.get("processorArchitecture", ""))
    path = _path(text.text, element, component)
    purpose, expected = _purpose(pass_name, name, path)

    def place(path: str, element: Element, held: Held, end: int) -> Place:
        return Place(
            pass_name,
            name,
            architecture,
            path,
            text.line(element.start),
            held,
            purpose,
            element.inside,
            end,
            element,
            _remark(text.text, element),
        )

    for key in keys:
        yield place(f"{path}/{_path(text.text, key, element)}", key, *_held(text.text, key))
    if keys:
        return
    held = _held_straight(text.text, element)
    if expected == KEY_PATH and held.value is values.Value.EMPTY:
        yield place(KEY_PATH, element, values.MISSING, element.outside)
    elif purpose or held.value is not values.Value.EMPTY:
        yield place(path, element, held, element.outside)


def _path(text: str, element: Element, component: Element) -> str:
    """The names from the component down to the element."""
    names: tuple[str, ...] = ()
    while element is not component and element.parent:
        names = (*markup.names_between(text, element.parent.inside, element.start), element.name, *names)
        element = element.parent
    return shown("/".join(names))


def _purpose(pass_name: str, component: str, path: str) -> tuple[Purpose, str]:
    """What a key in this component is for, and the path at which Windows looks for it."""
    match component.lower(), path:
        case "microsoft-windows-setup", "UserData/ProductKey":
            return (Purpose.INSTALLATION if pass_name == WINDOWS_PE else Purpose.NONE), KEY_PATH
        case "microsoft-windows-shell-setup", "ProductKey":
            return (Purpose.ACTIVATION if pass_name == SPECIALIZE else Purpose.NONE), SHELL_PATH
    return Purpose.NONE, ""


def _held(text: str, element: Element) -> tuple[Held, int]:
    """What an element holds, and where that ends."""
    is_open = element.end == element.inside and not element.is_empty
    end = element.inside + _LONGEST if is_open else element.outside
    written = text[element.inside : min(end, element.inside + _LONGEST)]
    said = markup.plain(written)
    if said is None or is_open:  # there are elements in it, or the next ones: it was never closed
        first = written.partition("<")[0]
        if first.strip() or is_open:
            return values.held(first), element.inside + len(first)
    return values.held(written if said is None else said), element.outside


def _held_straight(text: str, element: Element) -> Held:
    """What stands in an element beside the elements in it."""
    whole = text[element.inside : min(element.outside, element.inside + _LONGEST)]
    written = _CHILD.sub("", whole)
    if written != whole:  # the blanks belong to the layout of the elements
        written = written.strip()
    said = markup.plain(written)
    return values.held(written if said is None else said)


def _remark(text: str, element: Element) -> str:
    before = text[max(element.start - _BESIDE, 0) : element.start].rstrip()
    comment = before[before.rfind("<!--") :] if before.endswith("-->") else ""
    inside = text[element.inside : min(element.outside, element.inside + _BESIDE)]
    return comment + (inside if "<!--" in inside else "")
