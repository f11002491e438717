"""What the trail keeps of an import, and how a page says it: rows by what became of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.listing.changes import FieldChange
from productkeys.services.importing.outcomes import Outcome

_LABELS: Mapping[str, str | Promise] = {outcome.name.lower(): outcome.label for outcome in Outcome} | {
    "removed": _("Keys removed again"),
    "changed_back": _("Keys changed back"),
}


def import_in_words(after: Mapping[str, Any]) -> Iterator[FieldChange]:
    """What an entry about an import, or about one that was undone, says."""
    for name, label in _LABELS.items():
        if after.get(name):
            yield FieldChange(str(label), "", number_format(after[name], force_grouping=True))
