"""The columns of the admin list of product keys: the marks of the workspace; and the facts on the page of an entry."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from productkeys.domain.choices import Architecture, Status
from productkeys.listing import badges
from productkeys.listing.microsoft import comparison_of
from productkeys.listing.scopes import ScopeNames, scope_label
from productkeys.models import ProductKey, reference


class KeyColumns(admin.ModelAdmin[ProductKey]):
    """What stands in the columns, for `list_display` and `readonly_fields`."""

    def action_checkbox(self, obj: ProductKey) -> SafeString:
        """The box that ticks a row, written without a template, since a page has many."""
        return format_html(
            '<input type="checkbox" class="action-select" name="{}" value="{}" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            obj.pk,
            _("Select %(name)s") % {"name": obj.name},
        )

    @admin.display(description=gettext_lazy("Type and key"), ordering="key_type")
    def shown_key(self, key: ProductKey) -> SafeString:
        """The key as everybody may see it; the name goes with it, since this is the link to the entry."""
        plain = key.public_code if key.published else str(key.code)
        return format_html(
            '<span class="kp-badges">{}{}</span><span class="kp-key{}">{}<b>{}</b></span>'
            '<span class="visually-hidden">{}</span>',
            badges.type_badge(key.key_type),
            badges.status_badge(key.status) if key.status != Status.ACTIVE else "",
            " is-public" if key.published else "",
            plain[:-5],
            plain[-5:],
            key.name,
        )

    @admin.display(description=gettext_lazy("Operating system"), ordering="operating_system_id")
    def product(self, key: ProductKey) -> SafeString:
        """What it is for; the architecture where it is not "any"."""
        architecture = Architecture(key.architecture).label if key.architecture != Architecture.ANY else ""
        system = reference.current().system_name(key.operating_system_id)
        return _product(system, ", ".join(part for part in (key.edition_label, str(architecture)) if part))

    @admin.display(description=gettext_lazy("Used for"), ordering="usage")
    def shown_usage(self, key: ProductKey) -> SafeString:
        return badges.usage_mark(key.usage)

    @admin.display(description=gettext_lazy("In use / quantity"), ordering="stock_level")
    def stock(self, key: ProductKey) -> SafeString:
        return _stock(key.quantity, key.in_use, get_language() or "")

    @admin.display(description=gettext_lazy("Microsoft's count"))
    def microsoft_count(self, key: ProductKey) -> SafeString:
        """What Microsoft counts beside what the portal counts, for a key of which there are both."""
        comparison = comparison_of(key)
        assert comparison is not None
        counted = ""
        if comparison.used is not None and comparison.counted_on:
            number = number_format(comparison.used, force_grouping=True)
            counted = f"{number} ({date_format(comparison.counted_on, 'SHORT_DATE_FORMAT')}, {comparison.by}). "
        words = f"{comparison.words} {comparison.beyond}".strip()
        address = reverse("productkeys:microsoft-count", args=[key.pk])
        return format_html('{}{} <a href="{}">{}</a>', counted, words, address, _("Enter what Microsoft counts"))

    @admin.display(description=gettext_lazy("Status"))
    def shown_status(self, key: ProductKey) -> SafeString:
        return badges.status_badge(key.status)

    @admin.display(description=gettext_lazy("Added"))
    def added(self, key: ProductKey) -> str:
        return _by_at(key.created_by, key.created_at)

    @admin.display(description=gettext_lazy("Changed"))
    def changed(self, key: ProductKey) -> str:
        return _by_at(key.changed_by, key.changed_at)


@lru_cache(maxsize=256)
def scope_fact(names: ScopeNames) -> Callable[[ProductKey], str]:
    """Whose a key is, for a reader who may read these `names` of scopes; the same function for the same names."""

    @admin.display(description=gettext_lazy("Scope"))
    def scope(key: ProductKey) -> str:
        return scope_label(key.scope_id, dict(names))

    return scope


@lru_cache(maxsize=256)
def agreement_fact(number: str, badge: SafeString) -> Callable[[ProductKey], SafeString]:
    """What a key was bought under; the same function for the same words, as the admin compares them."""

    @admin.display(description=gettext_lazy("Agreement"))
    def agreement(_key: ProductKey) -> SafeString:
        return format_html("{} {}", number, badge)

    return agreement


# Most rows share their products and stocks: what depends on few values is made once, in each language.


@lru_cache(maxsize=1024)
def _product(system: str, details: str) -> SafeString:
    return format_html('<span title="{}">{}</span><small title="{}">{}</small>', system, system, details, details)


@lru_cache(maxsize=4096)
def _stock(quantity: int | None, in_use: int, language: str) -> SafeString:
    return badges.stock(quantity, in_use)


def _by_at(person: Any, at: Any) -> str:
    return _("%(when)s, %(who)s") % {
        "when": date_format(localtime(at), "SHORT_DATETIME_FORMAT"),
        "who": person.full_name if person else "KeyPortal",
    }
