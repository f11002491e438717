"""The product keys in the admin, for tests: addresses, and what the form for a new key sends."""

from typing import Any

from django.db.models import QuerySet

from productkeys.models import ProductKey
from tests.factories import MAK, new_code

LIST = "/admin/productkeys/productkey/"
ADD = f"{LIST}add/"


def change_page(key: ProductKey) -> str:
    """The address of the form of `key`."""
    return f"{LIST}{key.pk}/change/"


def typed(code: str = "", **changes: Any) -> dict[str, Any]:
    """What the add form sends for a good MAK, with `changes`."""
    values = {name.removesuffix("_id"): value for name, value in MAK.items()}
    return values | {"code": code or new_code().open()} | changes


def own_keys() -> QuerySet[ProductKey]:
    """The keys that Microsoft did not publish."""
    own: QuerySet[ProductKey] = ProductKey.objects.filter(published=False)
    return own
