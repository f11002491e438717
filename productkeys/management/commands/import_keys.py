"""`manage.py import_keys FILE`: brings product keys from a file, by the same code as the page does."""

import os
import time
from argparse import ArgumentTypeError
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from productkeys.incoming.fields import Field
from productkeys.models import Import
from productkeys.models.importing import Existing, Mode, State
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.outcomes import STORED, Outcome
from productkeys.services.importing.refused import refused_table
from productkeys.services.origin import PORTAL
from productkeys.tables.reading import DELIMITERS, ENCODINGS, Format, Unreadable
from productkeys.tables.writing import csv_lines

REFUSED, NOT_IMPORTED = 1, 2
"""Exit codes: some rows were refused; nothing could be imported."""
_NAMED_ROWS = 20
_LOOK_AGAIN_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Say what would become of the product keys in FILE, or bring them with --commit. Exit code 0: every row is "
        "taken or was there already; 1: rows are refused; 2: nothing could be imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--commit", action="store_true", help="store the keys; without it nothing changes")
        parser.add_argument("--all-or-nothing", action="store_true", help="store nothing where a row is refused")
        parser.add_argument("--leave-existing", action="store_true", help="change no key that is there already")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            type=_assignment,
            metavar="HEAD=FIELD",
            help=f"what a column means, by its head; fields: {', '.join(Field)}",
        )
        parser.add_argument(
            "--default",
            action="append",
            default=[],
            type=_assignment,
            metavar="FIELD=TEXT",
            help="what is meant where a row says nothing",
        )
        parser.add_argument("--encoding", choices=ENCODINGS, help="instead of what is recognised")
        parser.add_argument("--delimiter", choices=DELIMITERS, help="instead of what is recognised")
        parser.add_argument("--sheet", help="the sheet of a workbook, instead of the first one with rows")
        parser.add_argument("--no-header", action="store_true", help="the first row holds no column heads")
        parser.add_argument(
            "--refused", type=Path, metavar="FILE", help="write the refused rows, with their keys, to this new CSV file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            imp = self._bring(options)
        except OSError as error:
            raise CommandError(
                f"{options['file']} cannot be read: {error.strerror}.", returncode=NOT_IMPORTED
            ) from None
        except Unreadable as unreadable:
            raise CommandError(unreadable.problem.text, returncode=NOT_IMPORTED) from None
        try:
            self._go_on(imp, options)
        finally:
            with suppress(steps.NotNow):
                steps.cancel(imp)
                Import.objects.filter(pk=imp.pk).delete()

    def _bring(self, options: dict[str, Any]) -> Import:
        path: Path = options["file"]
        imp = steps.begin(path.read_bytes(), name=path.name, origin=PORTAL)
        asked = {name: options[name] for name in ("encoding", "delimiter", "sheet") if options[name]}
        if options["no_header"]:
            asked["header"] = False
        if asked:
            steps.change_format(imp, replace(Format.of(imp.format), **asked), origin=PORTAL)
        return imp

    def _go_on(self, imp: Import, options: dict[str, Any]) -> None:
        steps.change_plan(
            imp,
            fields=_fields(imp, dict(options["column"])),
            defaults=_known_fields(dict(options["default"])),
            existing=(Existing.LEAVE if options["leave_existing"] else Existing.CHANGE).value,
            origin=PORTAL,
        )
        _carry_out(imp)
        self._require(imp, State.CHECKED)
        refused = imp.counts.get(Outcome.REFUSED, 0)
        self._report(imp)
        if options["refused"] and refused:
            self._write_refused(imp, options["refused"])
        if options["commit"]:
            self._store(imp, all_or_nothing=options["all_or_nothing"])
        else:
            self.stdout.write("Nothing was stored: --commit stores it.")
        if refused:
            raise CommandError(f"Refused rows: {refused:,}.", returncode=REFUSED)

    def _store(self, imp: Import, *, all_or_nothing: bool) -> None:
        if all_or_nothing and imp.counts.get(Outcome.REFUSED):
            raise CommandError("Nothing was stored: rows are refused, and it was to be all or nothing.", returncode=1)
        mode = Mode.ALL_OR_NOTHING if all_or_nothing else Mode.GOOD_ROWS
        steps.start(imp, mode=mode.value, origin=PORTAL)
        _carry_out(imp)
        self._require(imp, State.DONE)
        self.stdout.write(f"Stored: {imp.stored:,} keys, as the import {imp.uid}.")

    def _require(self, imp: Import, state: State) -> None:
        if imp.state != state:
            raise CommandError(
                f"Nothing was stored ({imp.get_state_display()}, {imp.fault.get('code', 'stopped')}).",
                returncode=NOT_IMPORTED,
            )

    def _report(self, imp: Import) -> None:
        plan = plans.read(imp)
        for column, field in zip(plan.columns, plan.fields, strict=True):
            self.stdout.write(f"Column “{column}”: {field}.")
        for outcome in Outcome:
            if number := imp.counts.get(outcome, 0):
                doing = " (to be stored)" if outcome in STORED else ""
                self.stdout.write(f"{outcome.label}: {number:,} rows{doing}.")
        for row in preview.page(imp, outcome=Outcome.REFUSED, size=_NAMED_ROWS).rows:
            said = " ".join(f"{problem.field}: {problem.message} {problem.advice}" for problem in row.problems)
            self.stdout.write(f"Row {row.number}: {said}")

    def _write_refused(self, imp: Import, path: Path) -> None:
        columns, rows = refused_table(imp)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path} was not written: {error.strerror}.", returncode=NOT_IMPORTED) from None
        with os.fdopen(handle, "wb") as file:
            file.writelines(csv_lines(columns, rows))
        self.stdout.write(f"The refused rows stand in {path}, with their keys.")


def _carry_out(imp: Import) -> None:
    """Do what `imp` waits for, or wait where the portal's worker was faster."""
    while imp.has_work:
        if not worker.carry_out(imp):
            time.sleep(_LOOK_AGAIN_SECONDS)


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ArgumentTypeError(f"“{text}” is not of the form NAME=VALUE")
    return name, value


def _fields(imp: Import, said: dict[str, str]) -> tuple[str, ...]:
    plan = plans.read(imp)
    if strange := [head for head in said if head not in plan.columns]:
        raise CommandError(f"The file has no column {', '.join(strange)}.", returncode=NOT_IMPORTED)
    if unknown := [field for field in said.values() if field not in list(Field)]:
        raise CommandError(f"There is no field {', '.join(unknown)}.", returncode=NOT_IMPORTED)
    return tuple(said.get(column, field) for column, field in zip(plan.columns, plan.fields, strict=True))


def _known_fields(defaults: dict[str, str]) -> dict[str, str]:
    if unknown := [field for field in defaults if field not in list(Field)]:
        raise CommandError(f"There is no field {', '.join(unknown)}.", returncode=NOT_IMPORTED)
    return defaults
