"""Doing the work that imports wait for, outside of any request: what `manage.py work` repeats."""

import logging
from collections.abc import Collection
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone, translation

from productkeys.domain.rule import Problem
from productkeys.key_ring import KeyRingProblem
from productkeys.models import Import, SealedSecret
from productkeys.models.importing import OPEN_STATES, State
from productkeys.services.importing import checking, steps, storing, undoing
from productkeys.services.importing.checking import Superseded
from productkeys.services.importing.running import Cancelled
from productkeys.services.importing.storing import NotAsSeen
from productkeys.services.importing.undoing import NotUndone
from productkeys.services.origin import Origin
from productkeys.tables.reading import Unreadable

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""How long an import waits for its person."""
NOT_AS_SEEN, INTERNAL, DAMAGED, NO_RIGHT, TOO_OLD = "not-as-seen", "internal", "damaged", "no-right", "too-old"
"""What can end an import, lead back to its preview or keep it from being undone, beside what is wrong with its file."""


def work_once() -> bool:
    """Do what one import waits for. Returns whether there was any that no other worker has."""
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    waiting = Import.objects.filter(Q(state__in=(State.STORING, State.UNDOING)) | (Q(state=State.CHECKING) & free))
    return any(carry_out(imp) for imp in waiting.select_related("person").order_by("began_at", "created_at"))


def carry_out(imp: Import) -> bool:
    """Do all that `imp` waits for, in this process; False where another worker has it. What goes wrong is kept with the
    import, and raised only where the work can be done a little later: the database or the key ring is away.
    """
    done = True
    language = (imp.person.language if imp.person else "") or translation.get_language() or "en"
    with translation.override(language):
        try:
            done = _carry_out(imp, Origin(person=imp.person, address=imp.address))
        except Superseded:
            pass
        except Cancelled:
            _end(imp, State.CANCELLED)
            steps.let_stay(imp)
        except NotAsSeen:
            steps.check_again(imp, {"code": NOT_AS_SEEN})
        except NotUndone as refusal:
            steps.let_stay(imp, refusal.kept)
        except Unreadable as unreadable:
            _fail(imp, _kept(unreadable.problem))
        except (OperationalError, InterfaceError, KeyRingProblem):
            raise
        except (InvalidTag, SealedSecret.DoesNotExist):  # or gone, since somebody took another step: then it stays
            _fail(imp, {"code": DAMAGED})
        except Exception:
            logger.exception("The import %s was given up.", imp.uid)
            _fail(imp, {"code": INTERNAL})
    imp.refresh_from_db()
    return done


def remove_old() -> int:
    """End the imports that nobody decided about within a day; returns how many."""
    undecided = (State.CHECKING, State.CHECKED)
    old = Import.objects.filter(state__in=undecided, created_at__lt=timezone.now() - KEPT)
    return sum(_end(imp, State.CANCELLED, {"code": TOO_OLD}, among=undecided) for imp in old)


def _carry_out(imp: Import, origin: Origin) -> bool:
    if origin.person and not (origin.person.is_active and origin.person.has_perm("productkeys.add_productkey")):
        _fail(imp, {"code": NO_RIGHT})
    elif imp.state == State.STORING:
        return storing.store(imp, origin=origin)
    elif imp.state == State.UNDOING:
        return undoing.carry_out(imp, origin=origin)
    elif imp.state != State.CHECKING or not checking.take(imp):
        return False
    else:
        checking.check(imp, origin=origin)
    return True


def _fail(imp: Import, fault: dict[str, object]) -> None:
    """End `imp` because of `fault`; one that was to be undone stays as it is."""
    _end(imp, State.FAILED, fault)
    steps.let_stay(imp, fault)


def _kept(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "params": dict(problem.params)}


@transaction.atomic
def _end(
    imp: Import, state: State, fault: dict[str, object] | None = None, *, among: Collection[State] = OPEN_STATES
) -> bool:
    """End `imp` if it is in one of these states, unless another worker has it or somebody took another step with it."""
    waiting = Import.objects.select_for_update(skip_locked=True, of=("self",))
    found = waiting.filter(pk=imp.pk, state__in=among, attempt=imp.attempt).first()
    if found is not None:
        steps.end(found, state, fault)
    return found is not None
