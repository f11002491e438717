"""The trail is chained: each committed entry gets its place, once, and who writes one never waits for that."""

import threading

import pytest
from django.core.signals import request_finished
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys import append_only
from productkeys.models import TrailEntry, TrailSeal
from productkeys.services import sealing, trail
from productkeys.services.verifying import verify
from tests.bent_trail import ENTRIES, SEALS, past_the_portal, sealed_entries, write
from tests.factories import stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(manager: User) -> list[int]:
    return sealed_entries(manager)


def test_a_new_portal_has_a_whole_trail_from_its_first_entry_on() -> None:
    assert verify().is_whole
    assert sealing.seal() == TrailEntry.objects.count()
    report = verify()
    assert report.is_whole
    assert (report.entries, report.waiting) == (TrailEntry.objects.count(), 0)
    assert report.head == sealing.head()


def test_each_entry_gets_one_place_and_a_second_run_changes_nothing(sealed: list[int]) -> None:
    places = list(TrailSeal.objects.order_by("sequence").values_list("sequence", "entry"))
    assert [sequence for sequence, _entry in places] == list(range(1, TrailEntry.objects.count() + 1))
    assert sealing.seal() == 0
    assert list(TrailSeal.objects.order_by("sequence").values_list("sequence", "entry")) == places


def test_an_entry_that_is_committed_late_is_sealed_where_the_chain_is_then() -> None:
    early, middle, late = write("early", "middle", "late")
    row = TrailEntry.objects.filter(pk=middle).values().get()
    with transaction.atomic():
        past_the_portal(f"DELETE FROM {ENTRIES} WHERE id = %s", middle)  # noqa: S608
        append_only.install(connection)
    sealing.seal()
    TrailEntry.objects.create(**row)
    assert sealing.seal() == 1
    assert list(TrailSeal.objects.order_by("sequence").values_list("entry", flat=True))[-3:] == [early, late, middle]
    assert verify().is_whole


@pytest.mark.parametrize("table", [ENTRIES, SEALS])
def test_nothing_of_it_can_be_changed_or_removed_through_the_front_door(table: str, sealed: list[int]) -> None:
    name = "entry" if table == SEALS else "id"
    for statement in (f"UPDATE {table} SET {name} = {name}", f"DELETE FROM {table}"):  # noqa: S608
        with (
            pytest.raises(DatabaseError, match="the trail only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_seals_cannot_be_emptied_or_replaced(sealed: list[int]) -> None:
    around = {"postgresql": f"TRUNCATE {SEALS}", "sqlite": f"INSERT OR REPLACE INTO {SEALS} SELECT * FROM {SEALS}"}  # noqa: S608
    with (
        pytest.raises(DatabaseError, match="the trail only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(around[connection.vendor])


@pytest.mark.django_db(transaction=True)
def test_sealers_and_writers_at_once_make_one_chain_that_holds() -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(10):
                write(f"{number} {step}")
                sealing.seal()
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=[number]) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sealing.seal()
    report = verify()
    assert not failures
    assert report.is_whole
    assert report.entries == TrailEntry.objects.count() == sealing.head().sequence  # type: ignore[union-attr]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets in one writer at a time.")
@pytest.mark.django_db(transaction=True)
def test_who_writes_does_not_wait_for_a_sealer_at_work() -> None:
    at_work, written = threading.Event(), threading.Event()

    def seal_slowly() -> None:
        with transaction.atomic():
            sealing.seal()
            at_work.set()
            written.wait(timeout=20)
        connection.close()

    sealer = threading.Thread(target=seal_slowly)
    sealer.start()
    assert at_work.wait(timeout=20)
    write("meanwhile")
    assert sealer.is_alive()
    written.set()
    sealer.join()
    assert sealing.seal() == 1
    assert verify().is_whole


@pytest.mark.django_db(transaction=True)
def test_what_serves_seals_after_the_answer_what_it_wrote(as_manager: Client) -> None:
    key = stored()
    sealing.seal()
    sealing.seal_after_responses()
    try:
        trail.take_written()
        as_manager.get(reverse("productkeys:detail", args=[key.pk]))
        assert sealing.unsealed() == []
        as_manager.post(reverse("productkeys:archive", args=[key.pk]), {"version": 1})
        assert TrailEntry.objects.latest("id").action == "archived"
        assert sealing.unsealed() == []
    finally:
        request_finished.disconnect(dispatch_uid="seal the trail")
        close_old_connections()
