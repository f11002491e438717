"""The trail is chained and verified: whatever somebody does past the portal, with all rights in the database, is found.

Who writes an entry never waits for the chain; a sealer gives committed entries their places afterwards.
"""

import json
import random
import threading
from collections.abc import Callable
from dataclasses import astuple
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.signals import request_finished
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys import append_only, encryption
from productkeys.key_ring import KeyRingProblem
from productkeys.models import TrailEntry, TrailKey, TrailSeal
from productkeys.models.trail import Action
from productkeys.services import keys, readiness, sealing, trail, trail_key
from productkeys.services.origin import Origin
from productkeys.services.sealing import Head
from productkeys.services.verifying import Break, Finding, Report, verify
from tests.factories import stored

ENTRIES, SEALS = append_only.ENTRIES, append_only.SEALS
pytestmark = pytest.mark.django_db


def _write(*names: str, by: User | None = None) -> list[int]:
    """Entries of one act; returns their ids."""
    trail.record(*(trail.entry(Action.ADDED, origin=Origin(by, "192.0.2.7"), reason=name) for name in names))
    return list(TrailEntry.objects.filter(reason__in=names).order_by("id").values_list("id", flat=True))


def _do(sql: str, *values: Any) -> None:
    """What a superuser of the database can do, who has taken the triggers away first."""
    append_only.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def sealed(manager: User) -> list[int]:
    """The ids of some sealed entries, the newest of the trail."""
    key = stored(by=manager)
    keys.set_status(key, "archived", seen_version=1, origin=Origin(manager, "2001:db8::7"))
    _write(*(f"note {number}" for number in range(40)), by=manager)
    sealing.seal()
    return list(TrailEntry.objects.order_by("-id").values_list("id", flat=True)[:42])[::-1]


# Sealing


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
    early, middle, late = _write("early", "middle", "late")
    row = TrailEntry.objects.filter(pk=middle).values().get()
    with transaction.atomic():
        _do(f"DELETE FROM {ENTRIES} WHERE id = %s", middle)  # noqa: S608
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
                _write(f"{number} {step}")
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
    _write("meanwhile")
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


# Tampering: each edit is made by a superuser who has taken the triggers away, verified, and taken back.


Edit = Callable[[list[int], random.Random], Finding]
CHANGES: dict[str, Any] = {
    "uid": "5f1f2c5ce15b4d6bb9b0a3a0c9d0d7aa",
    "at": "2020-01-01 00:00:00",
    "actor_uid": "5f1f2c5ce15b4d6bb9b0a3a0c9d0d7ab",
    "actor_name": "somebody.else",
    "address": "203.0.113.9",
    "action": "deleted",
    "subject_uid": "5f1f2c5ce15b4d6bb9b0a3a0c9d0d7ac",
    "subject_name": "Another key",
    "reason": "Another reason",
    "before": '{"status": "compromised"}',
    "after": '{"quantity": 7}',
    "proof": "0" * 64,
}


def _place(entry: int) -> int:
    return TrailSeal.objects.get(entry=entry).sequence


def _change(entries: list[int], dice: random.Random) -> Finding:
    entry, column = dice.choice(entries), dice.choice(sorted(CHANGES))
    _do(f"UPDATE {ENTRIES} SET {column} = %s WHERE id = %s", CHANGES[column], entry)  # noqa: S608
    return Finding(Break.CHANGED, _place(entry), entry)


def _remove(entries: list[int], dice: random.Random) -> Finding:
    entry = dice.choice(entries)
    _do(f"DELETE FROM {ENTRIES} WHERE id = %s", entry)  # noqa: S608
    return Finding(Break.REMOVED, _place(entry), entry)


def _remove_with_seal(entries: list[int], dice: random.Random) -> Finding:
    entry = dice.choice(entries[:-1])
    place = _place(entry)
    _do(f"DELETE FROM {ENTRIES} WHERE id = %s", entry)  # noqa: S608
    _do(f"DELETE FROM {SEALS} WHERE entry = %s", entry)  # noqa: S608
    return Finding(Break.SEALS_REMOVED, place, last=place)


def _put_in(entries: list[int], dice: random.Random) -> Finding:
    """A row like another, under a uid of its own, at the end or in a place that was made free."""
    like, new = dice.choice(entries), dice.choice([max(entries) + 1_000, -dice.randrange(1, 1000)])
    columns = "at, actor_uid, actor_name, address, action, subject_uid, subject_name, reason, before, after, proof"
    _do(
        f"INSERT INTO {ENTRIES} (id, uid, {columns}) SELECT %s, %s, {columns} FROM {ENTRIES} WHERE id = %s",  # noqa: S608
        new,
        f"{dice.getrandbits(128):032x}",
        like,
    )
    return Finding(Break.PUT_IN, entry=new)


