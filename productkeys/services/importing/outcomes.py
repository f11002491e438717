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


def counted(letters: Iterable[str]) -> dict[str, int]:
    """How many rows have each outcome."""
    return dict(Counter(letters))
