"""`manage.py import_keys FILE`: brings product keys from a file, and undoes it, by the same code as the page does."""

import os
import sys
import threading
from argparse import ArgumentTypeError
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.forms import Form

from productkeys.domain import keycode
from productkeys.forms.import_plan import ColumnsForm, DefaultsForm
from productkeys.forms.imports import FormatForm, recognised_words
from productkeys.incoming.fields import Field
from productkeys.listing.import_faults import fault_of
from productkeys.listing.imports import notes_of
from productkeys.management.foreign import ForeignTextCommand
from productkeys.management.portal import asking_the_portal
from productkeys.models import Import
from productkeys.models.importing import Existing, Mode, State
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.outcomes import REMARKED, STORED, Outcome
from productkeys.services.importing.refused import take_out
from productkeys.services.importing.undoing import NotUndone, undo
from productkeys.services.origin import PORTAL
from productkeys.tables.formats import ALIGNED
from productkeys.tables.reading import DELIMITERS, ENCODINGS, Format, Unreadable
from productkeys.tables.writing import csv_lines

REFUSED, NOT_IMPORTED = 1, 2
"""Exit codes: some rows were refused; nothing could be imported."""
_STANDARD_INPUT = Path("-")
_NAMED_ROWS = 20
_LOOK_AGAIN_SECONDS = 0.5
_DELIMITER_WORDS = {"tab": "\t", "semicolon": ";", "comma": ",", "bar": "|", "blanks": ALIGNED}


