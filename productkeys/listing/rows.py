"""Stored values made into the rows of the list.

A list of any length asks neither the database nor the URL configuration per row, and the template places one finished
string for each: as variables of a template the same cells take longer than all the rest of the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Func, TextField
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from productkeys.domain.choices import Architecture, KeyType, Status
from productkeys.fields import open_public_code
from productkeys.listing import badges
from productkeys.listing.agreements import numbers_of
from productkeys.listing.columns import AGREEMENT, COLUMNS, SCOPE, Column, Shown
from productkeys.listing.scopes import ScopeNames, scope_label
from productkeys.models import reference

if TYPE_CHECKING:
    from keyportal.people.models import User

PUBLISHED_CODE = Func(
    "published", "code", template="CASE WHEN %(expressions)s END", arg_joiner=" THEN ", output_field=TextField()
)
"""The sealed key of a published entry; that of any other stays in the database."""

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
    PUBLISHED_CODE,
)
"""What every row reads, as `values_list` takes it."""

NO_AGREEMENTS: Mapping[int | None, str] = MappingProxyType({})

# The tick carries which version of the key the person saw. The doubled signs are left for each row.
_ROW = (
    '<tr id="key-%%(id)d" role="row"%%(row_state)s>'
    '<td class="c-tick" role="cell"><label class="kp-tick"><input class="form-check-input" type="checkbox" name="key" '
    'value="%%(id)d:%%(version)d" aria-label="%(before_name)s%%(name)s%(after_name)s"></label></td>'
    '<td class="c-type" role="cell">%%(badge)s</td>'
    '<td class="c-name" role="cell">%%(status)s<a class="kp-name" href="%(before_id)s%%(id)d%(after_id)s" '
    'title="%%(name)s" hx-get="%(opening_url)s%%(id)d"%%(link_state)s>%%(name)s</a>%%(key)s</td>'
    "%%(cells)s"
    '<td class="c-five" role="cell"><span class="kp-five">%%(last_five)s</span></td></tr>'
)
_CLOSED = {"row_state": "", "link_state": ""}
_OPEN = {"row_state": ' class="is-open"', "link_state": ' aria-current="true"'}


def fields(columns: Iterable[Column]) -> list[Any]:
    """What to read for a list with these columns."""
    return [*FIELDS, *(column.reads for column in columns if column.reads)]


def rows(
    found: Iterable[Sequence[Any]],
    columns: Sequence[Column],
    *,
    scopes: ScopeNames,
    opening_url: str,
    opened: int | None,
    agreements: Mapping[int | None, str] = NO_AGREEMENTS,
) -> SafeString:
    """The rows, each a whole <tr>, for tuples of `fields(columns)`; empty where there are none.

    `scopes` are those named to the reader. `opening_url` and an id open a key beside the list; the key with the id
    `opened` is marked. `agreements` are the numbers of those that are there for the reader (`agreements_in`).
    """
    facts, language, all_editions = reference.current(), get_language() or "", _("all editions")
    architectures = {value: str(label) for value, label in Architecture.choices}
    types = {key_type: badges.type_badge(key_type) for key_type in KeyType.values}
    compromised = badges.status_badge(Status.COMPROMISED)
    row = _ROW % _same_in_all_rows(opening_url)
    names = tuple(column.name for column in columns)
    scope_at = fields(columns).index("scope_id") if SCOPE in names else None
    agreement_at = _place_of_agreement(columns)
    scope_names = dict(scopes)
    made = []
    for values in found:
        pk, version, uid, name, key_type, system, edition = values[:7]
        architecture, usage, quantity, in_use, five, status, token = values[7 : len(FIELDS)]
        shown = Shown(
            facts.system_name(system),
            facts.edition_label(system, edition) if edition else all_editions,
            architectures[architecture],
            usage,
            quantity,
            in_use,
            "" if scope_at is None else scope_label(values[scope_at], scope_names),
            "" if agreement_at is None else agreements.get(values[agreement_at], ""),
            language,
        )
        # Numbers, marks that are safe already, and the name: what people typed is escaped here, and only here.
        made.append(
            row
            % {
                **(_OPEN if pk == opened else _CLOSED),
                "id": pk,
                "version": version,
                "name": escape(name),
                "badge": types[key_type],
                "status": compromised if status == Status.COMPROMISED else "",
                "key": public_key(token, uid, five, language) if token else badges.masked_key(five),
                "cells": _cells(shown, names, values[len(FIELDS) :]),
                "last_five": five,
            }
        )
    return SafeString("\n".join(made))


def agreements_in(
    found: Iterable[Sequence[Any]], columns: Sequence[Column], *, reader: "User"
) -> Mapping[int | None, str]:
    """The numbers of the agreements of these rows that are there for `reader`; asks only where a column shows them."""
    place = _place_of_agreement(columns)
    return numbers_of((values[place] for values in found), reader=reader) if place is not None else NO_AGREEMENTS


def _place_of_agreement(columns: Sequence[Column]) -> int | None:
    shown = any(column.name == AGREEMENT for column in columns)
    return fields(columns).index("agreement_id") if shown else None


@lru_cache(maxsize=4096)
def _cells(shown: Shown, names: tuple[str, ...], extras: tuple[object, ...]) -> str:
    """The chosen cells of a row, made once for all keys that look alike in them."""
    values = iter(extras)
    return "".join(
        column.cell(shown, next(values) if column.reads else None) for column in map(COLUMNS.__getitem__, names)
    )


def _same_in_all_rows(opening_url: str) -> dict[str, str]:
    before_name, after_name = (_("Select %(name)s") % {"name": "\0"}).split("\0")
    before_id, after_id = reverse("productkeys:detail", args=[0]).split("0")
    texts = {
        "before_name": before_name,
        "after_name": after_name,
        "before_id": before_id,
        "after_id": after_id,
        "opening_url": opening_url,
    }
    # What is filled in first must not read as a place for what is filled in for each row.
    return {name: escape(text).replace("%", "%%") for name, text in texts.items()}


# Published keys are public, and most houses look at the same hundred again and again: opened once per process.
@lru_cache(maxsize=1024)
def public_key(token: str, uid: UUID, last_five: str, language: str) -> SafeString:
    """The published key whose ciphertext is `token`, whole, with its button in the words of `language`."""
    return badges.public_key(open_public_code(token, uid, last_five))
