"""The cells of a row that say together which Windows its key is for, and of which type it is."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from productkeys.domain import keycode
from productkeys.domain.choices import KeyType
from productkeys.domain.rules import EDITION_OPTIONAL_TYPES
from productkeys.domain.systems import SystemFacts
from productkeys.incoming.catalogue import Product, catalogue_of
from productkeys.incoming.fields import Field
from productkeys.incoming.foreign import is_not_ours, names_windows
from productkeys.incoming.remembering import may_be_remembered
from productkeys.incoming.words import read_architecture, read_type, says_all_editions

CERTAIN_ENOUGH = 0.5
_MOST = 5000
_FIELDS = (Field.OPERATING_SYSTEM, Field.EDITION, Field.ARCHITECTURE, Field.KEY_TYPE)  # in the order of Product


class ProductTexts(NamedTuple):
    """What stands in the cells about the product; empty where there is no such column or nothing in it.

    `name` is the name of the key, given where no other cell names a product.
    """

    product: str = ""
    operating_system: str = ""
    edition: str = ""
    architecture: str = ""
    key_type: str = ""
    name: str = ""


class Resolved(NamedTuple):
    """What they say. `given` are the values that the row itself named, `unknown` the texts nobody understood."""

    operating_system_id: str = ""
    edition: str = ""
    architecture: str = ""
    key_type: str = ""
    given: frozenset[str] = frozenset()
    unknown: tuple[tuple[Field, str], ...] = ()
    not_ours: bool = False


class ProductCells:
    """Reads the cells about the product, each combination of texts once. `defaults` fill what a row leaves open."""

    def __init__(self, systems: Mapping[str, SystemFacts], defaults: ProductTexts) -> None:
        self._catalogue = catalogue_of(systems)
        self._default_texts = defaults
        self._defaults = self._taken_together(defaults)
        self._known: dict[ProductTexts, Resolved] = {}

    def read(self, texts: ProductTexts) -> Resolved:
        try:
            return self._known[texts]
        except KeyError:
            resolved = self._read(texts)
        if all(map(may_be_remembered, texts)):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[texts] = resolved
        return resolved

    def _read(self, texts: ProductTexts) -> Resolved:
        if is_not_ours(texts.product) or is_not_ours(texts.operating_system):
            return Resolved(not_ours=True)
        said = self._taken_together(texts)
        by_name = self._product(texts.name)
        if by_name.certainty < CERTAIN_ENOUGH:
            by_name = Product()
        about_windows = said.system or (by_name.system and names_windows(texts.name))
        if not about_windows and is_not_ours(texts.name):
            return Resolved(not_ours=True)
        filled = self._filled(self._filled(said, by_name), self._defaults)
        if not filled.edition and filled.system and not said.system:
            filled = filled._replace(edition=self._edition(texts, filled.system))
        if not filled.edition and self._default_texts.edition:
            filled = filled._replace(edition=self._catalogue.edition(self._default_texts.edition, filled.system))
        if says_all_editions(texts.edition):
            filled = filled._replace(edition="")
        return Resolved(
            filled.system,
            filled.edition,
            filled.architecture or "",
            filled.key_type or "",
            # What the name says or a default fills in is for a new key; it never contradicts a stored one.
            frozenset(field.value for field, value in zip(_FIELDS, said, strict=False) if value),
            tuple((field, _without_key(text)) for field, text in _unknown(texts, filled)),
        )

    def _taken_together(self, texts: ProductTexts) -> Product:
        product, of_system = self._product(texts.product), self._product(texts.operating_system)
        system = self._catalogue.system(texts.operating_system) if texts.operating_system else ""
        system = system or product.system
        edition = self._edition(texts, system)
        if texts.edition and not (system and edition):
            # "Windows 10" and "Enterprise LTSC 2021", "Windows Server" and "2022 Standard": only both say what it is.
            both = self._product(f"{texts.operating_system or texts.product} {texts.edition}")
            if both.system and both.edition:
                system, edition = both.system, both.edition
        return Product(
            system,
            edition,
            read_architecture(texts.architecture) or product.architecture or of_system.architecture,
            _type_of(read_type(texts.key_type), product.key_type or of_system.key_type),
        )

    def _product(self, text: str) -> Product:
        return self._catalogue.product(text) if text else Product()

    def _edition(self, texts: ProductTexts, system: str) -> str:
        """The edition in its own cell; where that is empty, in the text that names the product."""
        if texts.edition:
            return self._catalogue.edition(texts.edition, system)
        for text in filter(None, (texts.product, texts.operating_system)):
            named = self._product(text)
            edition = self._catalogue.edition(text, system) if system and not named.system else named.edition
            if edition and named.system in ("", system) and (not named.system or named.certainty >= CERTAIN_ENOUGH):
                return edition
        return ""

    @staticmethod
    def _filled(said: Product, more: Product) -> Product:
        """What is said, with the rest from elsewhere as far as it fits."""
        same = bool(more.system) and said.system in ("", more.system)
        return Product(
            said.system or more.system,
            said.edition or (more.edition if same else ""),
            said.architecture or more.architecture,
            said.key_type or more.key_type,
        )


def _type_of(said: str | None, of_product: str | None) -> str | None:
    """The type in its own cell counts more, but for what arrives as a MAK and is not one."""
    arrives_as_mak = said == KeyType.MAK and of_product == KeyType.ESU
    return of_product if arrives_as_mak else said or of_product


def _unknown(texts: ProductTexts, filled: Product) -> Iterator[tuple[Field, str]]:
    if texts.operating_system and not filled.system:
        yield Field.OPERATING_SYSTEM, texts.operating_system
    if texts.edition and not filled.edition and not says_all_editions(texts.edition):
        yield Field.EDITION, texts.edition
    if texts.architecture and not read_architecture(texts.architecture):
        yield Field.ARCHITECTURE, texts.architecture
    if texts.key_type and not read_type(texts.key_type):
        yield Field.KEY_TYPE, texts.key_type
    complete = filled.system and (filled.edition or texts.edition or filled.key_type in EDITION_OPTIONAL_TYPES)
    if texts.product and not complete:
        yield Field.PRODUCT, texts.product


def _without_key(text: str) -> str:
    return keycode.redact(text) if keycode.looks_like_key(text) else text
