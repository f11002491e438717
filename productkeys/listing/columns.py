"""The columns of the list: what each is called, what it sorts by, what it reads and how it looks in a row.

The tick box, the type and the name with its key always stand there; each person chooses the others.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple
from uuid import UUID

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from productkeys.domain.choices import Architecture
from productkeys.listing import badges
from productkeys.models import reference


class Stored(NamedTuple):
    """What a row reads of a key, in the order of `rows.FIELDS`; `public_token` is the sealed key of a published one."""

    id: int
    version: int
    uid: UUID
    name: str
    key_type: str
    system: str
    edition: str
    architecture: str
    usage: str
    quantity: int | None
    in_use: int
    last_five: str
    status: str
    public_token: str

    @property
    def edition_label(self) -> str:
        if not self.edition:
            return _("all editions")
        return reference.current().edition_label(self.system, self.edition)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be chosen. `css` names its cells, `width` its <col>; `reads` is a field beyond `Stored`'s own.

    `sort` is the sort that the first click on its head asks for; empty where it has none.
    """

    name: str
    label: str | Promise
    css: str
    width: str
    sort: str
    cell: Callable[[Stored, object], str]
    reads: str = ""
    by_default: bool = True


def _system_cell(key: Stored, _value: object) -> str:
    return _system_markup(
        reference.current().system_name(key.system), key.edition_label, _architecture_label(key.architecture)
    )


# Most rows share their products and stocks: markup that depends on few values is built once.
@lru_cache(maxsize=1024)
def _system_markup(system: str, edition: str, architecture: str) -> str:
    return format_html(
        '<span class="kp-clamp" title="{}">{}<span class="kp-only-narrow"> · {} · {}</span></span>',
        system,
        system,
        edition,
        architecture,
    )


def _architecture_label(architecture: str) -> str:
    return _architecture_label_in(architecture, get_language() or "")


@cache
def _architecture_label_in(architecture: str, language: str) -> str:
    return str(Architecture(architecture).label)


@lru_cache(maxsize=512)
def _clamped(text: str) -> str:
    return format_html('<span class="kp-clamp" title="{}">{}</span>', text, text)


@lru_cache(maxsize=1024)
def _stock(quantity: int | None, in_use: int, language: str) -> str:
    return badges.stock(quantity, in_use)


def _date(moment: object) -> str:
    return date_format(localtime(moment), "SHORT_DATE_FORMAT") if isinstance(moment, datetime) else ""


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("os", gettext_lazy("Operating system"), "c-os", "os", "os", _system_cell),
        Column(
            "edition", gettext_lazy("Edition"), "c-ed", "ed", "edition", lambda key, _value: _clamped(key.edition_label)
        ),
        Column(
            "architecture",
            pgettext_lazy("short for architecture", "Arch."),
            "c-arch",
            "arch",
            "architecture",
            lambda key, _value: _architecture_label(key.architecture),
        ),
        Column(
            "usage", gettext_lazy("Used for"), "c-use", "use", "usage", lambda key, _value: badges.usage_mark(key.usage)
        ),
        Column(
            "stock",
            gettext_lazy("In use / quantity"),
            "c-stock",
            "stock",
            "-stock",
            lambda key, _value: _stock(key.quantity, key.in_use, get_language() or ""),
        ),
        Column(
            "comment",
            gettext_lazy("Comment"),
            "c-comment",
            "comment",
            "",
            lambda _key, comment: _clamped(str(comment)[:200]),
            reads="comment",
            by_default=False,
        ),
        Column(
            "changed",
            gettext_lazy("Changed"),
            "c-changed",
            "changed",
            "-changed",
            lambda _key, moment: _date(moment),
            reads="changed_at",
            by_default=False,
        ),
    )
}
"""All columns that can be chosen, in the order in which they stand."""

ALWAYS = ("type", "name")
"""What a person's choice holds in any case, so that an empty one means that nobody chose yet."""


def chosen(names: Iterable[str]) -> list[Column]:
    """The columns that a person chose; the usual ones where nobody chose. Names that are gone are left out."""
    wanted = set(names)
    if not wanted:
        return [column for column in COLUMNS.values() if column.by_default]
    return [column for column in COLUMNS.values() if column.name in wanted]
