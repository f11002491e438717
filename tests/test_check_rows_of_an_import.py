"""Before many keys are stored: what becomes of every row, and what people say so that more of them become something."""

import pytest

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import Import, ProductKey, Scope
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.refused import refused_table
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import HEADS, brought, imported, line, refusals, written
from tests.factories import new_code, stored
from tests.scoped import person_in

pytestmark = pytest.mark.django_db


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
    assert [(number, field) for number, field, _message in refusals(imp)] == [(3, "quantity"), (4, "edition")]


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
    assert refusals(imp) == [(4, "code", "The same product key stands in line 2 of this file.")]


def test_a_key_twice_is_noticed_across_thousands_of_rows(manager: User) -> None:
    code = new_code()
    imp = brought([line(code), *(line() for _ in range(1200)), line(code)], manager)
    assert refusals(imp) == [(1203, "code", "The same product key stands in line 2 of this file.")]


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
    (refusal,) = refusals(imp)
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
