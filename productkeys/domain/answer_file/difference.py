"""What a rewrite changed, line by line, with every key masked."""

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

from productkeys.domain import keycode
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.splicing import Edit, spliced
from productkeys.domain.answer_file.values import Value

_LINE_END = re.compile("\r\n|\n|\r")
_HIDDEN = keycode.MASK_CHARACTER * 5


class DiffLine(NamedTuple):
    """A line that only one of the two files has: `sign` is - or +, `number` counts in the file that has it."""

    sign: str
    number: int
    text: str


def difference(before: AnswerFile, after: AnswerFile) -> list[DiffLine]:
    """The lines that differ. What else stands in the files is not repeated: they hold passwords."""
    old, new = _masked(before), _masked(after)
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    old_part, new_part = old[start : len(old) - end], new[start : len(new) - end]
    found: list[DiffLine] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old_part, new_part).get_opcodes():
        if kind != "equal":
            found += (DiffLine("-", start + number + 1, old_part[number]) for number in range(i1, i2))
            found += (DiffLine("+", start + number + 1, new_part[number]) for number in range(j1, j2))
    return found


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = zip(one, other, strict=False)
    return next((number for number, pair in enumerate(pairs) if pair[0] != pair[1]), min(len(one), len(other)))


def _masked(file: AnswerFile) -> list[str]:
    """The lines of a file, with a mask for what stands at the places of keys and for what looks like one."""
    hidden = [
        Edit(place.start, place.end, keycode.mask(place.held.last_five) if place.held.last_five else _HIDDEN)
        for place in file.places
        if place.held.value in (Value.KEY, Value.MALFORMED)
    ]
    hidden += [
        Edit(other.start, other.end, keycode.mask(other.held.last_five or _HIDDEN))
        for other in file.elsewhere
        if other.held.value is not Value.PLACEHOLDER
    ]
    return _LINE_END.split(spliced(file.text.text, hidden))
