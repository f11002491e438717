"""What the trail keeps of an import, and how a page says it: rows by what became of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.listing.changes import FieldChange
from productkeys.services.importing.outcomes import REMARKED, Outcome

_LABELS: Mapping[str, str | Promise] = {outcome.name.lower(): outcome.label for outcome in Outcome} | {
    REMARKED: _("Rows of which not everything was kept"),
    "rows": _("Keys"),
    "removed": _("Keys removed again"),
    "changed_back": _("Keys changed back"),
}


def import_in_words(after: Mapping[str, Any]) -> Iterator[FieldChange]:
    """What an entry about an import, or about one that was undone, says."""
    names = [name for name in _LABELS if name != "rows" and after.get(name)]
    for name in names or ["rows"]:
        if after.get(name):
            label = _LABELS[name]
            yield FieldChange(str(label), "", number_format(after[name], force_grouping=True))
