"""Stored values made into the rows of the list.

A list of any length asks neither the database nor the URL configuration per row, and the template places one finished
string for each: as variables of a template the same cells take longer than all the rest of the page.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from operator import add
from typing import Any
from uuid import UUID

from django.db.models import Case, F, TextField, Value, When
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from productkeys.domain.choices import Architecture, KeyType, Status
from productkeys.fields import open_public_code
from productkeys.listing import badges
from productkeys.listing.columns import Column, Shown
from productkeys.models import reference

FIELDS = (
    "id",
    "version",
    "uid",
    "name",
    "key_type",
    "operating_system_id",
    "edition",
    "architecture",
    "usage",
    "quantity",
    "in_use",
    "last_five",
    "status",
    # The sealed key leaves the database for published keys alone.
    Case(When(published=True, then=F("code")), default=Value(""), output_field=TextField()),
)
"""What every row reads, as `values_list` takes it."""

# The tick carries which version of the key the person saw.
_ROW = (
    '<tr id="key-{id}" role="row"{row_state}>'
    '<td class="c-tick" role="cell"><label class="kp-tick"><input class="form-check-input" type="checkbox" name="key" '
    'value="{id}:{version}" aria-label="{before_name}{name}{after_name}"></label></td>'
    '<td class="c-type" role="cell">{badge}</td>'
    '<td class="c-name" role="cell">{status}<a class="kp-name" href="{before_id}{id}{after_id}" title="{name}" '
    'hx-get="{opening_url}{id}"{link_state}>{name}</a>{key}</td>'
    "{chosen}"
    '<td class="c-five" role="cell"><span class="kp-five">{last_five}</span></td></tr>'
)
_CLOSED = {"row_state": SafeString(), "link_state": SafeString()}
_OPEN = {"row_state": SafeString(' class="is-open"'), "link_state": SafeString(' aria-current="true"')}


def fields(columns: Iterable[Column]) -> list[Any]:
    """What to read for a list with these columns."""
    return [*FIELDS, *(column.reads for column in columns if column.reads)]


def rows(
    found: Iterable[Sequence[Any]], columns: Sequence[Column], *, opening_url: str, opened: int | None
) -> list[SafeString]:
    """The rows, each a whole <tr>, for tuples of `fields(columns)`.

    `opening_url` and an id open a key beside the list; the key with the id `opened` is marked.
    """
    facts, language, all_editions = reference.current(), get_language() or "", _("all editions")
    architectures = {value: str(label) for value, label in Architecture.choices}
    types = {key_type: badges.type_badge(key_type) for key_type in KeyType.values}
    same_in_all = _same_in_all_rows(opening_url)
    extras = [column.reads for column in columns if column.reads]
    made = []
    for values in found:
        (
            pk,
            version,
            uid,
            name,
            key_type,
            system,
            edition,
            architecture,
            usage,
            quantity,
            in_use,
            last_five,
            status,
            token,
        ) = values[: len(FIELDS)]
        extra = dict(zip(extras, values[len(FIELDS) :], strict=True))
        shown = Shown(
            facts.system_name(system),
            facts.edition_label(system, edition) if edition else all_editions,
            architectures[architecture],
            usage,
            quantity,
            in_use,
            language,
        )
        made.append(
            format_html(
                _ROW,
                **same_in_all,
                **(_OPEN if pk == opened else _CLOSED),
                id=SafeString(pk),
                version=SafeString(version),
                name=conditional_escape(name),
                badge=types[key_type],
                status=badges.status_badge(status) if status == Status.COMPROMISED else SafeString(),
                key=_public_key(token, uid, last_five, language) if token else badges.masked_key(last_five),
                # Safe strings add up to a safe one.
                chosen=reduce(add, [column.cell(shown, extra.get(column.reads)) for column in columns], SafeString()),
                last_five=last_five,
            )
        )
    return made


def _same_in_all_rows(opening_url: str) -> dict[str, SafeString]:
    before_name, after_name = (_("Select %(name)s") % {"name": "\0"}).split("\0")
    before_id, after_id = reverse("productkeys:detail", args=[0]).split("0")
    texts = {
        "before_name": before_name,
        "after_name": after_name,
        "before_id": before_id,
        "after_id": after_id,
        "opening_url": opening_url,
    }
    return {name: conditional_escape(text) for name, text in texts.items()}


# Published keys are public, and most houses look at the same hundred again and again: opened once per process.
@lru_cache(maxsize=1024)
def _public_key(token: str, uid: UUID, last_five: str, language: str) -> SafeString:
    return badges.public_key(open_public_code(token, uid, last_five))
