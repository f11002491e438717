"""How names are stored beside themselves so that both databases sort and find them alike.

SQLite folds only ASCII and both databases sort "Ä" after "Z"; the stored forms make neither matter.
"""

import unicodedata


def fold(text: str) -> str:
    """`text` case-folded and without accents: "Ärger" and "arger" fold alike, "ß" becomes "ss"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
