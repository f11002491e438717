"""What the rules need to know of an operating system: which editions it has, and for which architectures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import get_language

from productkeys.domain.choices import Architecture, KeyType


@dataclass(frozen=True, slots=True)
class OfferingFacts:
    """One edition of one operating system: its labels, the architectures it was made for, whether AVMA knows it."""

    edition: str
    label: str
    label_de: str
    architectures: frozenset[str]
    has_avma: bool = False

    @property
    def local_label(self) -> str:
        """The label in the present language."""
        return (self.label_de if get_language() == "de" else "") or self.label


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """An operating system as a key sees it. `covers` are the slugs of the members of a joined product."""

    slug: str
    name: str
    family: str
    keys_have_n: bool
    has_esu: bool = False
    covers: frozenset[str] = frozenset()
    offerings: Mapping[str, OfferingFacts] = field(default_factory=dict)

    def offerings_for(self, key_type: str) -> Mapping[str, OfferingFacts]:
        """The editions that there are keys of this type for, by their ids."""
        match key_type:
            case KeyType.AVMA:
                return {name: offering for name, offering in self.offerings.items() if offering.has_avma}
            case KeyType.ESU if not self.has_esu:
                return {}
        return self.offerings

    def takes(self, key_type: str) -> bool:
        """Whether there are keys of this type for the system: AVMA and ESU exist for some systems only."""
        return key_type not in (KeyType.AVMA, KeyType.ESU) or bool(self.offerings_for(key_type))

    @property
    def architectures(self) -> frozenset[str]:
        return frozenset().union(*(offering.architectures for offering in self.offerings.values()))

    def architectures_of(self, edition: str) -> frozenset[str]:
        """The architectures of `edition`, or of the whole system where no edition is named (KMS host, ESU)."""
        if not edition:
            return self.architectures
        offering = self.offerings.get(edition)
        return offering.architectures if offering else frozenset()

    def runs_on(self, edition: str, architecture: str) -> bool:
        """Whether `edition` exists for `architecture`; "any" always does where the edition exists at all."""
        architectures = self.architectures_of(edition)
        return bool(architectures) if architecture == Architecture.ANY else architecture in architectures
