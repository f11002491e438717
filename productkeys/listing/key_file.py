"""Exported keys as a file: its formats, its name, and its bytes as they are made."""

import tempfile
from collections.abc import Iterator

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from productkeys.listing.key_export import Table
from productkeys.tables.writing import csv_lines, delimiter_for, json_lines, write_workbook

_CHUNK = 64 * 1024


class Format(TextChoices):
    """What a file of keys can be; the value is how its name ends."""

    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel workbook (XLSX)")
    JSON = "jsonl", _("JSON lines")


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/jsonl; charset=utf-8",
}


def name_of(file_format: Format, *, plain: bool) -> str:
    """The name of a file that is made today; it says whether whole keys are in it that are not public."""
    return _name(pgettext("name of a file", "keys"), file_format, plain=plain)


def name_of_refused_rows() -> str:
    """The name of a file of refused rows that is made today: whole keys may stand in it."""
    return _name(pgettext("name of a file", "refused-rows"), Format.CSV, plain=True)


def _name(content: str, file_format: Format, *, plain: bool) -> str:
    return f"keyportal-{content}-{'PLAIN-' if plain else ''}{timezone.localdate():%Y-%m-%d}.{file_format.value}"


def chunks(table: Table, file_format: Format) -> Iterator[bytes]:
    """The bytes of the file, made while they are taken."""
    if file_format is Format.CSV:
        yield from csv_lines(table.columns, table.rows, delimiter=delimiter_for(table.language))
    elif file_format is Format.JSON:
        yield from json_lines(table.columns, table.rows)
    else:
        yield from _workbook(table)


def _workbook(table: Table) -> Iterator[bytes]:
    """A workbook ends with a list of what is in it, so it is made first; its file has no name and goes by itself."""
    with tempfile.TemporaryFile() as file:
        write_workbook(file, table.columns, table.rows)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
