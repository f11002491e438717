"""Measures an import against the bare loop that seals, fingerprints and stores the same rows.

`python -m benchmarks.imports bare|import FILE` does one of the two and says in JSON how long it took; each in a process
of its own, so that the memory of one is not counted for the other.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

from keyportal.people.models import User
from productkeys.domain.choices import Architecture, KeyType, Usage
from productkeys.models import Import, ProductKey
from productkeys.models.importing import Mode
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.undoing import undo
from productkeys.services.origin import Origin
from tests.made_up_keys import made_up_key

ROWS = int(os.environ.get("BENCHMARK_IMPORT_ROWS", "100000"))
FIRST_NUMBER = 50_000_000
"""The number of the first key: no other part of the benchmarks makes these."""
BATCH = 2_000
COLUMNS = ("Name", "Product key", "Type", "Operating system", "Edition", "Quantity", "In use", "Comment")


def measure() -> dict[str, Any]:
    """Both, one after the other, on the database as it is; it has no more keys afterwards than before."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "keys.csv"
        _write(file)
        bare = _in_a_process("bare", file)
        ProductKey.objects.filter(name__startswith="imported ").delete()
        return {"bare": bare, "import": _in_a_process("import", file)}


def report(title: str, taken: dict[str, Any]) -> None:
    """Print what `measure` found."""
    bare, imported = taken["bare"]["seconds"], taken["import"]["seconds"]
    lines = [
        f"\n{title}, import of {ROWS:,} rows\n",
        f"{'bare loop':34}{ROWS / bare:10,.0f} rows/s{'':8}{taken['bare']['peak_mb']:6.0f} MB\n",
        f"{'import':34}{ROWS / imported:10,.0f} rows/s{imported / bare:7.2f}x{taken['import']['peak_mb']:6.0f} MB\n",
        *(f"  {phase:32}{seconds:10.2f} s\n" for phase, seconds in taken["import"]["phases"].items()),
    ]
    sys.stdout.writelines(lines)
    sys.stdout.flush()


def _write(file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, delimiter=";")
        writer.writerow(COLUMNS)
        for number in range(ROWS):
            chance = random.Random(number)  # noqa: S311 - nothing here is secret
            quantity = chance.choice((50, 100, 500))
            writer.writerow(
                [
                    f"imported {number}, site {chance.randrange(1_000)}",
                    made_up_key(FIRST_NUMBER + number),
                    "MAK",
                    chance.choice(("Windows 11", "Windows 10")),
                    chance.choice(("Enterprise", "Pro", "Education")),
                    quantity,
                    chance.randrange(quantity),
                    f"Contract {chance.randrange(2_000)}",
                ]
            )


def _in_a_process(what: str, file: Path) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "benchmarks.imports", what, str(file)], stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _bare(file: Path) -> dict[str, float]:
    with file.open(newline="", encoding="utf-8") as opened:
        rows = iter(list(csv.reader(opened, delimiter=";"))[1:])
    began = time.perf_counter()
    made = map(_bare_key, rows)
    while batch := list(islice(made, BATCH)):
        ProductKey.objects.bulk_create(batch)
    return {"all": time.perf_counter() - began}


def _bare_key(row: list[str]) -> ProductKey:
    name, code, _type, system, edition, quantity, in_use, comment = row
    key = ProductKey(
        name=name,
        comment=comment,
        key_type=KeyType.MAK,
        operating_system_id=system.lower().replace(" ", "-"),
        edition={"Pro": "Professional"}.get(edition, edition),
        architecture=Architecture.ANY,
        usage=Usage.ACTIVATION,
        quantity=int(quantity),
        in_use=int(in_use),
        code=code,
    )
    key.prepare_text()
    return key


def _import(file: Path) -> dict[str, float]:
    origin = Origin(User.objects.get(username="benchmark"))
    phases: dict[str, float] = {}
    for phase, step in _steps(file, origin):
        began = time.perf_counter()
        step()
        phases[phase] = time.perf_counter() - began
    return phases


def _steps(file: Path, origin: Origin) -> Iterator[tuple[str, Callable[[], Any]]]:
    data = file.read_bytes()
    made: list[Import] = []
    yield "bring the file", lambda: made.append(steps.begin(data, name=file.name, origin=origin))
    (imp,) = made
    yield "show the first page", lambda: preview.page(imp)
    yield "check all rows", lambda: worker.carry_out(imp)
    steps.start(imp, mode=Mode.ALL_OR_NOTHING.value, origin=origin)
    yield "store them", lambda: worker.carry_out(imp)
    if imp.stored != ROWS:
        raise SystemExit(f"Only {imp.stored} of {ROWS} rows were stored: {imp.counts} {imp.fault}")
    undo(imp, origin=origin)


def main(what: str, file: Path) -> None:
    """Do one of the two and say what it took: seconds, by phase as well, and the peak of the memory in MB."""
    phases = {"bare": _bare, "import": _import}[what](file)
    sys.stdout.write(json.dumps({"seconds": sum(phases.values()), "phases": phases, "peak_mb": _peak()}))


def _peak() -> float:
    """The most memory that this process ever held, in MB; getrusage would count what its parent held as well."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
