"""Which keys fit an image, and why not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from productkeys.domain import rulebook
from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.domain.matching import reasons
from productkeys.domain.matching.changing import supported_change
from productkeys.domain.matching.facts import Catalogue, EditionChange, ImageFacts, KeyFacts
from productkeys.domain.matching.hosts import problem_of_directory
from productkeys.domain.matching.identifying import Identified, identify
from productkeys.domain.matching.keyless import ways_without_a_key
from productkeys.domain.matching.reasons import Reason, Verdict, excludes, fits, warns
from productkeys.domain.rule import Problem, Rule

_REVISION_OF_19044 = 2905
_RANKS = list(Verdict)
# Among keys that fit equally well: what costs nothing first, then what is counted, what belongs to one device last.
_TYPES = [KeyType.GVLK, KeyType.MAK, KeyType.RETAIL, KeyType.AVMA, KeyType.OEM, KeyType.KMS_HOST, KeyType.ESU]
# Among keys that do not fit: those for the same Windows first, they are what somebody wonders about.
_FAR = {"architecture": 1, "edition": 1, "system": 2}
_ACTIVATION_ONLY = {
    KeyType.MAK: rulebook.MAK_ACTIVATION_ONLY,
    KeyType.KMS_HOST: reasons.KMS_HOST_NEVER,
    KeyType.ESU: reasons.ESU_NEVER,
}


@dataclass(frozen=True, slots=True)
class Match:
    """A key and how it fits an image: the verdict is that of the gravest reason, which stands first."""

    key: KeyFacts
    verdict: Verdict
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal says of an image: what it may be, the keys in the order of fitness, and how it does without."""

    image: Identified
    matches: tuple[Match, ...]
    without_key: tuple[Problem, ...]


def answer(
    image: ImageFacts, keys: Iterable[KeyFacts], purpose: str, catalogue: Catalogue, *, usable_only: bool = False
) -> Answer:
    """Say of every key how it fits `image` for `purpose` (`Usage.INSTALLATION` or `Usage.ACTIVATION`).

    With `usable_only` the keys that do not fit are left out, which takes a fraction of the time.
    """
    known = identify(image, catalogue)
    about: dict[tuple[object, ...], tuple[Reason, ...]] = {}
    found: list[Match] = []
    for key in keys:
        # What a key is for says the same of all keys of one product, and takes the longest to find out.
        product = (key.key_type == KeyType.AVMA, key.system, key.edition, key.remark)
        if product not in about:
            about[product] = _about_product(known, key, purpose, catalogue)
        if not usable_only or not any(map(_excludes, about[product])):
            found.append(_match(known, key, purpose, catalogue, about[product]))
    if usable_only:
        found = [match for match in found if match.verdict is not Verdict.DOES_NOT_FIT]
    return Answer(known, tuple(sorted(found, key=order)), ways_without_a_key(known, purpose, catalogue))


def match(image: ImageFacts, key: KeyFacts, purpose: str, catalogue: Catalogue) -> Match:
    """Say how `key` fits `image` for `purpose` (`Usage.INSTALLATION` or `Usage.ACTIVATION`)."""
    known = identify(image, catalogue)
    return _match(known, key, purpose, catalogue, _about_product(known, key, purpose, catalogue))


def _match(
    image: Identified, key: KeyFacts, purpose: str, catalogue: Catalogue, about_product: tuple[Reason, ...]
) -> Match:
    said = [
        *_of_use(key, purpose),
        *about_product,
        *_of_architecture(image, key, catalogue),
        *_of_state(key),
        *_of_activation(image, key, purpose, catalogue),
    ]
    said.sort(key=lambda reason: -_RANKS.index(reason.verdict))
    verdict = said[0].verdict
    if verdict is Verdict.DOES_NOT_FIT:
        said = [reason for reason in said if reason.verdict is not Verdict.FITS]
    return Match(key, verdict, tuple(said))


def _about_product(image: Identified, key: KeyFacts, purpose: str, catalogue: Catalogue) -> tuple[Reason, ...]:
    return tuple(_of_product(image, _as_for_guest(image, key, catalogue), purpose, catalogue))


def order(match: Match) -> tuple[object, ...]:
    """The place of a match among the others, as a sort key: the best first."""
    key = match.key
    return (
        _RANKS.index(match.verdict),
        max((_FAR.get(reason.problem.field, 0) for reason in match.reasons if _excludes(reason)), default=0),
        sum(reason.verdict is not Verdict.FITS for reason in match.reasons),
        _TYPES.index(KeyType(key.key_type)),
        key.left is not None,
        -(key.left or 0),
        key.name.casefold(),
        key.last_five,
    )


def _excludes(reason: Reason) -> bool:
    return reason.verdict is Verdict.DOES_NOT_FIT


def _of_use(key: KeyFacts, purpose: str) -> Iterator[Reason]:
    """What the type of the key allows, and what the entry is meant for."""
    key_type = KeyType(key.key_type)
    if key_type in (KeyType.KMS_HOST, KeyType.ESU) or (key_type is KeyType.MAK and purpose == Usage.INSTALLATION):
        yield excludes(_ACTIVATION_ONLY[key_type])
    elif key.usage not in (purpose, Usage.BOTH):
        yield excludes(reasons.NOT_MEANT_FOR, usage=Usage(key.usage).label)


