"""What the portal knows of the keys in a file, as the plain facts that the domain checks with."""

from collections.abc import Iterable
from functools import cache

from productkeys.domain import keycode
from productkeys.domain.answer_file.known import KeyFacts, Known
from productkeys.domain.answer_file.repairing import GvlkOf
from productkeys.domain.choices import KeyType
from productkeys.domain.keycode import KeyCode
from productkeys.models import ProductKey, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services.selection import in_batches


def known_in(keys: ProductKeyQuerySet) -> Known:
    """A function that looks a key up among `keys`, the ones that the person asking may see; each is looked up once."""
    looked_up: dict[KeyCode, KeyFacts | None] = {}

    def known(code: KeyCode) -> KeyFacts | None:
        if code not in looked_up:
            key = keys.holding(code).first()
            looked_up[code] = facts_of(key) if key else None
        return looked_up[code]

    return known


def entries_holding(codes: Iterable[KeyCode], keys: ProductKeyQuerySet) -> dict[KeyCode, ProductKey]:
    """Which of `keys` hold which of `codes`; hundreds of them in one query."""
    found: dict[KeyCode, ProductKey] = {}
    for batch in in_batches(codes):
        found |= keys.holding_any(batch)
    return found


def known_among(codes: Iterable[KeyCode], keys: ProductKeyQuerySet) -> Known:
    """The same for all of `codes` at once, so that many files cost no more queries than one."""
    facts = {code: facts_of(key) for code, key in entries_holding(codes, keys).items()}
    return facts.get


def facts_of(key: ProductKey) -> KeyFacts:
    """A stored key as plain values."""
    return KeyFacts(
        name=key.name,
        key_type=key.key_type,
        system=key.operating_system_id,
        edition=key.edition,
        architecture=key.architecture,
        usage=key.usage,
        status=key.status,
        left=key.left,
        published=key.published,
    )


def gvlk_in(keys: ProductKeyQuerySet) -> GvlkOf:
    """A function that gives the published GVLK for an edition of one of several systems; each is asked once."""

    @cache
    def gvlk_of(systems: frozenset[str], edition: str) -> KeyCode | None:
        covering = reference.current().covering
        usable = frozenset().union(*(covering.get(slug, {slug}) for slug in systems))
        key = keys.filter(published=True, key_type=KeyType.GVLK, operating_system__in=usable, edition=edition).first()
        return keycode.parse(key.code.open()) if key else None

    return gvlk_of
