"""Stored keys as matching sees them, and what the portal says of an image."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from productkeys.domain import matching, slmgr
from productkeys.domain.matching import Answer, ImageFacts, KeyFacts, Match
from productkeys.domain.pasted import take_keys
from productkeys.domain.rule import Problem
from productkeys.domain.slmgr import MAX_FOUND, Licence, PartialKey, partial_keys
from productkeys.models.product_key import ProductKey, ProductKeyQuerySet
from productkeys.services import published_facts


def answer_for(image: ImageFacts, keys: ProductKeyQuerySet, purpose: str) -> Answer:
    """Say of each of `keys` how it fits `image` for `purpose`; what the key itself is plays no part."""
    return matching.answer(image, facts_of(keys), purpose, published_facts.catalogue())


@dataclass(frozen=True, slots=True)
class ShownProduct:
    """What a machine shows of the product of its key, as keys are stored with it; empty where it does not tell."""

    key_type: str
    system: str
    edition: str


@dataclass(frozen=True, slots=True)
class Identified:
    """A partial key that somebody pasted, and the stored keys that end with it: none, one, or by chance several.

    `times` is how often it stands in the text. Of a whole key (`is_whole`) the stored ones are the one that is exactly
    this key, or none. `shown` is what the machine says of a key that no entry belongs to.
    """

    partial: PartialKey
    times: int
    keys: tuple[ProductKey, ...]
    is_whole: bool = False
    shown: ShownProduct | None = None


def identify_keys(text: str, keys: ProductKeyQuerySet) -> list[Identified]:
    """Say which of `keys` the keys in `text` are: the whole ones first, then the partial ones in the order of the text.

    Three queries at most, however many there are. Of a whole key no more than the last five characters come back.
    """
    codes, rest = take_keys(text)
    codes = dict(islice(codes.items(), MAX_FOUND))
    holding = keys.holding_any(codes)
    whole = [
        Identified(PartialKey(code.last_five), times, (holding[code],) if code in holding else (), is_whole=True)
        for code, times in codes.items()
    ]
    return whole + _identify_partial(rest, keys)


def _identify_partial(text: str, keys: ProductKeyQuerySet) -> list[Identified]:
    licences = slmgr.read(text)
    partials = partial_keys(text, licences)
    ending: dict[str, list[ProductKey]] = {}
    for key in keys.filter(last_five__in={partial.last_five for partial in partials}).order_by("name_sort", "pk"):
        ending.setdefault(key.last_five, []).append(key)
    shown = _shown_products(licences) if len(ending) < len({partial.last_five for partial in partials}) else {}
    return [
        Identified(partial, times, tuple(found), shown=None if found else shown.get(partial.last_five))
        for partial, times in partials.items()
        for found in [ending.get(partial.last_five, ())]
    ]


def _shown_products(licences: Iterable[Licence]) -> dict[str, ShownProduct]:
    """What machines show of their products, by the last five characters of the key."""
    catalogue, channels = published_facts.catalogue(), published_facts.channels()
    found: dict[str, ShownProduct] = {}
    for licence in licences:
        if not licence.last_five or not licence.edition or licence.last_five in found:
            continue
        image = matching.identify(licence.facts(catalogue), catalogue)
        system = next(iter(image.systems)) if len(image.systems) == 1 else ""
        edition = image.edition if system and image.edition in catalogue.systems[system].offerings else ""
        found[licence.last_five] = ShownProduct(slmgr.key_type_of(licence.channel, channels), system, edition)
    return found


def match_as_json(match: Match) -> dict[str, Any]:
    """A match for scripts; of the key no more than its last five characters."""
    key = match.key
    return {
        "id": key.id,
        "name": key.name,
        "type": key.key_type,
        "last_five": key.last_five,
        "verdict": match.verdict.value,
        "reasons": [{"verdict": reason.verdict.value, **_as_json(reason.problem)} for reason in match.reasons],
    }


def keyless_as_json(answer: Answer) -> list[dict[str, str]]:
    """When no key is needed, for scripts."""
    return [_as_json(problem) for problem in answer.without_key]


def _as_json(problem: Problem) -> dict[str, str]:
    return {
        "code": problem.code,
        "message": problem.message,
        "advice": problem.advice,
        "source": problem.rule.source,
    }


COLUMNS = (
    "key_type",
    "operating_system_id",
    "edition",
    "architecture",
    "usage",
    "status",
    "published",
    "remark",
)
"""What matching asks of every key, beside how many activations are left of it."""


def facts_of(keys: ProductKeyQuerySet) -> list[KeyFacts]:
    """What matching needs of some stored keys, read in one query that opens none of them."""
    return [
        facts_of_row(
            key,
            left=None if key["quantity"] is None else key["quantity"] - key["in_use"],
            name=key["name"],
            last_five=key["last_five"],
            id=key["pk"],
        )
        for key in keys.values("pk", "name", "last_five", "quantity", "in_use", *COLUMNS)
    ]


def facts_of_row(columns: Mapping[str, Any], **rest: Any) -> KeyFacts:
    """The facts of a key with these `COLUMNS`, and `rest`, which the columns do not say as it stands there."""
    return KeyFacts(
        key_type=columns["key_type"],
        system=columns["operating_system_id"],
        edition=columns["edition"],
        architecture=columns["architecture"],
        usage=columns["usage"],
        status=columns["status"],
        published=columns["published"],
        remark=columns["remark"],
        **rest,
    )
