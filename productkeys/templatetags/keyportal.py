"""Template tags of the portal's look: icons, and the marks of listing/badges.py for single keys."""

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from productkeys.listing import badges, labels, sources
from productkeys.models import ProductKey

register = template.Library()

register.simple_tag(badges.icon, name="icon")
register.simple_tag(badges.type_badge, name="type_badge")
register.simple_tag(badges.status_badge, name="status_badge")
register.simple_tag(badges.import_badge, name="import_badge")
register.simple_tag(badges.sample, name="sample")
register.simple_tag(badges.usage_mark, name="usage_mark")
register.simple_tag(badges.usage_picture, name="usage_picture")
register.simple_tag(badges.stock_class, name="stock_class")
register.simple_tag(badges.stock_bar, name="stock_bar")
register.simple_tag(labels.chips, name="label_chips")
register.filter("source_name", sources.source_name)


@register.simple_tag
def kept(template_name: str, **values: Hashable) -> SafeString:
    """A component that says nothing but `values` in the present language: rendered once for each of them."""
    return _kept(template_name, get_language() or "", **values)


@lru_cache(maxsize=512)
def _kept(template_name: str, language: str, **values: Hashable) -> SafeString:
    return render_to_string(template_name, values)


@register.simple_tag
def shown_key(key: ProductKey) -> SafeString:
    """The key as everybody may see it: whole where Microsoft published it, else masked."""
    return badges.public_key(key.public_code) if key.published else badges.masked_key(key.last_five)


@register.simple_tag
def stock(key: ProductKey) -> SafeString:
    """How much of the key is used."""
    return badges.stock(key.quantity, key.in_use)
