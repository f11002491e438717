"""The trail only grows: no statement changes or removes an entry, and it needs nothing of what it speaks of."""

import pytest
from django.db import DatabaseError, connection, transaction

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import keys
from productkeys.services.origin import PORTAL, Origin
from tests.factories import stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(manager: User) -> TrailEntry:
    stored(by=manager)
    return TrailEntry.objects.latest("id")


def test_an_entry_says_who_did_what_to_which_key_from_where(manager: User) -> None:
    key = stored(by=manager)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.actor_uid, entry.actor_name) == ("added", manager.uid, "mara.manager")
    assert (entry.subject_uid, entry.subject_name, entry.address) == (key.uid, key.name, "192.0.2.7")
    assert entry.after["quantity"] == 500
    assert key.code.open() not in str(TrailEntry.objects.filter(pk=entry.pk).values())


def test_an_entry_cannot_be_changed(entry: TrailEntry) -> None:
    with pytest.raises(DatabaseError, match="the trail only grows"), transaction.atomic():
        TrailEntry.objects.filter(pk=entry.pk).update(actor_name="somebody else")
    entry.actor_name = "somebody else"
    with pytest.raises(DatabaseError, match="the trail only grows"), transaction.atomic():
        entry.save()
    entry.refresh_from_db()
    assert entry.actor_name == "mara.manager"


def test_an_entry_cannot_be_removed(entry: TrailEntry) -> None:
    with pytest.raises(DatabaseError, match="the trail only grows"), transaction.atomic():
        entry.delete()
    with pytest.raises(DatabaseError, match="the trail only grows"), transaction.atomic():
        TrailEntry.objects.all().delete()
    assert TrailEntry.objects.filter(pk=entry.pk).exists()


def test_the_trail_cannot_be_emptied_or_replaced(entry: TrailEntry) -> None:
    table = TrailEntry._meta.db_table
    way_around = {
        "postgresql": f"TRUNCATE {table}",
        # It removes the old row without firing a trigger for removal.
        "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",  # noqa: S608  # a table's own name
    }
    with (
        pytest.raises(DatabaseError, match="the trail only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(way_around[connection.vendor])
    assert TrailEntry.objects.filter(pk=entry.pk).exists()


def test_what_is_not_stored_leaves_no_entry() -> None:
    key = stored()
    before = TrailEntry.objects.count()
    with pytest.raises(keys.ChangedMeanwhile):
        keys.set_status(key, "archived", seen_version=7, origin=PORTAL)
    assert TrailEntry.objects.count() == before


def test_entries_outlive_the_key_and_the_person(manager: User) -> None:
    key = stored()
    keys.delete(key, seen_version=1, origin=Origin(manager))
    name = manager.username
    User.objects.filter(pk=manager.pk).delete()
    entry = TrailEntry.objects.latest("id")
    assert (entry.subject_uid, entry.actor_name) == (key.uid, name)
    assert not ProductKey.objects.filter(uid=key.uid).exists()


def test_nobody_has_a_right_to_more_than_reading_it() -> None:
    assert TrailEntry._meta.default_permissions == ("view",)
