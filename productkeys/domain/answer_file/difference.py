"""What a rewrite changed, line by line, with every key masked and whatever may be a password hidden."""

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from productkeys.domain.answer_file import veil
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.text import lines_of

_WINDOW = 200


class DiffLine(NamedTuple):
    """A line that only one of the two files has: `sign` is - or +, `number` counts in the file that has it."""

    sign: str
    number: int
    text: str


def difference(before: AnswerFile, after: AnswerFile) -> list[DiffLine]:
    """The lines that differ. What else stands in the files is not repeated: they hold passwords."""
    old, new = lines_of(before.text.text), lines_of(after.text.text)
    hunks = list(_hunks(old, new))
    going = veil.veiled(before, (line + 1 for start, end, _new in hunks for line in range(start, end)))
    coming = veil.veiled(after, (line + 1 for _start, _end, lines in hunks for line in lines))
    found: list[DiffLine] = []
    for start, end, lines in hunks:
        found += (DiffLine("-", line + 1, going[line + 1]) for line in range(start, end))
        found += (DiffLine("+", line + 1, coming[line + 1]) for line in lines)
    return found


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, range]]:
    """The stretches that differ: where they begin and end in `old`, and their lines in `new`.

    A rewrite changes a few lines here and there, so each is looked at in a window: files may have a million lines.
    """
    here, there = 0, 0
    while here < len(old) or there < len(new):
        if here < len(old) and there < len(new) and old[here] == new[there]:
            here, there = here + 1, there + 1
            continue
        windows = old[here : here + _WINDOW], new[there : there + _WINDOW]
        same = difflib.SequenceMatcher(None, *windows, autojunk=False).get_matching_blocks()[0]
        yield here, here + same.a, range(there, there + same.b)
        here, there = here + same.a, there + same.b
