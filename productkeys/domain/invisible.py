"""Characters in texts that nobody sees: with them two names look alike, and a terminal does what they say.

Refused are control characters and Unicode's Default_Ignorable_Code_Point, but for those that writing needs, where they
do something: joiners beside Arabic letters, viramas and emoji, marks of direction in a text written from right to left,
and variation selectors behind what has variants.
"""

import re
import unicodedata
from collections.abc import Iterator

_LINE_BREAKS = "\t\n\r"
_JOINERS = "\u200c\u200d"
_MARKS = "\u061c\u200e\u200f"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_NEVER = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_LINE_BREAKS}{_JOINERS}{_MARKS}{_SELECTORS}{_NEVER}]")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_EMOJI_ENDS = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")
_VIRAMA = 9
"""The combining class of what takes the vowel from a letter of India's scripts, and of those like them."""


def first_in(text: str, *, several_lines: bool) -> int | None:
    """Where the first character stands that nobody sees and that does nothing for the writing; from 0."""
    if text.isascii() and text.isprintable():
        return None  # as most names are, and an import judges a hundred thousand
    return next(_found_in(text, several_lines=several_lines), None)


def without(text: str) -> str:
    """`text` in one line, with a blank for each such character, and none too many."""
    unseen = set(_found_in(text, several_lines=False))
    seen = (" " if place in unseen else character for place, character in enumerate(text))
    return " ".join("".join(seen).split())


def escaped(text: str) -> str:
    """`text` with each such character spelled, as in "\\x1b": lines and tabs stay, and nothing moves the cursor."""
    unseen = set(_found_in(text, several_lines=True))
    if not unseen and "\r" not in text:
        return text
    return "".join(
        character.encode("unicode_escape").decode() if place in unseen or character == "\r" else character
        for place, character in enumerate(text)
    )


def name_of(character: str) -> str:
    """How Unicode calls a character: "U+200B ZERO WIDTH SPACE"."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


def _found_in(text: str, *, several_lines: bool) -> Iterator[int]:
    for match in _UNSEEN.finditer(text):
        character, place = match[0], match.start()
        if character in _LINE_BREAKS:
            is_needed = several_lines
        elif character in _JOINERS:
            is_needed = _joins(text, place)
        elif character in _MARKS:
            is_needed = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
        else:
            is_needed = _selects(text, place)
        if not is_needed:
            yield place


def _joins(text: str, place: int) -> bool:
    before, after = text[place - 1 : place] or " ", text[place + 1 : place + 2] or " "
    is_emoji = unicodedata.category(before) == "So" or _EMOJI_ENDS.fullmatch(before) is not None
    is_arabic = unicodedata.bidirectional(before) == "AL"
    return is_emoji or is_arabic or _VIRAMA in (unicodedata.combining(before), unicodedata.combining(after))


def _selects(text: str, place: int) -> bool:
    before = text[place - 1 : place]
    if not before or before.isascii() or not _SELECTOR.fullmatch(text[place]):
        return False
    is_symbol = unicodedata.category(before) in ("So", "Sm")
    return is_symbol or unicodedata.east_asian_width(before) in "WF" or "\u1800" <= before <= "\u18af"
