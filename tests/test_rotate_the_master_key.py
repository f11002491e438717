"""The administrator rotates the master key of a portal that people work with, and the machine dies in the middle.

Real processes on a database and with a key ring of their own; killed means SIGKILL.
"""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from productkeys.key_ring import KeyRing
from tests.machine import Environment, Machines, key_ring_file, prepared, started

PROCESSES = "tests.rotation_process"
STORED = range(1_000, 1_060)


def _ran(environment: Environment, *arguments: str) -> str:
    process = started(environment, *arguments)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output


def _refused(environment: Environment, *arguments: str) -> str:
    process = started(environment, *arguments)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1, output
    assert "Traceback" not in output
    return output


def _rotate(environment: Environment, *options: str) -> str:
    return _ran(environment, "manage.py", "rotate_keys", *options)


def _writing(environment: Environment, numbers: range, *, verb: str = "write") -> subprocess.Popen[str]:
    return started(environment, "-m", PROCESSES, verb, str(numbers.start), str(numbers.stop))


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    # Not by communicate(): it would miss what readline() has already taken into its buffer.
    output = process.stdout.read()
    assert process.wait(timeout=120) == 0, output
    answer: dict[str, Any] = json.loads(output.splitlines()[-1])
    return answer


def _assert_whole(environment: Environment, *written: range, under: list[int]) -> None:
    """Every key opens, is found, stands there once and as it was written; `under` these master keys alone."""
    numbers = [str(number) for numbers in written for number in numbers]
    answer = _answer(started(environment, "-m", PROCESSES, "check", *numbers))
    assert answer == {
        "keys": 97 + len(numbers),
        "twice": 0,
        "not found": 0,
        "missing": [],
        "under": under,
        "edited by rotation": 0,
    }


def _ring(environment: Environment) -> KeyRing:
    return KeyRing.parse(key_ring_file(environment).read_text())


@pytest.fixture(scope="module")
def filled(new_machine: Machines) -> Environment:
    """A portal with Microsoft's keys and sixty of its own. Tests take copies."""
    environment = new_machine()
    prepared(environment)
    assert _answer(_writing(environment, STORED)) == {"added": len(STORED)}
    return environment


@pytest.fixture
def portal(filled: Environment, new_machine: Machines) -> Environment:
    return new_machine(like=filled)


def test_a_rotation_from_beginning_to_end(portal: Environment) -> None:
    first_ring = key_ring_file(portal).read_text()
    assert "Master key 1: 157 product keys; new data is sealed with it." in _rotate(portal, "--dry-run")
    assert key_ring_file(portal).read_text() == first_ring

    output = _rotate(portal)
    assert "157 of 157 product keys re-encrypted." in output
    assert "Master key 2: 157 product keys; new data is sealed with it." in output
    assert "--remove-old` removes the old master key" in output
    assert sorted(_ring(portal).keys) == [1, 2]
    _assert_whole(portal, STORED, under=[2])

    _rotate(portal, "--remove-old")
    assert sorted(_ring(portal).keys) == [2]
    assert key_ring_file(portal).stat().st_mode & 0o077 == 0
    _assert_whole(portal, STORED, under=[2])
    assert prepared(portal) == ""

    # The key after next takes the place of the first.
    _rotate(portal)
    _assert_whole(portal, STORED, under=[3])
    _rotate(portal, "--remove-old")
    assert sorted(_ring(portal).keys) == [3]
    _assert_whole(portal, STORED, under=[3])


def test_run_again_after_the_end_it_begins_no_second_rotation_and_shows_no_key(portal: Environment) -> None:
    output = _rotate(portal) + _rotate(portal) + _rotate(portal, "--dry-run")
    assert output.count("157 of 157 product keys re-encrypted.") == 1
    assert sorted(_ring(portal).keys) == [1, 2]
    halves = json.loads(key_ring_file(portal).read_text())
    assert not [key for half in halves.values() for key in half["keys"].values() if key[:12] in output]


@pytest.mark.parametrize("batch_size", [1, 20])
def test_killed_before_ever_later_statements_and_run_again_it_ends_clean(portal: Environment, batch_size: int) -> None:
    statements = ",".join(map(str, (*range(1, 31), *range(40, 200, 40))))
    answer = _answer(started(portal, "-m", PROCESSES, "die", statements, f"--batch-size={batch_size}"))
    assert answer["wrong"] == []
    assert answer["killed"] >= 30
    _rotate(portal)
    _assert_whole(portal, STORED, under=[2])

    statements = ",".join(map(str, range(1, 60)))
    answer = _answer(started(portal, "-m", PROCESSES, "die", statements, "--remove-old"))
    assert (answer["wrong"], answer["exit"]) == ([], 0)
    assert answer["killed"] >= 10
    assert sorted(_ring(portal).keys) == [2]
    _assert_whole(portal, STORED, under=[2])


