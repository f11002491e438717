"""Every address the portal answers, found in its URL configuration: a new route is in the sweeps by itself."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def all_routes() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, path with {placeholders} in braces, and the converter of each placeholder."""
    yield from _below(get_resolver(), "", "/", {})


def _below(
    resolver: URLResolver, namespace: str, prefix: str, converters: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    for entry in resolver.url_patterns:
        route, found = _readable(entry)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _below(entry, inner, prefix + route, converters | found)
        else:
            yield f"{namespace}{entry.name or route}", prefix + route, converters | found


def _readable(entry: URLPattern | URLResolver) -> tuple[str, dict[str, str]]:
    pattern = entry.pattern
    found = {name: type(converter).__name__ for name, converter in getattr(pattern, "converters", {}).items()}
    route = str(pattern)
    for name in found:
        start = route.index("<")
        route = route[:start] + "{" + name + "}" + route[route.index(">") + 1 :]
    return route, found
