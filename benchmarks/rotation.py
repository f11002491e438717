"""Rotates the master key of 100,000 keys under load, killed ten times: `python -m benchmarks.rotation`.

Twenty people list, paste keys into the search, add keys, add keys that are there already and edit, through a real
gunicorn, while `manage.py rotate_keys` is killed and run again until it comes to its end. No request may fail, every
key must open and be found afterwards, and the old master key must go. KEYPORTAL_TEST_DATABASE=postgresql takes
PostgreSQL.
"""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from itertools import count
from statistics import median, quantiles
from time import perf_counter

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.rotation_settings"
django.setup()

from django.conf import settings
from django.db import connections

from benchmarks import house, server
from benchmarks.pages import ADD, LIST, last_step
from productkeys import key_ring_source
from productkeys.domain import keycode
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import keys
from tests.factories import posted
from tests.made_up_keys import made_up_key
from tests.settings import TEST_DATABASE

SIZE = int(os.environ.get("BENCHMARK_SIZE", "100000"))
PEOPLE = int(os.environ.get("BENCHMARK_PEOPLE", "20"))
KILLS = 10
FIRST_OF_HOUSE = 97  # house.fill counts from the standard keys on
_seeds = count(20_000_000)


class Person(threading.Thread):
    """Somebody who works until told to stop, and remembers what took how long and what failed."""

    def __init__(self, number: int, port: int, stop: threading.Event) -> None:
        super().__init__()
        self.visitor = server.Visitor(port, house.session_of(house.manager(f"person-{number}")))
        self.number, self.stop, self.chance = number, stop, random.Random(number)  # noqa: S311 - nothing is secret
        self.seconds: list[float] = []
        self.failed: Counter[str] = Counter()
        self.added = 0

    def run(self) -> None:
        acts: list[Callable[[], None]] = [self.list, self.search, self.add, self.add_again, self.edit]
        while not self.stop.is_set():
            self.chance.choice(acts)()
        connections.close_all()

    def list(self) -> None:
        self._expect(200, lambda: self.visitor.get(LIST))

    def search(self) -> None:
        token = server.hidden_fields(self.visitor.get(ADD)[1], "wizard")["csrfmiddlewaretoken"]
        form = {"q": made_up_key(self._some()), "csrfmiddlewaretoken": token}
        self._expect(303, lambda: self.visitor.post("/product-keys/search/", form))

    def add(self) -> None:
        self.added += self._add(made_up_key(next(_seeds)), 302)

    def add_again(self) -> None:
        self._add(made_up_key(self._some()), 200)

    def edit(self) -> None:
        # Each person has keys of their own to edit: two who edit the same one are another test.
        number = self._some() // PEOPLE * PEOPLE + self.number
        key = ProductKey.objects.filter(pk=number, published=False).first()
        if key is None:
            return
        token = server.hidden_fields(self.visitor.get(ADD)[1], "wizard")["csrfmiddlewaretoken"]
        form = posted(key, comment=f"{self.chance.random()}", csrfmiddlewaretoken=token)
        self._expect(302, lambda: self.visitor.post(f"{LIST}{key.pk}/edit/", form))

    def _some(self) -> int:
        return self.chance.randrange(FIRST_OF_HOUSE, SIZE)

    def _add(self, code: str, expected: int) -> bool:
        form = last_step(self.visitor, code)
        return self._expect(expected, lambda: self.visitor.post(ADD, form))

    def _expect(self, expected: int, ask: Callable[[], tuple[int, str, float]]) -> bool:
        try:
            status, _page, seconds = ask()
        except (OSError, HTTPException) as error:
            self.failed[repr(error)] += 1
            return False
        self.seconds.append(seconds)
        if status != expected:
            self.failed[f"{status} instead of {expected}"] += 1
        return status == expected


def main() -> int:
    """Returns 1 where anything failed."""
    with house.ground():
        key_ring_source.make_key_ring(settings.KEY_RING_FILE)
        house.prepare()
        house.fill(SIZE)
        with server.running_portal(workers=2) as port:
            stop = threading.Event()
            people = [Person(number, port, stop) for number in range(PEOPLE)]
            for person in people:
                person.start()
            start = perf_counter()
            killed = _rotate_and_kill()
            rotated = perf_counter() - start
            removed = _command("--remove-old").wait()
            stop.set()
            for person in people:
                person.join()
        return _report(people, killed, rotated, removed)


def _command(*options: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "manage.py", "rotate_keys", *options], cwd=settings.BASE_DIR)  # noqa: S603


def _rotate_and_kill() -> int:
    """Run the rotation to its end, killing it on the way; returns how often it was killed."""
    chance, killed = random.Random(0), 0  # noqa: S311 - nothing is secret
    while True:
        rotation = _command()
        try:
            rotation.wait(timeout=chance.uniform(2, 6) if killed < KILLS else None)
        except subprocess.TimeoutExpired:
            rotation.kill()
            rotation.wait()
            killed += 1
        else:
            return killed


def _report(people: list[Person], killed: int, rotated: float, removed: int) -> int:
    key_ring_source.forget()
    seconds = [second for person in people for second in person.seconds]
    failed = sum((person.failed for person in people), Counter[str]())
    wrong = sum(
        keys.find(keycode.parse(key.code.open())) != key
        for key in ProductKey.objects.only("pk", "uid", "code", "last_five").iterator()
    )
    stored, expected = ProductKey.objects.count(), SIZE + sum(person.added for person in people)
    lines = [
        f"{TEST_DATABASE}: {SIZE:,} keys rotated in {rotated:.0f} s, killed {killed} times",
        f"{len(seconds):,} requests, failed: {dict(failed) or 'none'}",
        f"median {median(seconds) * 1000:.0f} ms, 99 % within {quantiles(seconds, n=100)[-1] * 1000:.0f} ms",
        f"keys that do not open or are not found: {wrong}; stored {stored:,}, expected {expected:,}",
        f"master keys in force: {sorted(key_ring_source.key_ring().keys)}; removing the old one ended with {removed}",
        f"entries in the trail: {TrailEntry.objects.filter(action__startswith='master_key').count()}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(failed or wrong or removed or stored != expected))


if __name__ == "__main__":
    sys.exit(main())
