"""`manage.py work`: does what people wait for, such as checking and storing imports.

It runs beside the web server, which starts it (keyportal/gunicorn.py), or as a service of its own. Two may run at once;
each import is worked on by one of them. Stopped or killed at any moment, it leaves nothing half done, and the next one
begins anew with what it had in hand.
"""

import gc
import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from productkeys.key_ring import KeyRingProblem
from productkeys.services import answer_files
from productkeys.services.importing import worker

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
_AFTER_A_FAULT_SECONDS = 5.0
_REMOVE_OLD_EVERY_SECONDS = 300.0


class Command(BaseCommand):
    help = "Check, store and undo the imports that wait, one after the other, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what waits now, then end")
        parser.add_argument(
            "--parent", type=int, metavar="PID", help="end when this process, which started it, is gone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            while worker.work_once():
                pass
            _remove_old()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: sys.exit())
        gc.freeze()  # what was loaded stays for good
        self._work(options["parent"])

    def _work(self, parent: int | None) -> None:
        removed_at = float("-inf")
        while parent in (None, os.getppid()):
            pause = _PAUSE_SECONDS
            try:
                if time.monotonic() - removed_at > _REMOVE_OLD_EVERY_SECONDS:
                    removed_at = time.monotonic()
                    _remove_old()
                if worker.work_once():
                    pause = 0.0
            except (DatabaseError, InterfaceError):
                logger.exception("The database did not answer; the work goes on in a moment.")
                pause = _AFTER_A_FAULT_SECONDS
            except KeyRingProblem as problem:
                logger.warning("The work goes on once the key ring is in order. %s", problem)
                pause = _AFTER_A_FAULT_SECONDS
            close_old_connections()
            threading.Event().wait(pause)


def _remove_old() -> None:
    worker.remove_old()
    answer_files.remove_old()
