"""From bytes to lines of text: which encoding a text is in, and which of its lines are not in it."""

import codecs
import io
from collections.abc import Iterator

from productkeys.domain.rule import Problem
from productkeys.tables import faults

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 64 * 1024
_LONGEST_LINE = 500_000
_TEXT_CONTROLS = frozenset("\t\n\r\f\v\x1a\0")

Line = tuple[str, Problem | None]


def encoding_of(data: bytes) -> str:
    """The encoding that most of a text is in: as its mark says, else UTF-8 where it can be, else Windows-1252.

    Raises Unreadable for what is no text in any of them.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    encoding = _utf_16_without_mark(data[:_SAMPLE]) or _utf_8_or_windows(data)
    sample = data[:_SAMPLE].decode(encoding, "ignore")
    controls = sum(character < " " and character not in _TEXT_CONTROLS for character in sample)
    if controls * 20 > len(sample) or sample.count("\0") * 4 > len(sample):
        raise faults.Unreadable(faults.NO_TABLE.broken())
    return encoding


def lines_of(data: bytes, encoding: str) -> Iterator[Line]:
    """The lines of a text with their ends, each with what is wrong with it.

    A line in another encoding is read in the one that it seems to be in.
    """
    wide = encoding.startswith("utf-16")
    # An undecodable byte becomes a lone surrogate, which stands for it and for nothing else.
    text = io.TextIOWrapper(
        io.BytesIO(data),
        encoding="utf-8-sig" if encoding == "utf-8" else encoding,
        errors="replace" if wide else "surrogateescape",
        newline="",
    )
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
            while (more := text.readline(_LONGEST_LINE)) and not more.endswith(("\n", "\r")):
                pass
            yield line.replace("\0", "\ufffd"), faults.LINE_TOO_LONG.broken(limit=_LONGEST_LINE)
            continue
        if line.isascii():
            yield (line, None) if "\0" not in line else _without_nul(line)
            continue
        own = _in_other_encoding(line, encoding) if not wide else (line if "\ufffd" in line else None)
        if own is not None:
            yield own.replace("\0", "\ufffd"), faults.OTHER_ENCODING.broken()
        else:
            yield (line, None) if "\0" not in line else _without_nul(line)


def text_of(data: bytes, encoding: str) -> str:
    """A text as a whole, what cannot be decoded replaced by U+FFFD."""
    return data.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")


def _without_nul(line: str) -> Line:
    return line.replace("\0", "\ufffd"), faults.NUL_CHARACTERS.broken()


def _utf_16_without_mark(sample: bytes) -> str:
    """UTF-16 shows by its zeros: of European text, every other byte is one."""
    pairs = len(sample) // 2
    low, high = sample[1::2].count(0), sample[0::2].count(0)
    if pairs and low * 10 > pairs * 4 and high * 20 < pairs:
        return "utf-16-le"
    return "utf-16-be" if pairs and high * 10 > pairs * 4 and low * 20 < pairs else ""


def _utf_8_or_windows(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    # Text in Windows-1252 is next to never right UTF-8 as well, so lines that are tell a mixed file.
    votes = 0
    for line in data.splitlines():
        if not line.isascii():
            votes += 1 if _decoded(line, "utf-8") is not None else -1
    return "utf-8" if votes > 0 else "cp1252"


def _in_other_encoding(line: str, encoding: str) -> str | None:
    """A line that is not in `encoding` in the one that it seems to be in, else None."""
    data = line.encode(encoding, "surrogateescape")
    as_utf_8 = _decoded(data, "utf-8")
    if encoding == "utf-8":
        return data.decode("cp1252", "replace") if as_utf_8 is None else None
    if as_utf_8 is not None:
        return as_utf_8
    return data.decode(encoding, "replace") if _decoded(data, encoding) is None else None


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
