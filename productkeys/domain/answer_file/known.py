"""What the portal knows of a product key that stands in a file."""

from collections.abc import Callable
from dataclasses import dataclass

from productkeys.domain.choices import Architecture, KeyType, Status
from productkeys.domain.keycode import KeyCode


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """An entry of the portal as plain values: those of `choices`, and the slug of an operating system.

    `left` is how many activations are left as the portal counts them, None where there is no limit.
    """

    name: str
    key_type: str
    system: str
    edition: str = ""
    architecture: str = Architecture.ANY.value
    usage: str = ""
    status: str = Status.ACTIVE.value
    left: int | None = None
    published: bool = False

    @property
    def is_mak(self) -> bool:
        return self.key_type == KeyType.MAK

    @property
    def is_gvlk(self) -> bool:
        return self.key_type == KeyType.GVLK


Known = Callable[[KeyCode], KeyFacts | None]
"""Looks a key up; None for one that the portal does not hold, or that the person asking may not know of."""
