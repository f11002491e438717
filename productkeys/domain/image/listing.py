"""What DISM, Get-WindowsImage and wiminfo print about images, in English, German or French."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from productkeys.domain.image import faults
from productkeys.domain.image.faults import ImageUnreadable
from productkeys.domain.image.read import (
    MAX_IMAGES,
    Image,
    architecture,
    installation,
    languages,
    number,
    version,
    without_key,
)
from productkeys.domain.image.wim import images

_MEANINGS = {
    "number": ("index", "imageindex"),
    "name": ("name", "imagename", "nom"),
    "size": ("size", "imagesize", "total bytes", "grosse", "taille"),
    "architecture": ("architecture", "architektur"),
    "version": ("version",),
    "major": ("major version",),
    "minor": ("minor version",),
    "build": ("build",),
    "revision": (
        "servicepack build",
        "service pack build",
        "service pack-build",
        "servicepack-build",
        "spbuild",
        "build du service pack",
    ),
    "edition": ("edition", "editionid", "edition id", "editions-id"),
    "flags": ("flags",),
    "installation": ("installation", "installationtype", "installation type", "installationstyp"),
    "languages": ("languages", "sprachen", "langues"),
}
_LABELS = {label: meaning for meaning, labels in _MEANINGS.items() for label in labels}
_LEADING = " \t#>*|"
_NO_LABEL = "no label"
_LINE = re.compile(r"[\s#>*|]*([^\W\d][\w' -]{2,40}?)\s*:(?:\s+|$)(.*)")
_NOTHING = re.compile(r"<[^<>]*>")  # <undefined>, <nicht definiert>, <non défini>


def listed(text: str) -> list[Image]:
    """The images that a pasted text describes, at most `MAX_IMAGES`: a tool's output, or the XML of an image.

    Raises `ImageUnreadable`.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("<WIM"):
        return images(text.lstrip("\ufeff \t\r\n").encode("utf-16", "replace"))
    found = [_image(told) for told in _blocks(text)]
    if not found:
        raise ImageUnreadable(faults.NOTHING_LISTED.broken())
    return found


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """What is said of each image, by its meaning: an image begins with its index."""
    block: dict[str, str] = {}
    count, last = 0, ""
    for line in filter(str.strip, text.splitlines()):
        matched = _LINE.fullmatch(line.rstrip())
        meaning = _LABELS.get(_plain(matched[1]), "") if matched else ""
        value = _value(matched[2]) if matched else ""
        if meaning == "number" and number(value):
            if block:
                yield block
            count, block = count + 1, {}
        # Without a label before it, a version is that of the tool, which prints its name and version first.
        elif not block or (meaning == "version" and last == _NO_LABEL):
            meaning = ""
        if count > MAX_IMAGES:
            return
        if meaning:
            block[meaning] = block.get(meaning) or value
        elif not matched and last == "languages" and languages(line.strip(_LEADING).split(" ")[0]):
            block["languages"] += f" {line}"
            continue
        last = meaning if matched else _NO_LABEL
    if block:
        yield block


def _image(told: Mapping[str, str]) -> Image:
    def said(meaning: str) -> str:
        return told.get(meaning, "")

    numbers = said("version") or ".".join(map(said, ("major", "minor", "build")))
    major, minor, build, revision, *_rest = [*numbers.split("."), "", "", "", ""]
    return Image(
        number=number(said("number")) or 1,
        name=without_key(said("name")),
        edition=without_key(said("edition") or said("flags")),
        version=version(major, minor, build, revision or said("revision")),
        architecture=architecture(said("architecture")),
        languages=languages(said("languages")),
        installation=installation(said("installation")),
        size=number("".join(re.findall("[0-9]", said("size")))),
    )


def _value(text: str) -> str:
    """A value without the quotes around it; empty where the tool says that there is none."""
    text = text.strip().strip('"').strip()
    return "" if _NOTHING.fullmatch(text) else text


def _plain(label: str) -> str:
    """A label in small letters, without accents."""
    folded = unicodedata.normalize("NFKD", " ".join(label.split()).casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))