def _of_product(image: Identified, key: KeyFacts, purpose: str, catalogue: Catalogue) -> Iterator[Reason]:
    """Whether the key is for what the image is, or for what it may become."""
    system = catalogue.systems.get(key.system)
    name = system.name if system else key.system
    shared = image.systems & catalogue.members(key.system)
    change = supported_change(
        catalogue.changes,
        before=image.running_edition,
        of=image.systems,
        after=key.edition,
        on=catalogue.members(key.system),
    )
    if not image.systems:
        yield warns(reasons.SYSTEM_UNKNOWN)
    elif not shared and not change:
        yield excludes(reasons.OTHER_SYSTEM, key=name, image=_described(image, catalogue))
        return
    elif image.guessed:
        yield warns(reasons.BUILD_UNKNOWN, build=str(image.image.build), systems=catalogue.names(image.systems))
    elif shared and shared != image.systems:
        yield warns(reasons.SYSTEM_UNCERTAIN, systems=catalogue.names(image.systems))
    elif shared and (not key.edition or (image.edition == key.edition and not image.evaluation)):
        edition = catalogue.label(shared, key.edition)
        yield fits(reasons.MADE_FOR if edition else reasons.MADE_FOR_SYSTEM, system=name, edition=edition)
    if key.edition:
        yield from _of_edition(image, key, purpose, change, catalogue)
    if key.remark == "needs_19044_2905" and image.image.build == 19044:
        yield from _of_revision(image.image.revision)


def _as_for_guest(image: Identified, key: KeyFacts, catalogue: Catalogue) -> KeyFacts:
    """An AVMA key as one of the image's own system, where it activates that one as well."""
    build = image.image.build
    for guest in catalogue.guests:
        if (
            (key.key_type, key.system, key.edition) == (KeyType.AVMA, guest.system, guest.edition)
            and image.systems == {guest.guest}
            and (build is None or build in guest.builds)
        ):
            return replace(key, system=guest.guest, edition=guest.guest_edition)
    return key


def _of_edition(
    image: Identified, key: KeyFacts, purpose: str, change: EditionChange | None, catalogue: Catalogue
) -> Iterator[Reason]:
    members = catalogue.members(key.system)
    words = {
        "key": catalogue.label(members, key.edition),
        "image": catalogue.label(image.systems, image.edition) or catalogue.names(image.systems),
        "edition": key.edition,
    }
    if not image.edition:
        yield warns(reasons.EDITION_MISSING, edition=words["key"])
    if image.evaluation and purpose == Usage.INSTALLATION:
        yield excludes(reasons.EVALUATION_INSTALLS_WITHOUT)
    if not image.edition or (image.edition == key.edition and not image.evaluation):
        return
    if change and purpose == Usage.ACTIVATION:
        yield warns(_rule_of(change, is_evaluation=image.evaluation), **words)
    elif image.evaluation and purpose == Usage.ACTIVATION:
        after = [change.after for change in catalogue.changes if change.before == image.running_edition]
        targets = ", ".join(catalogue.label(image.systems, edition) for edition in after)
        rule = reasons.EVALUATION_BECOMES_OTHER if after else reasons.EVALUATION_STAYS
        yield excludes(rule, targets=targets, **words)
    elif image.edition != key.edition:
        rule = reasons.KEY_SELECTS_IMAGE if purpose == Usage.INSTALLATION else reasons.OTHER_EDITION
        yield excludes(rule, **words)


def _rule_of(change: EditionChange, *, is_evaluation: bool) -> Rule:
    """What is said of a change of edition that Microsoft supports."""
    if change.by == "dism":
        return reasons.SET_EDITION_OF_EVALUATION if is_evaluation else reasons.SET_EDITION
    if is_evaluation:
        return reasons.EVALUATION_UPGRADE
    return reasons.EDITION_UPGRADE_RESTARTS if change.restart else reasons.EDITION_UPGRADE


def _of_revision(revision: int | None) -> Iterator[Reason]:
    if revision is None:
        yield warns(reasons.REVISION_UNKNOWN)
    elif revision < _REVISION_OF_19044:
        yield excludes(reasons.REVISION_TOO_OLD)


def _of_architecture(image: Identified, key: KeyFacts, catalogue: Catalogue) -> Iterator[Reason]:
    wanted, found = key.architecture, image.image.architecture
    if wanted in (Architecture.ANY, found) or (not found and _architectures(image, catalogue) == {wanted}):
        return
    words = {"key": Architecture(wanted).label}
    if not found:
        yield warns(reasons.ARCHITECTURE_MISSING, **words)
    else:
        yield excludes(reasons.OTHER_ARCHITECTURE, image=Architecture(found).label, **words)


def _architectures(image: Identified, catalogue: Catalogue) -> set[str]:
    return set().union(*(catalogue.systems[slug].architectures_of(image.edition) for slug in image.systems))


def _of_state(key: KeyFacts) -> Iterator[Reason]:
    """Whether the entry may still be used. A key that installs is the one that Windows activates with afterwards."""
    if key.status == Status.ARCHIVED:
        yield excludes(reasons.ARCHIVED)
    elif key.status == Status.COMPROMISED:
        yield excludes(reasons.COMPROMISED)
    if key.left is not None and key.left <= 0:
        yield excludes(reasons.NONE_LEFT)


def _of_activation(image: Identified, key: KeyFacts, purpose: str, catalogue: Catalogue) -> Iterator[Reason]:
    """Where a key of this type activates at all."""
    if key.key_type == KeyType.AVMA:
        yield warns(reasons.AVMA_NEEDS_HOST)
    elif key.key_type == KeyType.OEM:
        yield warns(reasons.OEM_ONE_DEVICE)
    elif key.key_type == KeyType.GVLK and purpose == Usage.ACTIVATION:
        old = image.systems and all(problem_of_directory(catalogue.systems[slug]) for slug in image.systems)
        yield fits(reasons.GVLK_NEEDS_KMS_ALONE if old else reasons.GVLK_NEEDS_KMS)


def _described(image: Identified, catalogue: Catalogue) -> str:
    """What the image is, by its systems and its build."""
    names = catalogue.names(image.systems)
    return f"{names} (build {image.image.build})" if image.image.build else names