class Command(ForeignTextCommand):
    help = (
        "Say what would become of the product keys in FILE, or bring them with --commit; or the same for --undo UID. "
        "Exit code 0: every row is taken, or was there already; 1: rows are refused; 2: nothing could be imported, or "
        "undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", type=Path, metavar="FILE", nargs="?", help="- is standard input")
        what.add_argument(
            "--undo", type=UUID, metavar="UID", help="take back what this import stored, as its page does"
        )
        parser.add_argument("--commit", action="store_true", help="really do it; without it nothing changes")
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
            help=f"what is meant where a row says nothing; fields: {', '.join(DefaultsForm.FIELDS)}",
        )
        parser.add_argument("--encoding", choices=ENCODINGS, help="instead of what is recognised")
        parser.add_argument(
            "--delimiter",
            choices=(*DELIMITERS, "none"),
            type=lambda text: _DELIMITER_WORDS.get(text, text),
            metavar="SIGN",
            help=f"instead of what is recognised: the sign, or {', '.join(_DELIMITER_WORDS)}, none",
        )
        parser.add_argument("--sheet", help="the sheet of a workbook, instead of the first one with rows")
        parser.add_argument("--no-header", action="store_true", help="the first row holds no column heads")
        parser.add_argument(
            "--refused", type=Path, metavar="FILE", help="write the refused rows, with their keys, to this new CSV file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with asking_the_portal(otherwise=NOT_IMPORTED):
            if options["undo"]:
                self._undo(options["undo"], commit=options["commit"])
            else:
                self._import(options["file"], options)

    def _import(self, path: Path, options: dict[str, Any]) -> None:
        data = _bytes_of(path)
        try:
            imp = steps.begin(data, name="stdin" if path == _STANDARD_INPUT else path.name, origin=PORTAL)
        except Unreadable as unreadable:
            raise CommandError(unreadable.problem.text, returncode=NOT_IMPORTED) from None
        try:
            self._go_on(imp, options)
        except Unreadable as unreadable:
            raise CommandError(unreadable.problem.text, returncode=NOT_IMPORTED) from None
        finally:
            if imp.state != State.DONE:
                steps.drop(imp)

    def _go_on(self, imp: Import, options: dict[str, Any]) -> None:
        _correct_format(imp, options)
        steps.change_plan(
            imp,
            fields=_fields(imp, dict(options["column"])),
            defaults=_defaults(dict(options["default"])),
            existing=(Existing.LEAVE if options["leave_existing"] else Existing.CHANGE).value,
            origin=PORTAL,
        )
        _carry_out(imp)
        _require(imp, State.CHECKED)
        self._report(imp)
        if options["refused"] and imp.counts.get(Outcome.REFUSED):
            self._write_refused(imp, options["refused"])
        if options["commit"]:
            self._store(imp, all_or_nothing=options["all_or_nothing"])
        else:
            self.stdout.write("Nothing was stored: --commit stores it.")
        if refused := imp.counts.get(Outcome.REFUSED, 0):
            raise CommandError(f"Refused rows: {refused:,}.", returncode=REFUSED)

    def _store(self, imp: Import, *, all_or_nothing: bool) -> None:
        if all_or_nothing and imp.counts.get(Outcome.REFUSED):
            said = "Nothing was stored: rows are refused, and it was to be all or nothing."
            raise CommandError(said, returncode=REFUSED)
        mode = Mode.ALL_OR_NOTHING if all_or_nothing else Mode.GOOD_ROWS
        steps.start(imp, mode=mode.value, origin=PORTAL)
        _carry_out(imp)
        _require(imp, State.DONE)
        self.stdout.write(f"Keys stored: {imp.stored:,}, as the import {imp.uid}. --undo takes them back.")

    def _undo(self, uid: UUID, *, commit: bool) -> None:
        imp = Import.objects.filter(pk=uid, state=State.DONE).first()
        if imp is None:
            raise CommandError(f"There is no import {uid} that is done and not undone.", returncode=NOT_IMPORTED)
        try:
            # What the rules say against it shows where it is tried: without --commit, it is tried and taken back.
            with transaction.atomic():
                undone = undo(imp, origin=PORTAL)
                transaction.set_rollback(not commit)
        except NotUndone as refusal:
            raise CommandError(_why_not(refusal), returncode=NOT_IMPORTED) from None
        numbers = f"Keys removed: {undone.removed:,}, changed back: {undone.changed_back:,}"
        self.stdout.write(f"{numbers}, agreements removed: {undone.agreements:,}.")
        if not commit:
            self.stdout.write("Nothing was undone: --commit does it.")

    def _report(self, imp: Import) -> None:
        plan = plans.read(imp)
        self.stdout.write(f"Read as: {', '.join(recognised_words(Format.of(imp.format), plan.sheets))}.")
        for column, field in zip(plan.columns, plan.fields, strict=True):
            self.stdout.write(f"Column “{keycode.redact(column)}”: {field}.")
        for outcome in Outcome:
            if number := imp.counts.get(outcome, 0):
                doing = ", to be stored" if outcome in STORED else ""
                self.stdout.write(f"{outcome.label}: {number:,}{doing}.")
        if remarked := imp.counts.get(REMARKED, 0):
            self.stdout.write(f"Rows with remarks: {remarked:,}.")
        for row in preview.page(imp, outcome=REMARKED, size=_NAMED_ROWS).rows:
            said = " ".join(f"{note.field}: {note.message} {note.advice}" for note in notes_of(row))
            self.stdout.write(f"{'Line' if imp.counts_lines else 'Row'} {row.number}: {said}")
        for row in preview.page(imp, outcome=Outcome.REFUSED, size=_NAMED_ROWS).rows:
            said = " ".join(f"{problem.field}: {problem.message} {problem.advice}" for problem in row.problems)
            self.stdout.write(f"{'Line' if imp.counts_lines else 'Row'} {row.number}: {said}")
        if (more := imp.counts.get(Outcome.REFUSED, 0) - _NAMED_ROWS) > 0:
            self.stdout.write(f"Further rows that are refused: {more:,}; --refused writes all of them.")

    def _write_refused(self, imp: Import, path: Path) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path} was not written: {error.strerror}.", returncode=NOT_IMPORTED) from None
        with os.fdopen(handle, "wb") as file:
            columns, rows = take_out(imp, origin=PORTAL)
            file.writelines(csv_lines(columns, rows))
        self.stdout.write(f"The refused rows stand in {path}, with their keys.")


