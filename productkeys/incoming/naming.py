"""A name for a key whose list gives it none: "Windows 11 Enterprise 7Q4KM"."""

import re
from collections.abc import Mapping

from productkeys.domain.keycode_text import GROUP_LENGTH, KEY_CHARACTERS
from productkeys.domain.rules import MAX_NAME
from productkeys.domain.systems import SystemFacts

_LAST_GROUP = re.compile(rf"([{''.join(sorted(KEY_CHARACTERS))}]{{{GROUP_LENGTH}}})\W*\Z", re.IGNORECASE)


def product_name(system: SystemFacts, edition: str) -> str:
    """The system and what the label of its edition adds: "Windows 10 Enterprise LTSC 2021" says "Enterprise LTSC"."""
    offering = system.offerings.get(edition)
    named = set(system.name.split())
    more = [word for word in (offering.label.split() if offering else ()) if word not in named]
    return " ".join([system.name, *more])


class Names:
    """Names keys by their operating system, their edition and their last five characters, which everybody may read."""

    def __init__(self, systems: Mapping[str, SystemFacts]) -> None:
        self._systems = systems
        self._products: dict[tuple[str, str], str] = {}

    def name(self, system: str, edition: str, code_text: str, *, called: str = "") -> str:
        """The name; empty where the system is not known. `called` counts instead of the product, if given."""
        product = self._products.get((system, edition))
        if product is None:
            product = self._products[system, edition] = self._product(system, edition)
        if not product:
            return ""
        product = " ".join(called.split())[: MAX_NAME - GROUP_LENGTH - 1] or product
        last_group = _LAST_GROUP.search(code_text)
        return f"{product} {last_group[1].upper()}" if last_group else product

    def _product(self, slug: str, edition: str) -> str:
        system = self._systems.get(slug)
        if system is None:
            return ""
        return product_name(system, edition)[: MAX_NAME - GROUP_LENGTH - 1]
