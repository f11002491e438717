"""Every address the portal answers, found in its URL configuration: a new route is in the sweeps by itself."""

import re
from collections import defaultdict
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

_EXAMPLES = {
    "/admin/^(?P<app_label>productkeys|people|auth)/$": "/admin/productkeys/",
    "/admin/(?P<url>.*)$": "/admin/nothing/of/that/name/",
}
"""An address for each route that is a regular expression."""


def all_routes() -> Iterator[tuple[str, str]]:
    """Name, and path with {placeholders} in braces."""
    yield from _below(get_resolver(), "", "/")


def address_of(path: str, *, pk: object, uid: object) -> str:
    """An address at `path`, which stands for the thing of this number and uid wherever something is named."""
    return _EXAMPLES.get(path) or path.format_map(defaultdict(lambda: str(pk), uid=str(uid)))


def _below(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        route = _readable(entry)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _below(entry, inner, prefix + route)
        else:
            yield f"{namespace}{entry.name or route}", prefix + route


def _readable(entry: URLPattern | URLResolver) -> str:
    route = str(entry.pattern)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) if getattr(entry.pattern, "converters", {}) else route
