"""Cleans the wrong places of an answer file: decides which key belongs where, and lets `writing.py` put it there."""

from collections.abc import Callable

from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.places import Purpose
from productkeys.domain.answer_file.product import Systems, product_of
from productkeys.domain.answer_file.report import Report
from productkeys.domain.answer_file.text import shown
from productkeys.domain.answer_file.values import Held, Value
from productkeys.domain.answer_file.writing import ARCHITECTURES, Do, Target, Written, rewrite
from productkeys.domain.choices import KeyType
from productkeys.domain.keycode import KeyCode

GvlkOf = Callable[[frozenset[str], str], KeyCode | None]
"""Gives the GVLK of an edition of one of these operating systems, None where Microsoft publishes none."""

_NEVER_INSTALL = frozenset({KeyType.MAK.value, KeyType.KMS_HOST.value, KeyType.ESU.value})
_NEVER_ACTIVATE = frozenset({KeyType.KMS_HOST.value, KeyType.ESU.value})


def repair(report: Report, *, gvlk_of: GvlkOf, systems: Systems) -> Written:
    """The checked file with its wrong places cleaned. Raises `NotWritten`.

    A MAK in windowsPE gives way to the GVLK of its edition; where InstallFrom chooses the image, or there is no such
    GVLK, the element goes. specialize gets the MAK unless it stands there. Empty elements go, and so do keys in
    components for wow64. A key that is not written as Microsoft issues it is written so.
    """
    repairing = _Repair(report, gvlk_of, systems)
    return rewrite(report.file, repairing.target, needed=repairing.with_mak)


class _Repair:
    def __init__(self, report: Report, gvlk_of: GvlkOf, systems: Systems) -> None:
        self._report, self._gvlk_of, self._systems = report, gvlk_of, systems
        self._maks: dict[str, KeyCode] = {}
        installing = [
            place for place in report.file.places if place.purpose is Purpose.INSTALLATION and place.held.code
        ]
        self._installed = {place.architecture for place in installing}
        for place in installing:
            facts = report.facts_of(place.held)
            if facts and facts.is_mak and place.held.code:
                self._maks.setdefault(place.architecture, place.held.code)

    @property
    def with_mak(self) -> list[str]:
        """The architectures that windowsPE holds a MAK for."""
        return [one for one in ARCHITECTURES if one in {written.lower() for written in self._maks}]

    def target(self, purpose: Purpose, architecture: str, held: Held) -> Target:
        """What belongs at a place."""
        if architecture.lower() == "wow64":
            return Do.REMOVE
        if purpose is Purpose.ACTIVATION and (mak := self._mak_for(architecture)):
            return mak
        facts = self._report.facts_of(held)
        never = _NEVER_INSTALL if purpose is Purpose.INSTALLATION else _NEVER_ACTIVATE
        if facts and facts.key_type in never:
            return self._instead(purpose, facts) or Do.REMOVE
        if held.value is Value.EMPTY:
            return Do.REMOVE
        return held.code or Do.KEEP

    def _mak_for(self, architecture: str) -> KeyCode | None:
        """The MAK of this architecture in windowsPE; that of another where windowsPE holds no key for this one."""
        if architecture in self._installed:
            return self._maks.get(architecture)
        return next(iter(self._maks.values()), None)

    def _instead(self, purpose: Purpose, facts: KeyFacts) -> KeyCode | None:
        file = self._report.file
        if purpose is Purpose.INSTALLATION and file.selections:
            return None
        product = product_of(shown(file.made_for.name), self._systems) if file.made_for else None
        if product and product.edition:
            return self._gvlk_of(product.systems, product.edition)
        return self._gvlk_of(frozenset({facts.system}), facts.edition) if facts.edition else None
