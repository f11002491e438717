"""The 25-character product key: read what a person typed, check it, show it masked, find it in a text.

Validation only: nothing here makes a key. The characters of a key leave this module by :meth:`KeyCode.open` and by
nothing else: no error, representation, copy on disk or traceback of this module carries them.

Read from top to bottom: the value (`KeyCode`), its check digits (`check`), how a typed text becomes one (`parse`), and
finding keys where none belong. `keycode_text.py` knows the shapes of keys in a text, `keycode_errors.py` what to tell
people about a mistyped one.
"""

import enum
import re
from typing import NoReturn, Self

from productkeys.domain import keycode_text
from productkeys.domain.keycode_errors import MESSAGES, KeyFormatError, wrong_character
from productkeys.domain.keycode_text import ALPHABET, GROUP_LENGTH, KEY_LENGTH

__all__ = [
    "ALPHABET",
    "MASK_CHARACTER",
    "MESSAGES",
    "Check",
    "KeyCode",
    "KeyFormatError",
    "check",
    "contains_key",
    "looks_like_key",
    "mask",
    "parse",
    "redact",
]

MASK_CHARACTER = "•"
_AS_ISSUED = re.compile(f"[{ALPHABET}N]{{5}}(?:-[{ALPHABET}N]{{5}}){{4}}")
_DIGITS_OF_PYTHON = "0123456789abcdefghijklmn"
_AS_DIGITS = str.maketrans(ALPHABET, _DIGITS_OF_PYTHON)
_HIDDEN_GROUPS = f"{MASK_CHARACTER * GROUP_LENGTH}-" * 4


def mask(last_five: str) -> str:
    """Return what stands for a key wherever it is not revealed, for example ``•••••-•••••-•••••-•••••-7Q4KM``."""
    return _HIDDEN_GROUPS + last_five


class KeyCode:
    """A well-formed product key in memory, which shows no more than its mask until it is opened.

    `parse` makes it from what was typed; the constructor takes the 25 characters of a key that was well-formed before
    (a decrypted one) and raises ValueError, without repeating them, if they are not.
    """

    __slots__ = ("__characters",)
    __characters: str

    def __init__(self, characters: str) -> None:
        if len(characters) != KEY_LENGTH or not keycode_text.is_spelled_like_a_key(characters) or _n_fault(characters):
            raise ValueError("not the 25 characters of a product key: read typed text with parse()")
        object.__setattr__(self, "_KeyCode__characters", characters)

    def open(self) -> str:
        """Return the key as people read it: 29 characters, five groups joined by dashes."""
        groups = (self.__characters[start : start + GROUP_LENGTH] for start in range(0, KEY_LENGTH, GROUP_LENGTH))
        return "-".join(groups)

    @property
    def last_five(self) -> str:
        """The last group, which Windows itself shows as the partial product key."""
        return self.__characters[-GROUP_LENGTH:]

    @property
    def has_n(self) -> bool:
        """Whether this is a key of Windows 8 / Server 2012 or newer, the ones that contain an N."""
        return "N" in self.__characters

    def __str__(self) -> str:
        return mask(self.last_five)

    def __repr__(self) -> str:
        return f"<KeyCode {self}>"

    def __format__(self, format_spec: str) -> str:
        return format(str(self), format_spec)

    # Plain comparison: both keys already lie in this process, and stored ones are found by fingerprint. Nobody outside
    # can time this.
    def __eq__(self, other: object) -> bool:
        return self.__characters == other.__characters if isinstance(other, KeyCode) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.__characters)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a KeyCode cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a KeyCode cannot be changed")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a KeyCode is never pickled: a session, a cache or a queue would hold a readable key")


class Check(enum.StrEnum):
    """What the check digits say. They find typing errors; about entitlement they say nothing."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    OLDER = "older"  # no N: the format of Windows 7 / Server 2008 R2 and before, whose check digits are not public
    UNKNOWN = "unknown"  # the upgrade bit is set: no key like that was ever seen, so the rule is not known to hold


def check(code: KeyCode) -> Check:
    """Compare the check digits that are part of a key with those computed from its rest.

    The key without its N is a number in base 24 whose first digit is the place of the N. Bit 0 is the lowest: group
    0-19, serial 20-49, security 50-102, check digits 103-112, upgrade 113.
    """
    if not code.has_n:
        return Check.OLDER
    before, after = code.open().replace("-", "").split("N")
    number = int(f"{_DIGITS_OF_PYTHON[len(before)]}{(before + after).translate(_AS_DIGITS)}", len(ALPHABET))
    if number >= 1 << 114:
        return Check.INCONSISTENT
    if number >> 113:
        return Check.UNKNOWN
    stored = number >> 103
    computed = _crc32_bzip2((number & ((1 << 103) - 1)).to_bytes(16, "little")) & 0x3FF
    return Check.CONSISTENT if stored == computed else Check.INCONSISTENT


def _crc32_bzip2(data: bytes) -> int:
    """Return the CRC-32/BZIP2 of some bytes: the polynomial of zlib.crc32, but not mirrored, so zlib cannot do it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc << 8) & 0xFFFFFFFF ^ _CRC_OF_BYTE[crc >> 24 ^ byte]
    return crc ^ 0xFFFFFFFF


