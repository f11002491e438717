"""How gunicorn serves KeyPortal: `gunicorn --config keyportal/gunicorn.py`.

There is no access log: a proxy keeps one (deploy/nginx.conf shows one without query strings).
"""

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from keyportal.error_reports import KeyMaskingFormatter

wsgi_app = "keyportal.wsgi:application"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("KEYPORTAL_WORKERS", "2"))
threads = int(os.environ.get("KEYPORTAL_THREADS", "4"))
preload_app = True
proc_name = "keyportal"

# Files that the portal makes, SQLite's among them, are for its own account only. gunicorn's setting of this name covers
# nothing but its own socket and heartbeat files.
os.umask(0o077)

# The control socket would lie in the home directory, where two portals of one account would fight for it.
control_socket_disable = True

_WORK = [sys.executable, str(Path(__file__).parent.parent / "manage.py"), "work", "--parent"]
_AGAIN_AFTER_SECONDS = 5
_stopping = threading.Event()

# A web server's process that is forked while the other one is started would hold the other end of the pipe on which its
# start is reported, and the start would never be over.
_starting = threading.Lock()
os.register_at_fork(before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_starting.release)

timeout = 60
graceful_timeout = 15
max_requests = 20_000
max_requests_jitter = 2_000


def on_starting(server: Arbiter) -> None:
    """Mask gunicorn's own log like everything else: it writes the address of a request that fails below Django."""
    for handler in server.log.error_log.handlers:
        handler.setFormatter(KeyMaskingFormatter(server.log.error_fmt, server.log.datefmt))


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Leave what was loaded before the fork out of every later garbage collection: it stays for good, and shared."""
    gc.freeze()


def when_ready(server: Arbiter) -> None:
    """Keep a process beside the web server that does what people wait for, such as imports (`manage.py work`)."""
    _keeper.start()


def on_exit(server: Arbiter) -> None:
    """Let that process end with the server; it also notices by itself where the server is killed."""
    _stopping.set()
    _keeper.join(timeout=2)


def _keep_working() -> None:
    while not _stopping.is_set():
        with _starting:
            process = subprocess.Popen([*_WORK, str(os.getpid())])  # noqa: S603  # our own command
        while process.poll() is None and not _stopping.wait(0.2):
            pass
        process.terminate()
        _stopping.wait(_AGAIN_AFTER_SECONDS)


_keeper = threading.Thread(target=_keep_working, name="keep working", daemon=True)
