"""Bringing many keys at once: what the preview says happens, all of it or nothing, and it can be taken back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import (
    Agreement,
    Import,
    ImportChunk,
    ImportPart,
    ProductKey,
    Scope,
    SealedSecret,
    TrailEntry,
    TrailRow,
)
from productkeys.models.importing import Mode
from productkeys.models.trail import Action
from productkeys.services import agreements, keys, microsoft_count
from productkeys.services.agreements import AgreementValues
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.refused import refused_table
from productkeys.services.importing.undoing import NotUndone, Undone, undo
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import HEADS, brought, imported, line, written
from tests.factories import agreement, new_code, stored
from tests.scoped import person_in

pytestmark = pytest.mark.django_db

DECLARED_HEADS = ("Type", "Operating system", "Edition", "Quantity")
DECLARED = ("MAK", "Windows 11", "Enterprise", "150")


def _refusals(imp: Import) -> list[tuple[int, str, str]]:
    rows = preview.page(imp, outcome=Outcome.REFUSED).rows
    return [(row.number, problem.field, problem.message) for row in rows for problem in row.problems]


# --- What the preview says


def test_a_german_spreadsheet_is_understood_as_it_is(manager: User) -> None:
    code = new_code()
    imp = brought([line(code)], manager)
    (row,) = preview.page(imp).rows
    assert (row.outcome, row.number, row.shown_key) == (Outcome.NEW, 2, str(code))
    assert row.values["name"] == "Windows 11, Filiale Köln"
    assert (row.values["key_type"], row.values["operating_system"], row.values["edition"]) == (
        "mak",
        "windows-11",
        "Enterprise",
    )
    assert (row.values["usage"], row.values["quantity"]) == ("activation", 150)


def test_the_first_rows_are_there_before_any_worker_has_begun(manager: User) -> None:
    imp = steps.begin(written([line() for _ in range(600)]), name="keys.csv", origin=Origin(manager))
    assert (imp.state, imp.checked, imp.total) == (Import.State.CHECKING, 500, 600)
    assert len(preview.page(imp).rows) == 50


def test_nothing_is_stored_until_somebody_says_so(manager: User) -> None:
    before = ProductKey.objects.count()
    brought([line(), line()], manager)
    assert ProductKey.objects.count() == before


def test_a_row_that_the_rules_refuse_says_why(manager: User) -> None:
    imp = brought([line(), line(Menge="0"), line(Edition="Starter")], manager)
    assert imp.counts == {"n": 1, "r": 2}
    assert [(number, field) for number, field, _message in _refusals(imp)] == [(3, "quantity"), (4, "edition")]


def test_a_key_that_is_too_short_is_told_from_one_that_a_spreadsheet_has_lost(manager: User) -> None:
    short, lost = new_code().open()[:-3], "3.14E+24"
    page = preview.page(brought([line(short), line(lost)], manager))
    first, second = (found.problems[0].message for found in page.rows)
    assert first == "A product key has 25 characters; found here: 22."
    assert second == "A spreadsheet has turned the product key into something else."


def test_the_same_key_twice_in_a_file_is_refused_the_second_time(manager: User) -> None:
    code = new_code()
    imp = brought([line(code), line(), line(code)], manager)
    assert imp.counts == {"n": 2, "r": 1}
    assert _refusals(imp) == [(4, "code", "The same product key stands in line 2 of this file.")]


def test_a_key_twice_is_noticed_across_thousands_of_rows(manager: User) -> None:
    code = new_code()
    imp = brought([line(code), *(line() for _ in range(1200)), line(code)], manager)
    assert _refusals(imp) == [(1203, "code", "The same product key stands in line 2 of this file.")]


def test_standard_keys_and_rows_for_other_products_are_skipped_and_counted(
    manager: User, standard_keys: object
) -> None:
    rows = [
        line("W269N-WFGWX-YVC9B-4J6C9-T83GX", Typ="KMS"),
        line(Betriebssystem="Office LTSC Professional Plus 2024", Edition=""),
        line(),
    ]
    imp = brought(rows, manager)
    assert imp.counts == {"p": 1, "x": 1, "n": 1}
    assert preview.row(imp, 0).shown_key == "W269N-WFGWX-YVC9B-4J6C9-T83GX"  # type: ignore[union-attr]


def test_a_key_that_is_there_already_is_compared_with_its_row(manager: User) -> None:
    same = stored(name="Windows 11, Filiale Köln", quantity=150, architecture="any")
    other = stored(name="Windows 11, Filiale Bonn", quantity=100, architecture="any")
    imp = brought([line(keycode.parse(same.code.open())), line(keycode.parse(other.code.open()))], manager)
    assert imp.counts == {"s": 1, "c": 1}
    row = preview.row(imp, 1)
    assert row is not None
    assert row.existing == (other.pk, other.name)
    assert {name: (before, after) for name, before, after in row.changes} == {
        "name": ("Windows 11, Filiale Bonn", "Windows 11, Filiale Köln"),
        "quantity": (100, 150),
    }


def test_a_column_that_is_not_there_changes_nothing_of_an_existing_key(manager: User) -> None:
    key = stored(comment="kept", quantity=100, architecture="x64")
    imp = brought([[key.code.open(), "150"]], manager, heads=("Key", "Menge"))
    row = preview.row(imp, 0)
    assert row is not None
    assert [name for name, _before, _after in row.changes] == ["quantity"]


def test_existing_keys_can_be_left_alone(manager: User) -> None:
    key = stored(quantity=100)
    imp = brought([line(keycode.parse(key.code.open()))], manager)
    steps.change_plan(imp, existing="leave", origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"s": 1, "remarked": 1}


def test_a_key_of_a_scope_that_the_person_cannot_see_is_never_named(berlin: Scope, bonn: Scope) -> None:
    key = stored(name="Geheimsache", scope_id=bonn.pk)
    person = person_in(berlin, "Key manager")
    imp = brought([[*line(keycode.parse(key.code.open())), "Berlin"]], person, heads=(*HEADS, "Bereich"))
    (refusal,) = _refusals(imp)
    assert refusal[1] == "code"
    assert "Geheimsache" not in refusal[2]
    assert preview.row(imp, 0).existing is None  # type: ignore[union-attr]


def test_a_scope_that_the_person_may_not_write_to_is_refused(berlin: Scope, bonn: Scope) -> None:
    person = person_in(berlin, "Key manager")
    imp = brought([[*line(), "Berlin"], [*line(), "Bonn"], [*line(), ""]], person, heads=(*HEADS, "Bereich"))
    assert imp.counts == {"n": 1, "r": 2}


def test_keys_of_a_file_without_scopes_go_where_alone_the_person_may_put_any(berlin: Scope, bonn: Scope) -> None:
    imp = brought([line(), line()], person_in(berlin, "Key manager"))
    assert {row.values["scope"] for row in preview.page(imp).rows} == {"Berlin"}
    imported(imp)
    assert [key.scope for key in ProductKey.objects.filter(import_uid=imp.uid)] == [berlin, berlin]


def test_the_rows_of_one_outcome_can_be_paged(manager: User) -> None:
    rows = [line(Menge="0") if number % 3 == 0 else line() for number in range(1000)]
    imp = brought(rows, manager)
    first = preview.page(imp, outcome=Outcome.REFUSED)
    assert first.next_start is not None
    second = preview.page(imp, outcome=Outcome.REFUSED, start=first.next_start)
    assert [row.index for row in [*first.rows, *second.rows]] == [3 * number for number in range(100)]


# --- Saying what is meant


def test_swapped_columns_can_be_put_right(manager: User) -> None:
    imp = brought([line(Bezeichnung="x"), line()], manager)
    steps.change_plan(
        imp, fields=("comment", "code", "key_type", "operating_system", "edition", "quantity"), origin=PORTAL
    )
    worker.carry_out(imp)
    row = preview.row(imp, 0)
    assert row is not None
    assert row.values["comment"] == "x"
    assert row.values["name"].startswith("Windows 11 Enterprise")


def test_a_text_that_nobody_understands_is_counted_and_mapped_for_all_rows(manager: User) -> None:
    imp = brought([line(Betriebssystem="Unsere Kiste"), line(Betriebssystem="Unsere Kiste"), line()], manager)
    (unknown,) = [entry for entry in plans.read(imp).unknown if entry.field == "operating_system"]
    assert (unknown.text, unknown.rows) == ("Unsere Kiste", 2)
    steps.change_plan(imp, values={"operating_system": {"Unsere Kiste": "windows-11"}}, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 3}


def test_a_default_stands_in_for_a_column_that_is_missing(manager: User) -> None:
    imp = brought([[new_code().open()]], manager, heads=("Key",))
    assert imp.counts == {"r": 1}
    defaults = {"key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise", "quantity": "5"}
    steps.change_plan(imp, defaults=defaults, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 1}


def test_a_refused_row_is_mended_in_place(manager: User) -> None:
    imp = brought([line(Menge="0"), line()], manager)
    steps.mend(imp, 0, {"quantity": "20", "code": ""}, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 2}
    assert imported(imp).stored == 2
    assert ProductKey.objects.filter(import_uid=imp.uid, quantity=20).count() == 1


def test_mending_a_row_judges_that_row_alone(manager: User) -> None:
    imp = brought([line(Menge="0"), line(Menge="viele", Edition="Enterprise2"), line()], manager)
    assert (imp.counts, len(plans.read(imp).unknown)) == ({"r": 2, "n": 1}, 2)
    seen = imp.attempt
    steps.mend(imp, 1, {"quantity": "20"}, origin=Origin(manager))
    assert (imp.state, imp.counts, [entry.text for entry in plans.read(imp).unknown]) == (
        Import.State.CHECKED,
        {"r": 2, "n": 1},
        ["Enterprise2"],
    )
    steps.mend(imp, 1, {"edition": "Enterprise"}, origin=Origin(manager))
    assert (imp.state, imp.counts, plans.read(imp).unknown) == (Import.State.CHECKED, {"r": 1, "n": 2}, ())
    assert imp.attempt == seen + 2  # whoever has the page of before in front of them does not store this one
    assert imported(imp).stored == 2


def test_a_row_that_others_depend_on_is_not_mended_alone(manager: User) -> None:
    """Its key may be that of another row, and the first row that names an agreement says what it is like."""
    code = new_code()
    imp = brought([line(code), line(code), line()], manager)
    assert imp.counts == {"n": 2, "r": 1}
    steps.mend(imp, 0, {"code": new_code().open()}, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 3}
    steps.mend(imp, 2, {"code": code.open()}, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 2, "r": 1}
    imp = brought([[*line(), "PO-1"], [*line(), "PO-1"]], manager, heads=(*HEADS, "Vertrag"))
    steps.mend(imp, 0, {"agreement_vendor": "Reseller"}, origin=Origin(manager))
    worker.carry_out(imp)
    assert [row.values["agreement"] for row in preview.page(imp).rows] == ["PO-1 (new)", "PO-1 (new)"]


def test_a_mistyped_key_passes_only_where_somebody_insists(manager: User) -> None:
    code = new_code().open()
    mistyped = code[:-1] + ("2" if code[-1] != "2" else "3")
    imp = brought([line(mistyped)], manager)
    assert imp.counts == {"r": 1}
    steps.mend(imp, 0, {"typing_confirmed": "1"}, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 1}


def test_refused_rows_leave_as_a_table_that_says_why(manager: User) -> None:
    code = new_code()
    imp = brought([line(), line(code, Menge="0")], manager)
    columns, rows = refused_table(imp)
    (row,) = rows
    assert columns == [*HEADS, "Why refused"]
    assert row[:-1] == line(code, Menge="0")
    assert "quantity" in row[-1].lower() or "1" in row[-1]


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


# --- Ending and undoing


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


def test_an_import_is_undone_whole(manager: User) -> None:
    key = stored(name="alt", quantity=100, architecture="any")
    imp = imported(brought([line(), line(), line(keycode.parse(key.code.open()))], manager))
    undo(imp, origin=Origin(manager))
    assert not ProductKey.objects.filter(import_uid=imp.uid).exists()
    key.refresh_from_db()
    assert (key.name, key.quantity) == ("alt", 100)
    assert Import.objects.get(pk=imp.pk).state == Import.State.UNDONE
    entry = TrailEntry.objects.get(action=Action.IMPORT_UNDONE)
    assert TrailRow.objects.filter(entry_uid=entry.uid).count() == 2


def test_an_import_whose_keys_somebody_touched_stays(manager: User) -> None:
    imp = imported(brought([line(Bezeichnung="berührt"), line()], manager))
    key = ProductKey.objects.get(import_uid=imp.uid, name="berührt")
    keys.change_key(key, KeyValues.of(key, comment="in use"), seen_version=1, origin=PORTAL)
    with pytest.raises(NotUndone) as stays:
        undo(imp, origin=Origin(manager))
    assert stays.value.touched == ["berührt"]
    assert ProductKey.objects.filter(import_uid=imp.uid).count() == 2


def test_a_touched_key_that_went_to_another_scope_is_counted_and_not_named(berlin: Scope, bonn: Scope) -> None:
    person = person_in(berlin, "Key manager")
    imp = imported(brought([[*line(), "Berlin"], [*line(), "Berlin"]], person, heads=(*HEADS, "Bereich")))
    for key, place in zip(ProductKey.objects.filter(import_uid=imp.uid), (berlin, bonn), strict=True):
        values = KeyValues.of(key, name=f"Of {place}", scope_id=place.pk)
        keys.change_key(key, values, seen_version=key.version, origin=PORTAL)
    with pytest.raises(NotUndone) as refusal:
        undo(imp, origin=Origin(person))
    assert (refusal.value.touched, refusal.value.more) == (["Of Berlin"], 1)


def test_an_import_with_a_deleted_key_stays(manager: User) -> None:
    imp = imported(brought([line(), line()], manager))
    key = ProductKey.objects.filter(import_uid=imp.uid).first()
    assert key is not None
    keys.delete(key, seen_version=1, origin=PORTAL)
    with pytest.raises(NotUndone) as stays:
        undo(imp, origin=Origin(manager))
    assert (stays.value.touched, stays.value.more) == ([], 1)


def test_many_rows_take_no_more_statements_than_few(manager: User) -> None:
    """New keys, changed ones and their way back: a statement for each chunk, never for each row."""
    agreement("V-8")
    asked = []
    for number in (3, 30):
        there = [stored(name=f"{number} {place}", quantity=150) for place in range(number)]
        rows = [[*line(key.code.open(), Menge="160"), "DMZ", "7", "V-8"] for key in there]
        rows += [[*line(), "DMZ; Lab", "7", "V-8"] for _place in range(number)]
        imp = brought(rows, manager, heads=(*HEADS, "Label", "microsoft_used", "Vertrag"))
        assert imp.counts["c"] == imp.counts["n"] == number
        with CaptureQueriesContext(connection) as storing:
            imported(imp)
        with CaptureQueriesContext(connection) as undoing:
            undo(imp, origin=Origin(manager))
        assert {key.quantity for key in ProductKey.objects.filter(pk__in=[key.pk for key in there])} == {150}
        asked.append((len(storing), len(undoing)))
    assert all(many < few + 10 for few, many in zip(*asked, strict=True))


def test_an_import_is_undone_once(manager: User) -> None:
    imp = imported(brought([line()], manager))
    undo(imp, origin=Origin(manager))
    with pytest.raises(NotUndone):
        undo(imp, origin=Origin(manager))


# --- Labels


def test_labels_of_the_file_come_with_the_keys_and_to_those_that_are_there(manager: User) -> None:
    key = stored(labels=frozenset({"Köln"}), quantity=150)
    rows = [[new_code().open(), "Köln; DMZ", *DECLARED], [key.code.open(), "DMZ", *DECLARED]]
    imp = imported(brought(rows, manager, heads=("Key", "Labels", *DECLARED_HEADS)))
    assert imp.counts == {"n": 1, "c": 1}
    new = ProductKey.objects.get(import_uid=imp.uid)
    assert {label.name for label in new.labels.all()} == {"Köln", "DMZ"}
    assert {label.name for label in key.labels.all()} == {"Köln", "DMZ"}
    undo(imp, origin=Origin(manager))
    assert {label.name for label in key.labels.all()} == {"Köln"}


# --- Agreements and Microsoft's count


def test_an_agreement_that_is_there_gets_the_keys_and_a_new_one_is_made_once(manager: User) -> None:
    there = agreement("V-70414")
    heads = ("Key", "Agreement", "Vendor", "Valid until", *DECLARED_HEADS)
    rows = [
        [new_code().open(), "v-70414", "", "", *DECLARED],
        [new_code().open(), "V-9", "Beispiel AG", "31.12.2027", *DECLARED],
        [new_code().open(), "V-9", "Beispiel AG", "31.12.2027", *DECLARED],
    ]
    imp = brought(rows, manager, heads=heads)
    assert imp.counts == {"n": 3}
    assert not Agreement.objects.filter(number="V-9").exists()
    imported(imp)
    assert ProductKey.objects.get(import_uid=imp.uid, agreement=there)
    made = Agreement.objects.get(number="V-9")
    assert (made.vendor, str(made.valid_until), made.product_keys.count()) == ("Beispiel AG", "2027-12-31", 2)
    assert TrailEntry.objects.get(subject_uid=made.uid).action == Action.AGREEMENT_ADDED


def test_an_existing_key_comes_under_the_agreement_of_the_file_and_back(manager: User) -> None:
    key = stored(quantity=150)
    imp = brought([[key.code.open(), "V-8", *DECLARED]], manager, heads=("Key", "Agreement", *DECLARED_HEADS))
    assert [change for change in preview.page(imp).rows[0].changes if change[0] == "agreement"] == [
        ("agreement", "", "V-8")
    ]
    imported(imp)
    key.refresh_from_db()
    assert str(key.agreement) == "V-8"
    undo(imp, origin=Origin(manager))
    key.refresh_from_db()
    assert key.agreement is None


def test_an_agreement_that_no_row_names_takes_no_key_from_another_one(manager: User) -> None:
    under, free = stored(quantity=150, agreement_id=agreement("V-1").pk), stored(quantity=150)
    imp = brought(
        [[key.code.open(), "Neu", *DECLARED] for key in (under, free)], manager, heads=("Key", "Name", *DECLARED_HEADS)
    )
    steps.change_plan(imp, defaults={"agreement": "V-2"}, origin=Origin(manager))
    worker.carry_out(imp)
    imported(imp)
    for key, number in ((under, "V-1"), (free, "V-2")):
        key.refresh_from_db()
        assert (key.name, str(key.agreement)) == ("Neu", number)


def _with_agreements(person: User, *numbers: str) -> Import:
    rows = [[new_code().open(), number, *DECLARED] for number in numbers]
    return imported(brought(rows, person, heads=("Key", "Agreement", *DECLARED_HEADS)))


def test_agreements_that_an_import_made_go_when_it_is_undone(manager: User) -> None:
    agreement("V-there")
    imp = _with_agreements(manager, "V-there", "V-new", "V-new")
    made = Agreement.objects.get(number="V-new")
    assert undo(imp, origin=Origin(manager)) == Undone(removed=3, changed_back=0, agreements=1)
    assert {paper.number for paper in Agreement.objects.all()} == {"V-there"}
    entry = TrailEntry.objects.get(subject_uid=made.uid, action=Action.AGREEMENT_DELETED)
    assert (entry.actor_uid, entry.before["number"]) == (manager.uid, "V-new")


def test_an_agreement_that_somebody_changed_or_uses_stays_when_the_import_is_undone(manager: User) -> None:
    imp = _with_agreements(manager, "V-changed", "V-used", "V-other")
    changed = Agreement.objects.get(number="V-changed")
    values = replace(AgreementValues.of(changed), note="checked")
    agreements.change(changed, values, seen_version=1, origin=PORTAL)
    stored(agreement_id=Agreement.objects.get(number="V-used").pk)
    assert undo(imp, origin=Origin(manager)).agreements == 1
    assert {paper.number for paper in Agreement.objects.all()} == {"V-changed", "V-used"}


def test_an_agreement_of_another_import_stays(manager: User) -> None:
    other = _with_agreements(manager, "V-1")
    undo(_with_agreements(manager, "V-2"), origin=Origin(manager))
    assert [paper.import_uid for paper in Agreement.objects.all()] == [other.uid]


def test_the_number_of_several_agreements_needs_a_vendor(manager: User) -> None:
    agreement("V-1", vendor="A")
    agreement("V-1", vendor="B")
    heads = ("Key", "Agreement", "Vendor", *DECLARED_HEADS)
    rows = [[new_code().open(), "V-1", "", *DECLARED], [new_code().open(), "V-1", "B", *DECLARED]]
    assert brought(rows, manager, heads=heads).counts == {"n": 1, "r": 1}


def test_the_agreement_of_another_scope_is_not_found(berlin: Scope, bonn: Scope) -> None:
    agreement("V-2", scope_id=bonn.pk)
    heads = ("Key", "Agreement", "Scope", *DECLARED_HEADS)
    imp = brought([[new_code().open(), "V-2", "Berlin", *DECLARED]], person_in(berlin, "Key manager"), heads=heads)
    imported(imp)
    assert ProductKey.objects.get(import_uid=imp.uid).agreement.scope == berlin


def test_the_agreement_of_another_scope_that_a_key_leaves_is_not_named(berlin: Scope, bonn: Scope) -> None:
    person, code = person_in(berlin, "Key manager"), new_code()
    stored(code=code, scope_id=berlin.pk, agreement_id=agreement("BONN-1", scope_id=bonn.pk).pk)
    imp = brought([[*line(code), "BERLIN-1"]], person, heads=(*HEADS, "Vertrag"))
    (row,) = preview.page(imp).rows
    assert ("agreement", "", "BERLIN-1") in row.changes


def test_microsofts_count_comes_with_new_keys_and_to_those_that_are_there(manager: User) -> None:
    key = stored(quantity=150)
    microsoft_count.record(key, 3, date(2026, 1, 2), seen_version=1, origin=PORTAL)
    heads = ("Key", "microsoft_used", "microsoft_counted_on", *DECLARED_HEADS)
    rows = [[new_code().open(), "7", "2026-03-04", *DECLARED], [key.code.open(), "9", "2026-03-04", *DECLARED]]
    imp = imported(brought(rows, manager, heads=heads))
    assert imp.counts == {"n": 1, "c": 1}
    new = ProductKey.objects.get(import_uid=imp.uid)
    assert (new.microsoft_used, new.microsoft_counted_on, new.microsoft_count_imported) == (7, date(2026, 3, 4), True)
    key.refresh_from_db()
    assert (key.microsoft_used, key.microsoft_counted_by, key.microsoft_count_imported) == (9, manager, True)
    undo(imp, origin=Origin(manager))
    key.refresh_from_db()
    assert (key.microsoft_used, key.microsoft_counted_on, key.microsoft_count_imported) == (3, date(2026, 1, 2), False)


def test_a_count_is_judged_by_the_type_that_the_key_comes_to_have(manager: User) -> None:
    """Microsoft counts a MAK; a row that makes a retail key of it as well is refused in the preview, not afterwards."""
    key = stored(quantity=150)
    imp = brought(
        [[key.code.open(), "7", "Retail", *DECLARED[1:]]], manager, heads=("Key", "microsoft_used", *DECLARED_HEADS)
    )
    assert [field for _row, field, _message in _refusals(imp)] == ["microsoft_used"]


def test_columns_kept_in_the_comment_come_to_the_comment_that_is_there(manager: User) -> None:
    key = stored(quantity=150, comment="hand-written")
    heads = ("Key", "Raum", *DECLARED_HEADS)
    imp = imported(brought([[key.code.open(), "B 2.14", *DECLARED]], manager, heads=heads))
    key.refresh_from_db()
    assert key.comment == "hand-written\nRaum: B 2.14"
    assert imported(brought([[key.code.open(), "B 2.14", *DECLARED]], manager, heads=heads)).counts == {"s": 1}
    assert imp.stored == 1


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
