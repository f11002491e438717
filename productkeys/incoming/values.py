"""The readers of one cell each. None of them raises; a text that says nothing known gives None, or an empty product."""

from productkeys.incoming.amounts import Count, UseOfQuantity, read_count, read_use_of_quantity
from productkeys.incoming.catalogue import Product, read_product
from productkeys.incoming.dates import day_first_in, read_date
from productkeys.incoming.foreign import is_not_ours
from productkeys.incoming.mangled import MANGLED_TEXTS, Mangled, mangled_key
from productkeys.incoming.spelling import says_nothing
from productkeys.incoming.words import (
    read_architecture,
    read_labels,
    read_names,
    read_status,
    read_type,
    read_usage,
    read_yes_or_no,
)

__all__ = [
    "MANGLED_TEXTS",
    "Count",
    "Mangled",
    "Product",
    "UseOfQuantity",
    "day_first_in",
    "is_not_ours",
    "mangled_key",
    "read_architecture",
    "read_count",
    "read_date",
    "read_labels",
    "read_names",
    "read_product",
    "read_status",
    "read_type",
    "read_usage",
    "read_use_of_quantity",
    "read_yes_or_no",
    "says_nothing",
]
