"""Chain the entries of the trail that are not chained yet, and say where the chain ends, for safekeeping elsewhere."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from productkeys.key_ring import KeyRingProblem
from productkeys.services import sealing


class Command(BaseCommand):
    help = "Seal the audit log's new entries, and print the head of the chain as one line of JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--export", type=Path, metavar="FILE", help="append the head to this file as well")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sealing.seal()
        except KeyRingProblem as problem:
            raise CommandError(str(problem)) from None
        head = sealing.head()
        if head is None:
            return
        line = json.dumps({"at": timezone.now().isoformat(), "sequence": head.sequence, "digest": head.digest})
        self.stdout.write(line)
        if options["export"]:
            _append(options["export"], line)


def _append(path: Path, line: str) -> None:
    try:
        with path.open("a") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CommandError(f"The head cannot be written to {path}: {error.strerror}.") from None
