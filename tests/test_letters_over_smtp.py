"""A letter about a forgotten password, from a portal that gunicorn serves to a mail server that listens."""

import subprocess
import sys
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.letters import address_in
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
from tests.mail_server import MailServer, mail_server
from tests.settings import BASE_DIR

NEW = "an even longer passphrase"

MAKE_PEOPLE = """
from keyportal.people.models import User
for name in ("mara", "rolf"):
    User.objects.create_user(name, f"{name}@example.org", "a long enough passphrase", language="de")
"""


class Portal:
    """A portal on this machine, asked as a browser would."""

    def __init__(self, port: int, log: Path, server: subprocess.Popen[str]) -> None:
        self.origin, self.log, self.server = f"http://127.0.0.1:{port}", log, server

    def ask(self, typed: str) -> None:
        """Ask for a new password for `typed`."""
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        page = f"{self.origin}/accounts/password/reset/"
        token = _token_in(browser.open(page, timeout=PATIENCE_SECONDS).read().decode())
        assert "Look into your mailbox" in self._post(browser, page, token, email=typed)

    def set_password(self, link: str, password: str) -> str:
        """What is said to somebody who opens `link` and sets this password."""
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        with browser.open(link, timeout=PATIENCE_SECONDS) as page:
            return self._post(
                browser, page.url, _token_in(page.read().decode()), password1=password, password2=password
            )

    def _post(self, browser: OpenerDirector, address: str, token: str, **typed: str) -> str:
        sent = urlencode({"csrfmiddlewaretoken": token} | typed).encode()
        with browser.open(address, sent, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())


def _token_in(page: str) -> str:
    return page.split('name="csrfmiddlewaretoken" value="')[1].partition('"')[0]


@pytest.fixture(scope="module")
def environment(new_machine: Machines) -> Environment:
    """A portal with two people in it."""
    made = new_machine()
    prepared(made)
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", MAKE_PEOPLE]
    subprocess.run(command, cwd=BASE_DIR, env=made, check=True)
    return made


@pytest.fixture
def letters() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def portal(environment: Environment, letters: MailServer, tmp_path: Path) -> Iterator[Portal]:
    # Development's way with static files, which takes them from where they lie: nobody has collected them for a test.
    settings = {
        "KEYPORTAL_DEBUG": "true",
        "KEYPORTAL_EMAIL_URL": letters.url,
        "KEYPORTAL_EMAIL_FROM": "keys@example.org",
    }
    port, log = free_port(), tmp_path / "log"
    with log.open("w") as stream:
        server = serving(environment | settings, port, log=stream)
    try:
        wait_until_said(server, log, "Booting worker")
        yield Portal(port, log, server)
    finally:
        stopped(server)


def test_the_letter_arrives_and_its_link_sets_a_new_password_that_no_log_knows(
    portal: Portal, letters: MailServer
) -> None:
    portal.ask("mara")
    delivered = letters.delivered.get(timeout=PATIENCE_SECONDS)
    assert (delivered.sender, delivered.recipients) == ("keys@example.org", ["mara@example.org"])
    assert delivered.letter["Subject"] == "KeyPortal: Ihr neues Kennwort"
    assert delivered.letter.get_content_type() == "text/plain"
    link = address_in(delivered.letter.get_content())
    assert link.startswith(f"{portal.origin}/accounts/password/reset/")
    assert "Your password is changed." in portal.set_password(link, NEW)
    token = urlsplit(link).path.split("/")[-2]
    assert token not in portal.log.read_text()
    assert NEW not in portal.log.read_text()


def test_how_long_the_mail_server_takes_tells_nobody_who_has_an_account(portal: Portal, letters: MailServer) -> None:
    """Everybody is answered while it still lets the portal wait."""
    letters.goes_on.clear()
    for typed in ("nobody", "mara", "mara@example.org", "nobody@example.org"):
        portal.ask(typed)
    assert letters.delivered.empty()
    letters.goes_on.set()
    assert letters.delivered.get(timeout=PATIENCE_SECONDS).recipients == ["mara@example.org"]


def test_a_portal_that_is_stopped_sends_what_it_promised(portal: Portal, letters: MailServer) -> None:
    letters.goes_on.clear()
    portal.ask("rolf")
    portal.server.terminate()
    wait_until_said(portal.server, portal.log, "Handling signal: term")
    letters.goes_on.set()
    assert letters.delivered.get(timeout=PATIENCE_SECONDS).recipients == ["rolf@example.org"]
    assert portal.server.wait(timeout=PATIENCE_SECONDS) == 0
