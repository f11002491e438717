"""What the page for several keys sends."""

from collections.abc import Iterable

from productkeys.forms.bulk import EditForm
from productkeys.models import ProductKey

BULK_PAGES = ["productkeys:bulk", "admin:productkeys_productkey_bulk"]
"""The page in the workspace and in the admin: both do the same."""


def tickets(keys: Iterable[ProductKey]) -> list[str]:
    """The ticked rows of these keys, as they are now."""
    return [f"{key.pk}:{key.version}" for key in keys]


def choices(**changes: str) -> dict[str, str]:
    """The fields of a bulk edit: as the empty page has them, with `changes`."""
    return dict.fromkeys(EditForm.base_fields, "") | changes
