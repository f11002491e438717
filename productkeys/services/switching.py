"""What the pages for switching machines ask of the stored keys: the right GVLK, the MAKs that fit."""

from collections.abc import Collection
from dataclasses import dataclass

from productkeys.domain import kms, slmgr
from productkeys.domain.choices import KeyType, Usage
from productkeys.domain.matching import Catalogue, ImageFacts, Match, Reason, Verdict, answer
from productkeys.domain.matching.reasons import ARCHITECTURE_MISSING, EDITION_MISSING, SET_EDITION
from productkeys.domain.slmgr import Licence
from productkeys.models import ProductKey, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import published_facts
from productkeys.services.matching import facts_of

MAKS_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored key, and how it fits the machine."""

    key: ProductKey
    match: Match

    @property
    def warnings(self) -> list[Reason]:
        """What to look at, but for what nobody was asked: the architecture, and an edition that was left open."""
        left_open = (EDITION_MISSING.code, ARCHITECTURE_MISSING.code)
        return [
            reason
            for reason in self.match.reasons
            if reason.verdict is Verdict.WARNING and reason.code not in left_open
        ]

    @property
    def needs_dism(self) -> bool:
        """Whether installing this key fails, since DISM has to change the edition first."""
        return any(reason.code == SET_EDITION.code for reason in self.match.reasons)


def gvlks_of(image: ImageFacts, keys: ProductKeyQuerySet) -> list[Candidate]:
    """The GVLKs of Microsoft that make a KMS client of `image`: one where it tells enough. Two queries."""
    published = keys.filter(published=True, key_type=KeyType.GVLK)
    return _stored(kms.gvlks_for(image, facts_of(published), published_facts.catalogue()), keys)


def maks_for(image: ImageFacts, keys: ProductKeyQuerySet) -> list[Candidate]:
    """The MAKs among `keys` that activate `image`, the fittest first, at most `MAKS_SHOWN`. Two queries."""
    catalogue = published_facts.catalogue()
    usable = _usable_for(catalogue.members(image.system))
    maks = keys.filter(key_type=KeyType.MAK, operating_system__in=usable)
    said = answer(image, facts_of(maks), Usage.ACTIVATION, catalogue)
    fitting = [match for match in said.matches if match.verdict is not Verdict.DOES_NOT_FIT]
    return _stored(fitting[:MAKS_SHOWN], keys)


def licences_of_windows(text: str) -> list[Licence]:
    """The licences of Windows with a key that a machine shows, or several machines; without any, the first licence."""
    windows = [licence for licence in slmgr.read(text) if licence.edition]
    return [licence for licence in windows if licence.last_five] or windows[:1]


def edition_changes(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """The changes of edition that DISM makes, from what runs to what it becomes, by a name for addresses."""
    by_dism = [(change.before, change.after) for change in catalogue.changes if change.by == "dism"]
    return {f"{before}-{after}": (before, after) for before, after in by_dism}


def _usable_for(slugs: Collection[str]) -> frozenset[str]:
    covering = reference.current().covering
    return frozenset().union(*(covering.get(slug, frozenset({slug})) for slug in slugs))


def _stored(matches: list[Match], keys: ProductKeyQuerySet) -> list[Candidate]:
    stored = keys.select_related("operating_system").in_bulk([match.key.id for match in matches])
    return [Candidate(stored[match.key.id], match) for match in matches if match.key.id in stored]
