"""Cleans the wrong places of an answer file: decides which key belongs where, and lets `writing.py` put it there."""

from collections.abc import Callable

from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.places import Purpose
from productkeys.domain.answer_file.product import Systems, product_of
from productkeys.domain.answer_file.report import Report
from productkeys.domain.answer_file.text import shown
from productkeys.domain.answer_file.values import Held, Value
from productkeys.domain.answer_file.writing import Do, Target, Written, rewrite
from productkeys.domain.choices import KeyType
from productkeys.domain.keycode import KeyCode

GvlkOf = Callable[[frozenset[str], str], KeyCode | None]
"""Gives the GVLK of an edition of one of these operating systems, None where Microsoft publishes none."""

_NEVER_INSTALL = frozenset({KeyType.MAK.value, KeyType.KMS_HOST.value, KeyType.ESU.value})
_NEVER_ACTIVATE = frozenset({KeyType.KMS_HOST.value, KeyType.ESU.value})


def repair(report: Report, *, gvlk_of: GvlkOf, systems: Systems) -> Written:
    """The checked file with its wrong places cleaned. Raises `NotWritten`.

    A MAK in windowsPE gives way to the GVLK of its edition; where InstallFrom chooses the image, or there is no such
    GVLK, the element goes. specialize gets the MAK unless it stands there. Empty elements go, and a key that is not
    written as issued is.
    """
    return rewrite(report.file, _Repair(report, gvlk_of, systems).target)


class _Repair:
    def __init__(self, report: Report, gvlk_of: GvlkOf, systems: Systems) -> None:
        self._report, self._gvlk_of, self._systems = report, gvlk_of, systems
        self._maks: dict[str, KeyCode] = {}
        for place in report.file.places:
            facts = report.facts_of(place.held)
            if facts and facts.is_mak and place.purpose is Purpose.INSTALLATION and place.held.code:
                self._maks.setdefault(place.architecture, place.held.code)

    def target(self, purpose: Purpose, architecture: str, held: Held) -> Target:
        """What belongs at a place."""
        if purpose is Purpose.ACTIVATION and self._maks:
            return self._maks.get(architecture) or next(iter(self._maks.values()))
        facts = self._report.facts_of(held)
        never = _NEVER_INSTALL if purpose is Purpose.INSTALLATION else _NEVER_ACTIVATE
        if facts and facts.key_type in never:
            return self._instead(purpose, facts) or Do.REMOVE
        if held.value is Value.EMPTY:
            return Do.REMOVE
        return held.code or Do.KEEP

    def _instead(self, purpose: Purpose, facts: KeyFacts) -> KeyCode | None:
        file = self._report.file
        if purpose is Purpose.INSTALLATION and file.selections:
            return None
        product = product_of(shown(file.made_for.name), self._systems) if file.made_for else None
        if product and product.edition:
            return self._gvlk_of(product.systems, product.edition)
        return self._gvlk_of(frozenset({facts.system}), facts.edition) if facts.edition else None
