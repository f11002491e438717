"""What comes with the keys of a file, and goes with them: labels, comments, agreements, Microsoft's count."""

from dataclasses import replace
from datetime import date

import pytest

from keyportal.people.models import User
from productkeys.models import Agreement, Import, ProductKey, Scope, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import agreements, microsoft_count
from productkeys.services.agreements import AgreementValues
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.undoing import Undone, undo
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import HEADS, brought, imported, line, refusals
from tests.factories import agreement, new_code, stored
from tests.scoped import person_in

pytestmark = pytest.mark.django_db

DECLARED_HEADS = ("Type", "Operating system", "Edition", "Quantity")
DECLARED = ("MAK", "Windows 11", "Enterprise", "150")


# --- Labels and comments


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


def test_columns_kept_in_the_comment_come_to_the_comment_that_is_there(manager: User) -> None:
    key = stored(quantity=150, comment="hand-written")
    heads = ("Key", "Raum", *DECLARED_HEADS)
    imp = imported(brought([[key.code.open(), "B 2.14", *DECLARED]], manager, heads=heads))
    key.refresh_from_db()
    assert key.comment == "hand-written\nRaum: B 2.14"
    assert imported(brought([[key.code.open(), "B 2.14", *DECLARED]], manager, heads=heads)).counts == {"s": 1}
    assert imp.stored == 1


# --- Agreements


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


# --- Microsoft's count


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
    assert [field for _row, field, _message in refusals(imp)] == ["microsoft_used"]
