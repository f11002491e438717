"""What people bring by the pages: rows by their heads, and imports as a person has them in front of them."""

import io
import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from productkeys.models import Import
from productkeys.services.importing import worker
from tests.bringing import written
from tests.factories import new_code

HEADS = ("Name", "Product key", "Type", "Product", "Architecture", "Quantity")
GOOD: Mapping[str, str] = {
    "Name": "Branch Kiel",
    "Type": "MAK",
    "Product": "Windows 11 Enterprise",
    "Architecture": "x64",
    "Quantity": "150",
}

GOOD_ROWS = {"mode": "good-rows"}
"""What a person sends who has the good rows stored."""


def row(**cells: str) -> dict[str, str]:
    """A good row with a key of its own, but for `cells`, whose names are the heads with an underscore for a blank."""
    given = {name.replace("_", " "): cell for name, cell in cells.items()}
    return {"Product key": new_code().open(), **GOOD, **given}


def csv_of(rows: Iterable[Mapping[str, str]], heads: Iterable[str] = HEADS) -> bytes:
    """A file as Excel writes it in German."""
    heads = list(heads)
    return written([[cells.get(head, "") for head in heads] for cells in rows], heads, encoding="utf-8-sig")


def workbook_of(**sheets: Iterable[Mapping[str, str]]) -> bytes:
    """A workbook with these sheets, by name."""
    book, file = Workbook(write_only=True), io.BytesIO()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(HEADS)
        for cells in rows:
            sheet.append([cells[head] for head in HEADS])
    book.save(file)
    return file.getvalue()


def bring(client: Client, data: bytes, name: str = "keys.csv", **answer: Any) -> Any:
    """The answer to who brings the file `data`."""
    return client.post(reverse("productkeys:import-new"), {"file": SimpleUploadedFile(name, data)}, **answer)


def begun(client: Client, data: bytes) -> Import:
    """The import of the file `data`, which waits for the worker."""
    assert bring(client, data).status_code == 302
    return Import.objects.latest("created_at")


def brought(client: Client, *rows: Mapping[str, str]) -> Import:
    """The import of these rows, all of them checked."""
    answer = bring(client, csv_of(rows))
    assert answer.status_code == 302, answer.content.decode()
    return checked_import(Import.objects.latest("created_at"))


def checked_import(imp: Import) -> Import:
    """`imp` after the worker has done all that it waits for."""
    worker.carry_out(imp)
    return imp


def stored_of(client: Client, *rows: Mapping[str, str]) -> Import:
    """The import of these rows, the good ones of which are stored."""
    imp = brought(client, *rows)
    act(client, imp, "start", GOOD_ROWS)
    return checked_import(Import.objects.get(pk=imp.pk))


def page(client: Client, imp: Import, **query: Any) -> str:
    """The page of `imp`, as one line of HTML."""
    response = client.get(reverse("productkeys:import", args=[imp.pk]), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def text_of(html: str) -> str:
    """What people read of a page."""
    return unescape(re.sub(r"<[^>]+>", " ", html))


def words_of(html: str) -> str:
    """What people read of a page, on one line."""
    return " ".join(text_of(html).split())


def act(client: Client, imp: Import, name: str, sent: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """The answer to a form of the page of `imp`, as it is now."""
    seen = {"attempt": Import.objects.get(pk=imp.pk).attempt} if name == "start" else {}
    return client.post(reverse(f"productkeys:import-{name}", args=[imp.pk]), {**seen, **(sent or {})}, **options)
