"""The audit log goes to syslog as well where an administrator wants it: committed entries, one line of JSON each."""

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from keyportal.people.models import User
from keyportal.syslog import audit_handler
from productkeys.services import keys
from productkeys.services.origin import Origin
from tests.factories import stored

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def _switched_on(handler: logging.Handler) -> Iterator[None]:
    """The logger as the settings make it where KEYPORTAL_SYSLOG is set."""
    logger = logging.getLogger("keyportal.audit")
    off = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    logger.setLevel(off)
    handler.close()


def _listening(handler: logging.Handler, server: socket.socket) -> Iterator[socket.socket]:
    server.settimeout(5)
    with _switched_on(handler):
        yield server
    server.close()


@pytest.fixture
def by_udp() -> Iterator[socket.socket]:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    yield from _listening(audit_handler(f"udp://127.0.0.1:{server.getsockname()[1]}"), server)


@pytest.fixture
def by_socket(tmp_path: Path) -> Iterator[socket.socket]:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(tmp_path / "log"))
    yield from _listening(audit_handler(str(tmp_path / "log")), server)


def _received(server: socket.socket) -> dict[str, Any]:
    line = server.recv(65_536).rstrip(b"\0").decode()
    head, said = line.split(": ", 1)
    assert head == "<38>keyportal"  # facility auth, severity info
    entry: dict[str, Any] = json.loads(said)
    return entry


@pytest.mark.parametrize("way", ["by_udp", "by_socket"])
def test_an_entry_arrives_once_it_is_committed(way: str, request: pytest.FixtureRequest, manager: User) -> None:
    server = request.getfixturevalue(way)
    key = stored(by=manager)
    entry = _received(server)
    assert (entry["action"], entry["actor_name"], entry["subject_uid"]) == ("added", "mara.manager", str(key.uid))
    assert entry["after"]["quantity"] == 500
    assert key.code.open() not in json.dumps(entry)


def test_what_was_taken_back_does_not(by_udp: socket.socket, manager: User) -> None:
    key = stored(by=manager)
    assert _received(by_udp)["action"] == "added"
    with transaction.atomic():
        keys.set_status(key, "archived", seen_version=1, origin=Origin(manager))
        transaction.set_rollback(True)
    key.refresh_from_db()
    keys.set_status(key, "compromised", seen_version=1, origin=Origin(manager))
    assert _received(by_udp)["action"] == "compromised"


def test_a_silent_server_stops_nobody(tmp_path: Path, manager: User) -> None:
    with _switched_on(audit_handler(str(tmp_path / "nobody listens"))):
        assert stored(by=manager).pk


def test_nothing_is_forwarded_unless_asked_for() -> None:
    assert isinstance(audit_handler(""), logging.NullHandler)
    assert not logging.getLogger("keyportal.audit").isEnabledFor(logging.INFO)


@pytest.mark.parametrize(
    "address", ["syslog", "tcp://192.0.2.1", "udp://log.example.org", "udp://192.0.2.1:x", "udp://"]
)
def test_an_address_that_will_not_do_is_refused_with_what_to_do(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="KEYPORTAL_SYSLOG"):
        audit_handler(address)
