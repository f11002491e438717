"""What an act on several keys would do, ready for its page: before and after, and what the rules refuse and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from productkeys.listing.agreements import numbers_of, with_numbers
from productkeys.listing.changes import FieldChange, in_words
from productkeys.models import ProductKey
from productkeys.services.bulk_edit import Plan, Step

if TYPE_CHECKING:
    from keyportal.people.models import User

SHOWN_ROWS = 50
_SHOWN_NAMES = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One key and the fields that would differ."""

    key: ProductKey
    changes: Sequence[FieldChange]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, and the keys that it holds for: the first ones by name, and how many more."""

    text: str
    count: int
    keys: Sequence[ProductKey]

    @property
    def more(self) -> int:
        return self.count - len(self.keys)


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan as its page shows it: the first rows, every reason for a refusal, and the figures."""

    rows: Sequence[Row]
    accepted: Sequence[Step]
    refusals: Sequence[Refusal]
    refused: int
    unchanged: int

    @classmethod
    def of(cls, plan: Plan, *, reader: "User") -> "Preview":
        """The preview of `plan` for `reader`: an agreement that is not there for them is not named."""
        accepted, refused = plan.accepted, plan.refused
        shown = accepted[:SHOWN_ROWS]
        sides = (side for step in shown for side in (step.before, step.after))
        numbers = numbers_of((side.get("agreement_id") for side in sides), reader=reader)
        return cls(
            rows=[_row(step, numbers) for step in shown],
            accepted=accepted,
            refusals=_refusals(refused),
            refused=len(refused),
            unchanged=plan.unchanged,
        )

    @property
    def count(self) -> int:
        return len(self.accepted)

    @property
    def more(self) -> int:
        """How many keys would change beside those shown."""
        return self.count - len(self.rows)


def _row(step: Step, numbers: Mapping[int | None, str]) -> Row:
    before, after = with_numbers(step.before, numbers), with_numbers(step.after, numbers)
    return Row(step.key, list(in_words(before, after, system=step.key.operating_system_id)))


def _refusals(steps: Sequence[Step]) -> list[Refusal]:
    by_reason: dict[str, list[ProductKey]] = defaultdict(list)
    for step in steps:
        for problem in step.problems:
            by_reason[problem.text].append(step.key)
    largest_first = sorted(by_reason.items(), key=lambda reason: -len(reason[1]))
    return [Refusal(text, len(keys), keys[:_SHOWN_NAMES]) for text, keys in largest_first]
