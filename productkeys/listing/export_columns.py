"""The columns of exported keys: all that there is, as an import reads it, or those of the list in a reader's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.domain.microsoft_count import COUNTED_TYPES
from productkeys.domain.rules import PUBLISHED_TYPES
from productkeys.incoming.words import join_names
from productkeys.listing.columns import COLUMNS
from productkeys.listing.microsoft import difference_of
from productkeys.listing.scopes import scope_label
from productkeys.models import Agreement, ProductKey, reference
from productkeys.services.labelling import in_order

Cell = str | int | None

_BETWEEN = "; "
"""Stands between several labels in one cell that people read."""


class Facts(NamedTuple):
    """A key for the file: `code` as it leaves; agreement, scope and further scopes as far as the reader may know.

    `scope` is None where the key is everybody's, `agreement_scope` where the agreement is. `status_before` is what an
    archived key becomes when it is restored.
    """

    key: ProductKey
    code: str
    agreement: Agreement | None
    labels: Sequence[str]
    scope: str | None
    agreement_scope: str | None
    shared_with: Sequence[str]
    status_before: str


Text = Callable[[Facts], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: what stands in its head, and in a row."""

    head: str | Promise
    text: Text


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _shown_day(day: date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _counted(key: ProductKey, value: Cell) -> Cell:
    """`value`, where Microsoft counts keys of this type."""
    return value if key.key_type in COUNTED_TYPES else ""


def _quantity(key: ProductKey) -> Cell:
    """The quantity of `key`; that there is no limit is said in a word, since an empty cell says nothing at all."""
    return "unlimited" if key.quantity is None and key.key_type not in PUBLISHED_TYPES else key.quantity


def _of_agreement(text: Callable[[Agreement], Cell]) -> Text:
    return lambda facts: text(facts.agreement) if facts.agreement else ""


EVERYTHING = (
    Column("name", lambda facts: facts.key.name),
    Column("code", lambda facts: facts.code),
    Column("key_type", lambda facts: facts.key.key_type),
    Column("operating_system", lambda facts: facts.key.operating_system_id),
    Column("edition", lambda facts: facts.key.edition),
    Column("architecture", lambda facts: facts.key.architecture),
    Column("usage", lambda facts: facts.key.usage),
    Column("quantity", lambda facts: _quantity(facts.key)),
    Column("in_use", lambda facts: facts.key.in_use),
    Column("comment", lambda facts: facts.key.comment),
    Column("status", lambda facts: facts.key.status),
    Column("status_before", lambda facts: facts.status_before),
    Column("scope", lambda facts: facts.scope or ""),
    Column("shared_with", lambda facts: join_names(sorted(facts.shared_with))),
    Column("labels", lambda facts: join_names(sorted(facts.labels))),
    Column("agreement", _of_agreement(lambda agreement: agreement.number)),
    Column("agreement_vendor", _of_agreement(lambda agreement: agreement.vendor)),
    Column("agreement_bought_on", _of_agreement(lambda agreement: _day(agreement.bought_on))),
    Column("agreement_valid_until", _of_agreement(lambda agreement: _day(agreement.valid_until))),
    Column("agreement_licences", _of_agreement(lambda agreement: agreement.licences)),
    Column("agreement_cost_centre", _of_agreement(lambda agreement: agreement.cost_centre)),
    Column("agreement_proof", _of_agreement(lambda agreement: agreement.proof)),
    Column("agreement_note", _of_agreement(lambda agreement: agreement.note)),
    Column("agreement_scope", lambda facts: facts.agreement_scope or ""),
    Column("microsoft_used", lambda facts: facts.key.microsoft_used),
    Column("microsoft_counted_on", lambda facts: _day(facts.key.microsoft_counted_on)),
)
"""All that an import elsewhere needs. Heads and values are those of `productkeys.incoming`, whatever the language."""

ALWAYS_BEFORE = (
    Column(_("Type"), lambda facts: str(KeyType(facts.key.key_type).label)),
    Column(_("Name"), lambda facts: facts.key.name),
    Column(_("Product key"), lambda facts: facts.code),
)
ALWAYS_BEHIND = (Column(_("Last 5"), lambda facts: facts.key.last_five),)
"""What stands around the columns that the person chose, as in the list."""

STATUS = Column(_("Status"), lambda facts: str(Status(facts.key.status).label))

SHOWN: Mapping[str, tuple[Column, ...]] = {
    "os": (Column(COLUMNS["os"].label, lambda facts: reference.current().system_name(facts.key.operating_system_id)),),
    "edition": (Column(COLUMNS["edition"].label, lambda facts: facts.key.edition_label),),
    "architecture": (Column(_("Architecture"), lambda facts: str(Architecture(facts.key.architecture).label)),),
    "usage": (Column(COLUMNS["usage"].label, lambda facts: str(Usage(facts.key.usage).label)),),
    # Two columns: a spreadsheet reads "1 / 50" as a date.
    "stock": (
        Column(_("In use"), lambda facts: facts.key.in_use),
        Column(_("Quantity"), lambda facts: facts.key.quantity),
    ),
    "scope": (Column(COLUMNS["scope"].label, lambda facts: facts.scope or scope_label(None, {})),),
    "agreement": (Column(COLUMNS["agreement"].label, _of_agreement(lambda agreement: agreement.number)),),
    "microsoft": (
        Column(COLUMNS["microsoft"].label, lambda facts: _counted(facts.key, facts.key.microsoft_used)),
        Column(_("Counted on"), lambda facts: _counted(facts.key, _shown_day(facts.key.microsoft_counted_on))),
        Column(_("Difference"), lambda facts: _counted(facts.key, difference_of(facts.key))),
    ),
    "labels": (Column(COLUMNS["labels"].label, lambda facts: _BETWEEN.join(in_order(facts.labels))),),
    "comment": (Column(COLUMNS["comment"].label, lambda facts: facts.key.comment),),
    "changed": (
        Column(
            COLUMNS["changed"].label, lambda facts: date_format(localtime(facts.key.changed_at), "SHORT_DATE_FORMAT")
        ),
    ),
}
"""Each column of the list, in the words of the reader."""
