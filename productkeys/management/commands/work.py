"""`manage.py work`: does what people wait for, such as checking and storing imports.

It runs beside the web server, which starts it (keyportal/gunicorn.py), or as a service of its own. Two may run at once;
each import is worked on by one of them. Killed at any moment, it leaves nothing half done.
"""

import contextlib
import logging
import os
import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from productkeys.services.importing import worker

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
_AFTER_A_FAULT_SECONDS = 5.0
_REMOVE_OLD_EVERY_SECONDS = 300.0


class Command(BaseCommand):
    help = "Check and store the imports that wait, one after the other, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what waits now, then end")
        parser.add_argument("--with-parent", action="store_true", help="end when the process that started it is gone")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            while worker.work_once():
                pass
            worker.remove_old()
            return
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        parent = os.getppid() if options["with_parent"] else None
        with contextlib.suppress(KeyboardInterrupt):
            self._work(parent)

    def _work(self, parent: int | None) -> None:
        removed_at = float("-inf")
        while parent is None or os.getppid() == parent:
            pause = _PAUSE_SECONDS
            try:
                if time.monotonic() - removed_at > _REMOVE_OLD_EVERY_SECONDS:
                    removed_at = time.monotonic()
                    worker.remove_old()
                if worker.work_once():
                    pause = 0.0
            except DatabaseError:
                logger.exception("The database did not answer; the work goes on in a moment.")
                pause = _AFTER_A_FAULT_SECONDS
            close_old_connections()
            time.sleep(pause)
