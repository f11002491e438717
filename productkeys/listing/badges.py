"""The small marks that every screen shows alike: type, usage, status, stock and the key itself, as ready HTML.

Marks that depend on a choice alone are built once per choice and language: a list of any length then only places them.
"""

from functools import cache, lru_cache

from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from productkeys.domain import keycode
from productkeys.domain.choices import KeyType, Status, Usage
from productkeys.models.importing import State

SHORT_FROM_PERMILLE = 900
"""From this part of its quantity on a key is "short" (90 %)."""
_SAMPLE = 120
"""So many characters of a cell are shown as a sample of its column."""

_TYPE_LOOK: dict[str, tuple[str, str]] = {
    KeyType.GVLK: ("gvlk", "loop"),
    KeyType.AVMA: ("gvlk", "guest"),
    KeyType.MAK: ("mak", "tally"),
    KeyType.KMS_HOST: ("host", "server"),
    KeyType.RETAIL: ("retail", "box"),
    KeyType.OEM: ("retail", "chip"),
    KeyType.ESU: ("mak", "calendar"),
}
_STATUS_LOOK: dict[str, tuple[str, str]] = {
    Status.ACTIVE: ("ok", "check"),
    Status.COMPROMISED: ("danger", "warn"),
    Status.ARCHIVED: ("plain", "archive"),
}
_IMPORT_LOOK: dict[str, tuple[str, str]] = {
    State.CHECKING: ("plain", "clock"),
    State.CHECKED: ("warn", "help"),
    State.STORING: ("plain", "clock"),
    State.DONE: ("ok", "check-c"),
    State.CANCELLED: ("plain", "x"),
    State.FAILED: ("danger", "error"),
    State.UNDOING: ("plain", "clock"),
    State.UNDONE: ("plain", "restore"),
}
_USAGE_LOOK: dict[str, tuple[str, str | Promise]] = {
    Usage.INSTALLATION: ("u-i", gettext_lazy("Installation")),
    Usage.ACTIVATION: ("u-a", gettext_lazy("Activation")),
    Usage.BOTH: ("u-b", gettext_lazy("Inst. + activ.")),
}


@cache
def icon(name: str) -> SafeString:
    """The icon `name` of static/icons.svg, drawn in the colour of the text around it and silent to screen readers."""
    return format_html('<svg class="kp-i" aria-hidden="true"><use href="{}#i-{}"/></svg>', static("icons.svg"), name)


def type_badge(key_type: str) -> SafeString:
    """The badge of a key type: glyph, word, tint."""
    return _type_badge(key_type, get_language() or "")


@cache
def _type_badge(key_type: str, language: str) -> SafeString:
    tint, glyph = _TYPE_LOOK[key_type]
    return format_html('<span class="kp-badge kp-badge--{}">{}{}</span>', tint, icon(glyph), KeyType(key_type).label)


def status_badge(status: str) -> SafeString:
    """The badge of a status; it stands where the status is not the usual one."""
    return _status_badge(status, get_language() or "")


@cache
def _status_badge(status: str, language: str) -> SafeString:
    tint, glyph = _STATUS_LOOK[status]
    return format_html('<span class="kp-badge kp-badge--{}">{}{}</span>', tint, icon(glyph), Status(status).label)


def import_badge(state: str) -> SafeString:
    """The badge of how far an import is."""
    tint, glyph = _IMPORT_LOOK[state]
    return format_html('<span class="kp-badge kp-badge--{}">{}{}</span>', tint, icon(glyph), State(state).label)


def usage_mark(usage: str) -> SafeString:
    """Two stations on a line, windowsPE and specialize, filled where the key is used; and the word."""
    return _usage_mark(usage, get_language() or "")


@cache
def _usage_mark(usage: str, language: str) -> SafeString:
    word = _USAGE_LOOK[usage][1]
    return format_html(
        '<span class="kp-use">{}<span title="{}">{}</span></span>', usage_picture(usage), Usage(usage).label, word
    )


@cache
def usage_picture(usage: str) -> SafeString:
    """The two stations alone."""
    return format_html(
        '<svg viewBox="0 0 26 10" fill="none" stroke="currentColor" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        static("icons.svg"),
        _USAGE_LOOK[usage][0],
    )


@lru_cache(maxsize=4096)
def masked_key(last_five: str) -> SafeString:
    """A key that is not public: four hidden groups that step back, and the last five."""
    return format_html('<span class="kp-key">{}<b>{}</b></span>', keycode.mask(last_five)[:-5], last_five)


def sample(text: str) -> SafeString | str:
    """What a cell of a file says, in short; a masked key looks like every other one."""
    last_five = text[-5:]
    return masked_key(last_five) if text == keycode.mask(last_five) else Truncator(text).chars(_SAMPLE)


def public_key(code: str) -> SafeString:
    """A published key, whole, with a button that copies it (static/js/copy.js); it can be selected as well."""
    return format_html(
        '<span class="kp-key is-public">{}<b>{}</b></span>'
        '<button class="kp-copy" type="button" data-copy="{}" aria-label="{}">{}</button>',
        code[:-5],
        code[-5:],
        code,
        _("Copy the key %(last_five)s") % {"last_five": code[-5:]},
        icon("copy"),
    )


def stock(quantity: int | None, in_use: int) -> SafeString:
    """How much is used: figure, bar and what is left; words and a shape as soon as it gets short."""
    used = number_format(in_use, force_grouping=True)
    if quantity is None:
        return format_html(
            '<div class="kp-stock"><span class="kp-stock__text">{}<small>{}</small></span></div>', used, _("no limit")
        )
    left = _("%(count)s left") % {"count": number_format(quantity - in_use, force_grouping=True)}
    level = stock_class(quantity, in_use)
    glyph = icon("error") if level == "is-gone" else icon("warn") if level == "is-short" else ""
    return format_html(
        '<div class="kp-stock {}"><span class="kp-stock__text">{} / {}<small class="{}">{}{}</small></span>{}</div>',
        level,
        used,
        number_format(quantity, force_grouping=True),
        "kp-low" if glyph else "",
        glyph,
        left,
        stock_bar(quantity, in_use),
    )


def stock_class(quantity: int | None, in_use: int) -> str:
    """The class for a stock: "is-gone" without any left, "is-short" from 90 % on, else empty."""
    if quantity is None or in_use * 1000 < quantity * SHORT_FROM_PERMILLE:
        return ""
    return "is-gone" if in_use >= quantity else "is-short"


def stock_bar(quantity: int, in_use: int, extra_class: str = "") -> SafeString:
    """The bar alone, silent to screen readers: the figures beside it say the same."""
    return format_html(
        '<svg class="kp-bar {}" aria-hidden="true"><rect class="t" width="100%" height="100%"/>'
        '<rect class="v" width="{}%" height="100%" rx="2"/></svg>',
        extra_class,
        f"{100 * in_use / quantity:.1f}",
    )
