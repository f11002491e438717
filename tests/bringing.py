"""Files that people bring, and what a worker makes of them without any page (tests/imports.py has the pages)."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from keyportal.people.models import User
from productkeys.domain.keycode import KeyCode
from productkeys.models import Import
from productkeys.models.importing import Mode
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.origin import Origin
from tests.factories import new_code

HEADS = ("Bezeichnung", "Produktschlüssel", "Typ", "Betriebssystem", "Edition", "Menge")


def line(code: KeyCode | str | None = None, **changes: Any) -> list[str]:
    """A row under HEADS: a MAK for Windows 11 Enterprise, with `changes` by head."""
    key = new_code() if code is None else code
    cells = {
        "Bezeichnung": "Windows 11, Filiale Köln",
        "Produktschlüssel": key.open() if isinstance(key, KeyCode) else key,
        "Typ": "MAK",
        "Betriebssystem": "Windows 11",
        "Edition": "Enterprise",
        "Menge": "150",
    }
    return [str((cells | changes)[head]) for head in HEADS]


def written(rows: Sequence[Sequence[str]], heads: Sequence[str] = HEADS, *, encoding: str = "cp1252") -> bytes:
    """A CSV file as German Excel writes it."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([heads, *rows])
    return text.getvalue().encode(encoding)


def brought(rows: Sequence[Sequence[str]], person: User, *, heads: Sequence[str] = HEADS) -> Import:
    """An import of these rows whose preview is complete."""
    imp = steps.begin(written(rows, heads), name="schluessel.csv", origin=Origin(person, "192.0.2.7"))
    worker.carry_out(imp)
    assert imp.state == Import.State.CHECKED
    return imp


def imported(imp: Import, *, mode: Mode = Mode.GOOD_ROWS) -> Import:
    """`imp`, stored by a worker."""
    steps.start(imp, mode=mode.value, origin=Origin(imp.person, "192.0.2.7"))
    worker.carry_out(imp)
    return imp


def refusals(imp: Import) -> list[tuple[int, str, str]]:
    """Line, field and message of everything that is wrong with a refused row."""
    rows = preview.page(imp, outcome=Outcome.REFUSED).rows
    return [(row.number, problem.field, problem.message) for row in rows for problem in row.problems]
