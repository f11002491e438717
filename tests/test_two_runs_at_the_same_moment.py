"""Commands and steps of imports that run twice at the same moment: the second finds what the first has done."""

import os
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from keyportal.people.models import User
from productkeys import key_ring_source
from productkeys.key_ring import KeyRing
from productkeys.models import Import, ImportMapping, ProductKey, RegisteredKey, TrailEntry
from productkeys.models.importing import Mode
from productkeys.models.trail import Action
from productkeys.services import readiness, rotation, standard_keys
from productkeys.services.importing import mappings, running, steps, worker
from productkeys.services.importing.mappings import NotKept
from productkeys.services.importing.steps import NotNow
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import brought, line
from tests.crossing import Other, just_before, on_postgresql

pytestmark = pytest.mark.django_db


# --- Rotations on two machines, which share no file


@pytest.fixture
def next_ring(settings: Settings) -> Iterator[KeyRing]:
    """The ring with a second master key, which was put on every machine and is not in force yet."""
    ring = KeyRing.parse(os.environ["KEYPORTAL_KEY_RING"]).with_new_key(2)
    settings.KEY_RING = ring.text()
    key_ring_source.forget()
    yield ring
    key_ring_source.forget()


def test_a_rotation_that_another_machine_begins_in_this_moment_is_carried_on(next_ring: KeyRing) -> None:
    left_behind = '"productkeys_productkey"."master_key_id" IN'
    with just_before(left_behind, lambda: readiness.register(next_ring.keys[2])):
        assert rotation.begin(origin=PORTAL).newest == 2


def test_a_master_key_that_two_runs_remove_at_once_is_removed_once(next_ring: KeyRing) -> None:
    rotation.begin(origin=PORTAL)
    list(rotation.reencrypt(origin=PORTAL))
    with just_before('DELETE FROM "productkeys_registeredkey"', lambda: rotation.remove_old(origin=PORTAL)):
        rotation.remove_old(origin=PORTAL)
    assert list(RegisteredKey.objects.values_list("number", flat=True)) == [2]
    assert TrailEntry.objects.filter(action=Action.MASTER_KEY_REMOVED).count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_runs_that_are_through_at_once_one_records_it(next_ring: KeyRing) -> None:
    rotation.begin(origin=PORTAL)
    other = Other(lambda: list(rotation.reencrypt(origin=PORTAL)))
    with just_before('INSERT INTO "productkeys_trailentry"', other.begin):
        list(rotation.reencrypt(origin=PORTAL))
    other.end()
    assert TrailEntry.objects.filter(action=Action.MASTER_KEY_REPLACED).count() == 1


# --- Standard keys


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_standard_keys_that_two_load_at_once_come_once() -> None:
    ProductKey.objects.filter(pk=ProductKey.objects.filter(published=True).values("pk")[:1]).delete()
    counts: list[int] = []
    other = Other(lambda: counts.append(standard_keys.load()))
    with just_before('INSERT INTO "productkeys_productkey"', other.begin):
        counts.append(standard_keys.load())
    other.end()
    assert counts == [1, 0]


# --- Imports


def test_a_second_start_leaves_the_wish_to_stop_the_first(manager: User) -> None:
    imp = brought([line()], manager)
    same = Import.objects.get(pk=imp.pk)
    steps.start(imp, mode=Mode.GOOD_ROWS.value, origin=Origin(manager))
    running.ask_to_stop(imp.uid)
    with pytest.raises(NotNow):
        steps.start(same, mode=Mode.GOOD_ROWS.value, origin=Origin(manager))
    assert running._cache().get(running._unwanted(imp.uid))


def test_an_old_import_that_is_started_in_this_moment_is_not_too_old(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    imp = brought([line()], manager)
    monkeypatch.setattr(worker, "KEPT", worker.KEPT * 0)
    with just_before(
        '"productkeys_import"."attempt" = ',
        lambda: steps.start(imp, mode=Mode.GOOD_ROWS.value, origin=Origin(manager)),
    ):
        assert worker.remove_old() == 0
    imp.refresh_from_db()
    assert (imp.state, imp.fault) == (Import.State.STORING, {})


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_name_under_which_two_keep_columns_at_once_belongs_to_the_first(manager: User, admin_user: User) -> None:
    imports = [brought([line()], person) for person in (manager, admin_user)]
    other = Other(lambda: mappings.keep_mapping(imports[1], "Dealer", origin=Origin(admin_user)))
    with just_before('INSERT INTO "productkeys_importmapping"', other.begin), pytest.raises(NotKept):
        mappings.keep_mapping(imports[0], "Dealer", origin=Origin(manager))
    assert ImportMapping.objects.get().created_by == admin_user