def test_killed_in_the_middle_while_two_write_nothing_is_lost(portal: Environment) -> None:
    numbers = range(STORED.stop, STORED.stop + 80)
    writers = [_writing(portal, range(numbers.start, numbers.start + 40)), _writing(portal, numbers[40:])]
    for _time in range(3):
        rotation = started(portal, "manage.py", "rotate_keys", "--batch-size=1")
        assert rotation.stdout is not None
        for line in rotation.stdout:
            if "re-encrypted" in line:
                break
        os.kill(rotation.pid, signal.SIGKILL)
        rotation.communicate(timeout=60)
    assert [_answer(writer) for writer in writers] == [{"added": 40}, {"added": 40}]
    _rotate(portal)
    _assert_whole(portal, range(STORED.start, numbers.stop), under=[2])


def test_two_rotations_at_once_are_one(portal: Environment) -> None:
    with _held(key_ring_file(portal).parent) as both_wait:
        rotations = [started(portal, "manage.py", "rotate_keys", "--batch-size=5") for _ in range(2)]
        both_wait(rotations)
    outputs = [rotation.communicate(timeout=120)[0] for rotation in rotations]
    assert [rotation.returncode for rotation in rotations] == [0, 0], outputs
    assert sorted(_ring(portal).keys) == [1, 2]
    _assert_whole(portal, STORED, under=[2])


@contextmanager
def _held(folder: Path) -> Iterator[Callable[[Sequence[subprocess.Popen[str]]], None]]:
    """Hold the lock that a rotation takes on the folder of the ring; gives a way to wait until processes want it."""
    descriptor = os.open(folder, os.O_RDONLY)

    def wait(processes: Sequence[subprocess.Popen[str]]) -> None:
        wanted = {str(process.pid) for process in processes}
        end = time.monotonic() + 60
        while not wanted <= {line.split()[5] for line in Path("/proc/locks").read_text().splitlines() if "->" in line}:
            assert time.monotonic() < end, "They do not wait for each other."
            time.sleep(0.05)

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield wait
    finally:
        os.close(descriptor)


def test_half_a_ring_that_a_killed_run_left_beside_is_overwritten(portal: Environment) -> None:
    beside = key_ring_file(portal).with_name("key_ring.json.new")
    beside.write_text('{"encryption": {"ke')
    _rotate(portal)
    assert not beside.exists()
    assert sorted(_ring(portal).keys) == [1, 2]


# --- The secrets of second factors rotate as well


@pytest.fixture
def with_factors(portal: Environment) -> Environment:
    """A portal where twenty people have an authenticator app and recovery codes."""
    assert _answer(started(portal, "-m", PROCESSES, "set-up-factors", "0", "20")) == {"set up": 20}
    return portal


def _factors(environment: Environment, count: int = 20) -> dict[str, Any]:
    return _answer(started(environment, "-m", PROCESSES, "check-factors", "0", str(count)))


def test_second_factors_outlive_the_master_key_that_sealed_them(with_factors: Environment) -> None:
    assert "Master key 1: 157 product keys, 40 other secrets;" in _rotate(with_factors, "--dry-run")
    _rotate(with_factors)
    assert _factors(with_factors) == {"open": 20, "with codes": 20, "under": [2]}
    _rotate(with_factors, "--remove-old")
    assert sorted(_ring(with_factors).keys) == [2]
    assert _factors(with_factors) == {"open": 20, "with codes": 20, "under": [2]}


def test_killed_before_ever_later_statements_no_second_factor_is_lost(with_factors: Environment) -> None:
    statements = ",".join(map(str, range(20, 200, 6)))
    answer = _answer(started(with_factors, "-m", PROCESSES, "die", statements))
    assert answer["wrong"] == []
    assert answer["killed"] >= 10
    assert _factors(with_factors)["open"] == 20
    _rotate(with_factors)
    _rotate(with_factors, "--remove-old")
    assert _factors(with_factors) == {"open": 20, "with codes": 20, "under": [2]}


def test_a_second_factor_set_up_with_the_old_ring_keeps_the_old_master_key(with_factors: Environment) -> None:
    old = with_factors | {"KEYPORTAL_KEY_RING": key_ring_file(with_factors).read_text()}
    _rotate(with_factors)
    assert _answer(started(old, "-m", PROCESSES, "set-up-factors", "20", "22")) == {"set up": 2}
    refusal = _refused(with_factors, "manage.py", "rotate_keys", "--remove-old")
    assert "Entries that still need an older master key: 4." in refusal
    _rotate(with_factors)
    _rotate(with_factors, "--remove-old")
    assert _factors(with_factors, 22) == {"open": 22, "with codes": 22, "under": [2]}


def test_a_second_factor_whose_secret_was_changed_is_named_and_holds_nothing_up(with_factors: Environment) -> None:
    changed = _answer(started(with_factors, "-m", PROCESSES, "spoil-a-factor"))["changed"]
    refusal = _refused(with_factors, "manage.py", "rotate_keys")
    assert f"The ciphertext of 1 entries does not open: {changed}." in refusal
    assert _factors(with_factors)["under"] == [1, 2]


# --- So does an import that waits


