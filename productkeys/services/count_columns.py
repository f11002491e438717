"""The columns of a key that hold Microsoft's count."""

from datetime import date
from typing import Any

from productkeys.models import ProductKey

COLUMNS = ("microsoft_used", "microsoft_counted_on", "microsoft_counted_by", "microsoft_count_imported")


def shown(key: ProductKey) -> dict[str, Any]:
    """The count of `key` for the trail, whose entry names the person; empty where nothing was counted."""
    return shown_of(key.microsoft_used, key.microsoft_counted_on, imported=key.microsoft_count_imported)


def shown_of(used: int | None, counted_on: date | None, *, imported: bool) -> dict[str, Any]:
    """The same of a count that no key in memory has."""
    if used is None:
        return {}
    found = {"microsoft_used": used, "microsoft_counted_on": counted_on.isoformat() if counted_on else None}
    return found | ({"microsoft_count_imported": True} if imported else {})


def clear(key: ProductKey) -> None:
    """Forget the count: it was about another product key."""
    key.microsoft_used = key.microsoft_counted_on = key.microsoft_counted_by = None
    key.microsoft_count_imported = False
