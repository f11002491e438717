"""Storing many keys at once: what the preview said happens, all of it or nothing; what is given up leaves nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import Import, ImportChunk, ImportPart, ProductKey, SealedSecret, TrailEntry, TrailRow
from productkeys.models.importing import Mode
from productkeys.models.trail import Action
from productkeys.services import keys
from productkeys.services.importing import steps, worker
from productkeys.services.importing.undoing import undo
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import HEADS, brought, imported, line, written
from tests.factories import new_code, stored

pytestmark = pytest.mark.django_db


# --- Storing


def test_what_the_preview_showed_is_stored_sealed_and_recorded_once(manager: User) -> None:
    code = new_code()
    imp = imported(brought([line(code), line(), line(Menge="0")], manager))
    assert (imp.state, imp.stored, imp.counts) == (Import.State.DONE, 2, {"n": 2, "r": 1})
    key = ProductKey.objects.holding(code).get()
    assert (key.created_by, key.import_uid, key.code.open()) == (manager, imp.uid, code.open())
    (entry,) = TrailEntry.objects.filter(subject_uid=imp.uid)
    assert (entry.action, entry.subject_name, entry.actor_uid) == (Action.IMPORTED, "schluessel.csv", manager.uid)
    assert TrailRow.objects.filter(entry_uid=entry.uid).count() == 2
    assert not TrailEntry.objects.filter(subject_uid=key.uid).exists()


def test_an_imported_key_is_found_and_sorted_like_any_other(manager: User) -> None:
    imp = imported(brought([line(Bezeichnung="Ärztehaus")], manager))
    key = ProductKey.objects.get(import_uid=imp.uid)
    assert key.name_sort == "arztehaus"
    assert ProductKey.objects.filter(search_text__contains="arztehaus").exists()


def test_what_rows_say_is_stored_to_the_letter(manager: User) -> None:
    """Also where a database reads signs of its own into it when rows come in bulk."""
    texts = ("\\N", "C:\\new\ttab", 'he said "no"', "\\.", "Größe", "NULL", "a; b", "two\nlines", "")
    imported(brought([[*line(), text] for text in texts], manager, heads=(*HEADS, "Comment")))
    keys_brought = ProductKey.objects.exclude(import_uid=None)
    assert {key.comment for key in keys_brought} == {"" if text == "NULL" else text for text in texts}
    assert {(key.status, key.source, key.remark, key.published, key.agreement) for key in keys_brought} == {
        ("active", "", "", False, None)
    }
    said = {row.subject_uid: row.values["comment"] for row in TrailRow.objects.all()}
    assert said == {key.uid: key.comment for key in keys_brought}


def test_nothing_secret_of_an_import_is_left_when_it_is_done(manager: User) -> None:
    secrets = SealedSecret.objects.count()
    imported(brought([line() for _ in range(3)], manager))
    assert SealedSecret.objects.count() == secrets
    assert not ImportPart.objects.exists()
    assert not ImportChunk.objects.exists()


def test_bringing_the_same_file_twice_changes_nothing_the_second_time(manager: User) -> None:
    rows = [line(), line(), line()]
    imported(brought(rows, manager))
    before = list(ProductKey.objects.order_by("pk").values_list("pk", "version"))
    again = imported(brought(rows, manager))
    assert (again.counts, again.stored) == ({"s": 3}, 0)
    assert list(ProductKey.objects.order_by("pk").values_list("pk", "version")) == before


def test_an_existing_key_is_changed_as_the_preview_said_with_an_entry_of_its_own(manager: User) -> None:
    key = stored(name="alt", quantity=100, architecture="any")
    imp = imported(brought([line(keycode.parse(key.code.open()))], manager))
    key.refresh_from_db()
    assert (key.name, key.quantity, key.version, imp.stored) == ("Windows 11, Filiale Köln", 150, 2, 1)
    entry = TrailEntry.objects.filter(subject_uid=key.uid, action=Action.CHANGED).get()
    assert entry.before == {"name": "alt", "quantity": 100}


def test_all_or_nothing_stores_nothing_where_something_changed_since_the_preview(manager: User) -> None:
    code = new_code()
    imp = brought([line(), line(code)], manager)
    stored(code=code)
    imported(imp, mode=Mode.ALL_OR_NOTHING)
    assert imp.state == Import.State.CHECKING
    assert imp.fault == {"code": "not-as-seen"}
    assert not ProductKey.objects.filter(import_uid=imp.uid).exists()
    worker.carry_out(imp)
    assert imp.counts["n"] == 1


def test_good_rows_leave_out_what_changed_since_the_preview(manager: User) -> None:
    code = new_code()
    key = stored(quantity=100)
    imp = brought([line(), line(code), line(keycode.parse(key.code.open()))], manager)
    stored(code=code, name="others")
    keys.change_key(key, KeyValues.of(key, comment="by a colleague"), seen_version=1, origin=PORTAL)
    imported(imp)
    assert (imp.state, imp.counts) == (Import.State.DONE, {"n": 1, "r": 2})


def test_whoever_may_not_add_keys_any_more_stores_none(manager: User) -> None:
    imp = brought([line()], manager)
    manager.user_permissions.clear()
    imp = Import.objects.get(pk=imp.pk)
    imported(imp)
    assert (imp.state, imp.fault) == (Import.State.FAILED, {"code": "no-right"})
    assert not ImportChunk.objects.exists()


def test_an_import_is_not_begun_twice(manager: User) -> None:
    imp = brought([line()], manager)
    same = Import.objects.get(pk=imp.pk)
    imported(imp)
    with pytest.raises(steps.NotNow):
        steps.start(same, mode=Mode.GOOD_ROWS.value, origin=Origin(manager))


# --- Ending


@pytest.mark.parametrize("moment", ["while it is checked", "before the decision", "before the worker comes"])
def test_a_cancelled_import_leaves_nothing(manager: User, moment: str) -> None:
    secrets = SealedSecret.objects.count()
    imp = steps.begin(written([line() for _ in range(600)]), name="keys.csv", origin=Origin(manager))
    if moment != "while it is checked":
        worker.carry_out(imp)
    if moment == "before the worker comes":
        steps.start(imp, mode=Mode.GOOD_ROWS.value, origin=Origin(manager))
    steps.cancel(imp)
    worker.carry_out(Import.objects.get(pk=imp.pk))
    assert Import.objects.get(pk=imp.pk).state == Import.State.CANCELLED
    assert SealedSecret.objects.count() == secrets
    assert not ProductKey.objects.filter(import_uid=imp.uid).exists()


def test_an_import_that_nobody_decides_about_is_gone_after_a_day(manager: User) -> None:
    imp = brought([line()], manager)
    Import.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert worker.remove_old() == 1
    imp.refresh_from_db()
    assert (imp.state, imp.fault) == (Import.State.CANCELLED, {"code": "too-old"})
    assert not ImportPart.objects.exists()


def test_an_import_that_somebody_decided_about_waits_for_a_worker_however_long(manager: User) -> None:
    imp = brought([line()], manager)
    steps.start(imp, mode=Mode.GOOD_ROWS.value, origin=Origin(manager))
    Import.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert worker.remove_old() == 0
    assert worker.work_once()
    assert Import.objects.get(pk=imp.pk).stored == 1


# --- In the audit log


def test_auditors_read_what_an_import_did(manager: User, as_auditor: Client) -> None:
    imp = imported(brought([line(), line(), line(Menge="0")], manager))
    page = as_auditor.get("/audit-log/").content.decode()
    assert "Keys imported" in page
    assert "schluessel.csv" in page
    undo(imp, origin=Origin(manager))
    page = as_auditor.get("/audit-log/").content.decode()
    assert "Import undone" in page
    assert "Keys removed again" in page