def _swap(entries: list[int], dice: random.Random) -> Finding:
    one, other = sorted(dice.sample(entries, 2))
    for old, new in ((one, -1), (other, one), (-1, other)):
        _do(f"UPDATE {ENTRIES} SET id = %s WHERE id = %s", new, old)  # noqa: S608
    return Finding(Break.MOVED, _place(one), one)


def _swap_places(entries: list[int], dice: random.Random) -> Finding:
    one, other = sorted(dice.sample(entries, 2))
    place, second = _place(one), _place(other)
    for old, new in ((one, -1), (other, one), (-1, other)):
        _do(f"UPDATE {SEALS} SET entry = %s WHERE entry = %s", new, old)  # noqa: S608
    assert second > place
    return Finding(Break.MOVED, place, other)


def _cut(entries: list[int], dice: random.Random) -> Finding:
    keep = dice.choice(entries[:-1])
    place, last = _place(keep), _place(entries[-1])
    _do(f"DELETE FROM {ENTRIES} WHERE id > %s", keep)  # noqa: S608
    _do(f"DELETE FROM {SEALS} WHERE entry > %s", keep)  # noqa: S608
    return Finding(Break.CUT, place + 1, last=last)


def _cut_and_seal_again(entries: list[int], dice: random.Random) -> Finding:
    """The entries in the middle go, and the portal itself seals what is left."""
    gone = dice.choice(entries[:-1])
    place, end = _place(gone), _place(entries[-1])
    _do(f"DELETE FROM {ENTRIES} WHERE id = %s", gone)  # noqa: S608
    _do(f"DELETE FROM {SEALS} WHERE sequence >= %s", place)  # noqa: S608
    _write("written later", "and later")
    sealing.seal()
    return Finding(Break.ANOTHER_CHAIN, end, TrailSeal.objects.get(sequence=end).entry)


EDITS: list[Edit] = [
    *[_change] * 30,
    *[_remove] * 15,
    *[_remove_with_seal] * 10,
    *[_put_in] * 15,
    *[_swap] * 10,
    *[_swap_places] * 5,
    *[_cut] * 10,
    *[_cut_and_seal_again] * 5,
]


def test_a_hundred_edits_by_a_superuser_are_all_located(sealed: list[int]) -> None:
    assert len(EDITS) == 100
    dice = random.Random(7)
    kept = sealing.head()
    assert kept is not None
    for number, edit in enumerate(EDITS):
        with transaction.atomic():
            expected = edit(sealed, dice)
            report = verify([kept])
            transaction.set_rollback(True)
        assert report.first == expected, (number, edit.__name__, report.findings)
    assert verify([kept]).is_whole


def test_several_altered_entries_are_named_each_and_no_other(sealed: list[int]) -> None:
    chosen = sealed[3:20:4]
    for entry in chosen:
        _do(f"UPDATE {ENTRIES} SET actor_name = 'x' WHERE id = %s", entry)  # noqa: S608
    assert [(finding.what, finding.entry) for finding in verify().findings] == [("changed", entry) for entry in chosen]


def test_an_entry_that_was_put_in_gets_no_place_in_the_chain(sealed: list[int]) -> None:
    found = _put_in(sealed, random.Random(1))
    assert sealing.seal() == 0
    assert verify().findings == [found]


def test_a_copy_of_an_entry_under_its_own_uid_is_found(sealed: list[int]) -> None:
    """The old entry counts a second time, with its proof; for that, the unique index has to go as well."""
    with transaction.atomic():
        copied = TrailEntry.objects.filter(pk=sealed[0]).values().get() | {"id": max(sealed) + 1}
        if connection.vendor == "postgresql":
            _do(f"ALTER TABLE {ENTRIES} DROP CONSTRAINT {ENTRIES}_uid_key")
        else:
            columns = ", ".join(copied)
            _do(f"CREATE TABLE copy AS SELECT {columns} FROM {ENTRIES}")  # noqa: S608
            _do(f"DROP TABLE {ENTRIES}")
            _do(f"ALTER TABLE copy RENAME TO {ENTRIES}")
        TrailEntry.objects.create(**copied)
        sealing.seal()
        report = verify()
        transaction.set_rollback(True)
    assert Finding(Break.COPIED, entry=max(sealed) + 1) in report.findings


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL refuses to store it.")
@pytest.mark.parametrize("garbage", ["at = 'no date'", "uid = 'no uid'", "actor_name = x'00ff'", "address = 'nowhere'"])
def test_garbage_in_an_entry_is_a_changed_entry(sealed: list[int], garbage: str) -> None:
    _do(f"UPDATE {ENTRIES} SET {garbage} WHERE id = %s", sealed[5])  # noqa: S608
    assert verify().findings == [Finding(Break.CHANGED, _place(sealed[5]), sealed[5])]


