"""Adding many keys of one purchase at once: all of them or none."""

from collections.abc import Iterable

from django.db import transaction

from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin


@transaction.atomic
def add_all(values: Iterable[KeyValues], *, origin: Origin) -> list[ProductKey]:
    """Store a new key for each of `values`, with an entry in the trail each. Raises Refused, and stores none then."""
    return [keys.add_key(of_one, origin=origin) for of_one in values]
