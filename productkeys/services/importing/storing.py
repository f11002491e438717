"""Storing the rows of a checked import: one transaction and one entry in the trail; it was done or never begun.

Every row is judged again, with the keys that it touches locked: what others did since the preview is noticed.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from productkeys.domain import import_rules
from productkeys.models import Import, TrailEntry
from productkeys.models.importing import Mode, State
from productkeys.models.trail import Action
from productkeys.services import keys, trail
from productkeys.services.importing import adding, staging
from productkeys.services.importing import plan as plans
from productkeys.services.importing.changing import change
from productkeys.services.importing.judging import Judge
from productkeys.services.importing.outcomes import REMARKED, STORED, Outcome, counted
from productkeys.services.importing.running import Running
from productkeys.services.importing.verdict import Verdict
from productkeys.services.origin import Origin

logger = logging.getLogger(__name__)


class NotAsSeen(Exception):
    """What the preview showed cannot be: all or nothing and a row is refused, or a key came in this very moment."""


def store(imp: Import, *, origin: Origin) -> bool:
    """Store what the preview of `imp` showed. Returns whether it was there to be stored: another worker may have it.

    Raises NotAsSeen, Cancelled, or whatever stops it; nothing is stored then.
    """
    try:
        return _store(imp, origin)
    except (IntegrityError, keys.Refused, keys.ChangedMeanwhile):
        logger.warning("Nothing of the import %s was stored: others changed what it needs at the same moment.", imp.uid)
        raise NotAsSeen from None


def _store(imp: Import, origin: Origin) -> bool:
    with ExitStack() as until_committed, transaction.atomic():
        locked = Import.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=imp.pk, state=State.STORING)
        if not locked.exists():
            return False
        running = until_committed.enter_context(Running(imp.uid))
        work = _Storing(imp, origin)
        entry = trail.entry(Action.IMPORTED, origin=origin, subject=(imp.uid, imp.name))
        trail.record_batch(entry, _and_summary(work, running, entry))
        staging.discard(imp)
        Import.objects.filter(pk=imp.pk).update(
            state=State.DONE, counts=work.counts, stored=work.stored, plan=None, finished_at=timezone.now()
        )
    return True


def _and_summary(work: "_Storing", running: Running, entry: TrailEntry) -> Iterator[tuple[UUID, str, dict[str, Any]]]:
    """The rows of the trail, and once they are through, the counts for their entry."""
    yield from work.run(running)
    entry.after = {
        letter if letter == REMARKED else Outcome(letter).name.lower(): number for letter, number in work.counts.items()
    }


class _Storing:
    """One run over all rows; afterwards `counts` are the rows by what became of them."""

    def __init__(self, imp: Import, origin: Origin) -> None:
        self.counts: dict[str, int] = {}
        self._imp, self._origin = imp, origin
        self._judge = Judge(imp, plans.read(imp), origin=origin, locking=True)

    @property
    def stored(self) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in STORED)

    def run(self, running: Running) -> Iterator[tuple[UUID, str, dict[str, Any]]]:
        """Store chunk after chunk; gives what the trail says of each new key."""
        for chunk in staging.chunks_of(self._imp):
            rows = staging.rows_of(chunk)
            verdicts = self._judge.judge(rows)
            for verdict, seen in zip(verdicts, chunk.outcomes, strict=True):
                self._hold_to(verdict, Outcome(seen.lower()))
            new = [verdict for verdict in verdicts if verdict.outcome is Outcome.NEW]
            yield from adding.add(new, imp=self._imp, papers=self._judge.papers, origin=self._origin)
            changing = [verdict for verdict in verdicts if verdict.outcome is Outcome.CHANGES]
            change(changing, imp=self._imp, papers=self._judge.papers, origin=self._origin)
            for letter, number in counted(verdict.letter for verdict in verdicts).items():
                self.counts[letter] = self.counts.get(letter, 0) + number
            running.advance(len(rows))

    def _hold_to(self, verdict: Verdict, seen: Outcome) -> None:
        """Nothing happens to a row but what the preview said of it."""
        if verdict.outcome in STORED and verdict.outcome is not seen:
            verdict.refuse(import_rules.CHANGED_SINCE.broken())
        if verdict.outcome is Outcome.REFUSED and self._imp.mode == Mode.ALL_OR_NOTHING:
            raise NotAsSeen
