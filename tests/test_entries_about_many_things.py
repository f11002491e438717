"""An act on many keys is one entry with a row for each key; its proof covers the rows, and each bent one is found."""

import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from keyportal.people.models import User
from productkeys import append_only
from productkeys.models import ProductKey, TrailEntry, TrailRow
from productkeys.models.trail import Action
from productkeys.services import keys, sealing, trail
from productkeys.services.origin import PORTAL, Origin
from productkeys.services.verifying import Break, Finding, verify
from tests.auditing import may_see_keys, table_of
from tests.bent_trail import past_the_portal, place_of, write
from tests.factories import RETAIL, stored

ROWS = append_only.ROWS
pytestmark = pytest.mark.django_db


def _batch(number: int = 5, action: Action = Action.IMPORTED) -> TrailEntry:
    entry = trail.entry(action, origin=PORTAL, after={"file": "keys.csv"})
    rows = ((uuid4(), f"Key {place}", {"quantity": place, "name": f"Büro {place}"}) for place in range(number))
    with transaction.atomic():
        trail.record_batch(entry, rows)
    return entry


def _stored_uid(uid: UUID) -> str:
    """`uid` as this database compares it in a statement written by hand."""
    return uid.hex if connection.vendor == "sqlite" else str(uid)


def _row(entry: TrailEntry, place: int = 2) -> TrailRow:
    return TrailRow.objects.filter(entry_uid=entry.uid)[place]


def test_one_entry_says_how_many_there_are_and_each_has_a_row() -> None:
    before = TrailEntry.objects.count()
    entry = _batch(2500)
    assert TrailEntry.objects.count() == before + 1
    assert (entry.after["file"], entry.after["rows"]) == ("keys.csv", 2500)
    rows = list(TrailRow.objects.filter(entry_uid=entry.uid).order_by("id"))
    assert [row.subject_name for row in rows] == [f"Key {place}" for place in range(2500)]
    assert rows[7].values == {"quantity": 7, "name": "Büro 7"}


def test_the_trail_with_rows_is_whole_before_and_after_it_is_sealed() -> None:
    _batch(2500)
    _batch(0)
    assert verify().is_whole
    sealing.seal()
    assert verify().is_whole


# Each changes one thing about the rows of an entry, as somebody with all rights in the database.


def _change_a_value(entry: TrailEntry) -> None:
    past_the_portal(f'UPDATE {ROWS} SET "values" = %s WHERE id = %s', '{"quantity": 7}', _row(entry).pk)  # noqa: S608


def _change_a_name(entry: TrailEntry) -> None:
    past_the_portal(f"UPDATE {ROWS} SET subject_name = 'x' WHERE id = %s", _row(entry).pk)  # noqa: S608


def _change_which_key(entry: TrailEntry) -> None:
    other = _stored_uid(uuid4())
    past_the_portal(f"UPDATE {ROWS} SET subject_uid = %s WHERE id = %s", other, _row(entry).pk)  # noqa: S608


def _remove_the_last(entry: TrailEntry) -> None:
    past_the_portal(f"DELETE FROM {ROWS} WHERE id = %s", _row(entry, 4).pk)  # noqa: S608


def _remove_all(entry: TrailEntry) -> None:
    past_the_portal(f"DELETE FROM {ROWS} WHERE entry_uid = %s", _stored_uid(entry.uid))  # noqa: S608


def _add_one(entry: TrailEntry) -> None:
    past_the_portal(
        f'INSERT INTO {ROWS} (entry_uid, subject_uid, subject_name, "values") '  # noqa: S608
        f'SELECT entry_uid, subject_uid, subject_name, "values" FROM {ROWS} WHERE id = %s',
        _row(entry).pk,
    )


def _swap_two(entry: TrailEntry) -> None:
    one, other = _row(entry, 1).pk, _row(entry, 2).pk
    for old, new in ((one, -1), (other, one), (-1, other)):
        past_the_portal(f"UPDATE {ROWS} SET id = %s WHERE id = %s", new, old)  # noqa: S608


BENT = [_change_a_value, _change_a_name, _change_which_key, _remove_the_last, _remove_all, _add_one, _swap_two]


@pytest.mark.parametrize("bend", BENT)
def test_bent_rows_are_found_and_their_entry_is_named(bend: Callable[[TrailEntry], None]) -> None:
    entry = _batch()
    _batch()
    bend(entry)
    assert verify().findings == [Finding(Break.ROWS_CHANGED, entry=entry.pk)]


def test_bent_rows_of_a_sealed_entry_are_named_with_its_number_in_the_chain() -> None:
    entry = _batch()
    sealing.seal()
    _change_a_name(entry)
    assert verify().findings == [Finding(Break.ROWS_CHANGED, place_of(entry.pk), entry.pk)]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=out)
    assert f"entry {entry.pk}: rows of the entry were changed, removed or added" in out.getvalue()


def test_a_row_for_an_entry_that_was_about_one_thing_is_found() -> None:
    (about_one,) = write("about one thing")
    uid = TrailEntry.objects.get(pk=about_one).uid
    TrailRow.objects.create(entry_uid=uid, subject_uid=uuid4(), subject_name="put in")
    sealing.seal()
    assert verify().findings == [Finding(Break.ROWS_CHANGED, place_of(about_one), about_one)]


