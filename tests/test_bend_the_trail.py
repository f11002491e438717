"""Somebody bends the trail with all rights in the database: each edit is found, and where it is.

Every edit is made by a superuser who has taken the triggers away, verified, and taken back.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from keyportal.people.models import User
from productkeys.key_ring import KeyRingProblem
from productkeys.models import TrailEntry, TrailKey, TrailSeal
from productkeys.services import readiness, sealing
from productkeys.services.verifying import Break, Finding, verify
from tests.bent_trail import ENTRIES, SEALS, past_the_portal, place_of, sealed_entries, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(manager: User) -> list[int]:
    return sealed_entries(manager)


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


def _change(entries: list[int], dice: random.Random) -> Finding:
    entry, column = dice.choice(entries), dice.choice(sorted(CHANGES))
    past_the_portal(f"UPDATE {ENTRIES} SET {column} = %s WHERE id = %s", CHANGES[column], entry)  # noqa: S608
    return Finding(Break.CHANGED, place_of(entry), entry)


def _remove(entries: list[int], dice: random.Random) -> Finding:
    entry = dice.choice(entries)
    past_the_portal(f"DELETE FROM {ENTRIES} WHERE id = %s", entry)  # noqa: S608
    return Finding(Break.REMOVED, place_of(entry), entry)


def _remove_with_seal(entries: list[int], dice: random.Random) -> Finding:
    entry = dice.choice(entries[:-1])
    place = place_of(entry)
    past_the_portal(f"DELETE FROM {ENTRIES} WHERE id = %s", entry)  # noqa: S608
    past_the_portal(f"DELETE FROM {SEALS} WHERE entry = %s", entry)  # noqa: S608
    return Finding(Break.SEALS_REMOVED, place, last=place)


def _put_in(entries: list[int], dice: random.Random) -> Finding:
    """A row like another, under a uid of its own, at the end or in a place that was made free."""
    like, new = dice.choice(entries), dice.choice([max(entries) + 1_000, -dice.randrange(1, 1000)])
    columns = "at, actor_uid, actor_name, address, action, subject_uid, subject_name, reason, before, after, proof"
    past_the_portal(
        f"INSERT INTO {ENTRIES} (id, uid, {columns}) SELECT %s, %s, {columns} FROM {ENTRIES} WHERE id = %s",  # noqa: S608
        new,
        f"{dice.getrandbits(128):032x}",
        like,
    )
    return Finding(Break.PUT_IN, entry=new)


def _swap(entries: list[int], dice: random.Random) -> Finding:
    one, other = sorted(dice.sample(entries, 2))
    for old, new in ((one, -1), (other, one), (-1, other)):
        past_the_portal(f"UPDATE {ENTRIES} SET id = %s WHERE id = %s", new, old)  # noqa: S608
    return Finding(Break.MOVED, place_of(one), one)


def _swap_places(entries: list[int], dice: random.Random) -> Finding:
    one, other = sorted(dice.sample(entries, 2))
    place, second = place_of(one), place_of(other)
    for old, new in ((one, -1), (other, one), (-1, other)):
        past_the_portal(f"UPDATE {SEALS} SET entry = %s WHERE entry = %s", new, old)  # noqa: S608
    assert second > place
    return Finding(Break.MOVED, place, other)


def _cut(entries: list[int], dice: random.Random) -> Finding:
    keep = dice.choice(entries[:-1])
    place, last = place_of(keep), place_of(entries[-1])
    past_the_portal(f"DELETE FROM {ENTRIES} WHERE id > %s", keep)  # noqa: S608
    past_the_portal(f"DELETE FROM {SEALS} WHERE entry > %s", keep)  # noqa: S608
    return Finding(Break.CUT, place + 1, last=last)


def _cut_and_seal_again(entries: list[int], dice: random.Random) -> Finding:
    """The entries in the middle go, and the portal itself seals what is left."""
    gone = dice.choice(entries[:-1])
    place, end = place_of(gone), place_of(entries[-1])
    past_the_portal(f"DELETE FROM {ENTRIES} WHERE id = %s", gone)  # noqa: S608
    past_the_portal(f"DELETE FROM {SEALS} WHERE sequence >= %s", place)  # noqa: S608
    write("written later", "and later")
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
        past_the_portal(f"UPDATE {ENTRIES} SET actor_name = 'x' WHERE id = %s", entry)  # noqa: S608
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
            past_the_portal(f"ALTER TABLE {ENTRIES} DROP CONSTRAINT {ENTRIES}_uid_key")
        else:
            columns = ", ".join(copied)
            past_the_portal(f"CREATE TABLE copy AS SELECT {columns} FROM {ENTRIES}")  # noqa: S608
            past_the_portal(f"DROP TABLE {ENTRIES}")
            past_the_portal(f"ALTER TABLE copy RENAME TO {ENTRIES}")
        TrailEntry.objects.create(**copied)
        sealing.seal()
        report = verify()
        transaction.set_rollback(True)
    assert Finding(Break.COPIED, entry=max(sealed) + 1) in report.findings


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL refuses to store it.")
@pytest.mark.parametrize("garbage", ["at = 'no date'", "uid = 'no uid'", "actor_name = x'00ff'", "address = 'nowhere'"])
def test_garbage_in_an_entry_is_a_changed_entry(sealed: list[int], garbage: str) -> None:
    past_the_portal(f"UPDATE {ENTRIES} SET {garbage} WHERE id = %s", sealed[5])  # noqa: S608
    assert verify().findings == [Finding(Break.CHANGED, place_of(sealed[5]), sealed[5])]


def test_an_entry_cannot_be_put_before_the_chain_with_a_seal_of_its_own(sealed: list[int]) -> None:
    found = _put_in(sealed, random.Random(2))
    past_the_portal(f"INSERT INTO {SEALS} (sequence, entry, digest) VALUES (-1, %s, 'made up')", found.entry)  # noqa: S608
    assert verify().findings == [Finding(Break.PUT_IN, -1, found.entry)]


def test_a_forged_seal_is_found(sealed: list[int]) -> None:
    entry = sealed[7]
    past_the_portal(f"UPDATE {SEALS} SET digest = %s WHERE entry = %s", "0" * 64, entry)  # noqa: S608
    first = verify().first
    assert first == Finding(Break.MOVED, place_of(entry), entry)


def test_a_trail_that_was_stripped_of_all_that_proves_it_is_not_taken_for_an_old_one(sealed: list[int]) -> None:
    """Proofs, seals and their key are gone: the portal does not begin anew on entries that it cannot prove."""
    past_the_portal(f"DELETE FROM {SEALS}")  # noqa: S608
    past_the_portal(f"UPDATE {ENTRIES} SET proof = ''")  # noqa: S608
    assert sealing.seal() == 0
    assert {finding.what for finding in verify().findings} == {Break.PUT_IN}
    past_the_portal(f"DELETE FROM {TrailKey._meta.db_table}")  # noqa: S608
    with pytest.raises(KeyRingProblem, match=r"there are entries made with it\. Restore the table"):
        readiness.require_fitting_key_ring()
