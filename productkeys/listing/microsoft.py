"""What Microsoft counts of a key beside what the portal counted, and the difference in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from productkeys.domain.choices import Difference
from productkeys.domain.microsoft_count import COUNTED_TYPES
from productkeys.models import ProductKey

_NEVER = -1

COUNT = Case(When(key_type__in=sorted(COUNTED_TYPES), then=Coalesce(F("microsoft_used"), Value(_NEVER))))
"""Microsoft's count as the list reads it: empty where there can be none, below 0 where nobody has entered it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both numbers of a key. `used` is None where nobody has entered what Microsoft counts.

    `why` says how a difference comes about, `beyond` that Microsoft counts more than the quantity; empty where not.
    """

    used: int | None
    counted_on: date | None
    by: str
    imported: bool
    difference: Difference
    words: str
    why: str
    beyond: str


def comparison_of(key: ProductKey) -> Comparison | None:
    """The comparison for `key`; None where Microsoft counts nothing that the portal counts as well."""
    if key.key_type not in COUNTED_TYPES:
        return None
    used, difference = key.microsoft_used, Difference.of(key.microsoft_used, key.in_use)
    return Comparison(
        used=used,
        counted_on=key.microsoft_counted_on,
        by=key.microsoft_counted_by.full_name if key.microsoft_counted_by else "KeyPortal",
        imported=key.microsoft_count_imported,
        difference=difference,
        words=_WORDS[difference](abs((used or 0) - key.in_use)),
        why=_why(difference),
        beyond=_beyond(used, key.quantity),
    )


def difference_of(key: ProductKey) -> str:
    """How far Microsoft's count of `key` is from what the portal counted, in two words."""
    return _SHORT[Difference.of(key.microsoft_used, key.in_use)](abs((key.microsoft_used or 0) - key.in_use))


@lru_cache(maxsize=4096)
def cell(count: int | None, in_use: int, language: str) -> SafeString:
    """The cell of a row, from what `COUNT` gave: the number and how far it is from what the portal counted."""
    if count is None:
        return SafeString('<td class="c-microsoft" role="cell"></td>')
    difference = Difference.of(None if count == _NEVER else count, in_use)
    return format_html(
        '<td class="c-microsoft" role="cell"><span class="kp-stock__text" title="{}">{}<small>{}</small></span></td>',
        _WORDS[difference](abs(count - in_use)),
        "" if count == _NEVER else number_format(count, force_grouping=True),
        _SHORT[difference](abs(count - in_use)),
    )


def _counted(text: str, number: int) -> str:
    return text % {"count": number_format(number, force_grouping=True)}


_WORDS: dict[Difference, Callable[[int], str]] = {
    Difference.MORE: lambda number: _counted(
        ngettext(
            "Microsoft counts %(count)s activation more than the portal.",
            "Microsoft counts %(count)s activations more than the portal.",
            number,
        ),
        number,
    ),
    Difference.LESS: lambda number: _counted(
        ngettext(
            "Microsoft counts %(count)s activation less than the portal.",
            "Microsoft counts %(count)s activations less than the portal.",
            number,
        ),
        number,
    ),
    Difference.SAME: lambda _number: _("Microsoft and the portal count the same."),
    Difference.NEVER: lambda _number: _("Nobody has entered yet what Microsoft counts."),
}
_SHORT: dict[Difference, Callable[[int], str]] = {
    Difference.MORE: lambda number: _counted(_("%(count)s more"), number),
    Difference.LESS: lambda number: _counted(_("%(count)s less"), number),
    Difference.SAME: lambda _number: _("the same"),
    Difference.NEVER: lambda _number: _("never compared"),
}


def _why(difference: Difference) -> str:
    match difference:
        case Difference.MORE:
            return _("Devices that were set up anew activate again, and not every activation comes from here.")
        case Difference.LESS:
            return _("Some devices may not have activated yet.")
        case _:
            return ""


def _beyond(used: int | None, quantity: int | None) -> str:
    if used is None or quantity is None or used <= quantity:
        return ""
    text = _(
        "That is more than the quantity of %(quantity)s that is entered here. Microsoft may have raised the limit."
    )
    return text % {"quantity": number_format(quantity, force_grouping=True)}
