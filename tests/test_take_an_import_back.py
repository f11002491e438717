"""An import is taken back whole or not at all: not where somebody has touched what it brought."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import Import, ProductKey, Scope, TrailEntry, TrailRow
from productkeys.models.trail import Action
from productkeys.services import keys
from productkeys.services.importing.undoing import NotUndone, undo
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import HEADS, brought, imported, line
from tests.factories import agreement, stored
from tests.scoped import person_in

pytestmark = pytest.mark.django_db


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
