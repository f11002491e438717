"""The columns of the list: what each is called, what it sorts by, what it reads and how it looks in a row.

The tick box, the type and the name with its key always stand there; each person chooses the others.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.db.models.expressions import Combinable
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy, pgettext_lazy

from productkeys.listing import badges, labels, microsoft
from productkeys.listing.scopes import ScopeNames
from productkeys.models import reference

SCOPE = "scope"
AGREEMENT = "agreement"

MAX_COMMENT = 200
"""More of a comment than this stands on the key's own page."""


class Shown(NamedTuple):
    """What the cells of a row say, in the words of `language`."""

    system: str
    edition: str
    architecture: str
    usage: str
    quantity: int | None
    in_use: int
    scope: str
    agreement: str
    language: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be chosen. `css` names its cells, `width` its <col>; `reads` is a field beyond `rows.FIELDS`.

    `cell` makes the whole <td> from a key and the value of `reads`. A first click on the head sorts by `sort`, if any.
    """

    name: str
    label: str | Promise
    css: str
    width: str
    sort: str
    cell: Callable[[Shown, object], SafeString]
    reads: str | Combinable = ""
    by_default: bool = True


# Most rows share their products and stocks: a cell that depends on few values is made once, in each language.


def _system(key: Shown, _value: object) -> SafeString:
    return _system_cell(key.system, key.edition, key.architecture)


@lru_cache(maxsize=1024)
def _system_cell(system: str, edition: str, architecture: str) -> SafeString:
    return format_html(
        '<td class="c-os" role="cell"><span class="kp-clamp" title="{}">{}'
        '<span class="kp-only-narrow"> · {} · {}</span></span></td>',
        system,
        system,
        edition,
        architecture,
    )


def _edition(key: Shown, _value: object) -> SafeString:
    return _edition_cell(key.edition)


@lru_cache(maxsize=512)
def _edition_cell(edition: str) -> SafeString:
    return _clamped("c-ed", edition)


def _architecture(key: Shown, _value: object) -> SafeString:
    return _architecture_cell(key.architecture)


@lru_cache(maxsize=32)
def _architecture_cell(architecture: str) -> SafeString:
    return format_html('<td class="c-arch" role="cell">{}</td>', architecture)


def _usage(key: Shown, _value: object) -> SafeString:
    return _usage_cell(key.usage, key.language)


@lru_cache(maxsize=32)
def _usage_cell(usage: str, language: str) -> SafeString:
    return format_html('<td class="c-use" role="cell">{}</td>', badges.usage_mark(usage))


def _stock(key: Shown, _value: object) -> SafeString:
    return _stock_cell(key.quantity, key.in_use, key.language)


@lru_cache(maxsize=4096)
def _stock_cell(quantity: int | None, in_use: int, language: str) -> SafeString:
    return format_html('<td class="c-stock" role="cell">{}</td>', badges.stock(quantity, in_use))


def _comment(_key: Shown, comment: object) -> SafeString:
    return _clamped("c-comment", str(comment)[:MAX_COMMENT])


def _changed(_key: Shown, moment: object) -> SafeString:
    day = date_format(localtime(moment), "SHORT_DATE_FORMAT") if isinstance(moment, datetime) else ""
    return format_html('<td class="c-changed" role="cell">{}</td>', day)


def _scope(key: Shown, _value: object) -> SafeString:
    return _scope_cell(key.scope)


@lru_cache(maxsize=1024)
def _scope_cell(scope: str) -> SafeString:
    return _clamped("c-scope", scope)


def _labels(_key: Shown, names: object) -> SafeString:
    return labels.cell(names if isinstance(names, str) else "")


def _microsoft(key: Shown, count: object) -> SafeString:
    return microsoft.cell(count if isinstance(count, int) else None, key.in_use, key.language)


def _agreement(key: Shown, _value: object) -> SafeString:
    return _agreement_cell(key.agreement)


@lru_cache(maxsize=1024)
def _agreement_cell(number: str) -> SafeString:
    return _clamped("c-agreement", number)


def _clamped(css: str, text: str) -> SafeString:
    return format_html('<td class="{}" role="cell"><span class="kp-clamp" title="{}">{}</span></td>', css, text, text)


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("os", gettext_lazy("Operating system"), "c-os", "os", "os", _system),
        Column("edition", gettext_lazy("Edition"), "c-ed", "ed", "edition", _edition),
        Column(
            "architecture",
            pgettext_lazy("short for architecture", "Arch."),
            "c-arch",
            "arch",
            "architecture",
            _architecture,
        ),
        Column("usage", gettext_lazy("Used for"), "c-use", "use", "usage", _usage),
        Column("stock", gettext_lazy("In use / quantity"), "c-stock", "stock", "-stock", _stock),
        Column(SCOPE, gettext_lazy("Scope"), "c-scope", "scope", "", _scope, "scope_id", by_default=False),
        Column(
            "microsoft",
            gettext_lazy("At Microsoft"),
            "c-microsoft",
            "microsoft",
            "",
            _microsoft,
            microsoft.COUNT,
            by_default=False,
        ),
        Column("labels", gettext_lazy("Labels"), "c-labels", "labels", "", _labels, labels.NAMES, by_default=False),
        Column(
            AGREEMENT,
            gettext_lazy("Agreement"),
            "c-agreement",
            "agreement",
            "",
            _agreement,
            "agreement_id",
            by_default=False,
        ),
        Column("comment", gettext_lazy("Comment"), "c-comment", "comment", "", _comment, "comment", by_default=False),
        Column(
            "changed",
            gettext_lazy("Changed"),
            "c-changed",
            "changed",
            "-changed",
            _changed,
            "changed_at",
            by_default=False,
        ),
    )
}
"""All columns that can be chosen, in the order in which they stand."""

ALWAYS = ("type", "name")
"""What a person's choice holds in any case, so that an empty one means that nobody chose yet."""


def on_offer(scopes: ScopeNames) -> tuple[Column, ...]:
    """The columns to choose from, for a reader to whom these scopes are named."""
    left_out = {SCOPE: not scopes, AGREEMENT: not reference.current().agreements}
    return tuple(column for column in COLUMNS.values() if not left_out.get(column.name))


def chosen(names: Iterable[str], scopes: ScopeNames) -> tuple[Column, ...]:
    """The columns that a person chose; the usual ones where nobody chose. Names that are gone are left out."""
    wanted = set(names)
    if not wanted:
        return tuple(column for column in COLUMNS.values() if column.by_default)
    return tuple(column for column in on_offer(scopes) if column.name in wanted)
