"""Cells that no spreadsheet takes for a formula.

A spreadsheet takes a cell for a formula by its first sign, also in a file of plain text. Such a cell begins with an
apostrophe here, which tells it that this is text.
"""

import unicodedata

_MARK = "'"
_STARTS_FORMULAS = ("=", "+", "-", "@")
_HIDES_A_START = ("\t", "\r", "\n")


def harmless(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula: also behind blanks, and in signs of double width.

    A text that would be taken for a marked one is marked as well, so that `plain` gives back every text.
    """
    return _MARK + text if _could_run(text) or _looks_marked(text) else text


def plain(text: str) -> str:
    """The text that `harmless` made `text` of; one that it did not make stays as it is."""
    return text[1:] if _looks_marked(text) else text


def _looks_marked(text: str) -> bool:
    return text.startswith(_MARK) and (text.startswith(_MARK, 1) or _could_run(text[1:]))


def _could_run(text: str) -> bool:
    # A quick way out for nearly every cell: only the beginning counts.
    if not text or (text[0].isascii() and text[0].isalnum()):
        return False
    if text.startswith(_HIDES_A_START):
        return True
    seen = text.lstrip()[:1]
    return unicodedata.normalize("NFKC", seen).lstrip().startswith(_STARTS_FORMULAS)
