"""Guessing at a password by machine: a thousand tries, at once, at four workers, under a forged address each."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.machine import (
    PATIENCE_SECONDS,
    Environment,
    Machines,
    free_port,
    prepared,
    serving,
    stopped,
    wait_until_said,
)
from tests.settings import BASE_DIR

TRIES = 1_000
GUESSERS = 8
EVALUATED = 5
"""So many wrong passwords are looked at before the account is locked for this address."""

LOGIN = "/accounts/login/"
LOCKED = "Too many wrong tries."
SLOWED_DOWN = "<title>Too many requests"
WRONG = "User name or password is not right."
COUNT = """
from productkeys.models import TrailEntry
print(TrailEntry.objects.filter(action="sign-in-failed").count())
"""


@pytest.fixture(scope="module")
def environment(new_machine: Machines) -> Environment:
    """A portal with the account `admin`."""
    made = new_machine()
    prepared(made)
    return made


@pytest.fixture
def port(environment: Environment, tmp_path: Path) -> Iterator[int]:
    """Where four workers serve it, each a process of its own."""
    # Development's way with static files, which takes them from where they lie: nobody has collected them for a test.
    settings = {"KEYPORTAL_WORKERS": "4", "KEYPORTAL_DEBUG": "true"}
    number, log = free_port(), tmp_path / "log"
    with log.open("w") as stream:
        server = serving(environment | settings, number, log=stream)
    try:
        wait_until_said(server, log, "Booting worker", times=4)
        yield number
    finally:
        stopped(server)


def _guess(port: int, numbers: range) -> Counter[str]:
    """What a guesser is told who keeps one session, and says with every try that it comes from somewhere else."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request("GET", LOGIN)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    assert answer.status == 200, page
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    told: Counter[str] = Counter()
    for number in numbers:
        forged = f"198.51.{number % 250}.{number // 250}"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie,
            "X-Forwarded-For": forged,
            "X-Real-IP": forged,
            "Forwarded": f"for={forged}",
        }
        typed = {"csrfmiddlewaretoken": token[1], "login": "admin", "password": f"guess number {number}"}
        connection.request("POST", LOGIN, urlencode(typed), headers)
        page = connection.getresponse().read().decode()
        connection.close()  # the server would, in the moment of the next try, where this guesser is slow
        told[next((text for text in (WRONG, LOCKED, SLOWED_DOWN) if text in page), page[:200])] += 1
    return told


def test_of_a_thousand_tries_five_are_looked_at(environment: Environment, port: int) -> None:
    shares = [range(start, TRIES, GUESSERS) for start in range(GUESSERS)]
    with ThreadPoolExecutor(GUESSERS) as guessers:
        told = sum(guessers.map(_guess, [port] * GUESSERS, shares), Counter[str]())
    assert told[WRONG] == EVALUATED
    assert told[LOCKED] + told[SLOWED_DOWN] == TRIES - EVALUATED

    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", COUNT]
    counted = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True)
    assert counted.stdout.strip() == str(EVALUATED)
