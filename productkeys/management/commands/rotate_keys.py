"""Rotate the master key while the portal serves. Killed at any moment, it is simply run again (docs/rotation.md)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from productkeys.key_ring import KeyRingProblem
from productkeys.services import rotation
from productkeys.services.origin import PORTAL
from productkeys.services.rotation import NotRotated, Progress, State

REPORT_SECONDS = 1.0


class Command(BaseCommand):
    help = "Add a new master key and re-encrypt all product keys with it, while the portal serves."
    # The checks of Django cost a second and are part of `make check`.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        step = parser.add_mutually_exclusive_group()
        step.add_argument(
            "--dry-run", action="store_true", help="say where the rotation stands and what a run would do"
        )
        step.add_argument(
            "--add-key", action="store_true", help="only put a new master key into the ring, for later use"
        )
        step.add_argument("--remove-old", action="store_true", help="remove master keys that nothing needs any more")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="with --add-key: write the ring to this new file"
        )
        parser.add_argument(
            "--batch-size", type=int, default=rotation.BATCH_SIZE, help="product keys in one transaction (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["output"] and not options["add_key"]:
            raise CommandError("--output belongs to --add-key.")
        if options["batch_size"] < 1:
            raise CommandError("--batch-size has to be 1 or more.")
        try:
            if options["dry_run"]:
                self._say(_standing(now := rotation.state()), _next_step(now))
            elif options["add_key"]:
                self._add_key(options["output"])
            elif options["remove_old"]:
                self._say(_standing(rotation.remove_old(origin=PORTAL)))
            else:
                self._rotate(options["batch_size"])
        except (KeyRingProblem, NotRotated) as problem:
            raise CommandError(str(problem)) from None

    def _add_key(self, output: Path | None) -> None:
        number = rotation.add_key(output=output)
        where = f"the new file {output}" if output else "the key ring"
        self._say(f"Master key {number} stands in {where}; nothing uses it yet. Back the ring up before it is used.")

    def _rotate(self, batch_size: int) -> None:
        begun = rotation.begin(origin=PORTAL)
        self._say(f"New data is sealed with master key {begun.newest}: back up the key ring.")
        unreadable = self._report(rotation.reencrypt(origin=PORTAL, batch_size=batch_size))
        now = rotation.state()
        self._say(_standing(now))
        if unreadable:
            raise CommandError(
                f"The ciphertext of {len(unreadable)} entries does not open: "
                f"{', '.join(map(str, sorted(unreadable)))}. Somebody wrote to the database past the portal. Restore "
                "those rows from a backup, or delete the entries in the portal, and run the command again. What is "
                "no product key belongs to a second factor or to a waiting import: remove the one, cancel the other."
            )
        self._say(_next_step(now))

    def _report(self, steps: Iterator[Progress]) -> frozenset[Any]:
        """Say how far it is, at most once a second; returns the entries that do not open."""
        last, said_at, said = None, float("-inf"), None
        for last in steps:
            if time.monotonic() - said_at >= REPORT_SECONDS:
                said_at, said = time.monotonic(), last
                self._say(f"{last.done:,} of {last.total:,} product keys re-encrypted.")
        if last is None:
            return frozenset()
        if last is not said:
            self._say(f"{last.done:,} of {last.total:,} product keys re-encrypted.")
        return last.unreadable

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.stdout.write(line)
        self.stdout.flush()


def _standing(now: State) -> str:
    lines = [
        f"Master key {number}: {_sealed_with(number, now)}; {_role(number, now)}."
        for number in sorted({*now.in_ring, *now.registered})
    ]
    if now.left_behind:
        lines.append(f"Fingerprints of a removed master key: {now.left_behind:,}. --remove-old clears them.")
    return "\n".join(lines)


def _sealed_with(number: int, now: State) -> str:
    keys, others = f"{now.entries.get(number, 0):,} product keys", now.secrets.get(number, 0)
    return f"{keys}, {others:,} other secrets" if others else keys


def _role(number: int, now: State) -> str:
    if number == now.newest:
        return "new data is sealed with it"
    if number in now.registered:
        return "still in force for what it sealed"
    return "waits in the ring to be used" if number > now.newest else "no longer in force"


def _next_step(now: State) -> str:
    if not now.under_way:
        return (
            f"The next run of `manage.py rotate_keys` takes master key {now.newest + 1} into use and re-encrypts all."
        )
    if now.outstanding:
        return f"The next run of `manage.py rotate_keys` re-encrypts {now.outstanding:,} entries."
    return "Everything is re-encrypted. `manage.py rotate_keys --remove-old` removes the old master key."
