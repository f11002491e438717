"""The bytes of a file as text, and back: what was not changed comes out byte for byte.

Broken files are read as well, so the encoding is a guess where a file does not tell, or tells wrongly. It never fails:
bytes that are not of the encoding become surrogates, which turn into the same bytes again.
"""

import codecs
import re
from dataclasses import dataclass, field
from functools import lru_cache

from productkeys.domain import keycode
from productkeys.domain.keycode_text import KEY_LENGTH

_LONGEST_READ, _LONGEST_SHOWN = 4000, 200
_PLAIN = re.compile(r"Microsoft-Windows-[A-Z][a-z]+(?:-[A-Z][a-z]+)?")
_DECLARED = re.compile(rb"""\A[^<]{0,200}<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z][\w.-]{0,40})""")
_UTF_16 = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


@dataclass(slots=True)
class Text:
    """A file as text (a byte order mark is its first character) and the encoding that turns it into bytes again.

    `tail` is what cannot be decoded at its end: half a character of UTF-16.
    """

    text: str = field(repr=False)
    encoding: str
    tail: bytes = field(default=b"", repr=False)
    _counted: tuple[int, int] = (0, 1)

    def encoded(self, text: str) -> bytes:
        """`text`, a changed copy of this one, as the bytes of a file."""
        return text.encode(self.encoding, _errors(self.encoding)) + self.tail

    def line(self, offset: int) -> int:
        """The number of the line, from 1, in which the character at `offset` stands."""
        counted, line = self._counted if self._counted[0] <= offset else (0, 1)
        line += self.text.count("\n" if "\n" in self.text else "\r", counted, offset)
        self._counted = (offset, line)
        return line


def lines_of(text: str) -> list[str]:
    """The lines of a text, counted as `Text.line` counts them."""
    return [line.strip("\r") for line in text.split("\n")] if "\n" in text else text.split("\r")


def readable(text: str) -> str:
    """A text without the surrogates that stand for bytes of another encoding: no page can hold them."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def shown(name: str) -> str:
    """A name of a file as it may be shown: even there, people have put keys."""
    name = readable(name)
    if len(name) < KEY_LENGTH or _PLAIN.fullmatch(name):
        return name
    return keycode.redact(name[:_LONGEST_READ])[:_LONGEST_SHOWN]


def decoded(data: bytes) -> Text:
    """Read the bytes of a file."""
    if encoding := _UTF_16.get(data[:2]):
        even = len(data) & ~1
        return Text(data[:even].decode(encoding, "surrogatepass"), encoding, data[even:])
    declared = None if data.startswith(codecs.BOM_UTF8) else _DECLARED.match(data)
    encoding = _single_byte(declared[1].decode()) if declared else "utf-8"
    return Text(data.decode(encoding, _errors(encoding)), encoding)


def _errors(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"


@lru_cache(maxsize=64)
def _single_byte(declared: str) -> str:
    """The declared encoding where each byte is a character and the first 128 are those of ASCII; else UTF-8.

    UTF-8 keeps the bytes of any other encoding as they are, and keys are ASCII in all of them.
    """
    try:
        everything = bytes(range(256)).decode(declared, "surrogateescape")
    except (LookupError, ValueError):
        return "utf-8"
    is_single = len(everything) == 256 and everything[:128].encode("ascii", "replace") == bytes(range(128))
    return declared if is_single else "utf-8"
