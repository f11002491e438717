"""What the trail keeps of an export of keys, and how a page says it: the format, which keys, and how they left."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from productkeys.domain.choices import Status
from productkeys.listing import import_filter
from productkeys.listing.changes import FieldChange
from productkeys.listing.filters import FILTERS, SCOPE, VIEWS
from productkeys.listing.query import ListQuery

_LABELS: dict[str, str | Promise] = {
    "format": gettext_lazy("Format"),
    "columns": gettext_lazy("Columns"),
    "keys": gettext_lazy("Exported keys"),
    "rows": gettext_lazy("Whole keys among them"),
    "refused_rows": gettext_lazy("Refused rows of an import, as they were brought"),
    "chosen": gettext_lazy("Keys chosen one by one"),
    "text": gettext_lazy("Search"),
    "status": gettext_lazy("Status"),
}


WITH_ARCHIVE = "with-archive"
"""What the trail says of the status where archived keys left beside the active ones."""


def filters_of(query: ListQuery, *, with_archive: bool = False) -> dict[str, Any]:
    """The filters of `query` as the trail keeps them: scopes and imports by what they are called now."""
    asked: dict[str, Any] = {name: list(choices) for name, choices in query.chosen.items()}
    if SCOPE in asked:
        labels = FILTERS[SCOPE].labels(query.scopes)
        asked[SCOPE] = [str(labels.get(choice, choice)) for choice in asked[SCOPE]]
    if import_filter.FILTER in asked:
        asked[import_filter.FILTER] = [import_filter.called(choice) for choice in asked[import_filter.FILTER]]
    if query.text:
        asked["text"] = query.text
    if query.status != Status.ACTIVE:
        asked["status"] = query.status
    elif with_archive:
        asked["status"] = WITH_ARCHIVE
    return asked


def export_in_words(after: Mapping[str, Any]) -> Iterator[FieldChange]:
    """What an entry about an export says."""
    for name in ("format", "columns", "keys", "rows", "refused_rows"):
        if name in after:
            yield FieldChange(str(_LABELS[name]), "", _value(name, after[name]))
    if after.get("chosen"):
        yield FieldChange(str(_LABELS["chosen"]), "", _("yes"))
    for name, choice in after.get("filters", {}).items():
        yield FieldChange(str(_LABELS.get(name) or FILTERS[name].label), "", _value(name, choice))


def _value(name: str, value: Any) -> str:
    match name, value:
        case "columns", str():
            return _("everything") if value == "everything" else _("as the list shows them")
        case "status", str() if value in VIEWS:
            return str(VIEWS[value][0])
        case "status", str() if value == WITH_ARCHIVE:
            return _("Active and archived")
        case _any, list():
            labels = {} if name == SCOPE else FILTERS[name].labels(())
            return ", ".join(str(labels.get(choice, choice)) for choice in value)
        case _:
            return str(value)
