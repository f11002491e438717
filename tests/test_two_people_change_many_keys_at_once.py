"""Two people change the same keys at the very same time: the second waits, is told, and overwrites nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F

from productkeys.models import ProductKey
from productkeys.services import bulk_edit
from productkeys.services.bulk_edit import Changes
from productkeys.services.origin import PORTAL, Origin
from productkeys.services.selection import Selection, SelectionChanged
from tests.factories import stored
from tests.scoped import person_in, scopes

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[Selection], int]


def _edit(selection: Selection) -> int:
    among = ProductKey.objects.get_queryset()
    return bulk_edit.apply_changes(selection, Changes({"quantity": 700}), among=among, origin=PORTAL)


def _delete(selection: Selection) -> int:
    return bulk_edit.apply_deletion(selection, among=ProductKey.objects.get_queryset(), origin=PORTAL)


def _in_a_thread(act: Act, selection: Selection) -> int:
    try:
        return act(selection)
    finally:
        connection.close()


@pytest.mark.parametrize("act", [_edit, _delete])
def test_the_second_waits_for_the_first_and_is_told(act: Act) -> None:
    key = stored()
    seen = Selection.of_pairs([(key.pk, key.version)])
    with ThreadPoolExecutor(max_workers=1) as second_person:
        with transaction.atomic():
            ProductKey.objects.filter(pk=key.pk).update(quantity=600, version=F("version") + 1)
            second = second_person.submit(_in_a_thread, act, seen)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        with pytest.raises(SelectionChanged):
            second.result(timeout=30)
    key.refresh_from_db()
    assert (key.quantity, key.version) == (600, 2)


def test_a_key_that_moves_to_a_foreign_scope_while_somebody_waits_for_it_stays_as_it_is() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(scope_id=berlin.pk)
    seen = Selection.of_pairs([(key.pk, key.version)])
    keeper = person_in(berlin, "Key manager")

    def archive(selection: Selection) -> int:
        among = ProductKey.objects.visible_to(keeper)
        return bulk_edit.apply_changes(selection, Changes({"status": "archived"}), among=among, origin=Origin(keeper))

    with ThreadPoolExecutor(max_workers=1) as second_person:
        with transaction.atomic():
            ProductKey.objects.filter(pk=key.pk).update(scope=bonn)  # even where the version would not tell
            second = second_person.submit(_in_a_thread, archive, seen)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        with pytest.raises(SelectionChanged):
            second.result(timeout=30)
    key.refresh_from_db()
    assert (key.scope, key.status) == (bonn, "active")
