"""Somebody starts the portal: on a bare machine, a second time, twice at once, and with something missing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from pytest_django import Settings

from keyportal.people.models import User
from productkeys import key_ring_source
from productkeys.key_ring import new_key_ring_text
from productkeys.key_ring_source import make_key_ring
from tests.machine import PATIENCE_SECONDS, Environment, Machines, free_port, prepared, preparing, serving, started
from tests.settings import BASE_DIR

PASSWORD = "a-long-Passphrase-of-the-test"

# --- On a bare machine: real processes with a data directory and a database of their own


@pytest.fixture(scope="module")
def first_start(new_machine: Machines) -> tuple[Environment, str]:
    """The environment of a portal that was started once, and what the start said."""
    environment = new_machine()
    return environment, prepared(environment)


def test_the_first_start_says_what_it_made_and_shows_the_password(first_start: tuple[Environment, str]) -> None:
    _, output = first_start
    assert "Key ring made" in output
    assert "no stored key opens without it" in output
    assert "Standard keys added: 97." in output
    assert "First administrator: admin, password: " in output
    assert "(shown only now)" in output


def test_what_the_first_start_made_is_for_its_owner_only(first_start: tuple[Environment, str]) -> None:
    environment, _ = first_start
    directory = Path(environment["KEYPORTAL_DATA_DIR"])
    made = [directory, *directory.rglob("*")]
    assert {"secret_key", "key_ring.json"} <= {path.name for path in made}
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []


def test_the_second_start_finds_everything_in_place(first_start: tuple[Environment, str]) -> None:
    environment, _ = first_start
    directory = Path(environment["KEYPORTAL_DATA_DIR"])
    secrets = [(directory / name).read_text() for name in ("secret_key", "key_ring.json")]
    assert prepared(environment) == ""
    assert [(directory / name).read_text() for name in ("secret_key", "key_ring.json")] == secrets


def test_two_first_starts_at_once_make_everything_once(new_machine: Machines) -> None:
    environment = new_machine()
    processes = [preparing(environment) for _ in range(2)]
    output = "".join(process.communicate(timeout=PATIENCE_SECONDS)[0] for process in processes)
    assert [process.returncode for process in processes] == [0, 0], output
    for once in ("Secret key made", "Key ring made", "Standard keys added", "First administrator"):
        assert output.count(once) == 1, output


def test_reading_the_settings_makes_no_secret(new_machine: Machines) -> None:
    environment = new_machine()
    subprocess.run([sys.executable, "-c", "import keyportal.settings"], cwd=BASE_DIR, env=environment, check=True)
    assert not Path(environment["KEYPORTAL_DATA_DIR"]).exists()


def test_a_database_out_of_reach_is_a_sentence_and_no_traceback(new_machine: Machines) -> None:
    environment = new_machine() | {"DATABASE_URL": "postgres://nobody@/nothing?host=/nonexistent"}
    process = preparing(environment)
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert "CommandError: The database cannot be used:" in output
    assert "Traceback" not in output


# --- Served by gunicorn


@dataclass(frozen=True)
class Served:
    """What is known of a gunicorn that answered one request, with a search in its address, and was told to stop."""

    status: int
    location: str
    umask: str
    log: str
    exit_code: int


@pytest.fixture(scope="module")
def served(first_start: tuple[Environment, str]) -> Served:
    environment, _ = first_start
    port, lines = free_port(), []
    server = serving(environment, port)
    assert server.stdout is not None
    try:
        for line in server.stdout:
            lines.append(line)
            if "Booting worker" in line:
                break
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        connection.request("GET", "/product-keys/?q=canary")
        answer = connection.getresponse()
        connection.close()
        status = Path(f"/proc/{server.pid}/status").read_text()
    finally:
        server.terminate()
        lines.append(server.stdout.read())  # not communicate(): it would miss what is in the buffer already
        server.wait(timeout=PATIENCE_SECONDS)
    return Served(
        status=answer.status,
        location=str(answer.headers["Location"]),
        umask=status.split("Umask:")[1].split()[0],
        log="".join(lines),
        exit_code=server.returncode,
    )


def test_gunicorn_serves_and_stops_when_told(served: Served) -> None:
    assert served.status == 302
    assert served.location.startswith("/accounts/login/")
    assert served.exit_code == 0


def test_gunicorn_logs_no_address(served: Served) -> None:
    assert "canary" not in served.log


def test_what_gunicorn_makes_is_for_its_own_account_only(served: Served) -> None:
    assert served.umask == "0077"


def test_gunicorn_serves_no_database_with_the_ring_of_another(first_start: tuple[Environment, str]) -> None:
    environment, _ = first_start
    server = serving(environment | {"KEYPORTAL_KEY_RING": new_key_ring_text()}, free_port())
    try:
        output, _ = server.communicate(timeout=PATIENCE_SECONDS)
    finally:
        server.kill()
    assert server.returncode != 0
    assert "The key ring is not the one of this database" in output


# --- The worker beside it, which checks and stores imports


@pytest.fixture
def serving_server(first_start: tuple[Environment, str]) -> Iterator[subprocess.Popen[str]]:
    environment, _ = first_start
    server = serving(environment, free_port(), log=subprocess.DEVNULL)
    yield server
    server.kill()
    server.wait(timeout=PATIENCE_SECONDS)


def _workers_of(server: subprocess.Popen[str]) -> set[int]:
    """The processes `manage.py work` that this gunicorn runs."""
    children = set[int]()
    for task in Path(f"/proc/{server.pid}/task").iterdir():
        with suppress(OSError):  # a thread that is gone by now
            children |= {int(child) for child in task.joinpath("children").read_text().split()}
    return {child for child in children if {"manage.py", "work"} <= _arguments_of(child)}


def _arguments_of(process: int) -> set[str]:
    """The names that a process was started with; none where it is gone."""
    try:
        return {Path(argument).name for argument in Path(f"/proc/{process}/cmdline").read_text().split("\0")} - {""}
    except OSError:
        return set()


def _come(found: Callable[[], set[int]]) -> int:
    """The one process that `found` gives."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if processes := found():
            (process,) = processes
            return process
        time.sleep(0.1)
    raise AssertionError("no process came")


