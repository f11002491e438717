"""How a file is to be read: what was recognised of it, or corrected by a person."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args

Kind = Literal["delimited", "workbook", "json_lines", "lines", "visual_studio", "xml"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-15", "cp850")
"""The encodings that a text may be read in; a workbook has none, and XML may name its own (both: empty)."""
ALIGNED = "  "
"""The delimiter of a table whose columns stand apart by two blanks or more, as mails hold them."""
COLON = ":"
RARE_DELIMITERS = ("^", "~", "#", COLON)
DELIMITERS = ("\t", ";", "|", ",", ALIGNED, *RARE_DELIMITERS)
"""In the order of trust: where two divide a text equally well, the first of them is meant.

Rare ones are recognised only where they set keys free, and the colon never: it divides where a person says so.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a file is to be read.

    `kind` "lines" means one cell on each line. `delimiter` is for the kind "delimited"; "|" stands for the tables of
    Markdown as well. `sheet` is the place, from 0, of the one to read among the `sheets` of a workbook. With `header`,
    the first row that is as wide as the table names its columns; titles above it are passed over.
    """

    kind: Kind
    encoding: str = ""
    delimiter: str = ""
    sheet: int = 0
    sheets: tuple[str, ...] = ()
    header: bool = True

    def as_dict(self) -> dict[str, object]:
        """This format as JSON can hold it, without the names of sheets: one may hold a key, as any text of a file."""
        return {name: value for name, value in dataclasses.asdict(self).items() if name != "sheets"}

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Self:
        """The format that `as_dict` gave, or that a person corrected. Raises ValueError for any other."""
        match stored:
            case {
                "kind": str(kind),
                "encoding": str(encoding),
                "delimiter": str(delimiter),
                "sheet": int(sheet),
                "header": bool(header),
            } if kind in KINDS and encoding in ("", *ENCODINGS) and delimiter in ("", *DELIMITERS):
                return cls(kind=kind, encoding=encoding, delimiter=delimiter, sheet=sheet, header=header)
        raise ValueError("not a format")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is read at most.

    A table with more columns or rows is unreadable; a longer cell is cut, which its row says. A workbook is a packed
    folder: `max_unpacked` bytes in all, and `max_ratio` times the bytes of the file where it unpacks to more than
    `small` bytes.
    """

    max_columns: int = 200
    max_cell: int = 20_000
    max_rows: int = 1_000_000
    max_unpacked: int = 256 * 1024 * 1024
    max_ratio: int = 100
    small: int = 16 * 1024 * 1024
