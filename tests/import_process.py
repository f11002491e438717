"""Processes of a portal that imports keys: `python -m tests.import_process VERB[:NUMBER...] ...`.

They answer with a JSON list, an answer for each verb. Workers are forked: each is a process of its own.

Run with the environment of a machine (tests/machine.py), never with the settings of the tests.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import astuple
from datetime import timedelta
from functools import partial
from itertools import count
from multiprocessing.sharedctypes import RawValue
from typing import Any, NoReturn
from unittest.mock import patch

import django

django.setup()

from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.models import Aggregate, Count, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Length

from keyportal.people.models import User
from productkeys import key_ring_source
from productkeys.domain import keycode
from productkeys.domain.keycode import KeyCode
from productkeys.models import Import, ImportChunk, ImportPart, ProductKey, SealedSecret, TrailEntry, TrailRow
from productkeys.models.importing import Mode, State
from productkeys.models.trail import Action
from productkeys.services import keys, sealing, verifying
from productkeys.services.importing import checking, running, steps
from productkeys.services.importing.progress import progress
from productkeys.services.importing.running import Running
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import HEADS, line, written
from tests.made_up_keys import made_up_key

KNOWN = 5
"""So many keys of the file are in the portal already, and change."""
_NOT_LOOKED_SECONDS = 0.02
_AT_ONCE_SECONDS = 2.0
_PATIENCE_SECONDS = 60
"""So long a process waits for another one, where that never does what it waits for."""
_seen = RawValue("l", -1)
"""How many rows are done as this process last saw it, for the workers that it forks; -1 before it has seen any."""


Until = Callable[[Running], object]


def bring(rows: int) -> dict[str, Any]:
    """Begin an import of so many rows; the first ones are keys that the portal holds with another quantity."""
    codes = [keycode.parse(made_up_key(number)) for number in range(rows)]
    for code in codes[:KNOWN]:
        keys.add_key(_values(code), origin=PORTAL)
    table = written([[*line(code), "DMZ; Köln"] for code in codes], (*HEADS, "Labels"))
    origin = Origin(User.objects.get(username="admin"), "192.0.2.7")
    imp = steps.begin(table, name="keys.csv", origin=origin)
    return {"state": imp.state, "rows": imp.total}


def begin_to_store() -> None:
    steps.start(_import(), mode=Mode.GOOD_ROWS.value, origin=PORTAL)


def begin_to_undo() -> None:
    steps.undo(_import(), origin=Origin(User.objects.get(username="admin"), "192.0.2.7"))


def work(workers: int = 1) -> dict[str, Any]:
    """So many workers at once do what waits; returns how they ended, and what anybody saw half done."""
    return _watched([_forked(_work_once) for _worker in range(workers)])


def die(kills: int, seed: int) -> dict[str, Any]:
    """A worker that is killed at a random moment, and another one after it, until so many are dead.

    Returns in which states of the import they died, and what anybody saw half done.
    """
    checking.LEASE = timedelta(0)  # a check that a dead worker leaves behind is free at once
    moments = random.Random(seed)
    died, half_done = Counter[str](), []
    while died.total() < kills and (imp := _import()).has_work:
        until = partial(_work_until, moments.randrange(1, 30), moments.uniform(0.001, 0.05))
        came = _watched([_forked(until)])
        half_done += came["half done"]
        died[imp.state] += came["exits"] == [-signal.SIGALRM]
        _wait_until_left()
    return {"died": died, "half done": half_done}


def stop() -> dict[str, Any]:
    """Tell a worker that stores the import to stop in the middle of it; returns how it ended."""
    worker = _forked(partial(call_command, "work"), until=lambda _running: time.sleep(_PATIENCE_SECONDS))
    _wait_until_at_work()
    os.kill(worker, signal.SIGTERM)
    return _watched([worker])


def cancel() -> str:
    try:
        steps.cancel(_import())
    except steps.NotNow:
        return "stored already"
    return "cancelled"


def cancel_while_at_work() -> dict[str, Any]:
    """Cancel the import while a worker stores or undoes it."""
    worker = _forked(_work_once, until=lambda running: running._unwanted.wait(_PATIENCE_SECONDS))
    _wait_until_at_work()
    return {"said": cancel()} | _watched([worker])


def cancel_at_the_end() -> dict[str, Any]:
    """Cancel the import in the moment in which a worker has stored it."""
    worker = _forked(_work_once, until=lambda _running: _wait_until_seen(0))
    _wait_until_at_work()
    _seen.value = 0
    while running.told(_import().uid) is not None:
        time.sleep(_NOT_LOOKED_SECONDS)
    return {"said": cancel()} | _watched([worker])


def store_by_hand(number: int) -> int:
    """Store the made-up key of this number while a worker stores the import; returns how many entries hold it then."""
    code = keycode.parse(made_up_key(number))
    writer = _forked(partial(_store_slowly, code))
    _wait_until_seen(0)
    worker = _forked(_work_once)
    for process in (writer, worker):
        os.waitpid(process, 0)
    held: int = ProductKey.objects.holding(code).count()
    return held


def change_by_hand() -> bool:
    """Change a new key while a worker undoes the import; returns whether it is there then, and changed."""
    key = ProductKey.objects.filter(import_uid__isnull=False).latest("pk")
    writer = _forked(partial(_change_slowly, key))
    _wait_until_seen(0)
    worker = _forked(_work_once)
    for process in (writer, worker):
        os.waitpid(process, 0)
    is_there: bool = ProductKey.objects.filter(pk=key.pk, comment="in use").exists()
    return is_there


def follow(workers: int) -> list[Any]:
    """What people are told of the import while so many workers do what it waits for.

    A worker goes on with the next rows once it was seen here how many are done.
    """
    imp, said = _import(), []
    _seen.value = -1
    after_rows: Until = lambda running: _wait_until_seen(running._done)  # noqa: E731  # of a type with a name
    state, processes = imp.state, [_forked(_work_once, until=after_rows) for _worker in range(workers)]
    while imp.state == state:
        far = progress(imp)
        said.append(astuple(far))
        if far.working:
            _seen.value = far.done
        time.sleep(_NOT_LOOKED_SECONDS)
        imp.refresh_from_db()
    _watched(processes)
    return said


def result() -> dict[str, Any]:
    """What there is of the import: its keys, what the trail says of it, and what is left of its secrets."""
    imp = _import()
    stored = ProductKey.objects.filter(import_uid=imp.uid)
    entries = TrailEntry.objects.filter(action=Action.IMPORTED)
    undone = TrailEntry.objects.filter(action=Action.IMPORT_UNDONE)
    sealing.seal()
    return {
        "state": imp.state,
        "new": stored.count(),
        "open": sum(keycode.parse(key.code.open()) is not None for key in stored),
        "different": len({key.code.open() for key in ProductKey.objects.all()}) - 97 - KNOWN,
        "labelled": stored.annotate(carried=Count("labels")).filter(carried=2).count(),
        "changed": ProductKey.objects.filter(name="Windows 11, Filiale Köln", quantity=150, version=2).count(),
        "unchanged": ProductKey.objects.filter(name="known", quantity=7, version=1).count(),
        "changed back": ProductKey.objects.filter(name="known", quantity=7, version=3).count(),
        "entries": [entry.after.get("rows") for entry in entries],
        "taken back": [_taken_back(entry) for entry in undone],
        "rows of the trail": TrailRow.objects.count(),
        "trail is whole": verifying.verify().is_whole,
        "secrets": SealedSecret.objects.count() + ImportPart.objects.count() + ImportChunk.objects.count(),
        "under": sorted(set(SealedSecret.objects.values_list("master_key", flat=True))),
    }


def _taken_back(entry: TrailEntry) -> list[Any]:
    return [entry.actor_name, entry.address, entry.after["removed"], entry.after["changed_back"]]


def _values(code: KeyCode) -> KeyValues:
    return KeyValues(
        name="known",
        key_type="mak",
        operating_system_id="windows-11",
        edition="Enterprise",
        usage="activation",
        quantity=7,
        code=code,
    )


def _store_slowly(code: KeyCode) -> None:
    with transaction.atomic():
        keys.add_key(_values(code), origin=PORTAL)
        _seen.value = 0
        time.sleep(_AT_ONCE_SECONDS)


def _change_slowly(key: ProductKey) -> None:
    with transaction.atomic():
        keys.change_key(key, KeyValues.of(key, comment="in use"), seen_version=key.version, origin=PORTAL)
        _seen.value = 0
        time.sleep(_AT_ONCE_SECONDS)


def _import() -> Import:
    return Import.objects.select_related("person").get()


def _wait_until_at_work() -> None:
    """Wait until a worker says that it stores or undoes the import."""
    while running.told(_import().uid) is None:
        time.sleep(_NOT_LOOKED_SECONDS)


def _wait_until_left() -> None:
    """Wait until nobody holds the import: the database notices a moment late that a worker is dead."""
    with transaction.atomic():
        Import.objects.select_for_update().get()


def _wait_until_seen(done: int) -> None:
    """Wait until it was seen, here or by the process that forked this one, that so many rows are done."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while _seen.value < done and time.monotonic() < end:
        time.sleep(_NOT_LOOKED_SECONDS)


