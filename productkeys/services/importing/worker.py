"""Doing the work that imports wait for, outside of any request: what `manage.py work` repeats."""

import logging
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone, translation

from productkeys.domain.rule import Problem
from productkeys.models import Import
from productkeys.models.importing import OPEN_STATES, State
from productkeys.services.importing import checking, steps, storing
from productkeys.services.importing.checking import Superseded
from productkeys.services.importing.running import Cancelled, Running
from productkeys.services.importing.storing import NotAsSeen
from productkeys.services.origin import Origin
from productkeys.tables.reading import Unreadable

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""How long an import waits for its person."""
NOT_AS_SEEN, INTERNAL, DAMAGED, NO_RIGHT, TOO_OLD = "not-as-seen", "internal", "damaged", "no-right", "too-old"
"""What can end an import, or lead back to its preview, beside what is wrong with its file."""


def work_once() -> bool:
    """Do what one import waits for. Returns whether there was any."""
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    waiting = Import.objects.filter(Q(state=State.STORING) | (Q(state=State.CHECKING) & free))
    imp = waiting.select_related("person").order_by("began_at", "created_at").first()
    if imp is None:
        return False
    carry_out(imp)
    return True


def carry_out(imp: Import) -> None:
    """Do all that `imp` waits for, in this process. What goes wrong is kept with the import, not raised."""
    language = (imp.person.language if imp.person else "") or translation.get_language() or "en"
    with translation.override(language):
        try:
            _carry_out(imp, Origin(person=imp.person, address=imp.address))
        except Superseded:
            pass
        except Cancelled:
            _end(imp, State.CANCELLED)
        except NotAsSeen:
            steps.check_again(imp, {"code": NOT_AS_SEEN})
        except Unreadable as unreadable:
            _fail(imp, _kept(unreadable.problem))
        except OperationalError:
            raise  # the database is away or busy: the work is done once it answers
        except InvalidTag:
            _fail(imp, {"code": DAMAGED})
        except Exception:
            logger.exception("The import %s was given up.", imp.uid)
            _fail(imp, {"code": INTERNAL})
    imp.refresh_from_db()


def remove_old() -> int:
    """End the imports that nobody decided about within a day; returns how many."""
    old = Import.objects.filter(state__in=OPEN_STATES, created_at__lt=timezone.now() - KEPT)
    return sum(_end(imp, State.CANCELLED, {"code": TOO_OLD}) for imp in old)


def _carry_out(imp: Import, origin: Origin) -> None:
    if origin.person and not (origin.person.is_active and origin.person.has_perm("productkeys.add_productkey")):
        _fail(imp, {"code": NO_RIGHT})
    elif imp.state == State.CHECKING and checking.take(imp):
        checking.check(imp, origin=origin)
    elif imp.state == State.STORING:
        with Running(imp.uid) as running:
            storing.store(imp, origin=origin, running=running)


def _fail(imp: Import, fault: dict[str, object]) -> None:
    _end(imp, State.FAILED, fault)


def _kept(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "params": dict(problem.params)}


@transaction.atomic
def _end(imp: Import, state: State, fault: dict[str, object] | None = None) -> bool:
    """End `imp` unless it is over, or another worker has it."""
    mine = Import.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=imp.pk, state__in=OPEN_STATES)
    found = mine.first()
    if found is not None:
        steps.end(found, state, fault)
    return found is not None
