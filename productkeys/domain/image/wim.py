"""WIM and ESD files: where the XML part lies, and what it says.

`header` tells from the first 208 bytes which bytes to read next, `images` reads the XML that is there. `read` does both
with an open file; a browser does the same and sends nothing but that XML.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from productkeys.domain.image import faults
from productkeys.domain.image.faults import ImageUnreadable
from productkeys.domain.image.read import MAX_IMAGES, Image, architecture, installation, number, version, without_key

HEADER_BYTES = 208
MAX_XML_BYTES = 4 * 1024 * 1024
"""Real ones have some kilobytes per image."""

_PLAIN, _PIPABLE = b"MSWIM\0\0\0", b"WLPWM\0\0\0"
_LAYOUTS = (0x00010D00, 0x00000E00)  # WIM, and ESD with solid resources
_SPANNED = 0x8
# Magic, size, version and flags of the header; part, parts; size and flags, place and full size of the XML.
_FIELDS = struct.Struct("<8sIII20xHH4x24x7sBQQ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read next, in bytes. Where `holds_header` is true a header stands there again, else the XML."""

    offset: int
    size: int
    holds_header: bool = False


def header(data: bytes, *, file_size: int, at_end: bool = False) -> Place:
    """Tell from the first `HEADER_BYTES` of a file of `file_size` bytes what to read next.

    Pipable images have their real header in the last bytes: read those and ask again with `at_end`. Raises
    `ImageUnreadable`.
    """
    if data[: len(_PLAIN)] not in (_PLAIN, _PIPABLE):
        raise ImageUnreadable((faults.CUT_OFF if at_end else faults.NO_WIM).broken())
    if len(data) < HEADER_BYTES:
        raise ImageUnreadable(faults.CUT_OFF.broken())
    magic, own_size, layout, flags, part, parts, packed, _flags, offset, size = _FIELDS.unpack_from(data)
    if own_size != HEADER_BYTES or layout not in _LAYOUTS or not 1 <= part <= parts:
        raise ImageUnreadable(faults.DAMAGED.broken())
    if parts > 1 or flags & _SPANNED:
        raise ImageUnreadable(faults.SPLIT.broken(part=part, parts=parts))
    if magic == _PIPABLE and not at_end:
        return Place(max(file_size - HEADER_BYTES, 0), HEADER_BYTES, holds_header=True)
    if not offset or not size:
        raise ImageUnreadable(faults.UNFINISHED.broken())
    if offset + size > file_size:
        raise ImageUnreadable(faults.CUT_OFF.broken())
    if size > MAX_XML_BYTES or int.from_bytes(packed, "little") != size:
        raise ImageUnreadable(faults.DAMAGED.broken())
    return Place(offset, size)


def images(xml: bytes) -> list[Image]:
    """The images that the XML part of a file describes, at most `MAX_IMAGES`. Raises `ImageUnreadable`."""
    try:
        root: Element = fromstring(xml.decode("utf-16").rstrip("\0"), forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, ValueError, DefusedXmlException):
        raise ImageUnreadable(faults.XML_BROKEN.broken()) from None
    if root.tag != "WIM":
        raise ImageUnreadable(faults.XML_BROKEN.broken())
    if root.find("ESD/ENCRYPTED") is not None:
        raise ImageUnreadable(faults.ENCRYPTED.broken())
    found = [_image(element, place) for place, element in enumerate(root.findall("IMAGE")[:MAX_IMAGES], start=1)]
    if not found:
        raise ImageUnreadable(faults.NO_IMAGE.broken())
    return found


def read(file: BinaryIO) -> list[Image]:
    """The images in an open file, of which nothing but header and XML is read. Raises `ImageUnreadable`."""
    file_size = file.seek(0, 2)
    file.seek(0)
    place = header(file.read(HEADER_BYTES), file_size=file_size)
    if place.holds_header:
        file.seek(place.offset)
        place = header(file.read(HEADER_BYTES), file_size=file_size, at_end=True)
    file.seek(place.offset)
    return images(file.read(place.size))


def _image(element: Element, place: int) -> Image:
    def told(path: str) -> str:
        return without_key(element.findtext(path) or "")

    said = [without_key(language.text or "") for language in element.findall("WINDOWS/LANGUAGES/LANGUAGE")]
    return Image(
        number=number(element.get("INDEX", "")) or place,
        name=told("NAME") or told("DISPLAYNAME"),
        edition=told("WINDOWS/EDITIONID") or told("FLAGS"),
        version=version(*(told(f"WINDOWS/VERSION/{part}") for part in ("MAJOR", "MINOR", "BUILD", "SPBUILD"))),
        architecture=architecture(told("WINDOWS/ARCH")),
        languages=tuple(filter(None, said)),
        installation=installation(told("WINDOWS/INSTALLATIONTYPE")),
        size=number(told("TOTALBYTES")),
    )