def _forked(act: Callable[[], object], *, until: Until | None = None) -> int:
    """A process that does `act`. A worker waits in it after each chunk of rows for what `until` waits for."""
    connections.close_all()
    key_ring_source.forget()
    if process := os.fork():
        return process
    if until is not None:
        _wait_after_rows(until)
    try:
        act()
    except SystemExit as told:
        os._exit(int(told.code or 0))
    os._exit(0)


def _wait_after_rows(until: Until) -> None:
    advance, judge = Running.advance, checking._Run.judge

    def advanced(running: Running, rows: int) -> None:
        running._done += rows
        until(running)
        advance(running, 0)

    def judged(run: Any, rows: Any) -> Any:
        _wait_until_seen(run.checked)
        return judge(run, rows)

    patch.object(Running, "advance", advanced).start()
    patch.object(checking._Run, "judge", judged).start()


def _work_once() -> None:
    call_command("work", "--once")


def _work_until(statement: int, seconds: float) -> NoReturn:
    """Work until so many statements were sent to the database and so many seconds have passed: then die.

    The kernel's timer kills as SIGKILL does, since nothing here handles its signal, and no later where the machine is
    busy.
    """
    sent = count(1)

    def counted(execute: Callable[..., Any], *query: Any) -> Any:
        if next(sent) == statement:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        return execute(*query)

    with connection.execute_wrapper(counted):
        _work_once()
    os._exit(0)


