"""Putting stored keys into an answer file: which ones may stand where, and what the file looks like with them.

A key that is no public one is opened for the download alone, by a reveal. What people look at before is made with a
stand-in for it: another well-formed key that ends with the same five characters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from productkeys.domain import keycode
from productkeys.domain.answer_file import checking, writing
from productkeys.domain.answer_file.key_checks import stored_architecture
from productkeys.domain.answer_file.report import Report
from productkeys.domain.answer_file.writing import Change, Do, Target, Written
from productkeys.domain.choices import Status
from productkeys.domain.keycode import KeyCode
from productkeys.domain.matching import ImageFacts, Match, Verdict
from productkeys.models import ProductKey, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import answer_files, published_facts
from productkeys.services.answer_files import Checked
from productkeys.services.fitting import fitting
from productkeys.services.known_keys import entries_holding, facts_of

if TYPE_CHECKING:
    from keyportal.people.models import User

MOST_OFFERED = 25
_AT_MOST = {Verdict.FITS: MOST_OFFERED, Verdict.WARNING: MOST_OFFERED, Verdict.DOES_NOT_FIT: 0}
_STAND_IN = "B7K2MQ9X4TV3H8CR6F2J"
"""Twenty characters that are no placeholder; the last five follow."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A key that may stand at a place, how it fits, and whether this person may put it there: it is a reveal."""

    key: ProductKey
    match: Match
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written: a key, or what becomes of a place that gets none.

    `clean` is whether wrong places are cleaned before; `architectures` are those of a new file.
    """

    installation: ProductKey | Do = Do.KEEP
    activation: ProductKey | Do = Do.KEEP
    clean: bool = False
    architectures: Sequence[str] = ()

    @property
    def keys(self) -> list[ProductKey]:
        """The chosen keys, each once."""
        chosen = (one for one in (self.installation, self.activation) if isinstance(one, ProductKey))
        return list({key.pk: key for key in chosen}.values())

    @property
    def secret_keys(self) -> list[ProductKey]:
        """Those of the chosen keys that only leave by a reveal."""
        return [key for key in self.keys if not key.published]


def image_of(system: str, edition: str, architectures: Iterable[str]) -> ImageFacts:
    """The image that a key is chosen for: the product, and the architecture where the file has one alone."""
    names = [name for name in architectures if name]
    architecture = stored_architecture(names[0]) if len(names) == 1 else ""
    return ImageFacts(system=system, edition=edition, architecture=architecture)


def offers(image: ImageFacts, purpose: str, person: "User") -> tuple[list[Offer], int]:
    """The keys that may stand at the place for `purpose`, the best first, and how many more than `MOST_OFFERED` may."""
    covering = reference.current().covering.get(image.system, frozenset())
    usable = ProductKey.objects.visible_to(person).filter(operating_system__in=covering, status=Status.ACTIVE)
    (found,) = fitting([(image, purpose)], usable, published_facts.catalogue(), at_most=_AT_MOST)
    first = (*found.fits.matches, *found.warning.matches)[:MOST_OFFERED]
    keys = ProductKey.objects.in_bulk([match.key.id for match in first])
    open_to = ProductKey.objects.permitted(person, "reveal").filter(pk__in=keys)
    may_reveal = set(open_to.values_list("pk", flat=True))
    shown = ((keys.get(match.key.id or 0), match) for match in first)
    offered = [Offer(key, match, not key.published and key.pk not in may_reveal) for key, match in shown if key]
    return offered, found.fits.number + found.warning.number - len(first)


def preview(wanted: Wanted, checked: Checked | None, *, keys: ProductKeyQuerySet) -> tuple[Written, Report]:
    """The file as it would be, and what the check would say of it. Raises NotWritten. Opens no key that is secret."""
    brought = checked.keys if checked else {}
    in_file = {key.pk: code for code, key in brought.items()}
    codes = {key.pk: public_code(key) or in_file.get(key.pk) or stand_in(key.last_five) for key in wanted.keys}
    written = _written(wanted, codes, checked, keys=keys)
    known = {code: facts_of(key) for code, key in brought.items()}
    known |= {codes[key.pk]: facts_of(key) for key in wanted.keys}
    unseen = [code for code in checking.codes_in(written.file) if code not in known]  # what the cleaning has put there
    known |= {code: facts_of(key) for code, key in entries_holding(unseen, keys).items()}
    systems, changes = reference.current().systems, published_facts.edition_changes()
    return written, checking.check(written.file, known=known.get, systems=systems, changes=changes)


def write(
    wanted: Wanted, revealed: Mapping[int, KeyCode], checked: Checked | None, *, keys: ProductKeyQuerySet
) -> Written:
    """The file with the keys in it: public ones, and those that were `revealed`, by id. Raises NotWritten."""
    codes = {key.pk: public_code(key) or revealed[key.pk] for key in wanted.keys}
    return _written(wanted, codes, checked, keys=keys)


def _written(
    wanted: Wanted, codes: Mapping[int, KeyCode], checked: Checked | None, *, keys: ProductKeyQuerySet
) -> Written:
    def target(chosen: ProductKey | Do) -> Target:
        return codes[chosen.pk] if isinstance(chosen, ProductKey) else chosen

    targets = {"installation": target(wanted.installation), "activation": target(wanted.activation)}
    if checked is None:
        return writing.new_file(**targets, architectures=wanted.architectures)
    if not wanted.clean:
        return writing.write(checked.report.file, **targets)
    cleaned = answer_files.repair(checked, keys=keys)
    written = writing.write(cleaned.file, **targets)
    return replace(written, changes=_together(cleaned, written))


def _together(cleaned: Written, written: Written) -> tuple[Change, ...]:
    """What both steps change; a place that both change becomes what the second says of what the first found."""
    changes: dict[tuple[str, str, str, str], Change] = {}
    for change in (*cleaned.changes, *written.changes):
        place = (change.pass_name, change.component, change.architecture, change.path)
        first = changes.get(place, change)
        changes[place] = replace(change, before=first.before, line=first.line)
    return tuple(sorted(changes.values(), key=lambda change: change.line))


def public_code(key: ProductKey) -> KeyCode | None:
    """The key where Microsoft published it; None where it is a secret."""
    return keycode.parse(key.public_code) if key.published else None


def stand_in(last_five: str) -> KeyCode:
    """A well-formed key that is none, for looking at a file before a key leaves."""
    return KeyCode(_STAND_IN + last_five)