def test_an_entry_cannot_be_put_before_the_chain_with_a_seal_of_its_own(sealed: list[int]) -> None:
    found = _put_in(sealed, random.Random(2))
    _do(f"INSERT INTO {SEALS} (sequence, entry, digest) VALUES (-1, %s, 'made up')", found.entry)  # noqa: S608
    assert verify().findings == [Finding(Break.PUT_IN, -1, found.entry)]


def test_a_forged_seal_is_found(sealed: list[int]) -> None:
    entry = sealed[7]
    _do(f"UPDATE {SEALS} SET digest = %s WHERE entry = %s", "0" * 64, entry)  # noqa: S608
    first = verify().first
    assert first == Finding(Break.MOVED, _place(entry), entry)


def test_a_trail_that_was_stripped_of_all_that_proves_it_is_not_taken_for_an_old_one(sealed: list[int]) -> None:
    """Proofs, seals and their key are gone: the portal does not begin anew on entries that it cannot prove."""
    _do(f"DELETE FROM {SEALS}")  # noqa: S608
    _do(f"UPDATE {ENTRIES} SET proof = ''")  # noqa: S608
    assert sealing.seal() == 0
    assert {finding.what for finding in verify().findings} == {Break.PUT_IN}
    _do(f"DELETE FROM {TrailKey._meta.db_table}")  # noqa: S608
    with pytest.raises(KeyRingProblem, match=r"there are entries made with it\. Restore the table"):
        readiness.require_fitting_key_ring()


# The key of the trail


def test_a_key_of_somebodys_own_does_not_open(sealed: list[int]) -> None:
    row = TrailKey.objects.get()
    try:
        row.sealed = encryption.seal(json.dumps({"secret": "00" * 32}), bound_to="something else")
        row.save()
        trail_key.current.cache_clear()
        with pytest.raises(KeyRingProblem, match="somebody changed the table"):
            trail_key.current()
        row.delete()
        with pytest.raises(KeyRingProblem, match="Restore the table"):
            trail_key.keep()
    finally:
        trail_key.current.cache_clear()


# The commands


def _verify(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_whole_trail_ends_with_0_and_says_that_no_head_was_compared(sealed: list[int]) -> None:
    code, said = _verify()
    assert code == 0
    assert "The trail is whole" in said
    assert "an end that was cut off would not be noticed" in said


def test_a_broken_trail_ends_with_1_and_says_where(sealed: list[int]) -> None:
    _do(f"UPDATE {ENTRIES} SET actor_name = 'x' WHERE id = %s", sealed[3])  # noqa: S608
    code, said = _verify()
    assert code == 1
    assert f"number {_place(sealed[3])}, entry {sealed[3]}: the entry was changed after it was written." in said
    code, said = _verify("--json")
    answer = json.loads(said)
    assert (code, answer["whole"], answer["first"]["entry"]) == (1, False, sealed[3])
    assert [finding["what"] for finding in answer["findings"]] == ["changed"]


def test_a_cut_end_shows_against_the_exported_heads(sealed: list[int], tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    call_command("seal_audit", export=heads, stdout=StringIO())
    _write("one more")
    call_command("seal_audit", export=heads, stdout=StringIO())
    assert len(heads.read_text().splitlines()) == 2
    code, said = _verify("--against", str(heads))
    assert code == 0
    assert "would not be noticed" not in said
    _cut(sealed, random.Random(3))
    assert _verify()[0] == 0
    code, said = _verify("--against", str(heads))
    assert code == 1
    assert "its end was cut off" in said


def test_the_head_alone_is_asked_for(sealed: list[int]) -> None:
    head = sealing.head()
    assert head is not None
    assert Head(**json.loads(_verify("--head")[1])) == head
    assert astuple(head)[0] == TrailEntry.objects.count()


@pytest.mark.parametrize("content", [None, "no JSON", '{"sequence": 1}'])
def test_heads_that_cannot_be_read_prove_nothing(tmp_path: Path, content: str | None) -> None:
    heads = tmp_path / "heads"
    if content is not None:
        heads.write_text(content)
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", against=heads)
    assert refused.value.returncode == 2


def test_an_entry_says_when_it_was_made_and_not_when_it_was_sealed(sealed: list[int]) -> None:
    entry = TrailEntry.objects.latest("id")
    assert sealing.seal() == 0
    assert TrailEntry.objects.get(pk=entry.pk).at - entry.at == timedelta(0)
    assert isinstance(verify(), Report)
