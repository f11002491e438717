"""Measures one database: `KEYPORTAL_TEST_DATABASE=postgresql python -m benchmarks.measure`."""

import os
import sys
from statistics import median

import django
from django.conf import settings

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
django.setup()

from benchmarks import house, imports, server
from benchmarks.pages import Ask, changes, pages
from tests.settings import TEST_DATABASE

SIZES = tuple(int(size) for size in os.environ.get("BENCHMARK_SIZES", "1000 100000").split())
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "40"))
WARM_UP = 3


def main() -> None:
    """Build a house of each size and print what its pages take."""
    with house.ground():
        house.prepare()
        manager = house.manager()
        session = house.session_of(manager)
        session_at_the_floor = house.session_of(manager, backend=settings.FLOOR_BACKEND)
        for size in SIZES:
            house.fill(size)
            with server.running_portal() as port:
                visitor = server.Visitor(port, session)
                floor = server.Visitor(port, session_at_the_floor)
                at_rest = _measure(pages(visitor, floor=floor))
                while_it_changes = _measure(changes(visitor, floor=floor))
            _report(f"{TEST_DATABASE}, {size:,} keys", at_rest)
            _report("... while it changes", while_it_changes)
        imports.report(TEST_DATABASE, imports.measure())


def _measure(wanted: dict[str, Ask]) -> dict[str, list[float]]:
    """The seconds that each page took. All pages take turns, so that a busy moment of the machine meets them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in wanted}
    for number in range(WARM_UP + ROUNDS):
        for name, ask in wanted.items():
            taken = ask()
            if number >= WARM_UP:
                seconds[name].append(taken)
    return seconds


def _report(title: str, seconds: dict[str, list[float]]) -> None:
    floor = seconds["floor"]
    lines = [f"\n{title:34}{'floors':>8}{'(median)':>10}{'ms':>9}{'(median)':>10}\n"]
    for name, taken in seconds.items():
        least, middle = min(taken), median(taken)
        ratios = f"{least / min(floor):8.2f}{middle / median(floor):10.2f}"
        lines.append(f"{name:34}{ratios}{least * 1000:9.2f}{middle * 1000:10.2f}\n")
    sys.stdout.writelines(lines)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
