"""Reads a deployment file, whatever has become of it: this never raises, and says what is wrong with the file."""

import re
from dataclasses import dataclass, field

from productkeys.domain.answer_file import image, markup, media, places, structure_rules, wellformed
from productkeys.domain.answer_file.elsewhere import Elsewhere, elsewhere
from productkeys.domain.answer_file.image import MadeFor, Selection
from productkeys.domain.answer_file.markup import Markup
from productkeys.domain.answer_file.media import Kind
from productkeys.domain.answer_file.places import Place
from productkeys.domain.answer_file.text import Text, decoded
from productkeys.domain.answer_file.wellformed import MAX_BYTES, Fault

NAMESPACE = "urn:schemas-microsoft-com:unattend"

_TEMPLATE_MARKS = re.compile(r"\{%|%\{~?\s*(?:if|for|else|end)|<%|^[ \t]*#(?:if|set|end|for|raw)\b", re.MULTILINE)
_SETS_HOST = re.compile(r"[/-]skms\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """What a file says about product keys.

    `faults` is empty where the file can be read: XML that is well-formed, or lines. A file with a fault still has every
    place that can be found in it. `skips_activation` is whether SkipAutoActivation is true somewhere.
    """

    kind: Kind
    text: Text
    faults: tuple[Fault, ...] = ()
    places: tuple[Place, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    markup: Markup = field(default_factory=Markup, repr=False)
    selections: tuple[Selection, ...] = ()
    made_for: MadeFor | None = None
    skips_activation: bool = False

    @property
    def is_readable(self) -> bool:
        return not self.faults

    @property
    def spots(self) -> list[Place | Elsewhere]:
        """Every place of a key, and every key elsewhere, in the order of the file."""
        found: list[Place | Elsewhere] = [*self.places, *self.elsewhere]
        return sorted(found, key=lambda spot: spot.start)

    @property
    def is_template(self) -> bool:
        """Whether it is no XML yet: it becomes an answer file when a tool fills it in."""
        return bool(self.faults) and _TEMPLATE_MARKS.search(self.text.text) is not None

    @property
    def sets_kms_host(self) -> bool:
        """Whether a command in the file names a KMS host."""
        text = self.text.text
        found = _SETS_HOST.finditer(text) if "skms" in text.lower() else ()
        return any(not markup.is_within(self.markup.comments, match.start()) for match in found)

    @property
    def namespace(self) -> str | None:
        """The namespace of the root element, None where it has none."""
        prefix, colon, _name = self.markup.root.rpartition(":")
        wanted = f"xmlns:{prefix}" if colon else "xmlns"
        return markup.attributes(self.markup.root_attributes).get(wanted)


def read(data: bytes, name: str = "") -> AnswerFile:
    """Read the bytes of a file; `name` helps to tell what it is. Never raises."""
    if len(data) > MAX_BYTES:
        return AnswerFile(Kind.ANSWER_FILE, Text("", "utf-8"), tuple(wellformed.faults(data)))
    text = decoded(data)
    kind = media.kind_of(text, name)
    return _read_xml(data, text) if kind is Kind.ANSWER_FILE else _read_lines(text, kind)


def unopened(reason: str) -> AnswerFile:
    """What stands for a file that could not even be opened; `reason` is the system's word for why."""
    return AnswerFile(Kind.ANSWER_FILE, Text("", "utf-8"), (Fault(structure_rules.NOT_OPENED, 1, reason),))


def _read_xml(data: bytes, text: Text) -> AnswerFile:
    found = markup.read(text.text)
    held = tuple(places.places(text, found))
    others = elsewhere(
        text,
        taken=[(place.start, place.end) for place in held],
        comments=found.comments,
        cdata=found.cdata,
    )
    return AnswerFile(
        Kind.ANSWER_FILE,
        text,
        tuple(wellformed.faults(data)),
        held,
        tuple(others),
        found,
        tuple(image.selections(text, found)),
        image.made_for(text, found),
        _skips_activation(text, found),
    )


def _read_lines(text: Text, kind: Kind) -> AnswerFile:
    held = tuple(media.places(text, kind))
    others = elsewhere(
        text, taken=[(place.start, place.end) for place in held], comments=media.comments(text.text), cdata=()
    )
    return AnswerFile(kind, text, places=held, elsewhere=tuple(others))


def _skips_activation(text: Text, found: Markup) -> bool:
    return any(
        element.name == "SkipAutoActivation"
        and (markup.plain(text.text[element.inside : element.outside]) or "").strip().lower() in ("true", "1")
        for element in found.elements
    )
