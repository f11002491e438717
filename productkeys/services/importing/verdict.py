"""What is said of one row of an import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from productkeys.domain.keycode import KeyCode
from productkeys.domain.rule import Problem
from productkeys.incoming.row import IncomingRow
from productkeys.models import ProductKey
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.papers import Named
from productkeys.services.importing.remarks import Remark
from productkeys.services.importing.staging import StagedRow
from productkeys.services.keys import KeyValues


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What is said of one row.

    `values` are those of the new key, or of the existing one as it would become; `changes` the fields that would
    differ, before and after. `code` is None where the row holds no key that can be read. `paper` is the agreement that
    the row names, `counted_on` the day of Microsoft's count where it brings one. `remarks` are about what the row says
    and nothing comes of.
    """

    row: StagedRow
    said: IncomingRow
    remarks: list[Remark] = field(default_factory=list)
    outcome: Outcome = Outcome.REFUSED
    code: KeyCode | None = None
    values: KeyValues | None = None
    existing: ProductKey | None = None
    paper: Named | None = None
    counted_on: date | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: Sequence[Problem] = ()

    def refuse(self, *problems: Problem) -> None:
        self.outcome, self.problems = Outcome.REFUSED, [*self.problems, *problems]

    @property
    def letter(self) -> str:
        """The letter that a chunk keeps of the row: that of its outcome, a capital where there are remarks on it."""
        is_remarked = self.remarks and self.outcome is not Outcome.REFUSED
        return self.outcome.value.upper() if is_remarked else self.outcome.value
