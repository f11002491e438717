"""What matching knows: the image, the key, and what Microsoft publishes about Windows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from productkeys.domain.choices import Architecture, Status, Usage
from productkeys.domain.systems import SystemFacts

Installation = Literal["", "Client", "Server", "Server Core"]


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image says of itself; everything may be empty, since captured images leave out what they like.

    `system` is the slug of an operating system where somebody chose one, `build` and `revision` are the third and the
    fourth number of its version (26100 and 1742), `edition` is the EditionID as it stands there, `architecture` a
    stored value of `Architecture`.
    """

    system: str = ""
    build: int | None = None
    revision: int | None = None
    installation: Installation = ""
    edition: str = ""
    architecture: str = ""
    languages: tuple[str, ...] = ()
    evaluation: bool = False


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What matching needs of a stored key, never the key itself. `left` is None where there is no limit."""

    key_type: str
    system: str
    edition: str
    architecture: str = Architecture.ANY.value
    usage: str = Usage.BOTH.value
    left: int | None = None
    status: str = Status.ACTIVE.value
    published: bool = False
    remark: str = ""
    name: str = ""
    last_five: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A release of an operating system, and the builds that images of it have."""

    system: str
    name: str
    first_build: int
    last_build: int


@dataclass(frozen=True, slots=True)
class EditionChange:
    """A change of the edition in place that Microsoft supports: `by` installing a key, or DISM /Set-Edition.

    The EditionIDs are those of what runs (an evaluation's with Eval) and of what it becomes. `systems` are those on
    which Microsoft supports it, empty for all that have both editions; where the system changes along with the edition,
    `system_before` and `system_after` are named instead.
    """

    before: str
    after: str
    by: Literal["key", "dism"]
    restart: bool
    source: str
    system_before: str = ""
    system_after: str = ""
    systems: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KmsHosts:
    """What a KMS host with the key of one product group activates, by the slugs of operating systems.

    `judged` are those of them that Microsoft's table leaves out: our judgement, which `source_judged` says.
    """

    system: str
    activates: frozenset[str]
    source: str
    judged: frozenset[str] = frozenset()
    source_judged: str = ""


@dataclass(frozen=True, slots=True)
class AvmaGuest:
    """What else an AVMA key activates: `guest_edition` of the system `guest` in these builds."""

    system: str
    edition: str
    guest: str
    guest_edition: str
    builds: frozenset[int]
    source: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is published about Windows: systems with their editions, builds, changes of edition, KMS hosts, guests."""

    systems: Mapping[str, SystemFacts]
    releases: tuple[ReleaseFacts, ...] = ()
    changes: tuple[EditionChange, ...] = ()
    hosts: tuple[KmsHosts, ...] = ()
    guests: tuple[AvmaGuest, ...] = ()
    editions: Mapping[str, str] = field(init=False)
    """Every EditionID by itself in small letters: images write them in any case."""

    def __post_init__(self) -> None:
        known = {edition.casefold(): edition for system in self.systems.values() for edition in system.offerings}
        object.__setattr__(self, "editions", known)

    def members(self, slug: str) -> frozenset[str]:
        """The systems behind `slug`: of a joined product those that it covers; none where it is unknown."""
        system = self.systems.get(slug)
        return (system.covers or frozenset({slug})) if system else frozenset()

    def names(self, slugs: frozenset[str]) -> str:
        """The names of some systems as people read them, in the order of the catalogue."""
        return ", ".join(system.name for slug, system in self.systems.items() if slug in slugs)

    def label(self, slugs: frozenset[str], edition: str) -> str:
        """What people call `edition` on one of these systems, in the present language; its id where it is unknown."""
        for slug, system in self.systems.items():
            if slug in slugs and (offering := system.offerings.get(edition)):
                return offering.local_label
        return edition