def _why_not(refusal: NotUndone) -> str:
    """In words why an import stays: keys that were touched since, by name, and what the rules say."""
    said = ["Nothing was undone: keys of this import were changed since, or are not there any more."]
    said += [f"Changed: {name}." for name in refusal.touched]
    said += [f"Further keys: {refusal.more:,}."] if refusal.more else []
    return " ".join([*said, *(str(problem.text) for problem in refusal.problems)])


def _bytes_of(path: Path) -> bytes:
    limit = settings.IMPORT_MAX_MB
    try:
        with nullcontext(sys.stdin.buffer) if path == _STANDARD_INPUT else path.open("rb") as file:
            data = file.read(limit * 2**20 + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=NOT_IMPORTED) from None
    if len(data) > limit * 2**20:
        said = f"{path} has more than {limit} MB (KEYPORTAL_IMPORT_MAX_MB). Split it, and bring the parts."
        raise CommandError(said, returncode=NOT_IMPORTED)
    return data


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ArgumentTypeError(f"“{keycode.redact(text)}” is not of the form NAME=VALUE")
    return name, value


def _correct_format(imp: Import, options: dict[str, Any]) -> None:
    """Read the file as the options say, where they say something. Raises Unreadable."""
    asked = {name: options[name] for name in ("encoding", "delimiter", "sheet") if options[name] is not None}
    if options["no_header"]:
        asked["header"] = "no"
    if not asked:
        return
    recognised, sheets = Format.of(imp.format), plans.read(imp).sheets
    form = FormatForm(recognised=recognised, sheets=sheets)
    if strange := [name for name in asked if name not in form.fields]:
        raise CommandError(f"This file has no {', '.join(strange)} to choose.", returncode=NOT_IMPORTED)
    if "sheet" in asked:
        asked["sheet"] = sheets.index(asked["sheet"]) if asked["sheet"] in sheets else asked["sheet"]
    form = FormatForm(
        {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields} | asked,
        recognised=recognised,
        sheets=sheets,
    )
    _require_valid(form)
    steps.change_format(imp, form.format, origin=PORTAL)


def _fields(imp: Import, said: dict[str, str]) -> tuple[str, ...]:
    plan = plans.read(imp)
    if strange := [head for head in said if head not in plan.columns]:
        raise CommandError(f"The file has no column {keycode.redact(', '.join(strange))}.", returncode=NOT_IMPORTED)
    if unknown := [field for field in said.values() if field not in list(Field)]:
        raise CommandError(f"There is no field {keycode.redact(', '.join(unknown))}.", returncode=NOT_IMPORTED)
    meant = [said.get(column, field) for column, field in zip(plan.columns, plan.fields, strict=True)]
    form = ColumnsForm({f"column-{number}": field for number, field in enumerate(meant)}, plan=plan)
    _require_valid(form)
    return form.chosen


def _defaults(said: dict[str, str]) -> dict[str, str]:
    if unknown := [field for field in said if field not in DefaultsForm.FIELDS]:
        raise CommandError(
            f"No default can be given for {keycode.redact(', '.join(unknown))}.", returncode=NOT_IMPORTED
        )
    if any(keycode.contains_key(text) for text in said.values()):
        raise CommandError("A product key stands in a default; it would be in every row.", returncode=NOT_IMPORTED)
    return said


def _require_valid(form: Form) -> None:
    for name, texts in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields else ""
        raise CommandError(f"{label}{' '.join(map(str, texts))}", returncode=NOT_IMPORTED)


def _carry_out(imp: Import) -> None:
    """Do what `imp` waits for, or wait where the portal's worker was faster."""
    while imp.has_work:
        if not worker.carry_out(imp):
            threading.Event().wait(_LOOK_AGAIN_SECONDS)


def _require(imp: Import, state: State) -> None:
    if imp.state != state:
        raise CommandError(fault_of(imp) or "Nothing was stored.", returncode=NOT_IMPORTED)
