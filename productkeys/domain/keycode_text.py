"""Where a product key can stand in a text: folding what was typed, the shapes of keys, placeholders.

Strings in, places out; `keycode.py` gives them meaning. Every pattern here runs in linear time, since the texts come
from forms, files and URLs of strangers: possessive repeats, no nested choice over the same characters.
"""

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

ALPHABET = "BCDFGHJKMPQRTVWXY2346789"
"""The characters of a key in the order of their digit values 0 to 23. N stands outside: its place is a digit itself."""

KEY_LENGTH = 25
GROUP_LENGTH = 5
SEPARATORS = " -"

KEY_CHARACTERS = frozenset(ALPHABET + "N")
_MORE_DASHES = frozenset("˗⁃−─━➖")  # not in Unicode's category of dashes, but pasted as such
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164"
    + "".join(
        map(
            chr,
            (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
        )
    )
)
_EDGES = " -\"'`´‘’‚‛“”„‟«»‹›<>()[]{}.,;:"


class Folded(NamedTuple):
    """A text in the one spelling that keys are searched in, and for each of its characters the place it came from."""

    text: str
    origins: Sequence[int]


def fold(text: str) -> Folded:
    """Return a text with compatible forms unified (NFKC), capital letters, and without invisible characters.

    A run of blanks, line breaks and dashes becomes one separator: a dash if there is one in it, else a blank.
    """
    folded: list[str] = []
    origins: list[int] = []
    for origin, character in enumerate(text):
        for piece in _fold_character(character):
            if piece in SEPARATORS and folded and folded[-1] in SEPARATORS:
                folded[-1] = max(piece, folded[-1])
            else:
                folded.append(piece)
                origins.append(origin)
    return Folded("".join(folded), origins)


@lru_cache(maxsize=2048)
def _fold_character(character: str) -> str:
    unified = unicodedata.normalize("NFKC", character)
    if len(unified) > 4:  # one Arabic ligature unfolds to 18 characters: a text made of it would fill the memory
        unified = character
    return "".join(map(_fold_unified, unified))