def _assert_it_ends(process: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if not _arguments_of(process):
            return
        time.sleep(0.1)
    raise AssertionError("it still runs")


def test_gunicorn_keeps_one_worker_for_imports_which_comes_again_and_ends_with_it(
    serving_server: subprocess.Popen[str],
) -> None:
    first = _come(lambda: _workers_of(serving_server))
    os.kill(first, signal.SIGKILL)
    second = _come(lambda: _workers_of(serving_server) - {first})
    serving_server.terminate()
    _assert_it_ends(second)
    assert serving_server.wait(timeout=PATIENCE_SECONDS) == 0


FORK_MEANWHILE = """
import os, signal, threading, time
from keyportal import gunicorn

pipe, starting = os.pipe, threading.Event()
os.pipe = lambda: (pipe(), starting.set(), time.sleep(1))[0]  # a slow start
gunicorn.when_ready(None)
starting.wait()
if not (web := os.fork()):
    time.sleep(120)
    os._exit(0)
gunicorn.on_exit(None)
gunicorn._keeper.join(30)  # busy, it may take a moment longer than the server waits for it
print("hangs" if gunicorn._keeper.is_alive() else "ends")
os.kill(web, signal.SIGKILL)
"""


def test_a_web_server_process_that_comes_in_the_same_moment_does_not_hold_up_what_keeps_it(
    first_start: tuple[Environment, str],
) -> None:
    environment, _ = first_start
    output, _ = started(environment, "-c", FORK_MEANWHILE).communicate(timeout=PATIENCE_SECONDS)
    assert output.strip() == "ends"


def test_the_worker_notices_by_itself_that_gunicorn_was_killed(serving_server: subprocess.Popen[str]) -> None:
    worker = _come(lambda: _workers_of(serving_server))
    serving_server.kill()
    _assert_it_ends(worker)


# --- With something missing or at odds: the command itself, on the database of the tests


@pytest.fixture
def data_directory(tmp_path: Path, settings: Settings, db: None) -> Iterator[Path]:
    """A data directory whose key ring, at first, is missing; the database holds keys."""
    settings.DATA_DIR = tmp_path
    settings.KEY_RING = ""
    settings.KEY_RING_FILE = tmp_path / "key_ring.json"
    key_ring_source.forget()
    umask = os.umask(0o077)
    yield tmp_path
    os.umask(umask)
    key_ring_source.forget()


@pytest.fixture
def fitting_ring(data_directory: Path, settings: Settings) -> None:
    settings.KEY_RING = os.environ["KEYPORTAL_KEY_RING"]


def _prepare_here() -> str:
    output = StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


def test_a_missing_ring_beside_stored_keys_is_refused_and_never_replaced(data_directory: Path) -> None:
    with pytest.raises(CommandError, match="Restore it from the backup"):
        _prepare_here()
    assert not (data_directory / "key_ring.json").exists()


def test_a_ring_of_another_portal_is_refused(data_directory: Path) -> None:
    make_key_ring(data_directory / "key_ring.json")
    with pytest.raises(CommandError, match="not the one of this database"):
        _prepare_here()


def test_a_damaged_ring_is_refused_without_quoting_it(data_directory: Path) -> None:
    text = new_key_ring_text()
    (data_directory / "key_ring.json").write_text(text[:-10])
    with pytest.raises(CommandError, match="cannot be read") as refusal:
        _prepare_here()
    assert text[40:60] not in str(refusal.value)


def test_a_secret_key_file_that_is_not_there_is_refused(
    fitting_ring: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY = ""
    monkeypatch.setenv("KEYPORTAL_SECRET_KEY_FILE", "/run/secrets/forgotten")
    with pytest.raises(CommandError, match="names /run/secrets/forgotten, which is missing or empty"):
        _prepare_here()


def test_the_given_password_lets_the_first_administrator_in_and_is_not_printed(
    fitting_ring: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYPORTAL_ADMIN_PASSWORD", PASSWORD)
    output = _prepare_here()
    assert "First administrator: admin, password: the one in KEYPORTAL_ADMIN_PASSWORD" in output
    assert PASSWORD not in output
    assert authenticate(username="admin", password=PASSWORD) == User.objects.get(is_superuser=True)


def test_a_given_password_that_is_too_weak_is_refused(fitting_ring: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYPORTAL_ADMIN_PASSWORD", "admin")
    with pytest.raises(CommandError, match="KEYPORTAL_ADMIN_PASSWORD will not do: "):
        _prepare_here()
    assert not User.objects.filter(username="admin").exists()


def test_a_portal_with_an_administrator_gets_no_second_one(fitting_ring: None, admin_user: User) -> None:
    assert _prepare_here() == ""
    assert list(User.objects.filter(is_superuser=True)) == [admin_user]
