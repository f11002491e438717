"""What columns are called: the meanings that a heading may have."""

import difflib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from productkeys.incoming.fields import SYNONYMS, Field
from productkeys.incoming.remembering import remembered
from productkeys.incoming.spelling import plain_name

_LONGEST_NAME = 80
_SHORTEST_PART = 3
_LIKE_A_SYNONYM = 0.88
_STOP_WORDS = re.compile(r"\b(?:der|die|das|des|den|the|of|in|fuer|for|laut|zum|zur|no|nr|nummer|number)\b")
_NAMELESS = re.compile(r"(?:(?:column|spalte|feld|field|unnamed) ?)?(?:[a-z]|[a-z]?\d*)")


def _without_stop_words(name: str) -> str:
    return " ".join(_STOP_WORDS.sub(" ", name).split())


def _meanings() -> dict[str, dict[Field, float]]:
    """The names that are known, and how surely each has which meaning: "Purchased" can be a number or a date."""
    fields: dict[str, list[Field]] = defaultdict(list)
    for field, names in SYNONYMS.items():
        for name in dict.fromkeys(map(plain_name, (field.value, *names))):
            fields[name].append(field)
    return {name: _ranked(meant) for name, meant in fields.items()}


def _ranked(fields: Sequence[Field]) -> dict[Field, float]:
    return {fields[0]: 1.0} if len(fields) == 1 else dict(zip(fields, (0.9, 0.8, 0.7), strict=False))


_MEANINGS = _meanings()
_MEANINGS_WITHOUT_STOP_WORDS = {_without_stop_words(name): fields for name, fields in _MEANINGS.items()} | _MEANINGS


def _known(plain: str) -> Mapping[Field, float]:
    return _MEANINGS.get(plain) or _MEANINGS_WITHOUT_STOP_WORDS.get(_without_stop_words(plain)) or {}


def is_nameless(name: str) -> bool:
    """Whether a column has no heading of its own: none at all, "Column 3", "Spalte B"."""
    return _NAMELESS.fullmatch(plain_name(name[:_LONGEST_NAME])) is not None


def is_called(name: str, field: Field) -> bool:
    """Whether this is one of the known names of a column with this meaning, to the word."""
    return field in _known(plain_name(name[:_LONGEST_NAME]))


@remembered
def meanings_of(name: str) -> Mapping[Field, float]:
    """The meanings a column may have by its name, each with its certainty from 0 to 1."""
    plain = plain_name(name[:_LONGEST_NAME])
    if known := _known(plain):
        return known
    found: dict[Field, float] = {}
    for synonym, known in _MEANINGS.items():
        if len(synonym) >= _SHORTEST_PART and f" {synonym} " in f" {plain} ":
            for field in known:
                found[field] = max(found.get(field, 0.0), 0.5 + 0.4 * len(synonym) / len(plain))
    if not found:
        for similar in difflib.get_close_matches(plain, _MEANINGS, n=1, cutoff=_LIKE_A_SYNONYM):
            found = dict.fromkeys(_MEANINGS[similar], 0.7)
    return found