def _fold_unified(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character.upper()
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Pd" or character in _MORE_DASHES:
        return "-"
    return "" if category in ("Cf", "Cc") or character in _INVISIBLE else character


def without_separators(folded: str) -> str:
    """Return a folded text without the blanks and dashes in it."""
    return folded.translate(dict.fromkeys(map(ord, SEPARATORS)))


def is_spelled_like_a_key(characters: str) -> bool:
    """Tell whether a text holds nothing but characters that occur in product keys."""
    return KEY_CHARACTERS.issuperset(characters)


# K: a character of keys. A: any letter or digit. Five of each make a group.
_K = f"[{ALPHABET}N]"
_A = r"[^\W_]"


def _five_groups(character: str, separator: str) -> re.Pattern[str]:
    """Match exactly five groups, and neither a part of a longer word nor five groups out of six."""
    group = character + "{5}"
    return re.compile(
        rf"(?<!{_A})(?<!{group}{separator.rstrip('?')}){group}(?:{separator}{group}){{4}}"
        rf"(?!{_A})(?!{separator.rstrip('?')}{group}(?!{_A}))"
    )


_GROUPED = _five_groups(_A, "-")
_CANDIDATES = (_five_groups(_K, "-"), _five_groups(_K, "[ -]?"), _GROUPED)
_BLANKED_WITH_ERRORS = _five_groups(_A, "[ -]?")


def candidate_spans(folded: str) -> list[tuple[int, int]]:
    """Return the places in a folded text that a person meant as a product key, right or mistyped."""
    spans: list[tuple[int, int]] = []
    for pattern in _CANDIDATES:
        spans += (match.span() for match in pattern.finditer(folded))
        folded = pattern.sub(lambda match: "\0" * len(match[0]), folded)
    # Five words of five letters are common in prose: a key written like them counts only where there is no other.
    return spans or [match.span() for match in _BLANKED_WITH_ERRORS.finditer(folded)]


def suspect_span(folded: str) -> tuple[int, int]:
    """Return the part of a folded text without any candidate that comes nearest to a key: its faults are worth naming.

    What stands before the last colon or equals sign is a label. A long rest is a sentence: of that the longest word
    with dashes in it, if there is one.
    """
    start = max(folded.rfind(":"), folded.rfind("=")) + 1
    if not any(character.isalnum() for character in folded[start:]):
        start = 0
    end = len(folded)
    if end - start > KEY_LENGTH + 10:
        words = [match.span() for match in re.finditer(r"(?<![^ -])[^ -]++(?:-[^ -]++){2,}+", folded[start:])]
        if words:
            first, last = max(words, key=lambda span: span[1] - span[0])
            start, end = start + first, start + last
    trimmed = folded[start:end].strip(_EDGES)
    start = folded.index(trimmed, start)
    return start, start + len(trimmed)


# In free text a key is whatever lets a reader write it down: where something separates the groups, letters glued to the
# first or last of them hide nothing. A run of 25 counts only as a word of its own: digests and tokens are full of them.
_LINK = r"(?:[-_./+: ]|%[0-9A-F]{2})"
_CHAINS = re.compile(
    rf"{_K}{{5}}(?:{_LINK}{{1,3}}+{_K}{{5}}){{4,}}"
    rf"|(?:(?<!{_A})|(?<=%[0-9A-F]{{2}})){_K}{{5}}(?:{_LINK}{{0,3}}+{_K}{{5}}){{4,}}(?!{_A})"
)
_MISTYPED_CHAINS = re.compile(rf"(?<!{_A}){_A}{{5}}(?:-{_A}{{5}}){{4,}}(?!{_A})")


def key_spans(folded: str) -> list[tuple[int, int]]:
    """Return, from left to right, the places in a folded text that give a product key away."""
    spans = [span for chain in _CHAINS.finditer(folded) for span in _spans_of_chain(chain)]
    rest = _CHAINS.sub(lambda match: "\0" * len(match[0]), folded)
    spans += (match.span() for match in _MISTYPED_CHAINS.finditer(rest) if _is_mistyped_key(match[0]))
    if not spans:  # the text as a whole may be a key in groups of another size
        start, end = suspect_span(folded)
        characters = without_separators(folded[start:end])
        if len(characters) == KEY_LENGTH and is_spelled_like_a_key(characters) and _is_secret(characters):
            spans.append((start, end))
    return sorted(spans)


def _spans_of_chain(chain: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the keys of a chain of groups, or the whole chain where it is unclear at which group a key begins."""
    groups = list(re.finditer(f"{_K}{{5}}", re.sub("%..", "   ", chain[0])))
    size = 5 if len(groups) % 5 == 0 else len(groups)
    for first in range(0, len(groups), size):
        part = groups[first : first + size]
        numbered = len({group[0][:2] for group in part}) == 1  # "PC234 PC236 PC237 ...": asset tags, not a key
        if not numbered and _is_secret("".join(group[0] for group in part)):
            yield chain.start() + part[0].start(), chain.start() + part[-1].end()


def _is_secret(characters: str) -> bool:
    return not (characters.isdigit() or _is_filler(characters))


def _is_mistyped_key(chain: str) -> bool:
    characters = without_separators(chain)
    mixed = any(map(str.isdigit, characters)) and any(map(str.isalpha, characters))
    return mixed and not _is_filler(characters) and not is_wording(characters)


def resembles_a_key(folded: str) -> bool:
    """Tell whether a folded text as a whole is a key in which a few characters are wrong, missing or too many."""
    typed = folded.strip(_EDGES)
    groups, characters = typed.replace("-", " ").split(), without_separators(typed)
    if abs(len(characters) - KEY_LENGTH) > 1 or not characters.isalnum() or set(characters) <= set(string.hexdigits):
        return False
    if _is_filler(characters) or is_wording(characters):
        return False
    five_groups = len(groups) == 5 and all(abs(len(group) - GROUP_LENGTH) <= 1 for group in groups)
    return five_groups or len(groups) == 1 or is_spelled_like_a_key(characters)


_PART = re.compile(rf"{_K}{{5}}(?:[ -]?{_K}{{5}})+[ -]?{_K}{{0,4}}")


def is_part_of_a_key(folded: str) -> bool:
    """Tell whether a folded text as a whole is two groups of a key or more: so much of one is secret as well."""
    typed = folded.strip(_EDGES)
    return _PART.fullmatch(typed) is not None and _is_mistyped_key(typed)


# Brackets and signs with which template languages, answer file generators and people mark what is to be filled in.
# Windows SIM writes the last of them in place of a secret.
_TEMPLATE = re.compile(
    r"[$#@%]?(?:\{.*\}|\[.*\]|<.*>|\(.*\))|%.*%|#.*#|@.*@|__.*__|\$\w+|\*?SENSITIVE\*DATA\*DELETED\*?", re.DOTALL
)
_RUNS = tuple(
    run * 3
    for run in (
        string.ascii_uppercase,
        string.digits,
        string.ascii_uppercase + string.digits,
        string.ascii_uppercase + "1234567890",
        ALPHABET,
    )
)
_ALL_RUNS = " ".join([*_RUNS, *(run[::-1] for run in _RUNS)])


def is_placeholder(folded: str) -> bool:
    """Tell whether a folded text stands for a key that is still to be filled in, or that somebody hid."""
    text = folded.strip()
    if _is_ordinary(text):
        return False
    characters = without_separators(text)
    template = text.count("-") < 3 and _TEMPLATE.fullmatch(text) is not None
    spelled_out = _GROUPED.fullmatch(text) is not None and is_wording(characters)  # YOURP-RODUC-TKEYH-EREXX-XXXXX
    return template or spelled_out or _is_filler(characters)


def _is_ordinary(text: str) -> bool:
    """Tell at once of nearly every key that it is none of all these: it has one N, and its first group is no filler."""
    first = text[:GROUP_LENGTH]
    return (
        len(text) == 29
        and text.count("N") == 1
        and is_spelled_like_a_key(text.replace("-", ""))
        and not (len(set(first)) == 1 or _is_run(first))
    )


def _is_filler(characters: str) -> bool:
    """XXXXX-XXXXX-..., 12345-67890-..., ABCDE-ABCDE-..., A1B2C-3D4E5-..., and masks that show only the last group."""
    if len(characters) < 3:
        return False
    groups = [characters[start : start + GROUP_LENGTH] for start in range(0, len(characters), GROUP_LENGTH)]
    if _is_plain(groups[0]):
        plain = [_is_plain(group) for group in groups]
        if all(plain) or (len(groups) >= 5 and all(plain[:-1])):
            return True
    repeated = len(groups) >= 5 and len(set(groups)) == 1
    return repeated or (_is_run(characters[::2]) and _is_run(characters[1::2]))


def _is_plain(group: str) -> bool:
    return len(set(group)) == 1 or _is_run(group)


def _is_run(characters: str) -> bool:
    return len(characters) > 2 and characters in _ALL_RUNS


def is_wording(text: str) -> bool:
    """Tell whether a text is words: full of letters that keys never have, with few digits."""
    letters_and_digits = [character for character in text if character.isalnum()]
    digits = sum(character.isdigit() for character in letters_and_digits)
    foreign = sum(
        character.isalpha() and character not in KEY_CHARACTERS and character not in FOREIGN_TWINS
        for character in letters_and_digits
    )
    return 0 < len(letters_and_digits) <= foreign * 4 and digits * 5 <= len(letters_and_digits)


# Letters of other alphabets (Cyrillic, Greek) that look like a Latin letter or a digit.
FOREIGN_TWINS = {
    **dict(zip("АВЕЅІЈКМНОРСТУХѴԌԚԜЗЧБ", "ABESIJKMHOPCTYXVGQW346", strict=True)),
    **dict(zip("асеѕіјкмнорстухѵԍԛԝзчб", "ACESIJKMHOPCTYXVGQW346", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
}
