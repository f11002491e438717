"""More reveals in an hour than one person may have: nobody reads any key until an administrator has looked."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import reveal_limit, revealing
from productkeys.services.origin import Origin
from tests.factories import stored

REASON = {"reason": "device", "note": "INC-20418"}
RELEASE = reverse("productkeys:release-reveals")
STOPPED = "Nobody can reveal keys at the moment."


@pytest.fixture(autouse=True)
def _limit(settings: Settings, db: None) -> None:
    settings.REVEALS_PER_HOUR = 2


@pytest.fixture
def key() -> ProductKey:
    return stored()


def _reveal(client: Client, key: ProductKey) -> Any:
    return client.post(reverse("productkeys:reveal", args=[key.pk]), REASON)


def _is_shown(answer: Any, key: ProductKey) -> bool:
    return key.code.open() in answer.content.decode()


def _trail() -> list[str]:
    entries = TrailEntry.objects.filter(action__contains="reveal").order_by("id")
    return [f"{entry.action} {entry.reason}".strip() for entry in entries]


def _overdo(client: Client, key: ProductKey) -> Any:
    for _time in range(2):
        assert _is_shown(_reveal(client, key), key)
    return _reveal(client, key)


def test_one_more_than_the_limit_is_refused(as_revealer: Client, revealer: User, key: ProductKey) -> None:
    answer = _overdo(as_revealer, key)
    assert answer.status_code == 429
    assert not _is_shown(answer, key)
    assert STOPPED in answer.content.decode()
    assert _trail()[2:] == ["reveals-stopped", "reveal-refused too-many"]
    assert TrailEntry.objects.get(action="reveals-stopped").actor_uid == revealer.uid


def test_from_then_on_nobody_reads_a_key(as_revealer: Client, as_admin: Client, key: ProductKey) -> None:
    _overdo(as_revealer, key)
    for client in (as_admin, as_revealer):
        answer = _reveal(client, key)
        assert answer.status_code == 429
        assert not _is_shown(answer, key)
        assert "Why is it revealed?" not in client.get(key.get_absolute_url()).content.decode()
    assert _trail()[4:] == ["reveal-refused stopped", "reveal-refused stopped"]


def test_waiting_an_hour_does_not_end_the_stop(as_revealer: Client, revealer: User, key: ProductKey) -> None:
    _overdo(as_revealer, key)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        as_revealer.force_login(revealer)
        assert _reveal(as_revealer, key).status_code == 429


def test_below_the_limit_an_hour_later_counts_anew(revealer: User, key: ProductKey) -> None:
    origin = Origin(revealer)
    for hours in (0, 0, 1.1, 1.1, 2.2):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            revealing.reveal(key, reason="device", origin=origin)
    assert reveal_limit.stop() is None


def test_each_person_has_a_limit_of_their_own(as_revealer: Client, as_admin: Client, key: ProductKey) -> None:
    for client in (as_revealer, as_admin, as_revealer, as_admin):
        assert _is_shown(_reveal(client, key), key)


def test_the_same_page_sent_twice_counts_once(as_revealer: Client, key: ProductKey) -> None:
    once = as_revealer.get(key.get_absolute_url()).context["form"]["once"].value()
    for _time in range(4):
        as_revealer.post(reverse("productkeys:reveal", args=[key.pk]), REASON | {"once": once})
    assert _is_shown(_reveal(as_revealer, key), key)


def test_without_a_limit_nothing_is_counted(as_revealer: Client, key: ProductKey, settings: Settings) -> None:
    settings.REVEALS_PER_HOUR = 0
    for _time in range(5):
        assert _is_shown(_reveal(as_revealer, key), key)


def test_an_administrator_looks_and_lets_keys_be_revealed_again(
    as_revealer: Client, as_admin: Client, revealer: User, admin_user: User, key: ProductKey
) -> None:
    _overdo(as_revealer, key)
    page = as_admin.get(key.get_absolute_url()).content.decode()
    assert "It was rolf.revealer" in page
    assert reverse("productkeys:seen-by", args=[revealer.uid]) in page
    answer = as_admin.post(RELEASE, {"next": key.get_absolute_url()})
    assert answer["Location"] == key.get_absolute_url()
    assert TrailEntry.objects.get(action="reveals-released").actor_uid == admin_user.uid
    # What was read before the release is not counted again.
    assert _is_shown(_reveal(as_revealer, key), key)


def test_only_who_has_the_right_ends_the_stop(as_revealer: Client, as_manager: Client, key: ProductKey) -> None:
    _overdo(as_revealer, key)
    for client in (as_revealer, as_manager):
        assert RELEASE not in client.get(key.get_absolute_url()).content.decode()
        assert client.post(RELEASE).status_code == 403
    assert reveal_limit.stop()


def test_reading_the_address_ends_nothing(as_revealer: Client, as_admin: Client, key: ProductKey) -> None:
    _overdo(as_revealer, key)
    assert as_admin.get(RELEASE).status_code == 405
    assert reveal_limit.stop()


def test_ending_a_stop_that_is_none_leaves_no_trace(as_admin: Client) -> None:
    as_admin.post(RELEASE)
    assert _trail() == []


def test_names_beside_a_stop_are_for_auditors(as_revealer: Client, key: ProductKey) -> None:
    _overdo(as_revealer, key)
    keeper = User.objects.create_user("karl.keeper")
    keeper.user_permissions.set(Permission.objects.filter(codename__in=["view_productkey", "release_productkey"]))
    client = Client()
    client.force_login(keeper)
    page = client.get(key.get_absolute_url()).content.decode()
    assert RELEASE in page
    assert "rolf.revealer" not in page


def test_those_who_may_end_it_get_one_letter_in_their_language(
    as_revealer: Client, admin_user: User, key: ProductKey
) -> None:
    User.objects.filter(pk=admin_user.pk).update(email="admin@example.org", language="de")
    _overdo(as_revealer, key)
    _reveal(as_revealer, key)
    (letter,) = mail.outbox
    assert letter.to == ["admin@example.org"]
    assert letter.subject == "KeyPortal: Zurzeit kann niemand Produktschlüssel anzeigen"
    assert "rolf.revealer" in letter.body
    assert "http://127.0.0.1:8000/audit-log/" in letter.body  # of the settings, not of the request
    assert key.last_five not in letter.body


def test_without_a_mail_server_the_stop_holds_all_the_same(
    as_revealer: Client, admin_user: User, key: ProductKey, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    User.objects.filter(pk=admin_user.pk).update(email="admin@example.org")
    answer = _overdo(as_revealer, key)
    assert answer.status_code == 429
    assert not _is_shown(answer, key)
    assert "The letters about the stop could not be sent" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_same_act_sent_twice_at_the_same_moment_reveals_once(revealer: User, key: ProductKey) -> None:
    act = uuid.uuid4()

    def read(_number: int) -> str:
        try:
            revealing.reveal(key, reason="device", origin=Origin(revealer), act=act)
        except reveal_limit.Repeated:
            return "repeated"
        else:
            return "revealed"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as readers:
        assert sorted(readers.map(read, range(4))) == ["repeated", "repeated", "repeated", "revealed"]


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_no_more_than_the_limit_are_read(revealer: User, key: ProductKey) -> None:
    def read(_number: int) -> bool:
        try:
            revealing.reveal(key, reason="device", origin=Origin(revealer))
        except reveal_limit.Stopped:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as readers:
        assert sum(readers.map(read, range(6))) == 2
