"""What there is to choose where a person says what a text in a file means."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.incoming.fields import LABELS_OF_FIELDS, Field
from productkeys.incoming.suggesting import known_values, suggest
from productkeys.models import reference
from productkeys.services import scoping
from productkeys.services.origin import Origin

Choice = tuple[str, str | Promise]


def offered_fields(recognised: Collection[str] = ()) -> list[Field]:
    """The meanings that a column may have.

    A portal with a single scope does not speak of scopes, unless a column of the file was `recognised` as one.
    """
    of_scopes = set() if reference.current().has_scopes else {Field.SCOPE, Field.SHARED_WITH, Field.AGREEMENT_SCOPE}
    return [field for field in Field if field not in of_scopes or field in recognised]


def label_of(field: Field) -> str:
    """What people call `field`, in the present language."""
    return str(LABELS_OF_FIELDS[field])


def choices_of(field: Field, origin: Origin) -> list[Choice]:
    """What a text in `field` can be said to mean, for the acting person; empty where any text may stand."""
    facts = reference.current()
    if field not in (Field.SCOPE, Field.AGREEMENT_SCOPE):
        return known_values(field, facts.systems)
    if not facts.has_scopes:
        return []
    return [(facts.scopes[place], facts.scopes[place]) for place in scoping.places(origin) if place is not None]


def suggested_first(field: Field, text: str, choices: Sequence[Choice]) -> list[tuple[Any, Any]]:
    """`choices` for a text that means one of them, as groups: what it may mean comes first."""
    suggested = [(found.value, found.label) for found in suggest(text, field, reference.current().systems)]
    groups: list[tuple[Any, Any]] = [(_("Suggestions"), suggested)] if suggested else []
    return [*groups, (_("All"), list(choices))]
