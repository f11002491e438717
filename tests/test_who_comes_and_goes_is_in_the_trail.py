"""The trail says who signed in and out, who was not let in, and who wanted to read a key and was not let, and why."""

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from productkeys.services.seen_version import values_when_seen
from tests.factories import MAK, RETAIL, new_code, stored

PASSWORD = "a long enough passphrase"
LOGIN = reverse("account_login")
pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", password=PASSWORD)


def _try(client: Client, name: str, password: str) -> None:
    client.post(LOGIN, {"login": name, "password": password}, REMOTE_ADDR="192.0.2.9")


def _newest() -> TrailEntry:
    return TrailEntry.objects.latest("id")


def _everything() -> str:
    return str(list(TrailEntry.objects.values()))


def test_a_sign_in_says_who_and_from_where(client: Client, person: User) -> None:
    _try(client, "mara", PASSWORD)
    entry = _newest()
    assert (entry.action, entry.actor_uid, entry.actor_name) == ("signed-in", person.uid, "mara")
    assert entry.address == "192.0.2.9"
    assert PASSWORD not in _everything()


def test_a_sign_out_says_who(client: Client, person: User) -> None:
    client.force_login(person)
    client.post(reverse("account_logout"))
    entry = _newest()
    assert (entry.action, entry.actor_name, entry.address) == ("signed-out", "mara", "127.0.0.1")


def test_a_failed_sign_in_names_the_account_and_nobody_as_its_author(client: Client, person: User) -> None:
    _try(client, "Mara", "not my password")
    entry = _newest()
    assert (entry.action, entry.reason) == ("sign-in-failed", "wrong-password")
    assert (entry.subject_uid, entry.subject_name) == (person.uid, "mara")
    assert (entry.actor_uid, entry.actor_name, entry.address) == (None, "", "192.0.2.9")
    assert "not my password" not in _everything()


def test_a_name_that_is_none_is_not_kept_for_it_may_be_a_password(client: Client, person: User) -> None:
    _try(client, PASSWORD, "mara")
    entry = _newest()
    assert (entry.action, entry.reason, entry.subject_name) == ("sign-in-failed", "unknown-name", "")
    assert PASSWORD not in _everything()


def test_a_deactivated_person_at_the_door_is_kept(client: Client, person: User) -> None:
    User.objects.update(is_active=False)
    _try(client, "mara", PASSWORD)
    assert (_newest().reason, _newest().subject_name) == ("deactivated", "mara")


def test_whoever_is_locked_out_fills_no_trail(client: Client, person: User) -> None:
    for _number in range(9):
        _try(client, "mara", "wrong")
    assert TrailEntry.objects.filter(action="sign-in-failed").count() == 5


def test_a_new_password_is_kept_as_changed(client: Client, person: User) -> None:
    client.force_login(person)
    new = "another long passphrase"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), typed)
    entry = TrailEntry.objects.get(action="changed")
    assert (entry.subject_uid, entry.actor_uid, entry.after) == (person.uid, person.uid, {"password": "changed"})
    assert new not in _everything()


def test_who_may_not_reveal_and_tries_is_kept_with_the_reason(as_viewer: Client, viewer: User) -> None:
    key = stored()
    answer = as_viewer.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "device"})
    assert answer.status_code == 403
    entry = _newest()
    assert (entry.action, entry.reason, entry.actor_name) == ("reveal-refused", "no-right", viewer.username)
    assert entry.subject_uid == key.uid


def test_a_key_in_the_reason_is_refused_and_not_kept(as_revealer: Client) -> None:
    key, typed = stored(), new_code().open()
    as_revealer.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "other", "note": f"for {typed}"})
    assert (_newest().action, _newest().reason) == ("reveal-refused", "key-in-reason")
    assert typed not in _everything()


@pytest.mark.django_db(transaction=True)
def test_a_key_that_was_moved_here_is_kept_as_refused(as_revealer: Client) -> None:
    key, other = stored(MAK), stored(RETAIL)
    ProductKey.objects.filter(pk=key.pk).update(code=other.code)
    as_revealer.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "device"})
    assert (_newest().action, _newest().reason) == ("reveal-refused", "sealed-elsewhere")


def test_a_refused_reveal_counts_as_no_change_of_the_key(as_viewer: Client, as_manager: Client) -> None:
    """Two people, one key: what the second is told about the first one's change is that change."""
    key = stored()
    as_manager.post(reverse("productkeys:archive", args=[key.pk]), {"version": 1})
    as_viewer.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "device"})
    key.refresh_from_db()
    assert values_when_seen(key, 1) == {"status": "active"}


def test_names_beside_refused_reveals_are_for_auditors(as_viewer: Client, as_manager: Client, viewer: User) -> None:
    key = stored()
    as_viewer.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "device"})
    page = as_manager.get(key.get_absolute_url()).content.decode()
    assert "Reveal refused" in page
    assert viewer.username not in page
