"""An import whose worker dies, is stopped, has company or is no longer wanted: all of it is stored once, or nothing.

The same where it is undone: all of it is taken back once, or nothing.

Real processes on a database of their own; killed means by the kernel, without a word.
"""

import json
from typing import Any

import pytest

from tests.machine import Environment, Machines, prepared, started

ROWS, KNOWN = 2000, 5
"""Rows of the file, and how many of them are about keys that the portal holds already."""

WHOLE = {
    "state": "done",
    "new": ROWS - KNOWN,
    "open": ROWS - KNOWN,
    "different": ROWS - KNOWN,
    "labelled": ROWS - KNOWN,
    "changed": KNOWN,
    "unchanged": 0,
    "changed back": 0,
    "taken back": [],
    "entries": [ROWS - KNOWN],
    "rows of the trail": ROWS - KNOWN,
    "trail is whole": True,
    "secrets": 0,
    "under": [],
}
NOTHING = WHOLE | dict.fromkeys(("new", "open", "different", "labelled", "changed", "rows of the trail"), 0)
NOTHING |= {"state": "cancelled", "unchanged": KNOWN, "entries": []}
UNDONE = WHOLE | dict.fromkeys(("new", "open", "different", "labelled", "changed"), 0)
UNDONE |= {"state": "undone", "changed back": KNOWN, "rows of the trail": 2 * (ROWS - KNOWN)}
UNDONE |= {"taken back": [["admin", "192.0.2.7", ROWS - KNOWN, KNOWN]]}


DONE = {"exits": [0], "half done": []}


def _asked(environment: Environment, *verbs: str) -> list[Any]:
    """What the process of these verbs answers to each."""
    process = started(environment, "-m", "tests.import_process", *verbs)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    answers: list[Any] = json.loads(output.splitlines()[-1])
    return answers


@pytest.fixture(scope="module")
def brought(new_machine: Machines) -> Environment:
    """A portal that somebody brought a file to, whose first rows are checked. Tests take copies."""
    environment = new_machine()
    prepared(environment)
    assert _asked(environment, f"bring:{ROWS}") == [{"state": "checking", "rows": ROWS}]
    return environment


@pytest.fixture(scope="module")
def decided(brought: Environment, new_machine: Machines) -> Environment:
    """The same when all rows are checked and the person said that they are to be stored. Tests take copies."""
    environment = new_machine(like=brought)
    assert _asked(environment, "work", "begin-to-store") == [DONE, None]
    return environment


@pytest.fixture(scope="module")
def unwanted(decided: Environment, new_machine: Machines) -> Environment:
    """The same when all is stored and the person said that it is to be undone. Tests take copies."""
    environment = new_machine(like=decided)
    assert _asked(environment, "work", "begin-to-undo") == [DONE, None]
    return environment


@pytest.fixture
def checking(brought: Environment, new_machine: Machines) -> Environment:
    return new_machine(like=brought)


@pytest.fixture
def storing(decided: Environment, new_machine: Machines) -> Environment:
    return new_machine(like=decided)


@pytest.fixture
def undoing(unwanted: Environment, new_machine: Machines) -> Environment:
    return new_machine(like=unwanted)


def test_killed_again_and_again_everything_is_stored_once(checking: Environment) -> None:
    answers = _asked(checking, "die:8:1", "work", "begin-to-store", "die:8:2", "work", "result")
    assert answers[0] == {"died": {"checking": 8}, "half done": []}
    assert answers[3] == {"died": {"storing": 8}, "half done": []}
    assert answers[1:] == [DONE, None, answers[3], DONE, WHOLE]


def test_killed_and_cancelled_nothing_stays(checking: Environment, storing: Environment) -> None:
    for portal in (checking, storing):
        died, *answers = _asked(portal, "die:2:3", "cancel", "work", "result")
        assert sum(died["died"].values()) == 2
        assert died["half done"] == []
        assert answers == ["cancelled", DONE, NOTHING]


def test_cancelled_while_a_worker_stores_it_nothing_stays(storing: Environment) -> None:
    cancelled, result = _asked(storing, "cancel-while-at-work", "result")
    assert cancelled == {"said": "cancelled"} | DONE
    assert result == NOTHING


def test_cancelled_at_the_last_moment_it_was_stored_and_says_so(storing: Environment) -> None:
    assert _asked(storing, "cancel-at-the-end", "result") == [{"said": "stored already"} | DONE, WHOLE]


def test_three_workers_at_once_store_everything_once(checking: Environment) -> None:
    answers = _asked(checking, "work:3", "begin-to-store", "work:3", "result")
    three = {"exits": [0, 0, 0], "half done": []}
    assert answers == [three, None, three, WHOLE]


def test_people_are_told_how_far_it_is_while_workers_check_store_and_undo(checking: Environment) -> None:
    verbs = ("follow:1", "begin-to-store", "follow:2", "begin-to-undo", "follow:2")
    checked, _, stored, _, undone = _asked(checking, *verbs)
    _assert_told(checked)
    _assert_told(stored)
    _assert_told(undone)


def _assert_told(followed: list[tuple[int, int | None, int | None, int | None, bool]]) -> None:
    """While it works people are told so, how far it is and how long it takes; two workers do not talk crosswise."""
    told = [far for far in followed if far[-1]]
    done = [far[0] for far in told]
    assert len(told) > 3
    assert done == sorted(done)
    assert 0 < done[-1] <= ROWS
    assert {total for _done, total, *_rest in told} == {ROWS}
    assert all(rate and left is not None for done, _total, rate, left, _working in told if done)


def test_a_worker_that_is_told_to_stop_does_so_in_the_middle(storing: Environment) -> None:
    stopped, *answers = _asked(storing, "stop", "cancel", "result")
    assert stopped == DONE
    assert answers == ["cancelled", NOTHING]


def test_a_key_that_a_colleague_stores_in_the_same_moment_is_there_once(storing: Environment) -> None:
    """It is refused, or where the database notices it first, the import leads back to its preview."""
    held, result = _asked(storing, f"store-by-hand:{KNOWN}", "result")
    assert held == 1
    assert (result["state"], result["new"]) in [("done", ROWS - KNOWN - 1), ("checked", 0)]


def test_killed_again_and_again_everything_is_taken_back_once(undoing: Environment) -> None:
    died, *answers = _asked(undoing, "die:8:4", "work", "result")
    assert died == {"died": {"undoing": 8}, "half done": []}
    assert answers == [DONE, UNDONE]


def test_killed_while_it_is_undone_and_cancelled_all_of_it_stays(undoing: Environment) -> None:
    died, *answers = _asked(undoing, "die:2:5", "cancel", "work", "result")
    assert died == {"died": {"undoing": 2}, "half done": []}
    assert answers == ["cancelled", DONE, WHOLE]


def test_cancelled_while_a_worker_undoes_it_all_of_it_stays(undoing: Environment) -> None:
    cancelled, result = _asked(undoing, "cancel-while-at-work", "result")
    assert cancelled == {"said": "cancelled"} | DONE
    assert result == WHOLE


def test_three_workers_at_once_take_everything_back_once(undoing: Environment) -> None:
    three = {"exits": [0, 0, 0], "half done": []}
    assert _asked(undoing, "work:3", "result") == [three, UNDONE]


def test_a_key_that_a_colleague_changes_in_the_same_moment_keeps_the_import(undoing: Environment) -> None:
    changed, result = _asked(undoing, "change-by-hand", "result")
    assert changed
    assert (result["state"], result["new"], result["taken back"]) == ("done", ROWS - KNOWN, [])
