"""What only several places together show: keys that contradict each other, and a key that stands in one place only."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from productkeys.domain.answer_file import key_rules
from productkeys.domain.answer_file.findings import Finding
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.places import Place, Purpose
from productkeys.domain.answer_file.values import Value
from productkeys.domain.keycode import KeyCode

Facts = Mapping[KeyCode, KeyFacts]


def of_repetitions(read: Sequence[Place]) -> Iterator[Finding]:
    """Whether one place, repeated for other architectures or by mistake, holds different keys."""

    def named(place: Place) -> tuple[str, str, str]:
        return place.pass_name, place.component.lower(), place.path

    for _name, group in groupby(sorted(read, key=named), key=named):
        places = [place for place in group if place.held.value is Value.KEY]
        for place in places[1:]:
            if place.held.code != places[0].held.code:
                same = place.architecture == places[0].architecture
                rule = key_rules.REPEATED_DIFFERENTLY if same else key_rules.ARCHITECTURES_CONTRADICT
                yield rule.at(place.line, place)
                break


def of_passes(read: Sequence[Place], facts: Facts) -> Iterator[Finding]:
    """Whether the key that installs and the one that activates go together."""
    installing = [place for place in read if place.purpose is Purpose.INSTALLATION]
    activating = [place for place in read if place.purpose is Purpose.ACTIVATION]
    first = next((place for place in installing if place.held.value is Value.KEY), None)
    if first is None:
        return
    if all(place.held.value in (Value.EMPTY, Value.MISSING) for place in activating):
        yield key_rules.ONLY_IN_WINDOWS_PE.at(first.line, first)
    for place in activating:
        same = [other for other in installing if other.architecture == place.architecture] or [first]
        if (finding := _of_pair(same[0], place, facts)) is not None:
            yield finding
            return


def _of_pair(installing: Place, activating: Place, facts: Facts) -> Finding | None:
    codes = installing.held.code, activating.held.code
    if None in codes or codes[0] == codes[1]:
        return None
    one, other = (facts.get(code) if code else None for code in codes)
    if one is None and other is None:
        return key_rules.UNKNOWN_PASSES_DIFFER.at(activating.line, activating)
    if one and other and one.is_mak and other.is_gvlk:
        return key_rules.GVLK_FOR_MAK.at(activating.line, activating, name=other.name)
    if one and other and one.published and other.published:
        return key_rules.PASSES_DIFFER.at(activating.line, activating, key=one.name, other=other.name)
    return None
