"""What people say about the file of an import: the meaning of its columns and of the texts in them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from productkeys.incoming.fields import Field
from productkeys.incoming.row import Reading
from productkeys.models import Import
from productkeys.services import sealed_secrets

AT_MOST_UNKNOWN = 200
"""How many different texts that nobody understood are kept; the rows themselves are all refused."""

_LISTS = ("columns", "fields", "certainties", "samples", "sheets", "papers")
_PARTS_OF_A_PRODUCT = frozenset({Field.OPERATING_SYSTEM, Field.EDITION})


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text that no reader understood in a column of this meaning, and how many rows say it."""

    field: str
    text: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`fields` are the meanings of `columns` (`incoming.fields.Field`), with how certain the portal was of each.

    `values` says by field what a text stands for, `defaults` what is meant where a row says nothing. `samples` are
    the first filled cells of the columns, for showing, `sheets` the names of a workbook's sheets. `papers` are the new
    agreements about which rows do not all say the same (`papers.Papers`), known when all rows are checked. Any of these
    texts may hold a key.
    """

    columns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    certainties: tuple[float, ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[Unknown, ...] = ()
    samples: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    day_first: bool = True
    papers: tuple[Mapping[str, Any], ...] = ()

    @property
    def reading(self) -> Reading:
        """How a row is read by this plan."""
        return Reading(
            columns=tuple(map(Field, self.fields)),
            column_names=self.columns,
            values=self.values,
            defaults=self.defaults,
            day_first=self.day_first,
        )

    def reading_mended(self, texts: Sequence[str]) -> Reading:
        """How a row is read to whose cells the texts of these fields were added by a person."""
        replaced = replaced_by(texts)
        kept = [Field.IGNORE if name in replaced else Field(name) for name in self.fields]
        return replace(
            self.reading,
            columns=(*kept, *map(Field, texts)),
            column_names=(*self.columns, *texts),
        )


def replaced_by(texts: Iterable[str]) -> set[str]:
    """The fields whose cells do not count where a person gave the texts of these fields."""
    given = set(texts)
    return given | ({Field.PRODUCT} if given & _PARTS_OF_A_PRODUCT else set())


def read(imp: Import) -> Plan:
    """The plan of an open import. Raises SealedSecret.DoesNotExist where the import is over."""
    kept: dict[str, Any] = json.loads(sealed_secrets.read(str(imp.plan_id)))
    lists = {name: tuple(kept.get(name, ())) for name in _LISTS}
    unknown = tuple(Unknown(**entry) for entry in kept["unknown"])
    return Plan(**{**kept, **lists, "unknown": unknown})


def keep(imp: Import, plan: Plan) -> None:
    """Seal `plan` away as that of `imp`."""
    written = json.dumps(asdict(plan), ensure_ascii=False)
    if imp.plan_id:
        sealed_secrets.replace(imp.plan_id, written)
    else:
        imp.plan_id = sealed_secrets.keep(written)
        imp.save(update_fields=["plan"])
