"""What becomes of a row of an import."""

from collections import Counter
from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """The outcome of one row, by the letter that a chunk keeps of it."""

    NEW = "n", _("New")
    CHANGES = "c", _("Changes a key")
    SAME = "s", _("Already there")
    STANDARD = "p", _("Standard key")
    NOT_OURS = "x", _("Not for Windows")
    REFUSED = "r", _("Refused")


STORED = frozenset({Outcome.NEW, Outcome.CHANGES})
"""The outcomes that storing acts on; all others leave the portal as it is."""


REMARKED = "remarked"
"""Stands among the counts for the rows with remarks, whatever their outcome is."""


def counted(letters: Iterable[str]) -> dict[str, int]:
    """How many rows have each outcome, by the letters of a chunk, and on how many of them there are remarks."""
    found: dict[str, int] = {}
    for letter, number in Counter(letters).items():
        found[letter.lower()] = found.get(letter.lower(), 0) + number
        if letter.isupper():
            found[REMARKED] = found.get(REMARKED, 0) + number
    return found


def is_like(letter: str, wanted: str) -> bool:
    """Whether a row with this letter is among those that are `wanted`: by outcome, or those with remarks."""
    return letter.isupper() if wanted == REMARKED else letter.lower() == wanted
