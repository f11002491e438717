"""Whoever steps in has the last word: what workers of an import do not write any more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from keyportal.people.models import User
from productkeys.models import Import
from productkeys.services.importing import checking, steps, worker
from productkeys.services.origin import Origin
from productkeys.tables.reading import Format
from tests.bringing import line, written

pytestmark = pytest.mark.django_db

# --- More than one worker


def test_an_import_is_checked_by_one_worker_at_a_time(manager: User) -> None:
    imp = steps.begin(written([line() for _ in range(600)]), name="keys.csv", origin=Origin(manager))
    assert checking.take(imp)
    assert not worker.work_once()
    assert not worker.carry_out(Import.objects.get(pk=imp.pk))


def test_what_a_dead_worker_left_is_taken_over_once_its_lease_has_run_out(manager: User) -> None:
    imp = steps.begin(written([line() for _ in range(600)]), name="keys.csv", origin=Origin(manager))
    checking.take(imp)
    with time_machine.travel(timezone.now() + checking.LEASE + timedelta(seconds=1)):
        assert worker.work_once()
    imp.refresh_from_db()
    assert (imp.state, imp.checked, imp.counts) == (Import.State.CHECKED, 600, {"n": 600})


def test_a_worker_that_was_thought_dead_does_not_disturb_its_successor(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LEASE", timedelta(0))
    late = steps.begin(written([line() for _ in range(1200)]), name="keys.csv", origin=Origin(manager))
    checking.take(late)
    successor = Import.objects.get(pk=late.pk)
    checking.take(successor)
    checking.check(successor, origin=Origin(manager), at_most=1000)
    with pytest.raises(checking.Superseded):
        checking.check(late, origin=Origin(manager))
    worker.carry_out(successor)
    assert (successor.state, successor.counts) == (Import.State.CHECKED, {"n": 1200})


@pytest.mark.parametrize("secret", ["the plan", "rows that are there", "the file"])
@pytest.mark.parametrize("step", ["cancels", "reads it in another way", "says what columns mean"])
def test_whoever_steps_in_while_a_worker_checks_has_the_last_word(manager: User, step: str, secret: str) -> None:
    origin = Origin(manager)
    imp = steps.begin(written([line() for _ in range(600)]), name="keys.csv", origin=origin)
    old = Import.objects.get(pk=imp.pk)
    waiting = {
        "cancels": lambda: steps.cancel(imp),
        "reads it in another way": lambda: steps.change_format(
            imp, replace(Format.of(imp.format), header=False), origin=origin
        ),
        "says what columns mean": lambda: steps.change_plan(imp, defaults={"architecture": "x64"}, origin=origin),
    }

    waiting_for = iter(["the plan", "rows that are there", "the file"])

    def step_in(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('SELECT "productkeys_sealedsecret"') and next(waiting_for, "") == secret:
            waiting.pop(step)()
        return execute(sql, *rest)

    with connection.execute_wrapper(step_in):
        worker.carry_out(old)
    assert step not in waiting
    imp.refresh_from_db()
    assert (imp.state, imp.fault) == (Import.State.CANCELLED if step == "cancels" else Import.State.CHECKING, {})
    assert worker.work_once() is (step != "cancels")
