"""Which keys fit an image, as people read it: one sentence, the keys in groups with their reasons, and ways without.

For the pages of one image, of a file of images, and of whatever else wants to say which key to take.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from productkeys.domain.choices import Architecture, Usage
from productkeys.domain.matching import Catalogue, Identified, ImageFacts, Match, Reason, Verdict
from productkeys.domain.rule import Problem
from productkeys.listing import badges, sources
from productkeys.listing.rows import PUBLISHED_CODE, public_key
from productkeys.models import ProductKey, reference
from productkeys.services.fitting import Fitting, Group

LOOK: Mapping[str, tuple[str, str]] = {
    Verdict.FITS: ("ok", "check-c"),
    Verdict.WARNING: ("warn", "warn"),
    Verdict.DOES_NOT_FIT: ("danger", "error"),
}
"""Tint and icon of each verdict."""

INSTALLATIONS: Mapping[str, str | Promise] = {
    "Client": gettext_lazy("client"),
    "Server": gettext_lazy("server with desktop"),
    "Server Core": "Server Core",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something that is said of a key or an image, what to do about it, and where that is written."""

    tint: str
    icon: str
    message: str
    advice: str
    source: str

    @property
    def is_ours(self) -> bool:
        """Whether the source has no name of its own, but words in the reader's language."""
        return self.source in map(str, sources.OWN.values())


@dataclass(frozen=True, slots=True)
class Row:
    """One key: marks as ready HTML, and why it has its verdict."""

    name: str
    address: str
    tint: str
    icon: str
    badge: SafeString
    key: SafeString
    stock: SafeString
    reasons: list[Sentence]


