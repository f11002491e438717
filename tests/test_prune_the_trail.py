"""Old entries of the audit log can go; what is left is whole, and nobody else can pretend to have pruned."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from productkeys import append_only
from productkeys.models import TrailEntry, TrailSeal
from productkeys.models.trail import Action
from productkeys.services import keys, pruning, sealing, trail
from productkeys.services.origin import PORTAL
from productkeys.services.sealing import Head
from productkeys.services.verifying import Break, verify
from tests.crossing import Other, just_before, on_postgresql
from tests.factories import RETAIL, stored

pytestmark = pytest.mark.django_db


def _write(*reasons: str) -> None:
    trail.record(*(trail.entry(Action.CHANGED, origin=PORTAL, reason=reason) for reason in reasons))


def _prune(days: int | None = 365) -> str:
    out = StringIO()
    call_command("prune_audit", older_than=days, stdout=out)
    return out.getvalue()


@pytest.fixture
def old() -> int:
    """A trail that began two years ago. Returns how many entries are sealed since then."""
    append_only.remove(connection)
    TrailEntry.objects.all().delete()
    append_only.install(connection)
    with time_machine.travel(timezone.now() - timedelta(days=730)):
        _write(*(f"old {number}" for number in range(10)))
        sealing.seal()
    return TrailEntry.objects.count()


@pytest.fixture
def head(old: int) -> Head:
    """The end of the chain as it was exported before anything was pruned, with a young entry behind the old ones."""
    _write("young")
    sealing.seal()
    found = sealing.head()
    assert found is not None
    return found


def test_what_is_old_goes_and_the_rest_still_verifies(old: int, head: Head) -> None:
    assert _prune() == f"Entries removed: {old}.\n"
    assert [entry.reason for entry in TrailEntry.objects.order_by("id")] == ["young", ""]
    assert verify([head]).is_whole
    _write("after it")
    sealing.seal()
    report = verify([head])
    assert report.is_whole
    assert report.head is not None
    assert report.head.sequence == head.sequence + 2


def test_that_it_was_done_is_in_the_trail_and_on_its_page(head: Head, as_admin: Client) -> None:
    _prune()
    assert TrailEntry.objects.latest("id").action == "pruned"
    page = as_admin.get(reverse("productkeys:trail")).content.decode()
    assert "Old entries removed" in page
    assert "Removed, from before" in page


def test_it_can_be_done_again_and_where_nothing_is_old(head: Head) -> None:
    _prune()
    assert _prune() == "Entries removed: 0.\n"
    with time_machine.travel(timezone.now() + timedelta(days=800)):
        _write("much later")
        assert _prune() == "Entries removed: 2.\n"
        report = verify([head])
    assert report.is_whole


def test_the_newest_seal_stays_for_the_chain_to_go_on(old: int) -> None:
    assert _prune() == f"Entries removed: {old - 1}.\n"
    assert verify().is_whole


def test_the_triggers_are_there_again(head: Head) -> None:
    _prune()
    for table in (append_only.ENTRIES, append_only.SEALS):
        with (
            pytest.raises(DatabaseError, match="the trail only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608  # names of our own


def test_an_archived_key_is_restored_as_what_it_was(old: int) -> None:
    """Archiving washes no key clean, and neither does pruning."""
    with time_machine.travel(timezone.now() - timedelta(days=700)):
        compromised, clean = stored(), stored(RETAIL)
        keys.set_status(compromised, "compromised", seen_version=1, origin=PORTAL)
        keys.set_status(compromised, "archived", seen_version=2, origin=PORTAL)
        keys.set_status(clean, "archived", seen_version=1, origin=PORTAL)
    _write("young")
    _prune()
    assert not TrailEntry.objects.filter(action="archived").exists()
    for key, version, status in ((compromised, 3, "compromised"), (clean, 2, "active")):
        keys.set_status(key, "active", seen_version=version, origin=PORTAL)
        key.refresh_from_db()
        assert key.status == status


def test_a_broken_trail_is_evidence_and_stays(head: Head) -> None:
    append_only.remove(connection)
    TrailEntry.objects.filter(reason="old 3").update(reason="another")
    append_only.install(connection)
    with pytest.raises(CommandError, match="it would be evidence"):
        _prune()
    assert TrailEntry.objects.filter(reason="old 1").exists()


def test_what_somebody_removed_is_not_taken_for_pruned(head: Head) -> None:
    """They cut the beginning as pruning does, and put in the entry that says so: it lacks the portal's proof."""
    cut = TrailSeal.objects.get(sequence=5)
    after = {"sequence": 5, "digest": cut.digest, "before": "2026-01-01"}
    append_only.remove(connection)
    TrailEntry.objects.filter(pk__in=TrailSeal.objects.filter(sequence__lte=5).values("entry")).delete()
    TrailSeal.objects.filter(sequence__lte=5).delete()
    TrailEntry.objects.create(action="pruned", after=after, proof="0" * 64)
    append_only.install(connection)
    assert pruning.start_of_chain() == Head(0, "")
    assert [finding.what for finding in verify().findings] == [Break.SEALS_REMOVED, Break.PUT_IN]


def test_more_than_was_pruned_is_found_missing(head: Head) -> None:
    _write("also young")
    _prune()
    first = TrailSeal.objects.earliest("sequence")
    append_only.remove(connection)
    TrailEntry.objects.filter(pk=first.entry).delete()
    first.delete()
    append_only.install(connection)
    assert [finding.what for finding in verify().findings] == [Break.SEALS_REMOVED]


@pytest.mark.parametrize("days", [0, -5, 10**9])
def test_a_number_of_days_that_makes_no_sense_is_refused(days: int) -> None:
    with pytest.raises(CommandError, match="from 1 to 36500"):
        _prune(days)


def test_the_setting_says_how_long_entries_are_kept(old: int, head: Head, settings: Settings) -> None:
    settings.AUDIT_KEEP_DAYS = 800
    assert _prune(None) == "Entries removed: 0.\n"
    settings.AUDIT_KEEP_DAYS = 365
    assert _prune(None) == f"Entries removed: {old}.\n"
    assert verify([head]).is_whole


def test_a_number_given_by_hand_goes_before_the_setting(old: int, head: Head, settings: Settings) -> None:
    settings.AUDIT_KEEP_DAYS = 365
    assert _prune(800) == "Entries removed: 0.\n"


def test_with_neither_everything_stays_and_it_says_what_to_give(head: Head) -> None:
    before = TrailEntry.objects.count()
    with pytest.raises(CommandError, match="set KEYPORTAL_AUDIT_KEEP_DAYS, or give --older-than"):
        _prune(None)
    assert TrailEntry.objects.count() == before


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_pruning_that_waits_crosswise_for_an_import_goes_on_once_that_is_through(old: int) -> None:
    def import_keys() -> None:
        """Write rows of the trail, and then their entry."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '10min'")  # the other one is to notice
            trail.record_batch(trail.entry(Action.IMPORTED, origin=PORTAL), [(uuid4(), "Key", {})])

    other = Other(import_keys)
    with just_before(f"DROP TRIGGER IF EXISTS {append_only.ROWS}", other.begin):
        pruning.prune(timezone.now() - timedelta(days=365))
    other.end()
    sealing.seal()
    assert TrailEntry.objects.filter(action=Action.IMPORTED).count() == 1
    assert not TrailEntry.objects.filter(reason="old 1").exists()
    assert verify().is_whole
