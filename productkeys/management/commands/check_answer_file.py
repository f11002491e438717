"""Check answer files (unattend.xml), CustomSettings.ini, ei.cfg and PID.txt for what makes a rollout fail.

Ends with 0 where nothing was found but hints, with 1 for warnings, with 2 for errors, with 3 where the portal's keys
cannot be asked. Never prints a whole product key.
"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from productkeys.domain import keycode
from productkeys.domain.answer_file import reading
from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.findings import Severity
from productkeys.domain.answer_file.report import Report, as_json
from productkeys.management.foreign import ForeignTextCommand
from productkeys.management.portal import asking_the_portal
from productkeys.models import ProductKey, reference
from productkeys.services.known_keys import known_in
from productkeys.services.published_facts import edition_changes

EXIT_CODES = {None: 0, Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
UNKNOWN = 3


class Command(ForeignTextCommand):
    help = "Check deployment files for mistakes with product keys. Ends with 0: clean, 1: warnings, 2: errors."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object per file, one a line")

    def handle(self, *args: Any, **options: Any) -> None:
        with asking_the_portal(otherwise=UNKNOWN):
            known, systems = known_in(ProductKey.objects.all()), reference.current().systems
        code = 0
        for path in options["files"]:
            with asking_the_portal(otherwise=UNKNOWN):
                report = check(_read(path), known=known, systems=systems, changes=edition_changes())
            if options["json"]:
                self.stdout.write(json.dumps(as_json(str(path), report)))
            else:
                self._say(keycode.redact(str(path)), report)
            code = max(code, EXIT_CODES[report.worst])
        sys.exit(code)

    def _say(self, name: str, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(
                f"{name}:{finding.line}: {finding.severity.value}: {finding.message} {finding.advice}"
                f" [{finding.code}; {finding.source}]"
            )
        if not report.findings:
            self.stdout.write(f"{name}: nothing found.")


def _read(path: Path) -> reading.AnswerFile:
    try:
        return reading.read(path.read_bytes(), path.name)
    except OSError as error:
        return reading.unopened(error.strerror or "")
