"""Revealing a key: for those who may, for a reason, after the trail has it, and for a short time."""

import logging
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import revealing
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from tests.factories import stored

pytestmark = pytest.mark.django_db

GOOD = {"reason": "device", "note": "INC-20418"}


def _address(key: ProductKey) -> str:
    return reverse("productkeys:reveal", args=[key.pk])


def _revealed(client: Client, key: ProductKey, **changes: Any) -> tuple[int, str]:
    response = client.post(_address(key), GOOD | changes, REMOTE_ADDR="192.0.2.44")
    assert "no-store" in response["Cache-Control"]
    return response.status_code, response.content.decode()


def _reveals() -> int:
    return TrailEntry.objects.filter(action="revealed").count()


def test_it_works(as_revealer: Client, revealer: User) -> None:
    key = stored()
    status, page = _revealed(as_revealer, key)
    assert status == 200
    assert page.count(key.code.open()) == 1
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.actor_uid, entry.subject_uid) == ("revealed", revealer.uid, key.uid)
    assert (entry.address, entry.reason) == ("192.0.2.44", "device: INC-20418")
    assert "Device replaced, INC-20418" in page


def test_the_key_stands_in_no_attribute(as_revealer: Client) -> None:
    key = stored()
    _status, page = _revealed(as_revealer, key)
    assert f">{key.code.open()}</span>" in page
    assert 'data-copy-from="revealed-key"' in page


def test_without_javascript_the_page_reloads_at_the_end(as_revealer: Client) -> None:
    key = stored()
    _status, page = _revealed(as_revealer, key)
    refresh = f'<meta http-equiv="refresh" content="{settings.REVEAL_SECONDS}; url={key.get_absolute_url()}">'
    assert f"<noscript>{refresh}</noscript>" in page
    assert key.code.open() not in as_revealer.get(key.get_absolute_url()).content.decode()


def test_the_same_page_sent_twice_reveals_once(as_revealer: Client) -> None:
    key = stored()
    form = as_revealer.get(key.get_absolute_url()).context["form"]
    once = {"once": form["once"].value()}
    assert _revealed(as_revealer, key, **once)[0] == 200
    again = as_revealer.post(_address(key), GOOD | once)
    assert (again.status_code, again["Location"]) == (302, key.get_absolute_url())
    assert _reveals() == 1
    page = as_revealer.get(key.get_absolute_url())
    assert "This was sent twice, and shown once." in page.content.decode()
    assert page.context["form"]["once"].value() != once["once"]


def test_anything_but_a_post_leads_to_the_key_and_reveals_nothing(as_revealer: Client) -> None:
    key = stored()
    for method in ("get", "head"):
        response = getattr(as_revealer, method)(_address(key))
        assert (response.status_code, response["Location"]) == (302, key.get_absolute_url())
    assert _reveals() == 0


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"reason": ""}, "The reason is missing."),
        ({"reason": "curiosity"}, "Select a valid choice"),
        ({"reason": "other", "note": " "}, "Say in a few words what the reason is."),
        ({"note": "x" * 151}, "at most 150 characters"),
        ({"note": "W269N-WFGWX-YVC9B-4J6C9-T83GX"}, "This text contains a product key"),
    ],
)
def test_without_a_good_reason_nothing_is_revealed(as_revealer: Client, typed: dict[str, str], message: str) -> None:
    key = stored()
    status, page = _revealed(as_revealer, key, **typed)
    assert status == 200
    assert message in page
    assert key.code.open() not in page
    assert _reveals() == 0


def test_the_service_refuses_a_key_in_the_reason_whoever_asks() -> None:
    with pytest.raises(Refused, match="key_in_text"):
        revealing.reveal(stored(), reason="W269N-WFGWX-YVC9B-4J6C9-T83GX", origin=Origin())
    assert _reveals() == 0


def test_without_the_right_it_is_refused(as_viewer: Client, as_manager: Client) -> None:
    key = stored()
    for client in (as_viewer, as_manager):
        status, page = _revealed(client, key)
        assert status == 403
        assert "but not reveal them" in page
        assert key.code.open() not in page
    assert _reveals() == 0


def test_who_may_reveal_but_not_see_the_key_finds_nothing() -> None:
    person = User.objects.create_user("blind")
    person.user_permissions.add(Permission.objects.get(codename="reveal_productkey"))
    client = Client()
    client.force_login(person)
    assert client.post(_address(stored()), GOOD).status_code == 404
    assert _reveals() == 0


def test_a_published_key_needs_no_reveal(as_revealer: Client, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(last_five="T83GX")
    assert as_revealer.post(_address(key), GOOD)["Location"] == key.get_absolute_url()
    assert _reveals() == 0


@pytest.fixture
def broken_trail(db: None) -> None:
    """A database that takes no entry into the trail; the end of the test takes the trigger away again."""
    table = TrailEntry._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
        else:
            cursor.execute(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'full'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
            )


@pytest.fixture
def key() -> ProductKey:
    return stored()


def test_if_the_trail_cannot_be_written_no_key_is_shown(
    as_revealer: Client, key: ProductKey, broken_trail: None
) -> None:
    status, page = _revealed(as_revealer, key)
    assert status == 503
    assert "The trail cannot be written, so no key is shown" in page
    assert key.code.open() not in page


def test_a_ciphertext_that_was_moved_is_refused_and_raises_an_alarm(
    as_revealer: Client, caplog: pytest.LogCaptureFixture
) -> None:
    key, other = stored(), stored()
    ProductKey.objects.filter(pk=key.pk).update(code=other.code)
    status, page = _revealed(as_revealer, key)
    assert status == 500
    assert "This key was refused, and an alarm was raised" in page
    assert other.code.open() not in page
    alarms = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(alarms) == 1
    assert str(key.uid) in alarms[0].getMessage()
    assert other.code.open()[:11] not in caplog.text


def test_the_entry_outlives_what_comes_after_it(as_revealer: Client) -> None:
    """It is committed on its own before the key leaves: `reveal` refuses to run inside another transaction."""
    key = stored()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        revealing.reveal(key, reason="device", origin=Origin())
    assert _reveals() == 0