@dataclass(frozen=True, slots=True)
class Part:
    """The keys of one verdict; `more` are there, but not among the rows."""

    verdict: Verdict
    tint: str
    icon: str
    title: str
    number: int
    rows: list[Row]
    more: int


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer for one image and purpose. `list_address` leads to the keys of its operating system, if it is sure."""

    headline: str
    tint: str
    icon: str
    fits: Part
    warning: Part
    does_not_fit: Part
    without_key: list[Sentence]
    names_no_edition: bool
    list_address: str

    @property
    def usable(self) -> list[Row]:
        """The keys that fit, and those that do with a warning."""
        return [*self.fits.rows, *self.warning.rows]


def shown(fittings: Sequence[Fitting], purposes: Sequence[str]) -> list[Shown]:
    """The answers for people, each with the purpose that it is for; all keys of them are read in one query."""
    matches = (match for one in fittings for group in one.groups for match in group.matches)
    marks = dict(_marks({match.key.id for match in matches if match.key.id is not None}))
    return [_shown(one, purpose, marks) for one, purpose in zip(fittings, purposes, strict=True)]


def _shown(one: Fitting, purpose: str, marks: Mapping[int | None, tuple[SafeString, SafeString]]) -> Shown:
    verdict = next((group.verdict for group in one.groups[:2] if group.number), Verdict.DOES_NOT_FIT)
    tint, icon = LOOK[verdict]
    fits, warning, does_not_fit = (_part(group, marks) for group in one.groups)
    systems = list(one.image.systems)
    return Shown(
        headline=headline(one, purpose),
        tint=tint,
        icon=icon,
        fits=fits,
        warning=warning,
        does_not_fit=does_not_fit,
        without_key=[_sentence(problem, "info", "info") for problem in one.without_key],
        names_no_edition=not one.image.edition,
        list_address=f"{reverse('productkeys:list')}?os={systems[0]}" if len(systems) == 1 else "",
    )


def headline(one: Fitting, purpose: str) -> str:
    """What to do, in one sentence."""
    best = one.best
    words = {
        "key": f"…{best.key.last_five}" if best else "",
        "count": number_format(one.fits.number or one.warning.number, force_grouping=True),
    }
    if one.fits.number:
        return ngettext("One key fits: take %(key)s.", "%(count)s keys fit; take %(key)s.", one.fits.number) % words
    if one.warning.number:
        text = ngettext(
            "No key fits for certain; one may: %(key)s.",
            "No key fits for certain; %(count)s may, %(key)s first.",
            one.warning.number,
        )
        return text % words
    if purpose == Usage.INSTALLATION:
        return gettext("No key fits, and none is needed to install.")
    return gettext("No key fits.")


def _title(verdict: Verdict, number: int) -> str:
    words = {"count": number_format(number, force_grouping=True)}
    match verdict:
        case Verdict.FITS:
            return ngettext("One key fits", "%(count)s keys fit", number) % words
        case Verdict.WARNING:
            return ngettext("One key fits with a warning", "%(count)s keys fit with a warning", number) % words
    return ngettext("One key does not fit", "%(count)s keys do not fit", number) % words


def _part(group: Group, marks: Mapping[int | None, tuple[SafeString, SafeString]]) -> Part:
    tint, icon = LOOK[group.verdict]
    rows = [_row(match, *marks[match.key.id]) for match in group.matches if match.key.id in marks]
    return Part(group.verdict, tint, icon, _title(group.verdict, group.number), group.number, rows, group.more)


def _row(match: Match, key: SafeString, stock: SafeString) -> Row:
    tint, icon = LOOK[match.verdict]
    return Row(
        name=match.key.name,
        address=reverse("productkeys:detail", args=[match.key.id]),
        tint=tint,
        icon=icon,
        badge=badges.type_badge(match.key.key_type),
        key=key,
        stock=stock,
        reasons=[_reason(reason) for reason in match.reasons],
    )


def _reason(reason: Reason) -> Sentence:
    return _sentence(reason.problem, *LOOK[reason.verdict])


def _sentence(problem: Problem, tint: str, icon: str) -> Sentence:
    return Sentence(tint, icon, problem.message, problem.advice, sources.source_words(problem.rule.source))


def _marks(ids: set[int]) -> Iterable[tuple[int | None, tuple[SafeString, SafeString]]]:
    """The key and its stock as ready HTML, by id: whole where Microsoft published it, else masked."""
    language = get_language() or ""
    found = ProductKey.objects.filter(pk__in=ids).values_list(
        "pk", "uid", "last_five", "quantity", "in_use", PUBLISHED_CODE
    )
    for pk, uid, last_five, quantity, in_use, token in found:
        key = public_key(token, uid, last_five, language) if token else badges.masked_key(last_five)
        yield pk, (key, _stock(quantity, in_use))


def _stock(quantity: int | None, in_use: int) -> SafeString:
    """How much is left; of what has no limit it does not matter how much is used."""
    if quantity is None:
        return format_html('<span class="kp-muted">{}</span>', gettext("no limit"))
    return badges.stock(quantity, in_use)


def image_words(image: Identified, windows: Catalogue) -> str:
    """What an image may be, in one line: "Windows 11, Pro, build 26100, x64"."""
    facts = reference.current()
    system = next((slug for slug in windows.systems if slug in image.systems), "")
    said = [
        " / ".join(windows.systems[slug].name for slug in windows.systems if slug in image.systems),
        facts.edition_label(system, image.edition) if image.edition else "",
        gettext("evaluation") if image.evaluation else "",
        gettext("build %(number)s") % {"number": image.image.build} if image.image.build else "",
        str(Architecture(image.image.architecture).label) if image.image.architecture else "",
        str(INSTALLATIONS.get(image.image.installation, "")),
    ]
    return ", ".join(filter(None, said))


def address_of(image: ImageFacts, purpose: str, windows: Catalogue) -> str:
    """The page that lists all keys for `image`; it can be bookmarked."""
    system = windows.systems.get(image.system)
    version = ".".join(str(number) for number in (image.build, image.revision) if number is not None)
    asked = {
        "image": version or (system.name if system else ""),
        "edition": image.edition + ("Eval" if image.evaluation else ""),
        "architecture": image.architecture,
        "installation": image.installation,
        "purpose": purpose,
    }
    return f"{reverse('productkeys:match')}?{urlencode({name: value for name, value in asked.items() if value})}"
