"""One spelling for what people write in many: the form in which the words of lists are compared."""

import re
import unicodedata
from collections.abc import Iterable

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_TRADE_MARKS = re.compile(r"[®™©]|\((?:r|tm|c)\)", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])")
_NO_WORD = re.compile(r"[\W_]+")
_BLANKS = re.compile(r"\s+")
LONGEST = 400
"""Characters of a cell that are looked at for words: whatever is longer is prose."""


def folded(text: str) -> str:
    """The text in small letters, umlauts as two letters, compatible forms unified, no trade marks, single blanks."""
    unmarked = _TRADE_MARKS.sub(" ", text[:LONGEST])
    small = unicodedata.normalize("NFKC", unmarked).casefold().translate(_UMLAUTS)
    return _BLANKS.sub(" ", small.replace("_", " ")).strip()


def plain(text: str) -> str:
    """The folded text with nothing but its letters and digits, in words: what names and choices are compared by."""
    return _NO_WORD.sub(" ", folded(text)).strip()


def plain_name(text: str) -> str:
    """The plain form of a column's name, in which "productKey" is two words."""
    return plain(_INNER_CAPITAL.sub(" ", text))


def any_of(words: Iterable[str]) -> str:
    """A pattern for one of these words, the longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"


_NOTHING = frozenset({"n/a", "#n/a", "#nv", "k.a", "k. a", "keine angabe", "null", "nan", "not applicable", "entfällt"})


def says_nothing(text: str) -> bool:
    """Whether a cell is as good as empty: blanks, dashes, "n/a", "k. A."."""
    bare = text.strip(" \t\r\n\u00a0-–—./?")
    return not bare or (len(bare) < 16 and bare.casefold() in _NOTHING)
