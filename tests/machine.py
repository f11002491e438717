"""Portals of their own: real processes with a data directory and a database that no other test sees."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from uuid import uuid4

import psycopg
import pytest

from tests.settings import BASE_DIR, POSTGRESQL_FOLDER, TEST_DATABASE

Environment = dict[str, str]

PATIENCE_SECONDS = 120
"""How long a process that does what it should may take for it: the machine may be busy."""
_held: list[socket.socket] = []


class Machines:
    """Makes machines, each as the environment of its processes."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self.databases: list[str] = []

    def __call__(self, *, like: Environment | None = None) -> Environment:
        """A portal that was never started, or a copy of one that is not running."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYPORTAL_")}
        data = self._folders.mktemp("machine") / "data"
        environment |= {"DJANGO_SETTINGS_MODULE": "keyportal.settings", "KEYPORTAL_DATA_DIR": str(data)}
        if like:
            shutil.copytree(like["KEYPORTAL_DATA_DIR"], data)
        if TEST_DATABASE == "postgresql":
            self.databases.append(f"machine_{uuid4().hex}")
            template = ""
            if like:
                template = f" TEMPLATE {_database_of(like)}"
                _wait_until_left(_database_of(like))
            on_server(f"CREATE DATABASE {self.databases[-1]}{template}")
            environment["DATABASE_URL"] = os.environ["DATABASE_URL"].replace("/postgres?", f"/{self.databases[-1]}?")
        return environment


@contextmanager
def machines(folders: pytest.TempPathFactory) -> Iterator[Machines]:
    """Machines whose databases are gone afterwards."""
    made = Machines(folders)
    yield made
    for name in made.databases:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")


def on_server(statement: str) -> None:
    """Run `statement` on the tests' PostgreSQL."""
    folder = str(POSTGRESQL_FOLDER)
    with psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def started(environment: Environment, *arguments: str) -> subprocess.Popen[str]:
    """Python with `arguments`, running on the machine; what it says on either channel is to be read from `stdout`."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=environment,
        umask=0o022,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_port() -> int:
    """A port on which nobody listens, and which nobody is given before the end of the run who asks for any port.

    A socket that is bound to it and never listens holds it. Whoever wants this very port can listen on it all the same,
    as long as both say that they share (SO_REUSEADDR), as servers do.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    port: int = holder.getsockname()[1]
    return port


def serving(environment: Environment, port: int, *, log: int | TextIO = subprocess.PIPE) -> subprocess.Popen[str]:
    """gunicorn, as the portal runs it, on this port; what it says goes to `log`, else it is read from `stdout`."""
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "keyportal/gunicorn.py"],
        cwd=BASE_DIR,
        env=environment | {"PORT": str(port), "KEYPORTAL_URL": f"http://127.0.0.1:{port}"},
        umask=0o022,
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )


def stopped(server: subprocess.Popen[str]) -> int:
    """Tell gunicorn to stop; returns how it ended. It may wait for what its processes are at."""
    server.terminate()
    return server.wait(timeout=PATIENCE_SECONDS)


def wait_until_said(server: subprocess.Popen[str], log: Path, words: str, *, times: int = 1) -> None:
    """Wait until the server has said `words` in `log` so many times."""
    end = time.monotonic() + PATIENCE_SECONDS
    while log.read_text().count(words) < times:
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


def preparing(environment: Environment) -> subprocess.Popen[str]:
    return started(environment, "manage.py", "prepare")


def prepared(environment: Environment) -> str:
    """What `manage.py prepare` says, once it is done."""
    process = preparing(environment)
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, output
    return output


def key_ring_file(environment: Environment) -> Path:
    return Path(environment["KEYPORTAL_DATA_DIR"]) / "key_ring.json"


def _database_of(environment: Environment) -> str:
    return environment["DATABASE_URL"].split("@/")[1].split("?")[0]


def _wait_until_left(database: str) -> None:
    """Wait until nobody is connected: the server notices a moment late that a process has ended."""
    on_server(
        f"SELECT pg_terminate_backend(pid, {PATIENCE_SECONDS * 1000}) FROM pg_stat_activity"  # noqa: S608
        f" WHERE datname = '{database}'"
    )
