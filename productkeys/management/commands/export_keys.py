"""Write product keys into a file, as the page of the export does: masked, or whole with a reason. The trail has it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import QueryDict

from productkeys.domain import keycode
from productkeys.domain.choices import Status
from productkeys.listing import key_file
from productkeys.listing.export_words import filters_of
from productkeys.listing.filters import FILTERS
from productkeys.listing.key_export import Reader, Wanted, found_by, table_of
from productkeys.listing.key_file import Format
from productkeys.listing.query import ListQuery
from productkeys.management.portal import asking_the_portal
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import exporting
from productkeys.services.exporting import Export
from productkeys.services.keys import Refused
from productkeys.services.origin import PORTAL
from productkeys.services.reveal_limit import Stopped
from productkeys.views.letters import tell_of_the_export

_STANDARD_OUTPUT = Path("-")
_ASKED = {"q", "status", "sort", *FILTERS}
"""What the address of the list says about which keys it shows."""


class Command(BaseCommand):
    help = "Export product keys, with everything that an import elsewhere needs. Masked, unless --plain is given."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=Format.values, default=Format.CSV.value)
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="a new file; without it, or with -, standard output"
        )
        parser.add_argument("--plain", action="store_true", help="with whole keys; needs --reason")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why whole keys leave the portal")
        parser.add_argument(
            "--filter", default="", metavar="QUERY", help="as in the address of the list: type=mak&os=windows-11"
        )
        parser.add_argument(
            "--with-archive", action="store_true", help="archived keys as well; without it, the active ones alone"
        )
        parser.add_argument(
            "--columns",
            choices=Wanted.values,
            default=Wanted.EVERYTHING.value,
            help="everything, or those of the list (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with asking_the_portal(otherwise=1):
            self._export(options)

    def _export(self, options: dict[str, Any]) -> None:
        file_format, wanted, reader = Format(options["format"]), Wanted(options["columns"]), Reader()
        path = None if options["output"] == _STANDARD_OUTPUT else options["output"]
        if options["plain"] and not options["reason"].strip():
            raise CommandError("Whole keys leave the portal for a reason alone: give --reason TEXT.")
        if file_format is Format.XLSX and not path:
            raise CommandError("A workbook goes into a file: give --output FILE.")
        query, with_archive = _query(options["filter"], reader), options["with_archive"]
        if with_archive and query.status != Status.ACTIVE:
            raise CommandError("--with-archive and a status in --filter contradict each other: give one of them.")
        keys = found_by(query, reader, with_archive=with_archive)
        what = {
            "format": file_format.value,
            "columns": wanted.value,
            "filters": filters_of(query, with_archive=with_archive),
        }
        reason = options["reason"].strip() if options["plain"] else ""
        try:
            with _new_file(path) as file:
                export = _taken_out(keys, reader, what, reason)
                table = table_of(export, wanted, reader, with_archive=with_archive)
                for chunk in key_file.chunks(table, file_format):
                    file.write(chunk)
        except Refused as refused:
            raise CommandError(" ".join(str(problem.text) for problem in refused.problems)) from None
        except Stopped:
            raise CommandError(
                "Reveals are stopped, so no whole key leaves the portal. An administrator has to look first."
            ) from None
        self.stderr.write(f"Keys exported: {len(export.ids)}, whole ones that are not public: {export.whole}.")


def _taken_out(keys: ProductKeyQuerySet, reader: Reader, what: dict[str, Any], reason: str) -> Export:
    if not reason:
        return exporting.export_masked(keys, what=what, origin=PORTAL)
    export = exporting.export_plain(keys, revealable=reader.revealable, reason=reason, what=what, origin=PORTAL)
    tell_of_the_export("manage.py export_keys", export.whole)
    return export


def _query(text: str, reader: Reader) -> ListQuery:
    if keycode.contains_key(text):
        raise CommandError("The filter contains a product key. Command lines are kept: filter by something else.")
    parameters = QueryDict(text.removeprefix("?"))
    query = ListQuery.read(parameters, reader.scopes)
    unknown = sorted({*query.ignored, *parameters} - (_ASKED - set(query.ignored)))
    if unknown:
        raise CommandError(f"Not understood in --filter: {', '.join(unknown)}.")
    return query


@contextmanager
def _new_file(path: Path | None) -> Iterator[IO[bytes]]:
    """The new file `path`, for its owner alone, gone again where it was not finished; or standard output."""
    if path is None:
        yield from _standard_output()
        return
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise CommandError(f"{path} exists already: a file is never written over. Give another name.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with file:
            yield file
    except BaseException as error:
        path.unlink()
        if isinstance(error, OSError):
            raise CommandError(f"{path} was not written: {error.strerror}.") from None
        raise


def _standard_output() -> Iterator[IO[bytes]]:
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is left of it goes nowhere, or Python would try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CommandError(f"Standard output does not have all of it: {error.strerror}.") from None
