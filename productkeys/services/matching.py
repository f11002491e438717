"""Stored keys as matching sees them, and what the portal says of an image."""

from productkeys.domain import matching
from productkeys.domain.matching import Answer, ImageFacts, KeyFacts
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import published_facts


def answer_for(image: ImageFacts, keys: ProductKeyQuerySet, purpose: str) -> Answer:
    """Say of each of `keys` how it fits `image` for `purpose`; what the key itself is plays no part."""
    return matching.answer(image, facts_of(keys), purpose, published_facts.catalogue())


def facts_of(keys: ProductKeyQuerySet) -> list[KeyFacts]:
    """What matching needs of some stored keys, read in one query that opens none of them."""
    return [
        KeyFacts(
            key_type=key["key_type"],
            system=key["operating_system_id"],
            edition=key["edition"],
            architecture=key["architecture"],
            usage=key["usage"],
            left=None if key["quantity"] is None else key["quantity"] - key["in_use"],
            status=key["status"],
            published=key["published"],
            remark=key["remark"],
            name=key["name"],
            last_five=key["last_five"],
            id=key["pk"],
        )
        for key in keys.values(
            "pk",
            "name",
            "key_type",
            "operating_system_id",
            "edition",
            "architecture",
            "usage",
            "quantity",
            "in_use",
            "status",
            "published",
            "remark",
            "last_five",
        )
    ]
