"""Archiving a key and restoring it."""

from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import KMS_HOST, stored


def _act(client: Client, verb: str, key: ProductKey, version: int = 1) -> str:
    response = client.post(reverse(f"productkeys:{verb}", args=[key.pk]), {"version": version}, follow=True)
    assert response.redirect_chain == [(key.get_absolute_url(), 302)]
    key.refresh_from_db()
    return response.content.decode()


def test_it_works(as_manager: Client, manager: User) -> None:
    key = stored()
    assert "is in the archive." in _act(as_manager, "archive", key)
    assert (key.status, key.version, key.changed_by) == ("archived", 2, manager)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.before, entry.after) == ("archived", {"status": "active"}, {"status": "archived"})


def test_a_restored_key_is_as_it_was(as_manager: Client) -> None:
    key = stored(in_use=3)
    _act(as_manager, "archive", key)
    assert "is active again." in _act(as_manager, "restore", key, 2)
    assert (key.status, key.version, key.in_use) == ("active", 3, 3)
    assert TrailEntry.objects.latest("id").action == "restored"


def test_archiving_washes_no_key_clean(as_manager: Client) -> None:
    key = stored()
    _act(as_manager, "compromised", key)
    _act(as_manager, "archive", key, 2)
    page = as_manager.get(key.get_absolute_url()).content.decode()
    assert "This key is in the archive. It was marked as compromised before" in page
    question = as_manager.get(reverse("productkeys:restore", args=[key.pk])).content.decode()
    assert "It was marked as compromised before it was archived, and will be so again." in question
    assert "is in the list again, marked as compromised as it was before." in _act(as_manager, "restore", key, 3)
    assert (key.status, key.version) == ("compromised", 4)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.before, entry.after) == (
        "restored",
        {"status": "archived"},
        {"status": "compromised"},
    )


def test_what_counts_is_what_the_key_was_when_it_was_archived_last(as_manager: Client) -> None:
    key = stored()
    verbs = ["compromised", "archive", "restore", "restore", "archive", "restore"]
    statuses = []
    for version, verb in enumerate(verbs, start=1):
        _act(as_manager, verb, key, version)
        statuses.append(key.status)
    assert statuses == ["compromised", "archived", "compromised", "active", "archived", "active"]


def test_a_key_that_came_archived_is_active_once_it_is_restored(as_manager: Client) -> None:
    key = stored()
    ProductKey.objects.filter(pk=key.pk).update(status="archived")
    _act(as_manager, "restore", key)
    assert key.status == "active"


def test_it_is_asked_first_and_says_what_it_would_affect(as_manager: Client) -> None:
    key = stored(in_use=487)
    page = as_manager.get(reverse("productkeys:archive", args=[key.pk])).content.decode()
    assert "Archive this key?" in page
    assert "487 uses are counted; the devices stay activated." in page
    assert "can be restored at any time" in page
    key.refresh_from_db()
    assert key.status == "active"


def test_uses_of_a_kms_host_key_are_hosts(as_manager: Client) -> None:
    key = stored(KMS_HOST, in_use=1)
    page = as_manager.get(reverse("productkeys:archive", args=[key.pk])).content.decode()
    assert "1 KMS host stays activated." in page


def test_a_standard_key_can_be_archived(as_manager: Client, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(last_five="T83GX")
    _act(as_manager, "archive", key)
    assert key.status == "archived"


def test_archiving_twice_changes_nothing(as_manager: Client) -> None:
    key = stored()
    _act(as_manager, "archive", key)
    _act(as_manager, "archive", key)
    assert key.version == 2
    assert TrailEntry.objects.filter(action="archived").count() == 1


def test_a_key_that_somebody_else_restored_first_is_shown_as_it_is_now(as_manager: Client) -> None:
    key = stored()
    _act(as_manager, "archive", key)
    keys.set_status(key, "active", seen_version=2, origin=PORTAL)
    ProductKey.objects.filter(pk=key.pk).update(status="compromised", version=4)
    answer = as_manager.post(reverse("productkeys:restore", args=[key.pk]), {"version": 2})
    assert answer.status_code == 409
    assert "The mark “compromised” goes away." in answer.content.decode()


def test_it_needs_the_right_to_change(as_viewer: Client) -> None:
    key = stored()
    for verb in ("archive", "restore"):
        assert as_viewer.post(reverse(f"productkeys:{verb}", args=[key.pk]), {"version": 1}).status_code == 403
    key.refresh_from_db()
    assert key.status == "active"
