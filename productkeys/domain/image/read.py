"""One image as a file or a tool describes it."""

import re
from dataclasses import dataclass

from productkeys.domain import keycode
from productkeys.domain.choices import Architecture
from productkeys.domain.matching import Catalogue, ImageFacts, named
from productkeys.domain.matching.facts import Installation

MAX_IMAGES = 200
"""No media hold more than some twenty; a file that names thousands wants to be a nuisance."""

_ARCHITECTURES: dict[str, str] = {
    "x86": Architecture.X86,
    "i386": Architecture.X86,
    "0": Architecture.X86,
    "x64": Architecture.X64,
    "amd64": Architecture.X64,
    "x86_64": Architecture.X64,
    "9": Architecture.X64,
    "arm64": Architecture.ARM64,
    "aarch64": Architecture.ARM64,
    "12": Architecture.ARM64,
    "ia64": Architecture.IA64,
    "6": Architecture.IA64,
}
_INSTALLATIONS: dict[str, Installation] = {"client": "Client", "server": "Server", "server core": "Server Core"}
_LONGEST_NUMBER = 18
_LONGEST_READ, _LONGEST_SHOWN = 1000, 200


@dataclass(frozen=True, slots=True)
class Image:
    """What is said of one image. `version` is as long as it is known ("10.0.26100.1742"), `size` in bytes."""

    number: int
    name: str = ""
    edition: str = ""
    version: str = ""
    architecture: str = ""
    languages: tuple[str, ...] = ()
    installation: Installation = ""
    size: int | None = None

    def facts(self, catalogue: Catalogue) -> ImageFacts:
        """What matching knows of this image. Its name counts only where it says neither build nor edition."""
        numbers = [number(part) for part in self.version.split(".")]
        build = numbers[2] if len(numbers) > 2 else None
        nameless = build is not None or self.edition
        told = ImageFacts(edition=self.edition) if nameless else named(self.name, catalogue)
        return ImageFacts(
            system=told.system,
            build=build,
            revision=numbers[3] if len(numbers) > 3 else None,
            installation=self.installation or told.installation,
            edition=told.edition,
            architecture=self.architecture,
            languages=self.languages,
            evaluation=told.evaluation,
        )


def without_key(text: str) -> str:
    """A text of an image as it may be shown: even there, people have put keys."""
    return keycode.redact(text.strip()[:_LONGEST_READ])[:_LONGEST_SHOWN]


def number(text: str) -> int | None:
    """The whole number that a text is; None where it is none, or longer than any that is meant."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def architecture(text: str) -> str:
    """The stored value for an architecture as an image or a tool names it; empty where it is unknown."""
    return str(_ARCHITECTURES.get(text.strip().casefold(), ""))


def installation(text: str) -> Installation:
    return _INSTALLATIONS.get(" ".join(text.split()).casefold(), "")


def version(major: str, minor: str, build: str, revision: str) -> str:
    """The version of four numbers; empty without a build, three numbers where the last is unknown."""
    if number(build) is None:
        return ""
    told = [str(number(part) or 0) for part in (major, minor)] + [str(number(build))]
    return ".".join([*told, str(number(revision))] if number(revision) is not None else told)


def languages(text: str) -> tuple[str, ...]:
    """The languages that a text names, such as "{de-DE, en-US}" or "en-US (Default)", each once."""
    return tuple(
        dict.fromkeys(re.findall(r"(?<![\w-])[a-z]{2,3}-[A-Za-z0-9]{2,8}(?:-[A-Za-z0-9]{2,8})?(?![\w-])", text))
    )
