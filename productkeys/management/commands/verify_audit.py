"""Prove that nothing in the trail was changed, removed, put in between or cut off, or say where it breaks.

Ends with 0 where the trail is whole, with 1 where it is broken, with 2 where that cannot be found out.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from productkeys.key_ring import KeyRingProblem
from productkeys.services import sealing, verifying
from productkeys.services.sealing import Head
from productkeys.services.verifying import Finding, Report

BROKEN, UNKNOWN = 1, 2
_SAID = 50
"""So many broken places are listed for people; --json lists all."""


class Command(BaseCommand):
    help = "Verify the chain of the audit log. Ends with 0: whole, 1: broken, 2: cannot be verified."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--against", type=Path, metavar="FILE", help="heads that `seal_audit --export` wrote: shows a cut end"
        )
        parser.add_argument("--json", action="store_true", help="answer as one JSON object, with every broken place")
        parser.add_argument("--head", action="store_true", help="say only where the chain ends, and verify nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["head"]:
            head = sealing.head()
            self.stdout.write(json.dumps(asdict(head) if head else None))
            return
        heads = _heads(options["against"]) if options["against"] else []
        try:
            report = verifying.verify(heads)
        except KeyRingProblem as problem:
            raise CommandError(str(problem), returncode=UNKNOWN) from None
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report)))
        else:
            self._say(report, compared=len(heads))
        if not report.is_whole:
            sys.exit(BROKEN)

    def _say(self, report: Report, *, compared: int) -> None:
        waiting = f" {report.waiting} more are not sealed yet." if report.waiting else ""
        if report.is_whole:
            end = f" It ends with {report.head.sequence}, {report.head.digest}." if report.head else ""
            self.stdout.write(f"The trail is whole: {report.entries} sealed entries.{waiting}{end}")
            if not compared:
                self.stdout.write(
                    "It was compared with no exported head: an end that was cut off would not be noticed."
                )
            return
        self.stdout.write(f"THE TRAIL IS BROKEN in {len(report.findings)} places.{waiting} The first:")
        for finding in report.findings[:_SAID]:
            self.stdout.write(f"  {_place(finding)}: {finding.what.label}.")
        if len(report.findings) > _SAID:
            self.stdout.write(f"  {len(report.findings) - _SAID} more, all with --json.")


def _place(finding: Finding) -> str:
    said = []
    if finding.sequence is not None:
        said.append(f"number {finding.sequence}" + (f" to {finding.last}" if finding.last else ""))
    if finding.entry is not None:
        said.append(f"entry {finding.entry}")
    if finding.row is not None:
        said.append(f"row {finding.row}")
    return ", ".join(said)


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "whole": report.is_whole,
        "sealed": report.entries,
        "waiting": report.waiting,
        "head": asdict(report.head) if report.head else None,
        "first": asdict(report.first) if report.first else None,
        "findings": [asdict(finding) for finding in report.findings],
    }


def _heads(path: Path) -> list[Head]:
    """The exported heads in `path`, one a line."""
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        return [Head(int(line["sequence"]), str(line["digest"])) for line in lines]
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=UNKNOWN) from None
    except (ValueError, KeyError, TypeError):
        raise CommandError(
            f"{path} does not hold heads, one line of JSON each, as `seal_audit --export` writes them.",
            returncode=UNKNOWN,
        ) from None
