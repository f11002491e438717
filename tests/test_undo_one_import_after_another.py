"""Imports that are undone one after the other: what was changed and taken back since is no reason to stay."""

import pytest

from keyportal.people.models import User
from productkeys.models import Agreement, Import, ImportedChange, ProductKey, Scope
from productkeys.services import keys
from productkeys.services.importing import undoing
from productkeys.services.importing.undoing import NotUndone, undo
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import HEADS, brought, imported, line
from tests.factories import new_code, stored

pytestmark = pytest.mark.django_db


def _stored(person: User, *rows: list[str], heads: tuple[str, ...] = HEADS) -> Import:
    return imported(brought(rows, person, heads=heads))


def test_an_import_goes_although_another_one_changed_its_keys_that_was_undone(manager: User) -> None:
    codes = [new_code() for _ in range(3)]
    first = _stored(manager, *(line(code) for code in codes))
    second = _stored(manager, line(codes[0], Menge="160"), line(codes[1], Bezeichnung="Filiale Bonn"))
    with pytest.raises(NotUndone):
        undo(first, origin=Origin(manager))
    undo(second, origin=Origin(manager))
    assert undo(first, origin=Origin(manager)).removed == 3


def test_a_key_that_was_there_before_them_gets_back_what_it_was(manager: User) -> None:
    key = stored(name="Filiale Köln", quantity=100, architecture="any")
    imports = [_stored(manager, line(key.code.open(), Menge=quantity)) for quantity in ("110", "120", "130")]
    assert [imp.counts for imp in imports] == [{"c": 1}] * 3
    for imp, was in zip(reversed(imports), (120, 110, 100), strict=True):
        undo(imp, origin=Origin(manager))
        key.refresh_from_db()
        assert key.quantity == was


def test_all_that_an_import_can_change_counts_as_taken_back(berlin: Scope, bonn: Scope, manager: User) -> None:
    code, heads = new_code(), (*HEADS, "scope", "shared_with", "status", "Labels", "Agreement", "microsoft_used")
    first = _stored(manager, [*line(code), "Berlin", "", "active", "", "", ""], heads=heads)
    second = _stored(manager, [*line(code, Menge="9"), "Bonn", "Berlin", "archived", "DMZ", "V-9", "4"], heads=heads)
    assert (first.counts, second.counts) == ({"n": 1}, {"c": 1})
    undo(second, origin=Origin(manager))
    undo(first, origin=Origin(manager))
    assert not ProductKey.objects.filter(import_uid=first.uid).exists()
    assert not Agreement.objects.exists()


def test_they_go_in_any_order_in_which_each_finds_what_it_left(manager: User) -> None:
    code = new_code()
    first = _stored(manager, line(code, Menge="10"))
    second, third = (_stored(manager, line(code, Menge=quantity)) for quantity in ("20", "30"))
    with pytest.raises(NotUndone):
        undo(second, origin=Origin(manager))
    undo(third, origin=Origin(manager))
    fourth = _stored(manager, line(code, Menge="40"))
    for imp in (fourth, second, first):
        undo(imp, origin=Origin(manager))
    assert not ProductKey.objects.filter(import_uid=first.uid).exists()


@pytest.mark.parametrize("moment", ["before it came", "after it was undone"])
def test_what_a_person_changed_beside_the_other_import_keeps_them(manager: User, moment: str) -> None:
    code = new_code()
    first = _stored(manager, line(code))
    key = ProductKey.objects.get(import_uid=first.uid)

    def touch() -> None:
        key.refresh_from_db()
        keys.change_key(key, KeyValues.of(key, comment="in use"), seen_version=key.version, origin=PORTAL)

    if moment == "before it came":
        touch()
    undo(_stored(manager, line(code, Menge="160")), origin=Origin(manager))
    if moment == "after it was undone":
        touch()
    with pytest.raises(NotUndone) as stays:
        undo(first, origin=Origin(manager))
    assert stays.value.touched == ["Windows 11, Filiale Köln"]


def test_an_import_of_which_nobody_knows_what_it_found_keeps_the_one_before(manager: User) -> None:
    code = new_code()
    first, second = _stored(manager, line(code)), _stored(manager, line(code, Menge="160"))
    ImportedChange.objects.update(seen_version=None)  # as the versions before this one kept it
    undo(second, origin=Origin(manager))
    with pytest.raises(NotUndone):
        undo(first, origin=Origin(manager))


def test_an_undo_stops_where_somebody_changes_a_key_at_that_moment(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stored(quantity=100)
    imp = _stored(manager, line(key.code.open()))
    looked = undoing._require_untouched

    def look_and_be_overtaken(*arguments: object) -> None:
        looked(*arguments)  # type: ignore[arg-type]
        key.refresh_from_db()
        keys.change_key(key, KeyValues.of(key, comment="in use"), seen_version=key.version, origin=PORTAL)

    monkeypatch.setattr(undoing, "_require_untouched", look_and_be_overtaken)
    with pytest.raises(NotUndone) as stays:
        undo(imp, origin=Origin(manager))
    assert stays.value.more == 1
