"""A gunicorn with one worker, as the portal runs it, and a visitor who keeps the connection open."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode

from django.conf import settings

START_SECONDS = 30
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')


@contextmanager
def running_portal(workers: int = 1) -> Iterator[int]:
    """Serve the portal of this process's settings and yield the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": str(port), "KEYPORTAL_WORKERS": str(workers)}
    command = [sys.executable, "-m", "gunicorn", "--config", "keyportal/gunicorn.py", "--log-level", "warning"]
    server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)  # noqa: S603 - arguments of our own
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(START_SECONDS)


def _wait(port: int) -> None:
    deadline = perf_counter() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if perf_counter() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


class Visitor:
    """Somebody signed in. `get` and `post` return status, body and the seconds until the last byte of it."""

    def __init__(self, port: int, session: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = {settings.SESSION_COOKIE_NAME: session}
        self.location = ""

    def get(self, path: str) -> tuple[int, str, float]:
        return self._ask("GET", path, "", {})

    def post(self, path: str, fields: Mapping[str, str]) -> tuple[int, str, float]:
        return self._ask("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str, float]:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        start = perf_counter()
        self._connection.request(method, path, body or None, headers)
        response = self._connection.getresponse()
        answer = response.read()
        seconds = perf_counter() - start
        for header in response.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        self.location = response.headers.get("Location", "")
        return response.status, answer.decode(), seconds


def hidden_fields(page: str, form: str) -> dict[str, str]:
    """The hidden fields of the form with this id."""
    inside = page.split(f'id="{form}"', 1)[1].split("</form>", 1)[0]
    return {name: unescape(value) for name, value in _HIDDEN.findall(inside)}