def test_an_import_that_waits_outlives_the_master_key_that_sealed_it(portal: Environment) -> None:
    def ask(*verbs: str) -> Any:
        return _answer(started(portal, "-m", "tests.import_process", *verbs))

    ask("bring:600")
    assert "Master key 1: 162 product keys, 3 other secrets;" in _rotate(portal, "--dry-run")
    _rotate(portal)
    checked, result = ask("work", "result")
    assert checked == {"exits": [0], "half done": []}
    assert (result["state"], result["under"]) == ("checked", [2])
    _rotate(portal, "--remove-old")
    assert sorted(_ring(portal).keys) == [2]
    *_, result = ask("begin-to-store", "work", "result")
    assert (result["state"], result["open"], result["changed"], result["secrets"]) == ("done", 595, 5, 0)


# --- A ring that does not lie in a file: first the key everywhere, then the rotation


@pytest.fixture
def ring_in_the_environment(portal: Environment) -> Environment:
    environment = portal | {"KEYPORTAL_KEY_RING": key_ring_file(portal).read_text()}
    key_ring_file(portal).unlink()
    return environment


def test_a_ring_in_the_environment_is_extended_first_and_rotated_then(ring_in_the_environment: Environment) -> None:
    old = ring_in_the_environment
    refusal = _refused(old, "manage.py", "rotate_keys")
    assert "--add-key --output FILE" in refusal
    assert "restart the portal everywhere" in refusal
    assert "Master key 1: 157 product keys; new data is sealed with it." in _rotate(old, "--dry-run")

    extended = key_ring_file(old).with_name("extended.json")
    assert "Back the ring up before it is used" in _rotate(old, "--add-key", "--output", str(extended))
    assert extended.stat().st_mode & 0o077 == 0
    new = old | {"KEYPORTAL_KEY_RING": extended.read_text()}
    assert "Master key 2: 0 product keys; waits in the ring to be used." in _rotate(new, "--dry-run")
    _rotate(new)
    _assert_whole(new, STORED, under=[2])

    _rotate(new, "--remove-old")
    ring = KeyRing.parse(new["KEYPORTAL_KEY_RING"])
    only_new = new | {"KEYPORTAL_KEY_RING": ring.without([1]).text()}
    _assert_whole(only_new, STORED, under=[2])
    assert prepared(only_new) == ""


def test_a_file_that_is_there_is_not_overwritten_with_a_ring(ring_in_the_environment: Environment) -> None:
    taken = key_ring_file(ring_in_the_environment).with_name("taken")
    taken.write_text("of somebody else")
    refusal = _refused(ring_in_the_environment, "manage.py", "rotate_keys", "--add-key", "--output", str(taken))
    assert "cannot be written" in refusal
    assert taken.read_text() == "of somebody else"


def test_who_still_writes_with_the_old_ring_stores_no_key_twice(ring_in_the_environment: Environment) -> None:
    """One has the new ring, one was never restarted; both store the same keys in the same seconds, as it rotates."""
    old = ring_in_the_environment
    extended = key_ring_file(old).with_name("extended.json")
    _rotate(old, "--add-key", "--output", str(extended))
    new = old | {"KEYPORTAL_KEY_RING": extended.read_text()}
    numbers = range(10_000, 10_060)
    writers = [_writing(ring, numbers, verb="start-and-write") for ring in (old, new)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "started\n"
    _rotate(new, "--batch-size=5")
    answers = [_answer(writer) for writer in writers]
    # The faster of the two may have stored them all.
    assert sum(answer.get("added", 0) for answer in answers) == len(numbers)
    assert sum(answer.get("already_stored", 0) for answer in answers) == len(numbers)
    _rotate(new)
    _assert_whole(new, STORED, numbers, under=[2])


def test_who_still_has_the_old_ring_when_the_old_key_goes_stores_nothing(ring_in_the_environment: Environment) -> None:
    old = ring_in_the_environment
    extended = key_ring_file(old).with_name("extended.json")
    _rotate(old, "--add-key", "--output", str(extended))
    new = old | {"KEYPORTAL_KEY_RING": extended.read_text()}
    _rotate(new)
    _rotate(new, "--remove-old")
    late = _writing(old, range(STORED.stop, STORED.stop + 5))
    output, _ = late.communicate(timeout=60)
    assert late.returncode == 1
    assert "None of the master keys in the key ring is in force in this database: nothing is stored." in output
    _assert_whole(new, STORED, under=[2])


def test_a_portal_that_was_not_given_the_new_key_does_not_start(ring_in_the_environment: Environment) -> None:
    old = ring_in_the_environment
    extended = key_ring_file(old).with_name("extended.json")
    _rotate(old, "--add-key", "--output", str(extended))
    _rotate(old | {"KEYPORTAL_KEY_RING": extended.read_text()})
    for arguments in (("manage.py", "prepare"), ("manage.py", "rotate_keys")):
        assert "The key ring lacks master key 2, which stored product keys need." in _refused(old, *arguments)
