"""Agreements as people read them: the list of them with its sums, what one comes to, and the marks of their terms.

Sums are over the keys that the reader sees; the archive is left out. No list asks the database per row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from productkeys.domain.agreements import Term, term_of
from productkeys.listing.badges import icon
from productkeys.listing.paging import COUNTED
from productkeys.listing.scopes import scope_label, scopes_named_to
from productkeys.models import Agreement, ProductKey, TrailEntry, reference
from productkeys.models.agreement import AgreementQuerySet

if TYPE_CHECKING:
    from keyportal.people.models import User

PAGE = 50

TERMS: Mapping[str, Promise] = {
    "": gettext_lazy("All"),
    Term.RUNNING_OUT.value: gettext_lazy("Running out"),
    Term.EXPIRED.value: gettext_lazy("Expired"),
}
"""What the list of agreements can be narrowed to, by the parameter `term`."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What some keys come to. `quantity` and `in_use` are of the keys that have a limit, `unlimited` the others."""

    keys: int = 0
    quantity: int = 0
    in_use: int = 0
    unlimited: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.in_use

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.keys + other.keys,
            self.quantity + other.quantity,
            self.in_use + other.in_use,
            self.unlimited + other.unlimited,
        )


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in the list. `scope` is whose it is in words, empty in a portal that speaks of no scopes."""

    agreement: Agreement
    sums: Sums
    badge: SafeString
    scope: str


_NO_KEYS = Sums()
_SUMS = {
    "number_of_keys": Count("pk"),
    "all_quantity": Sum("quantity"),
    "all_in_use": Sum("in_use", filter=Q(quantity__isnull=False)),
    "unlimited_keys": Count("pk", filter=Q(quantity__isnull=True)),
}


def page_of(reader: "User", *, term: str, number: str | None) -> tuple[Sequence[AgreementRow], Page[Agreement]]:
    """One page of the agreements that `reader` may know of, those that run out first; three queries in all."""
    found = _in_term(Agreement.objects.visible_to(reader), term)
    page = Paginator(found.order_by(_urgency(), F("valid_until").asc(nulls_last=True), "number", "pk")[:COUNTED], PAGE)
    shown = page.get_page(number)
    agreements = list(shown)
    sums = _sums_by(reader, "agreement_id", agreement__in=agreements)
    names = dict(scopes_named_to(reader))
    speaks_of_scopes = reference.current().has_scopes
    rows = [
        AgreementRow(
            agreement,
            sums.get(agreement.pk, _NO_KEYS),
            term_badge(agreement.valid_until),
            scope_label(agreement.scope_id, names) if speaks_of_scopes else "",
        )
        for agreement in agreements
    ]
    return rows, shown


def sums_by_type(agreement: Agreement, reader: "User") -> dict[str, Sums]:
    """What the keys of `agreement` that `reader` sees come to, by their type."""
    return _sums_by(reader, "key_type", agreement=agreement)


def _sums_by(reader: "User", column: str, **which: Any) -> dict[Any, Sums]:
    keys = ProductKey.objects.visible_to(reader).filter(shelf=0, **which)
    groups = keys.order_by(column).values_list(column).annotate(**_SUMS)
    return {
        value: Sums(count, quantity or 0, used or 0, unlimited) for value, count, quantity, used, unlimited in groups
    }


def _in_term(agreements: AgreementQuerySet, term: str) -> AgreementQuerySet:
    today = timezone.localdate()
    if term == Term.RUNNING_OUT.value:
        return agreements.filter(valid_until__range=(today, _warned_until(today)))
    return agreements.filter(valid_until__lt=today) if term == Term.EXPIRED.value else agreements


def _urgency() -> Case:
    """Those that run out, then those that run, then those that have ended."""
    today = timezone.localdate()
    return Case(
        When(valid_until__lt=today, then=Value(2)),
        When(valid_until__lte=_warned_until(today), then=Value(0)),
        default=Value(1),
    )


def _warned_until(today: date) -> date:
    return today + timedelta(days=settings.AGREEMENT_WARN_DAYS)


# The term of one agreement, in a mark and in a sentence


def _term(valid_until: date | None, today: date) -> Term:
    return term_of(valid_until, today=today, warn_days=settings.AGREEMENT_WARN_DAYS)


def term_badge(valid_until: date | None) -> SafeString:
    """The mark of an agreement that runs out or has ended: glyph, word, tint; empty for all others."""
    return _term_badge(_term(valid_until, timezone.localdate()), get_language() or "")


@cache
def _term_badge(of_term: Term, language: str) -> SafeString:
    looks = {
        Term.RUNNING_OUT: ("warn", "clock", _("runs out")),
        Term.EXPIRED: ("danger", "warn", _("expired")),
    }
    if of_term not in looks:
        return SafeString("")
    tint, glyph, word = looks[of_term]
    return format_html('<span class="kp-badge kp-badge--{}">{}{}</span>', tint, icon(glyph), word)


def term_in_words(valid_until: date | None) -> str:
    """How long an agreement still runs, or that it has ended; empty where neither is near."""
    today = timezone.localdate()
    match _term(valid_until, today):
        case Term.EXPIRED:
            return _("It has ended.")
        case Term.RUNNING_OUT:
            assert valid_until
            days = (valid_until - today).days
            text = ngettext("It runs out in %(count)d day.", "It runs out in %(count)d days.", days)
            return text % {"count": days} if days else _("Today is its last day.")
        case _:
            return ""


def running_out(reader: "User") -> int:
    """How many agreements that `reader` may know of run out soon, from what the portal has in memory: no query."""
    today, scopes = timezone.localdate(), reader.scopes_with("productkeys.view_productkey")
    until = _warned_until(today)
    return sum(
        number
        for scope, end, number in reference.current().agreements
        if end and today <= end <= until and (scope is None or scopes is None or scope in scopes)
    )


# What was bought against what the keys say


def balance(licences: int | None, sums: Sums) -> str:
    """How many licences were bought against what the keys allow, in a sentence; empty where nobody said how many."""
    if licences is None:
        return ""
    difference = licences - sums.quantity
    if not difference:
        return _("The keys allow exactly as much as was bought.")
    if difference > 0:
        text = ngettext(
            "%(count)s licence more was bought than the keys here allow.",
            "%(count)s licences more were bought than the keys here allow.",
            difference,
        )
    else:
        text = ngettext(
            "The keys allow %(count)s use more than licences were bought.",
            "The keys allow %(count)s uses more than licences were bought.",
            -difference,
        )
    return text % {"count": number_format(abs(difference), force_grouping=True)}


# The agreement of a key


@dataclass(frozen=True, slots=True)
class AgreementFact:
    """The agreement that a key was bought under, for a page about the key."""

    agreement: Agreement
    badge: SafeString
    words: str


def agreement_of(key: ProductKey, *, reader: "User") -> AgreementFact | None:
    """The agreement of `key`, where it has one that `reader` may know of. Asks nothing where it was read along."""
    agreement = key.agreement if key.agreement_id else None
    scopes = reader.scopes_with("productkeys.view_productkey")
    if agreement is None or not (scopes is None or agreement.scope_id is None or agreement.scope_id in scopes):
        return None
    return AgreementFact(agreement, term_badge(agreement.valid_until), term_in_words(agreement.valid_until))


def numbers_of(agreements: Iterable[int | None], *, reader: "User") -> dict[int | None, str]:
    """The numbers of these agreements (ids) by id, of those alone that `reader` may know of. No query for none."""
    wanted = {pk for pk in agreements if pk}
    if not wanted:
        return {}
    return dict(Agreement.objects.visible_to(reader).filter(pk__in=wanted).values_list("pk", "number"))


def numbers_known(entries: Iterable[TrailEntry], *, reader: "User") -> set[str]:
    """The numbers of agreements in entries about keys that are there for `reader`. No query where there are none."""
    sides = (values for entry in entries for values in (entry.before, entry.after))
    numbers = {values["agreement"] for values in sides if values.get("agreement")}
    if not numbers:
        return set()
    return set(Agreement.objects.visible_to(reader).filter(number__in=numbers).values_list("number", flat=True))


def with_numbers(values: Mapping[str, Any], numbers: Mapping[int | None, str]) -> dict[str, Any]:
    """`values` of a key with its agreement by number, as the trail has it; one without a number here is none."""
    if "agreement_id" not in values:
        return dict(values)
    named = dict(values)
    return named | {"agreement": numbers.get(named.pop("agreement_id"))}
