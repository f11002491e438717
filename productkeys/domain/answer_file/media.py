"""The other files that carry product keys: CustomSettings.ini, ei.cfg and PID.txt, line by line.

They hold passwords and accounts as well: nothing of them is repeated but the names of sections and settings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from productkeys.domain.answer_file import values
from productkeys.domain.answer_file.places import Place, Purpose
from productkeys.domain.answer_file.text import Text, shown


class Kind(Enum):
    """What kind of file it is, with the name that people know it by."""

    ANSWER_FILE = "unattend.xml"
    CUSTOM_SETTINGS = "CustomSettings.ini"
    EI_CFG = "ei.cfg"
    PID_TXT = "PID.txt"


@dataclass(frozen=True, slots=True)
class Setting:
    """A line `name = value` of a section; `start` to `end` is the value, without the blanks around it."""

    section: str
    name: str
    start: int
    end: int


_PURPOSES = {
    (Kind.CUSTOM_SETTINGS, "productkey"): Purpose.INSTALLATION,
    (Kind.CUSTOM_SETTINGS, "overrideproductkey"): Purpose.ACTIVATION,
    (Kind.PID_TXT, "value"): Purpose.INSTALLATION,
}
_LINE = re.compile(
    r"^[ \t\ufeff]*+(?:([;'#][^\r\n]*+)|\[([^\]\r\n]*+)\]|([^=\r\n\[]*+)=[ \t]*+([^\r\n]*+))", re.MULTILINE
)
_SIGNS = (
    (Kind.PID_TXT, re.compile(r"^[\s\ufeff]*\[PID\]", re.IGNORECASE | re.MULTILINE)),
    (Kind.EI_CFG, re.compile(r"^[\s\ufeff]*\[(?:Edition ?ID|Channel|VL)\]", re.IGNORECASE | re.MULTILINE)),
    (
        Kind.CUSTOM_SETTINGS,
        re.compile(
            r"^[ \t\ufeff]*(?:\[Settings\]|\[Default\]|Priority[ \t]*=|(?:Override|Skip)?ProductKey[ \t]*=)",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
)
_MOST = 1000


def kind_of(text: Text, name: str) -> Kind:
    """What kind of file this is, by its name, else by what stands in it."""
    by_name = re.split(r"[/\\]", name)[-1].lower()
    for kind in (Kind.CUSTOM_SETTINGS, Kind.EI_CFG, Kind.PID_TXT):
        if by_name == kind.value.lower():
            return kind
    if by_name.endswith(".xml") or text.text.lstrip("\ufeff \t\r\n").startswith("<"):
        return Kind.ANSWER_FILE
    if by_name.endswith(".ini"):
        return Kind.CUSTOM_SETTINGS
    start = text.text[:65_536]
    return next((kind for kind, sign in _SIGNS if sign.search(start)), Kind.ANSWER_FILE)


def places(text: Text, kind: Kind) -> list[Place]:
    """The settings that hold a product key."""
    found = []
    for setting in settings(text.text):
        purpose = _PURPOSES.get((kind, setting.name.lower()))
        if purpose and (kind is not Kind.PID_TXT or setting.section.lower() == "pid"):
            held = values.held(text.text[setting.start : setting.end])
            path = shown(f"{setting.section}/{setting.name}")
            line = text.line(setting.start)
            found.append(Place("", kind.value, "", path, line, held, purpose, setting.start, setting.end))
    return found[:_MOST]


def settings(text: str) -> Iterator[Setting]:
    """Every line that sets something, in order."""
    section = ""
    for line in _LINE.finditer(text):
        comment, header, name, value = line.groups()
        if header is not None:
            section = header.strip()
        elif comment is None:
            start = line.start(4)
            yield Setting(section, name.strip(), start, start + len(value.rstrip()))


def comments(text: str) -> list[tuple[int, int]]:
    """The lines that say nothing to the tools; they begin with ; or '."""
    return [line.span(1) for line in _LINE.finditer(text) if line[1] is not None]
