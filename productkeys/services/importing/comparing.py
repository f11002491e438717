"""What a row would change of a key that is there: only what the row itself says, and nothing that it could lose."""

from collections.abc import Mapping
from typing import Any

from productkeys.domain import import_rules
from productkeys.domain.choices import Status
from productkeys.incoming.fields import Field
from productkeys.incoming.row import IncomingRow
from productkeys.models import ProductKey
from productkeys.services import keys, labelling
from productkeys.services.importing.remarks import Remark
from productkeys.services.importing.verdict import Verdict
from productkeys.services.keys import KeyValues

AGREEMENT, MICROSOFT, STATUS, SHARED_WITH = "agreement", "microsoft_used", "status", "shared_with"
"""Changes that are more than a value: the agreement by its number, Microsoft's count, the status, further scopes."""

Changes = Mapping[str, tuple[Any, Any]]

_TAKES_OUT_OF_USE = (Status.ACTIVE, Status.ARCHIVED, Status.COMPROMISED)
"""An import goes this way alone: what somebody took out of use for a reason, no older list brings back."""


def compared(
    verdict: Verdict, key: ProductKey, values: KeyValues, *, replaces_comment: bool
) -> tuple[Changes, KeyValues]:
    """The fields of `key` that `values` of the row would change, before and after, and the values it would then have.

    Labels and scopes come to those that it has, and lines of columns that nobody knows to its comment, unless a column
    is the comment (`replaces_comment`). Notes a status that stays.
    """
    given = verdict.said.given
    kept = KeyValues.of(key, in_use=key.in_use)
    wanted = {
        name: getattr(values, name)
        for name in (*keys.DECLARED_FIELDS, "in_use")
        if name != "agreement_id" and name.removesuffix("_id") in given
    }
    if "comment" in wanted and not replaces_comment:
        wanted["comment"] = _with_lines(key.comment, values.comment)
    changes = {name: (getattr(kept, name), value) for name, value in wanted.items() if getattr(kept, name) != value}
    becomes = {name: after for name, (_before, after) in changes.items()}
    had = [label.name for label in key.labels.all()]
    labels = labelling.with_changes(had, added=values.labels or frozenset(), removed=frozenset())
    if not labelling.are_same(labels, had):
        changes["labels"], becomes["labels"] = (had, labels), frozenset(labels)
    if values.shared_with and (shared := _further_scopes(key, values.shared_with, becomes)):
        changes[SHARED_WITH], becomes[SHARED_WITH] = (sorted(shared[0]), sorted(shared[1])), shared[1]
    if key.agreement_id and Field.AGREEMENT not in given:
        verdict.paper = None  # what holds where rows say nothing moves no key from the agreement that it has
    if (paper := verdict.paper) and (paper.there is None or paper.there.pk != key.agreement_id):
        changes[AGREEMENT] = (str(key.agreement or ""), paper.number)
        becomes["agreement_id"] = paper.there.pk if paper.there else key.agreement_id
    if verdict.counted_on and not _is_counted_alike(verdict, key):
        changes[MICROSOFT] = (key.microsoft_used, verdict.said.microsoft_used)
    if "status" in given and verdict.said.status != key.status:
        if _takes_out_of_use(verdict.said, key):
            changes[STATUS] = (key.status, verdict.said.status)
        else:
            verdict.remarks.append(Remark(import_rules.STATUS_STAYS, "status", verdict.said.status, key.status))
    return changes, KeyValues.of(key, **becomes)


def complete(said: IncomingRow, key: ProductKey) -> None:
    """Take what is left of a quantity that the row does not name as left of the quantity of `key`."""
    if key.quantity is None or said.quantity is not None:
        return
    counts = {"in_use": (Field.REMAINING, said.remaining)}
    counts["microsoft_used"] = (Field.MICROSOFT_REMAINING, said.microsoft_remaining)
    for name, (column, left) in counts.items():
        if left is not None and left <= key.quantity and name not in said.given:
            setattr(said, name, key.quantity - left)
            said.given |= {name}
            said.noted = tuple(note for note in said.noted if note[0] is not column)


def _takes_out_of_use(said: IncomingRow, key: ProductKey) -> bool:
    if Status.COMPROMISED in said.statuses:  # whether it is archived then or not: the mark stays
        return True
    return _TAKES_OUT_OF_USE.index(Status(said.status)) > _TAKES_OUT_OF_USE.index(Status(key.status))


def _further_scopes(
    key: ProductKey, said: frozenset[int], becomes: Mapping[str, Any]
) -> tuple[frozenset[int], frozenset[int]] | None:
    """With which scopes `key` is shared, and with which it would be; None where they are the same."""
    scope = becomes.get("scope_id", key.scope_id)
    had = frozenset(scope.pk for scope in key.shared_with.all())
    shared = (had | said) - {scope} if scope is not None else had
    return None if shared == had else (had, shared)


def _is_counted_alike(verdict: Verdict, key: ProductKey) -> bool:
    named = verdict.said.microsoft_counted_on
    return key.microsoft_used == verdict.said.microsoft_used and named in (None, key.microsoft_counted_on)


def _with_lines(comment: str, added: str) -> str:
    """`comment` with those lines of `added` that it does not have."""
    had = comment.splitlines()
    return "\n".join([*had, *(line for line in added.splitlines() if line not in had)])
