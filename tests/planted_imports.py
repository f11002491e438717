"""Keys planted in imports: wherever one can stand in a file, and left at every step."""

from collections.abc import Callable, Mapping

from django.test import Client
from django.urls import reverse

from productkeys.models import Import
from productkeys.services.importing import worker
from tests.imports import act, bring, brought, row, workbook_of

_EVERY_STEP: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("values", {}),
    ("keep-mapping", {"name": "Canary"}),
    ("format", {"encoding": "utf-8", "delimiter": ";", "header": "no"}),
    ("format", {"encoding": "utf-8", "delimiter": ";", "header": "yes"}),
    ("start", {"mode": "good-rows"}),
)


def planted_imports(client: Client, key: Callable[[], str], note: Callable[..., None]) -> Import:
    """Bring files with a new `key()` wherever it can stand, and tell `note` every answer.

    Returns the import that is left at its preview; others are cancelled, waiting for a worker, and undone.
    """
    note("import, unreadable", bring(client, f"{key()}\0\0".encode("utf-16"), name=f"{key()}.pdf"))
    page = client.post(reverse("productkeys:import-new"), {"text": f"Product key;{key()}"})
    # A text that cannot be read comes back in this one answer, which nobody keeps.
    assert "no-store" in page["Cache-Control"]
    for last in ("cancel", "start", "undo", "defaults"):
        imp = brought(client, *_rows(key))
        steps: list[tuple[str, Mapping[str, str]]] = [(last, {"mode": "good-rows", "existing": "change"})]
        if last == "undo":
            mistyped = {"code": f"{key()[:-1]}O"}
            note("import, row", client.post(reverse("productkeys:import-row", args=[imp.pk, 1]), mistyped, follow=True))
            steps = [*_EVERY_STEP, *steps]
        for name, sent in steps:
            note(f"import, {name}", act(client, imp, name, sent, follow=True))
            if last != "start":
                worker.carry_out(Import.objects.get(pk=imp.pk))
            _look_at(client, imp, f"import after {name}", note)
    book = workbook_of(**{key(): [row()], key(): [row(Product_key=key())]})
    note("import, workbook", bring(client, book, name="keys.xlsx", follow=True))
    sheets = Import.objects.latest("created_at")
    note("import, sheet", act(client, sheets, "format", {"sheet": "1", "header": "yes"}, follow=True))
    _look_at(client, sheets, "import of another sheet", note)
    assert set(Import.objects.values_list("state", flat=True)) == {"cancelled", "storing", "undone", "checked"}
    return imp


def _rows(key: Callable[[], str]) -> tuple[dict[str, str], ...]:
    """A good row, one with a mistyped key, and one with keys where none belong."""
    everywhere = {"Name": f"ask for {key()}", "Type": key(), "Quantity": key()}
    return row(Product_key=key()), row(Product_key=f"{key()[:-1]}O"), row(Product_key=key()) | everywhere


def _look_at(client: Client, imp: Import, where: str, note: Callable[..., None]) -> None:
    address = reverse("productkeys:import", args=[imp.pk])
    pages = (address, f"{address}?outcome=r", f"{address}rows/0/", f"{address}rows/2/", f"{address}undo/", "/imports/")
    note(where, *(client.get(page, follow=True) for page in pages))
