"""Which row names the columns: told by what it holds and by how it differs from the rows below it."""

import re
from collections.abc import Sequence

from productkeys.domain import keycode

_LONGEST_NAME = 80
_TITLES = 15
_SEEN = 200  # characters of a cell are enough to tell its kind
_NUMBER = re.compile(r"[-+]?[\d.,' ]*\d ?%?|[-+]?\d[.,]?\d*[eE][-+]?\d+")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ].*)?")

Cells = Sequence[str]


def place_of_head(rows: Sequence[Cells]) -> int:
    """The place of the row that names the columns, if one does: the first that is about as wide as the table.

    Narrower rows above it are titles, unless one of them holds a product key.
    """
    widths = [_filled(cells) for cells in rows]
    usual = sorted(widths)[len(widths) // 2]
    for place, (cells, width) in enumerate(zip(rows, widths, strict=True)):
        if place > _TITLES or _kind("\n".join(cells)) == "key":
            break
        if width >= min(usual, 2) and width * 4 >= usual * 3:
            return place
    return 0


def has_head(rows: Sequence[Cells]) -> bool:
    """Tell whether the first of `rows` that is as wide as the table names its columns."""
    place = place_of_head(rows)
    head, below = rows[place], rows[place + 1 :]
    names = [name.strip() for name in head if name.strip()]
    if any(_kind(name) != "text" or len(name) > _LONGEST_NAME for name in names):
        return False
    if not names or not below:
        return len(names) > 1
    columns = [[cells[index].strip() for cells in below if len(cells) > index] for index in range(len(head))]
    if any(_holds_other_things(column) for column in columns):
        return True
    repeated = len(set(names)) < len(names) or any(
        name.strip() in column for name, column in zip(head, columns, strict=True) if name.strip()
    )
    return len(names) > 1 and len(names) * 2 > len(head) and not repeated


def _holds_other_things(column: Cells) -> bool:
    """Tell whether most cells of a column are something else than words, or one of them is a key."""
    kinds = [_kind(cell) for cell in column if cell]
    return "key" in kinds or sum(kind != "text" for kind in kinds) * 2 > len(kinds)


def _filled(cells: Cells) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _kind(cell: str) -> str:
    if keycode.contains_key(cell[:_SEEN]) or keycode.MASK_CHARACTER in cell:
        return "key"
    return "value" if _NUMBER.fullmatch(cell[:_SEEN]) or _DATE.fullmatch(cell[:_SEEN]) else "text"
