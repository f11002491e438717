"""What a row would change of a key that is there: only what the row itself says, and never its status or use."""

from collections.abc import Mapping
from typing import Any

from productkeys.models import ProductKey
from productkeys.services import keys, labelling
from productkeys.services.importing.verdict import Verdict
from productkeys.services.keys import KeyValues

AGREEMENT, MICROSOFT = "agreement", "microsoft_used"
"""Changes that are more than a value: the agreement, by its number, and Microsoft's count."""

Changes = Mapping[str, tuple[Any, Any]]


def compared(
    verdict: Verdict, key: ProductKey, values: KeyValues, *, replaces_comment: bool
) -> tuple[Changes, KeyValues]:
    """The fields of `key` that `values` of the row would change, before and after, and the values it would then have.

    Labels come to those that it has, and lines of columns that nobody knows to its comment, unless a column is the
    comment (`replaces_comment`).
    """
    kept = KeyValues.of(key)
    wanted = {
        name: getattr(values, name)
        for name in keys.DECLARED_FIELDS
        if name != "agreement_id" and name.removesuffix("_id") in verdict.said.given
    }
    if "comment" in wanted and not replaces_comment:
        wanted["comment"] = _with_lines(key.comment, values.comment)
    changes = {name: (getattr(kept, name), value) for name, value in wanted.items() if getattr(kept, name) != value}
    becomes = {name: after for name, (_before, after) in changes.items()}
    had = [label.name for label in key.labels.all()]
    labels = labelling.with_changes(had, added=values.labels or frozenset(), removed=frozenset())
    if not labelling.are_same(labels, had):
        changes["labels"], becomes["labels"] = (had, labels), frozenset(labels)
    if (paper := verdict.paper) and (paper.there is None or paper.there.pk != key.agreement_id):
        changes[AGREEMENT] = (str(key.agreement or ""), paper.number)
        becomes["agreement_id"] = paper.there.pk if paper.there else key.agreement_id
    if verdict.counted_on and not _is_counted_alike(verdict, key):
        changes[MICROSOFT] = (key.microsoft_used, verdict.said.microsoft_used)
    return changes, KeyValues.of(key, **becomes)


def _is_counted_alike(verdict: Verdict, key: ProductKey) -> bool:
    named = verdict.said.microsoft_counted_on
    return key.microsoft_used == verdict.said.microsoft_used and named in (None, key.microsoft_counted_on)


def _with_lines(comment: str, added: str) -> str:
    """`comment` with those lines of `added` that it does not have."""
    had = comment.splitlines()
    return "\n".join([*had, *(line for line in added.splitlines() if line not in had)])
