"""What a person may do with one key: what its pages offer, and what they say instead."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from productkeys.models import ProductKey

if TYPE_CHECKING:
    from keyportal.people.models import User


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of a person to one key; `add` is the right to add another one like it, wherever that is held."""

    add: bool
    change: bool
    delete: bool
    reveal: bool

    @classmethod
    def of(cls, person: "User", key: ProductKey) -> Self:
        """What `person` may do with `key`. Costs one query at most, and none where their rights hold everywhere."""

        def may(right: str) -> bool:
            return person.has_perm(f"productkeys.{right}_productkey", key)

        return cls(
            add=person.has_perm("productkeys.add_productkey"),
            change=may("change"),
            delete=may("delete"),
            reveal=may("reveal"),
        )