def _watched(processes: list[int]) -> dict[str, Any]:
    """Look at the database from here until these processes have ended; returns how, and what was seen half done."""
    half_done, exits, alive = [], [], set(processes)
    while alive:
        for process in list(alive):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                alive.remove(process)
                exits.append(os.waitstatus_to_exitcode(status))
        if seen := _half_done():
            half_done.append(seen)
        time.sleep(_NOT_LOOKED_SECONDS)
    return {"exits": exits, "half done": half_done}


def _half_done() -> dict[str, Any] | None:
    """What one statement shows to others, unless it is the whole import or nothing of it."""
    brought = ProductKey.objects.filter(import_uid__isnull=False)
    looked = Import.objects.annotate(
        keys=_count(brought),
        unchanged=_count(ProductKey.objects.filter(name="known")),
        entries=_count(TrailEntry.objects.filter(action=Action.IMPORTED)),
        undone=_count(TrailEntry.objects.filter(action=Action.IMPORT_UNDONE)),
        trail_rows=_count(TrailRow.objects.all()),
        staged=_number(ImportChunk.objects.all(), Sum(Length("outcomes"))),
        pieces=_count(ImportPart.objects.all()),
    )
    names = ("state", "total", "checked", "stored", *looked.query.annotations)
    seen = looked.values(*names).get()
    nothing = {"stored": 0, "keys": 0, "unchanged": KNOWN, "entries": 0, "undone": 0, "trail_rows": 0}
    gone = {"staged": 0, "pieces": 0}
    stored = {"stored": seen["total"], "entries": 1} | gone
    new = seen["total"] - KNOWN
    match seen["state"]:
        case State.CHECKING:
            due, fits = nothing, seen["checked"] <= seen["staged"] <= seen["total"] and seen["pieces"] > 0
        case State.CHECKED | State.STORING:
            due, fits = nothing | {"staged": seen["total"], "checked": seen["total"]}, seen["pieces"] > 0
        case State.DONE | State.UNDOING:
            due, fits = stored | {"keys": new, "unchanged": 0, "undone": 0, "trail_rows": new}, True
        case State.UNDONE:
            due, fits = stored | {"keys": 0, "unchanged": KNOWN, "undone": 1, "trail_rows": 2 * new}, True
        case _:
            due, fits = nothing | gone, seen["state"] == State.CANCELLED
    return None if fits and due.items() <= seen.items() else seen


def _count(rows: QuerySet[Any]) -> Coalesce:
    return _number(rows, Count("pk"))


def _number(rows: QuerySet[Any], aggregate: Aggregate) -> Coalesce:
    """`aggregate` over all these rows, as a part of one statement."""
    together = rows.order_by().annotate(all_rows=Value(1)).values("all_rows")
    return Coalesce(Subquery(together.annotate(number=aggregate).values("number")), 0)


def _answered(asked: str) -> Any:
    verb, *numbers = asked.split(":")
    return _VERBS[verb](*map(int, numbers))


_VERBS: Mapping[str, Callable[..., Any]] = {
    "bring": bring,
    "begin-to-store": begin_to_store,
    "begin-to-undo": begin_to_undo,
    "work": work,
    "die": die,
    "stop": stop,
    "cancel": cancel,
    "cancel-while-at-work": cancel_while_at_work,
    "cancel-at-the-end": cancel_at_the_end,
    "store-by-hand": store_by_hand,
    "change-by-hand": change_by_hand,
    "follow": follow,
    "result": result,
}

if __name__ == "__main__":
    running._EVERY_SECONDS = 0.05
    sys.stdout.write(f"{json.dumps([_answered(asked) for asked in sys.argv[1:]])}\n")
