"""Takes the keys out of a file that leaves the portal, and puts something in their place that says so."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from productkeys.domain import keycode_text
from productkeys.domain.answer_file import values
from productkeys.domain.answer_file.reading import AnswerFile, read
from productkeys.domain.answer_file.splicing import Edit, spliced
from productkeys.domain.answer_file.values import Held, Value

Tell = Callable[[Held], str | None]
"""What stands for a key that is hidden; None for one that may stay."""

_BETWEEN_CHARACTERS = re.compile(r"%[0-9A-F]{2}|[^0-9A-Z]")


@dataclass(frozen=True, slots=True)
class Spot:
    """A key in the text of a file: where it begins and ends there, and what it is."""

    start: int
    end: int
    held: Held


def keys_in(file: AnswerFile) -> list[Spot]:
    """Every key in a file in the order of its text, at the places of keys and in whatever spelling elsewhere.

    Of very many the first ones. What looks like a key and is none, or cannot be told apart, counts as well.
    """
    kinds = (Value.KEY, Value.MALFORMED, Value.PUBLISHED)
    found = [Spot(spot.start, spot.end, spot.held) for spot in file.spots if spot.held.value in kinds]
    return sorted([*found, *_spelled_otherwise(file.text.text, found)], key=lambda spot: spot.start)


def with_keys_hidden(file: AnswerFile, found: list[Spot], tell: Tell) -> AnswerFile:
    """The file without the keys that `tell` names, wherever they stand. What it names them is no key itself.

    `found` are the keys in the file. They are searched for anew in what comes of it, since only so many are found at
    once.
    """
    while edits := _edits(found, tell):
        file = read(file.text.encoded(spliced(file.text.text, edits)))
        found = keys_in(file)
    return file


def _edits(found: list[Spot], tell: Tell) -> list[Edit]:
    edits, position = [], 0
    for spot in found:
        if spot.start < position:
            continue
        if (told := tell(spot.held)) is not None:
            edits.append(Edit(spot.start, spot.end, told))
            position = spot.end
    return edits


def _spelled_otherwise(text: str, found: list[Spot]) -> Iterator[Spot]:
    """Keys that a reader of answer files does not look for: without dashes, with blanks or other signs in them."""
    taken = "".join(_cut(text, found))
    folded = keycode_text.fold(taken)
    for start, end in keycode_text.key_spans(folded.text):
        characters = _BETWEEN_CHARACTERS.sub("", folded.text[start:end])
        yield Spot(folded.origins[start], folded.origins[end - 1] + 1, values.held(characters))


def _cut(text: str, found: list[Spot]) -> Iterator[str]:
    """The text with something in the place of each key that was found, as long as it is."""
    position = 0
    for spot in sorted(found, key=lambda spot: spot.start):
        start = max(spot.start, position)
        if start < spot.end:
            yield text[position:start]
            yield "|" * (spot.end - start)
            position = spot.end
    yield text[position:]
