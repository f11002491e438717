"""Takes the keys out of a file that leaves the portal, and puts something in their place that says so."""

from collections.abc import Callable

from productkeys.domain.answer_file.reading import AnswerFile, read
from productkeys.domain.answer_file.splicing import Edit, spliced
from productkeys.domain.answer_file.values import Held, Value

Tell = Callable[[Held], str | None]
"""What stands for a key that is hidden; None for one that may stay."""


def with_keys_hidden(file: AnswerFile, tell: Tell) -> AnswerFile:
    """The file without the keys that `tell` names, wherever they stand. What it names them is no key itself."""
    while edits := _edits(file, tell):  # a reader lists a limited number of keys at once
        file = read(file.text.encoded(spliced(file.text.text, edits)))
    return file


def _edits(file: AnswerFile, tell: Tell) -> list[Edit]:
    edits, position = [], 0
    for spot in file.spots:
        if spot.start < position or spot.held.value not in (Value.KEY, Value.MALFORMED, Value.PUBLISHED):
            continue
        if (told := tell(spot.held)) is not None:
            edits.append(Edit(spot.start, spot.end, told))
            position = spot.end
    return edits
