"""The images of a file as a page shows them, and the words for a file that cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Architecture, Usage
from productkeys.domain.image import Image
from productkeys.domain.image import faults as image_faults
from productkeys.domain.matching import Catalogue, ImageFacts
from productkeys.listing.matches import INSTALLATIONS, Shown, address_of, shown
from productkeys.models import reference
from productkeys.services.fitting import Fitting

_LOOKED_FOR_BY_THE_BROWSER = (
    image_faults.NO_WIM,
    image_faults.CUT_OFF,
    image_faults.UNFINISHED,
    image_faults.DAMAGED,
    image_faults.SPLIT,
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a key is to do, the answer for it, and the page that lists all keys."""

    label: str | Promise
    answer: Shown
    address: str


@dataclass(frozen=True, slots=True)
class ShownImage:
    """One image of a file: what it says of itself, and the keys for it. `is_known` is false where it says nothing."""

    image: Image
    facts: list[tuple[str, str]]
    purposes: list[Purpose]
    is_known: bool


def shown_images(
    images: Sequence[Image], asked: Sequence[tuple[ImageFacts, str]], found: Sequence[Fitting], windows: Catalogue
) -> list[ShownImage]:
    """The images of a file, where `asked` and `found` have as many entries for each of them as there are purposes."""
    answers = shown(found, [purpose for _facts, purpose in asked])
    each = len(asked) // len(images) if images else 0
    made = []
    for place, image in enumerate(images):
        its_own = slice(place * each, (place + 1) * each)
        purposes = [
            Purpose(Usage(purpose).label, answer, address_of(facts, purpose, windows))
            for (facts, purpose), answer in zip(asked[its_own], answers[its_own], strict=True)
        ]
        facts = asked[its_own][0][0]
        is_known = bool(facts.build or facts.system or facts.edition)
        made.append(ShownImage(image, _facts(image, found[place * each]), purposes, is_known))
    return made


def faults() -> list[tuple[str, str]]:
    """What the page says of a file that the browser refuses by its header: code and sentences, {part} in braces."""
    told = ((rule.code, rule.told({"part": "{part}", "parts": "{parts}"})) for rule in _LOOKED_FOR_BY_THE_BROWSER)
    return [(code, f"{message} {advice}") for code, (message, advice) in told]


def _facts(image: Image, found: Fitting) -> list[tuple[str, str]]:
    said = [
        (_("Edition"), _edition(image, found)),
        (_("Version"), image.version),
        (_("Architecture"), str(Architecture(image.architecture).label) if image.architecture else ""),
        (_("Languages"), ", ".join(image.languages)),
        (_("Installation type"), str(INSTALLATIONS.get(image.installation, ""))),
        (_("Size"), filesizeformat(image.size) if image.size is not None else ""),
    ]
    return [(str(label), value) for label, value in said if value]


def _edition(image: Image, found: Fitting) -> str:
    """The EditionID, and what people call it."""
    system = next(iter(sorted(found.image.systems)), "")
    label = reference.current().edition_label(system, found.image.edition)
    if not image.edition:
        return ""
    return image.edition if label in ("", image.edition) else f"{label} ({image.edition})"
