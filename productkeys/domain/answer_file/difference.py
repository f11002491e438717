"""What a rewrite changed, line by line, with every key masked and whatever may be a password hidden."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

from productkeys.domain.answer_file import veil
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.text import lines_of


class DiffLine(NamedTuple):
    """A line that only one of the two files has: `sign` is - or +, `number` counts in the file that has it."""

    sign: str
    number: int
    text: str


def difference(before: AnswerFile, after: AnswerFile) -> list[DiffLine]:
    """The lines that differ. What else stands in the files is not repeated: they hold passwords."""
    old, new = lines_of(before.text.text), lines_of(after.text.text)
    start = _same(old, new)
    end = min(_same(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    parts = old[start : len(old) - end], new[start : len(new) - end]
    steps = [step for step in difflib.SequenceMatcher(None, *parts).get_opcodes() if step[0] != "equal"]
    going = veil.veiled(before, (start + line + 1 for step in steps for line in range(step[1], step[2])))
    coming = veil.veiled(after, (start + line + 1 for step in steps for line in range(step[3], step[4])))
    found: list[DiffLine] = []
    for _kind, i1, i2, j1, j2 in steps:
        found += (DiffLine("-", start + line + 1, going[start + line + 1]) for line in range(i1, i2))
        found += (DiffLine("+", start + line + 1, coming[start + line + 1]) for line in range(j1, j2))
    return found


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = zip(one, other, strict=False)
    return next((number for number, pair in enumerate(pairs) if pair[0] != pair[1]), min(len(one), len(other)))
