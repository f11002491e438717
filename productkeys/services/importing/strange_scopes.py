"""Columns of somebody's list that are called like a scope, in a portal that speaks of no scopes."""

from collections.abc import Sequence

from productkeys.incoming.columns import Guess
from productkeys.incoming.fields import Field, are_of_our_export
from productkeys.incoming.words import says_everybodys
from productkeys.models import reference


def without_strange_scopes(
    guesses: Sequence[Guess], sample: Sequence[Sequence[str]], columns: Sequence[str]
) -> list[Guess]:
    """The same guesses, but for an "Organization" of which the portal knows nothing: it goes into the comment."""
    facts = reference.current()
    if facts.has_scopes or are_of_our_export(columns):
        return list(guesses)
    names = {"", *(name.casefold() for name in facts.scopes.values())}
    return [
        Guess(Field.KEEP_IN_COMMENT, 0.2)
        if guess.field is Field.SCOPE and any(_is_strange(row[index], names) for row in sample)
        else guess
        for index, guess in enumerate(guesses)
    ]


def _is_strange(cell: str, names: set[str]) -> bool:
    text = cell.strip()
    return text.casefold() not in names and not says_everybodys(text)
