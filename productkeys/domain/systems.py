"""What the rules need to know of an operating system: which editions it has, and for which architectures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from productkeys.domain.choices import Architecture


@dataclass(frozen=True, slots=True)
class OfferingFacts:
    """One edition of one operating system: its labels and the architectures it was made for."""

    edition: str
    label: str
    label_de: str
    architectures: frozenset[str]


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """An operating system as a key sees it. `covers` are the slugs of the members of a joined product."""

    slug: str
    name: str
    family: str
    keys_have_n: bool
    covers: frozenset[str] = frozenset()
    offerings: Mapping[str, OfferingFacts] = field(default_factory=dict)

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
