"""Where the key ring comes from, and what this process knows of it: an environment variable, a command, or a file.

A process keeps the ring it read. Before it seals it asks the database, at most once a second, which master keys are in
force; it also asks when a sealed text names a key that it lacks. Then it reads a file again that changed, and runs the
command again where the database knows a key that the ring lacks. A ring in the environment cannot change while the
process runs; docs/rotation.md says what follows from that.
"""

import errno
import fcntl
import logging
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from productkeys.key_ring import Checks, KeyRing, KeyRingProblem, MasterKey, new_key_ring_text

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0
COMMAND_AGAIN_SECONDS = 10.0
COMMAND_SECONDS = 30

_Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What this process knows, replaced as a whole, so that threads never see half of it."""

    ring: KeyRing
    stamp: _Stamp
    read_at: float
    in_force: tuple[MasterKey, ...] = ()
    looked_at: float = float("-inf")


_known: _Known | None = None
_registered: Callable[[], Mapping[int, Checks]]


def take_registered_keys_from(source: Callable[[], Mapping[int, Checks]]) -> None:
    """Name the function that reads the registered keys; models stand above this module and register themselves here."""
    global _registered
    _registered = source


def is_configured() -> bool:
    """Whether a ring stands in the environment or in its file, or a command brings it."""
    return bool(settings.KEY_RING or settings.KEY_RING_COMMAND) or settings.KEY_RING_FILE.is_file()


def is_a_file() -> bool:
    """Whether the ring is a file, which `rotate_keys` may write."""
    return not (settings.KEY_RING or settings.KEY_RING_COMMAND)


def key_ring() -> KeyRing:
    """The ring that this process works with. Raises KeyRingProblem where there is none."""
    return _loaded().ring


def keys_in_force() -> tuple[MasterKey, ...]:
    """The master keys that new data may be sealed with, the newest last. Raises KeyRingProblem where there are none.

    They are in this ring and registered in the database with the same value. A stray key is never among them.
    """
    known = _loaded()
    if time.monotonic() - known.looked_at > LOOK_AGAIN_SECONDS:
        known = _look_again(known)
    if not known.in_force:
        raise KeyRingProblem(
            "None of the master keys in the key ring is in force in this database: nothing is stored. Run "
            "`manage.py prepare`, which makes a new portal ready and says what is wrong with the ring of another."
        )
    return known.in_force


def key_for(number: int) -> MasterKey:
    """The master key to open an existing text with. Raises KeyRingProblem where the ring lacks it, even read anew."""
    known = _loaded()
    if number not in known.ring.keys:
        known = _look_again(known)
    try:
        return known.ring.keys[number]
    except KeyError:
        raise KeyRingProblem(
            f"The key ring holds no master key {number}. Add it again from the backup; where the ring stands in the "
            "environment, restart the portal with the ring that `manage.py rotate_keys` extended."
        ) from None


def forget() -> None:
    """Read everything anew when it is next needed."""
    global _known
    _known = None


def make_key_ring(path: Path) -> None:
    """Write a fresh ring to `path`, readable by its owner only. Raises FileExistsError where there is one already."""
    write_new(path, new_key_ring_text())


def write_key_ring(ring: KeyRing, path: Path) -> None:
    """Write `ring` to a file that is not there yet. Raises FileExistsError."""
    write_new(path, ring.text())


def write_new(path: Path, text: str) -> None:
    """Write `text`, a secret, to a file that is not there yet, at once or not at all. Raises FileExistsError.

    A run that is killed leaves no half of it. For who is alone with it: two at once would both write.
    """
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    _write_beside(path, text).replace(path)
    _sync_folder_of(path)


def replace_key_ring(ring: KeyRing) -> None:
    """Put `ring` in the place of the ring's file, at once or not at all, and work with it from now on."""
    path: Path = settings.KEY_RING_FILE
    beside = _write_beside(path, ring.text())
    owner = path.stat()
    if os.geteuid() == 0:
        os.chown(beside, owner.st_uid, owner.st_gid)  # an administrator's root must not lock the portal out
    beside.chmod(owner.st_mode & 0o777)
    beside.replace(path)
    _sync_folder_of(path)
    forget()


