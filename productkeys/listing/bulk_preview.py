"""What an act on several keys would do, ready for its page: before and after, and what the rules refuse and why."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from productkeys.listing.changes import FieldChange, in_words
from productkeys.models import ProductKey
from productkeys.services.bulk_edit import Plan, Step

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
    def of(cls, plan: Plan) -> "Preview":
        accepted, refused = plan.accepted, plan.refused
        return cls(
            rows=[_row(step) for step in accepted[:SHOWN_ROWS]],
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


def _row(step: Step) -> Row:
    return Row(step.key, list(in_words(step.before, step.after, system=step.key.operating_system_id)))


def _refusals(steps: Sequence[Step]) -> list[Refusal]:
    by_reason: dict[str, list[ProductKey]] = defaultdict(list)
    for step in steps:
        for problem in step.problems:
            by_reason[problem.text].append(step.key)
    largest_first = sorted(by_reason.items(), key=lambda reason: -len(reason[1]))
    return [Refusal(text, len(keys), keys[:_SHOWN_NAMES]) for text, keys in largest_first]