def _crc_of_byte(byte: int) -> int:
    crc = byte << 24
    for _bit in range(8):
        crc = (crc << 1) & 0xFFFFFFFF ^ (0x04C11DB7 if crc & 0x80000000 else 0)
    return crc


_CRC_OF_BYTE = tuple(map(_crc_of_byte, range(256)))


def parse(text: str) -> KeyCode:
    """Read the one product key in a typed or pasted text.

    Case, blanks, line breaks, any kind of dash, invisible characters, quotes and words around the key do not matter;
    nothing else is corrected. Raises `KeyFormatError`.
    """
    if _AS_ISSUED.fullmatch(text) and not keycode_text.is_placeholder(text):
        characters = text.replace("-", "")
        if not _n_fault(characters):
            return KeyCode(characters)
    try:
        return _read(text)
    except KeyFormatError as error:
        # Error pages and monitoring show the local variables of every frame: none of ours may hold the typed text.
        refusal = error.with_traceback(None)
    del text
    raise refusal


def contains_key(text: str) -> bool:
    """Tell whether a product key stands anywhere in a text that everybody may read (a comment, a name, a URL)."""
    if len(text) < KEY_LENGTH and text.isascii():
        return False
    return bool(keycode_text.key_spans(keycode_text.fold(text).text))


def looks_like_key(text: str) -> bool:
    """Tell whether a text for the search box is a key, mistyped or a good part of one: it may not go in a URL."""
    folded = keycode_text.fold(text).text
    spans = keycode_text.key_spans(folded)
    return bool(spans) or keycode_text.resembles_a_key(folded) or keycode_text.is_part_of_a_key(folded)


def redact(text: str) -> str:
    """Return the text with a mask in place of everything that has the shape of a product key, for logs and reports."""
    folded = keycode_text.fold(text)
    pieces, end_of_last = [], 0
    for start, end in keycode_text.key_spans(folded.text):
        last_five = keycode_text.without_separators(folded.text[start:end])[-GROUP_LENGTH:]
        pieces += [text[end_of_last : folded.origins[start]], mask(last_five)]
        end_of_last = folded.origins[end - 1] + 1
    return "".join([*pieces, text[end_of_last:]])


def _read(text: str) -> KeyCode:
    folded = keycode_text.fold(text)
    spans = keycode_text.candidate_spans(folded.text)
    if not spans and not keycode_text.is_placeholder(folded.text):
        spans = [keycode_text.suspect_span(folded.text)]
    found = {span: folded.text[slice(*span)] for span in spans}
    placeholders = [span for span in spans if keycode_text.is_placeholder(found[span])]
    keys = [span for span in spans if span not in placeholders and not keycode_text.is_wording(found[span])]
    if not keys:
        raise KeyFormatError("placeholder" if placeholders or not spans else "no_key")
    if len(keys) > 1:
        raise KeyFormatError("two_keys")
    return _read_exactly(folded, *keys[0])


def _read_exactly(folded: keycode_text.Folded, start: int, end: int) -> KeyCode:
    """Make a key of one stretch of a text, from which only separators may be left out."""
    places = [place for place in range(start, end) if folded.text[place] not in keycode_text.SEPARATORS]
    characters = "".join(folded.text[place] for place in places)
    found = sum(character.isalnum() for character in characters)
    if not found:
        raise KeyFormatError("empty")
    if found > KEY_LENGTH and found % KEY_LENGTH == 0 and keycode_text.is_spelled_like_a_key(characters):
        raise KeyFormatError("two_keys")
    if KEY_LENGTH not in (found, len(characters)):
        raise KeyFormatError("wrong_length", found=found)
    for position, (place, character) in enumerate(zip(places, characters, strict=True), start=1):
        if not keycode_text.is_spelled_like_a_key(character):
            raise wrong_character(character, position, folded.origins[place] + 1)
    if fault := _n_fault(characters):
        raise KeyFormatError(fault, count=characters.count("N"))
    return KeyCode(characters)


def _n_fault(characters: str) -> str | None:
    if characters.count("N") > 1:
        return "more_than_one_n"
    return "n_in_last_place" if characters.endswith("N") else None
