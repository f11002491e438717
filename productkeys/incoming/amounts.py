"""Cells that count: "1.000", "150,0", "unbegrenzt", "118 von 150". None where a cell holds no number."""

import re
from typing import NamedTuple

from productkeys.incoming.remembering import remembered
from productkeys.incoming.spelling import folded
from productkeys.incoming.words import NO_LIMIT


class Count(NamedTuple):
    """A whole number of at least 0; None is no limit."""

    number: int | None


class UseOfQuantity(NamedTuple):
    """How many are in use of how many there are; None is no limit."""

    in_use: int
    quantity: int | None


_UNIT = (
    r"(?: ?(?:stk|stck|stueck|pcs|pc|x|lizenz(?:en)?|licen[cs]es?|aktivierung(?:en)?|activations?|seats?|plaetze"
    r"|geraete|devices|hosts?)\.?)?"
)
# Thousands in groups of three, by point, comma, apostrophe or blank; decimals only where all of them are zero.
_GROUPED = re.compile(rf"([0-9]{{1,3}}(?:([.,'’  ])[0-9]{{3}})(?:\2[0-9]{{3}}){{0,3}})(?:[.,]0+)?{_UNIT}")
_PLAIN = re.compile(rf"([0-9]{{1,15}})(?:[.,]0{{1,6}})?{_UNIT}")
_BETWEEN = re.compile(r"(.{1,30}?) ?(?:/|\||\bvon(?: insgesamt)?\b|\bof\b|\bout of\b|\baus\b) ?(.{1,30})")
_USED_WORDS = re.compile(
    r"\b(?:used|in use|verbraucht|benutzt|genutzt|belegt|zugewiesen|total|(?:ins)?gesamt|available|verfuegbar)\b|[:()]"
)


@remembered
def read_count(text: str) -> Count | None:
    """The whole number in a cell, or that there is no limit."""
    bare = folded(text)
    if NO_LIMIT.fullmatch(bare):
        return Count(None)
    if match := _GROUPED.fullmatch(bare):
        return Count(int(re.sub(r"\D", "", match[1])))
    match = _PLAIN.fullmatch(bare)
    return Count(int(match[1])) if match else None


@remembered
def read_use_of_quantity(text: str) -> UseOfQuantity | None:
    """What "118/150", "118 von 150" or "118 used of 150" says: in use, and the quantity."""
    match = _BETWEEN.fullmatch(" ".join(_USED_WORDS.sub(" ", folded(text)).split()))
    if not match:
        return None
    used, quantity = read_count(match[1]), read_count(match[2])
    if used is None or used.number is None or quantity is None:
        return None
    return UseOfQuantity(used.number, quantity.number)