def test_rows_of_an_entry_that_is_gone_are_found() -> None:
    entry = _batch()
    first = _row(entry, 0).pk
    past_the_portal(f"DELETE FROM {append_only.ENTRIES} WHERE id = %s", entry.pk)  # noqa: S608
    assert verify().findings == [Finding(Break.ROW_ALONE, row=first)]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=out)
    assert f"row {first}: the row belongs to no entry" in out.getvalue()


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL refuses to store it.")
def test_garbage_in_a_row_is_a_changed_row() -> None:
    entry = _batch()
    past_the_portal(f"UPDATE {ROWS} SET subject_uid = 'no uid' WHERE id = %s", _row(entry).pk)  # noqa: S608
    assert verify().findings == [Finding(Break.ROWS_CHANGED, entry=entry.pk)]


def test_rows_cannot_be_changed_or_removed() -> None:
    entry = _batch()
    with pytest.raises(DatabaseError, match="the trail only grows"), transaction.atomic():
        TrailRow.objects.filter(entry_uid=entry.uid).update(subject_name="another")
    with pytest.raises(DatabaseError, match="the trail only grows"), transaction.atomic():
        TrailRow.objects.filter(entry_uid=entry.uid).delete()
    replace = {
        "postgresql": f"TRUNCATE {ROWS}",
        "sqlite": f"INSERT OR REPLACE INTO {ROWS} SELECT * FROM {ROWS}",  # noqa: S608  # a table's own name
    }[connection.vendor]
    with (
        pytest.raises(DatabaseError, match="the trail only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(replace)
    assert TrailRow.objects.filter(entry_uid=entry.uid).count() == 5


def test_old_entries_go_with_their_rows_and_the_rest_stays_whole() -> None:
    old = _batch()
    with time_machine.travel(timezone.now() + timedelta(days=730)):
        young = _batch()
        call_command("prune_audit", older_than=365, stdout=StringIO())
    assert not TrailRow.objects.filter(entry_uid=old.uid).exists()
    assert TrailRow.objects.filter(entry_uid=young.uid).count() == 5
    assert verify().is_whole
    with pytest.raises(DatabaseError, match="the trail only grows"), transaction.atomic():
        TrailRow.objects.all().delete()


def test_what_fails_in_the_middle_leaves_no_row() -> None:
    def rows() -> Iterator[tuple[UUID, str, dict[str, Any]]]:
        yield from ((uuid4(), "Key", {}) for _number in range(1500))
        raise OSError

    with pytest.raises(OSError), transaction.atomic():  # noqa: PT011
        trail.record_batch(trail.entry(Action.IMPORTED, origin=PORTAL), rows())
    assert not TrailRow.objects.exists()


def test_memory_stays_flat_however_many_rows_there_are() -> None:
    _batch(1000)

    def peak(number: int) -> int:
        tracemalloc.start()
        _batch(number)
        verify()
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few, many = peak(4_000), peak(16_000)
    assert many < few + 1_000_000


def _history(client: Client, key: ProductKey) -> str:
    html = client.get(key.get_absolute_url()).content.decode()
    return html[html.index('class="kp-events"') :]


def _about(action: Action, *keys: ProductKey, by: User) -> None:
    entry = trail.entry(action, origin=Origin(by, "192.0.2.7"), reason="Licence inventory")
    trail.record_batch(entry, [(key.uid, key.name, {"quantity": 7}) for key in keys])


def test_the_history_of_a_key_has_the_acts_on_many_that_it_was_part_of(
    as_viewer: Client, as_manager: Client, manager: User
) -> None:
    key, other = stored(), stored(RETAIL)
    _about(Action.IMPORTED, key, other, by=manager)
    _about(Action.KEYS_EXPORTED, key, by=manager)
    history = _history(as_viewer, key)
    assert history.index("Exported whole") < history.index("Keys imported") < history.index("Added")
    assert "mara.manager" in history[history.index("Keys imported") :]
    assert "Exported" not in _history(as_viewer, other)


def test_who_exported_a_key_is_for_auditors_and_for_oneself(
    as_viewer: Client, as_manager: Client, manager: User
) -> None:
    key = stored()
    _about(Action.KEYS_EXPORTED, key, by=manager)
    assert "mara.manager" not in _history(as_viewer, key)
    assert "Licence inventory" not in _history(as_viewer, key)
    assert ", you" in _history(as_manager, key)


def test_the_history_in_the_administration_says_what_the_act_did_to_this_key(as_admin: Client, manager: User) -> None:
    key = stored()
    _about(Action.IMPORTED, key, by=manager)
    html = as_admin.get(reverse("admin:productkeys_productkey_history", args=[key.pk])).content.decode()
    assert re.search(r"Keys imported.*?Quantity:</span>\s*<b>7</b>", html, re.DOTALL)


def test_the_audit_log_finds_them_by_the_name_of_a_key_and_says_how_many_there_were(
    as_auditor: Client, auditor: User, manager: User
) -> None:
    may_see_keys(auditor)
    key, other = stored(name="Head office"), stored(RETAIL, name="Branch")
    _about(Action.IMPORTED, key, by=manager)
    assert re.search(r"Keys:</span>\s*<b>1</b>", table_of(as_auditor, key="Head office", kind="imported"))
    assert table_of(as_auditor, key="Branch", kind="imported") == ""
    keys.delete(key, seen_version=1, origin=PORTAL)
    assert "Keys imported" in table_of(as_auditor, key="Head office")
    assert other.name == "Branch"
