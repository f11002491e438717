"""The words around a product key in its own cell: a line of a mail, "Windows 11 Enterprise MAK: XXXXX-...-XXXXX"."""

import re

from productkeys.domain import keycode
from productkeys.domain.keycode_text import GROUP_LENGTH, KEY_LENGTH
from productkeys.incoming.column_names import is_called
from productkeys.incoming.fields import Field

_MASK = re.compile(rf"(?:{keycode.MASK_CHARACTER}{{{GROUP_LENGTH}}}-){{4}}(\w{{{GROUP_LENGTH}}})")
_NUMBERING = re.compile(r"\A\s*(?:\(?\d{1,4}[.):]|[-*•·>])\s+")
_EDGES = " \t\r\n:;,.=|/\\*•·>-–—()[]<>\"'„“”"
_AS_ISSUED = KEY_LENGTH + 4


def words_beside_key(text: str) -> tuple[str, str]:
    """What a cell says beside its one key, in one line: a product, as a rule; and the last five characters of the key.

    The words are empty where there is no more than a number or a heading, both where there is nothing beside a key.
    """
    if len(text) <= _AS_ISSUED:
        return "", ""
    shown = keycode.redact(text)
    ends = _MASK.findall(shown)
    if len(ends) != 1:
        return "", ""
    words = " ".join(_MASK.sub(" ", _NUMBERING.sub("", shown)).split()).strip(_EDGES)
    is_heading = not any(map(str.isalpha, words)) or is_called(words, Field.CODE)
    return "" if is_heading else words, ends[0]
