"""Stored values made ready for the rows of the list: the template only places them.

A list of any length asks neither the database nor the URL configuration per row, and a template is quickest with
finished strings in dictionaries.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Case, F, TextField, Value, When
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from productkeys.domain.choices import Status
from productkeys.fields import open_code
from productkeys.listing import badges
from productkeys.listing.columns import Column, Stored

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
"""What `Stored` holds, as `values_list` takes it."""


class Row(TypedDict):
    """One row; every value is ready to be placed. `ticket` says which version of which key the person saw."""

    id: str
    ticket: str
    url: str
    name: str
    select: str
    badge: str
    key: str
    status: str
    cells: list[tuple[str, str]]
    last_five: str
    is_open: bool


def fields(columns: Iterable[Column]) -> list[Any]:
    """What to read for a list with these columns."""
    return [*FIELDS, *(column.reads for column in columns if column.reads)]


def rows(found: Iterable[Sequence[Any]], columns: Sequence[Column], *, opened: int | None) -> list[Row]:
    """The rows for tuples of `fields(columns)`; the key with the id `opened` is marked."""
    url, select, language = reverse("productkeys:detail", args=[0]), _("Select %(name)s"), get_language() or ""
    extras = [column.reads for column in columns if column.reads]
    made = []
    for values in found:
        key = Stored(*values[: len(FIELDS)])
        extra = dict(zip(extras, values[len(FIELDS) :], strict=True))
        name = escape(key.name)
        made.append(
            Row(
                id=str(key.id),
                ticket=f"{key.id}:{key.version}",
                url=url.replace("0", str(key.id)),
                name=name,
                select=escape(select % {"name": key.name}),
                badge=badges.type_badge(key.key_type),
                key=_public_key(key.public_token, key.uid, language)
                if key.public_token
                else badges.masked_key(key.last_five),
                status=badges.status_badge(key.status) if key.status == Status.COMPROMISED else "",
                cells=[(column.css, column.cell(key, extra.get(column.reads))) for column in columns],
                last_five=key.last_five,
                is_open=key.id == opened,
            )
        )
    return made


# Published keys are public, and most houses look at the same hundred again and again: opened once per process.
@lru_cache(maxsize=1024)
def _public_key(token: str, uid: UUID, language: str) -> str:
    return badges.public_key(open_code(token, uid))