@contextmanager
def alone_with_the_ring() -> Iterator[None]:
    """Hold the ring against another rotation and `prepare` on this machine, and read it anew."""
    folder = os.open(settings.DATA_DIR, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        forget()
        yield
    finally:
        os.close(folder)


def _write_beside(path: Path, text: str) -> Path:
    """Write `text` to a file beside `path`, readable by its owner only; what a killed run left there goes."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _sync_folder_of(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _loaded() -> _Known:
    global _known
    known = _known
    if known is None:
        stamp = _stamp()
        known = _known = _Known(_read(), stamp, time.monotonic())
    return known


def _look_again(known: _Known) -> _Known:
    """What is known after asking the database, and after reading the ring where it may hold more by now."""
    global _known
    registered, stamp, now = _registered(), _stamp(), time.monotonic()
    lacks = bool(registered.keys() - known.ring.keys.keys())
    if stamp != known.stamp or (lacks and settings.KEY_RING_COMMAND and now - known.read_at > COMMAND_AGAIN_SECONDS):
        known = replace(known, ring=_better(known.ring, registered), stamp=stamp, read_at=now)
    known = _known = replace(known, in_force=known.ring.fitting(registered), looked_at=now)
    return known


def _better(present: KeyRing, registered: Mapping[int, Checks]) -> KeyRing:
    """The ring as it reads now, unless that one does not fit and the `present` one does: serving goes on then."""
    try:
        read = _read()
        problem = read.misfit(registered)
    except KeyRingProblem as unreadable:
        problem = str(unreadable)
    else:
        if not problem:
            return read
    logger.critical(
        "The key ring changed and will not do; the one read before stays in use until a restart. %s", problem
    )
    return present


def _stamp() -> _Stamp:
    """What tells one content of the ring's file from another; empty where the ring is no file."""
    if not is_a_file():
        return ()
    try:
        status = settings.KEY_RING_FILE.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_ino, status.st_size


def _read() -> KeyRing:
    if settings.KEY_RING and settings.KEY_RING_COMMAND:
        raise KeyRingProblem(
            "KEYPORTAL_KEY_RING and KEYPORTAL_KEY_RING_COMMAND are both set. Keep the one that holds the ring of this "
            "database, and unset the other."
        )
    if settings.KEY_RING:
        return KeyRing.parse(settings.KEY_RING)
    if settings.KEY_RING_COMMAND:
        return KeyRing.parse(_output_of(settings.KEY_RING_COMMAND))
    try:
        return KeyRing.parse(settings.KEY_RING_FILE.read_text())
    except OSError as error:
        raise KeyRingProblem(
            f"The key ring {settings.KEY_RING_FILE} cannot be read ({error.strerror}). Restore it from the backup, or "
            "set KEYPORTAL_KEY_RING, KEYPORTAL_KEY_RING_FILE or KEYPORTAL_KEY_RING_COMMAND. On a new portal, run "
            "`manage.py prepare`."
        ) from None


def _output_of(command: str) -> str:
    """What `command` prints. Neither that nor its errors are quoted anywhere: they may hold the ring."""
    try:
        done = subprocess.run(  # noqa: S603 - the administrator's own command, without a shell
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        match error:
            case subprocess.CalledProcessError():
                what = f"ended with {error.returncode}"
            case subprocess.TimeoutExpired():
                what = f"took longer than {COMMAND_SECONDS} seconds"
            case _:
                what = "cannot be started"
        raise KeyRingProblem(
            f"The command of KEYPORTAL_KEY_RING_COMMAND {what}. Run it by hand as the portal's account: it has to "
            "print the key ring and end with 0."
        ) from None
    return done.stdout
