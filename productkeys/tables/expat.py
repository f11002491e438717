"""XML read as it comes, with nothing in it that could grow or reach out: a document type is refused at its first word.

Without a document type there are no entities but the five of XML itself.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import IO, NoReturn
from xml.parsers import expat

from productkeys.tables import faults

_CHUNK = 64 * 1024


def parser(encoding: str = "") -> expat.XMLParserType:
    """A parser without handlers. With `encoding`, whatever the XML says of its own is not believed."""
    made = expat.ParserCreate(encoding or None)
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse
    return made


def parse(reading: expat.XMLParserType, source: IO[bytes], *, lines_before: int = 0) -> Iterator[None]:
    """Parse `source`, and stop after each piece of it. Raises Unreadable where the XML is broken."""
    try:
        while piece := source.read(_CHUNK):
            reading.Parse(piece, False)
            yield
        reading.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):  # the latter for an encoding that nobody knows
        line = reading.CurrentLineNumber + lines_before
        raise faults.Unreadable(faults.XML_BROKEN.broken(line=line)) from None
    yield


@lru_cache(maxsize=1024)
def local(tag: str) -> str:
    """The name of an element or attribute without the prefix of its namespace."""
    return tag[tag.find(":") + 1 :]


def _refuse(*_declared: object) -> NoReturn:
    raise faults.Unreadable(faults.XML_WITH_DOCTYPE.broken())
