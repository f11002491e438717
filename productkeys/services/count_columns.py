"""The columns of a key that hold Microsoft's count."""

from typing import Any

from productkeys.models import ProductKey

COLUMNS = ("microsoft_used", "microsoft_counted_on", "microsoft_counted_by", "microsoft_count_imported")


def shown(key: ProductKey) -> dict[str, Any]:
    """The count of `key` for the trail, whose entry names the person; empty where nothing was counted."""
    if key.microsoft_used is None:
        return {}
    day = key.microsoft_counted_on
    found = {"microsoft_used": key.microsoft_used, "microsoft_counted_on": day.isoformat() if day else None}
    return found | ({"microsoft_count_imported": True} if key.microsoft_count_imported else {})


def clear(key: ProductKey) -> None:
    """Forget the count: it was about another product key."""
    key.microsoft_used = key.microsoft_counted_on = key.microsoft_counted_by = None
    key.microsoft_count_imported = False
