"""Archiving, restoring, marking and deleting several keys: what it affects is said first, then all of it or nothing."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from tests.bulk import BULK_PAGES, tickets
from tests.factories import KMS_HOST, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(params=BULK_PAGES)
def page(request: pytest.FixtureRequest, as_manager: Client) -> Any:
    """The page in the workspace and in the admin, as (client, address)."""
    return as_manager, reverse(request.param)


def _post(page: tuple[Client, str], do: str, keys: Any, **more: str) -> Any:
    client, address = page
    return client.post(address, {"do": do, "key": tickets(keys), **more})


def _statuses(keys: list[ProductKey]) -> list[str]:
    return [ProductKey.objects.get(pk=key.pk).status for key in keys]


@pytest.mark.parametrize(
    ("do", "before", "status", "action", "button"),
    [
        ("archive", "active", "archived", "archived", "Archive 2 keys"),
        ("restore", "archived", "active", "restored", "Restore 2 keys"),
        ("compromise", "active", "compromised", "compromised", "Mark 2 keys as compromised"),
    ],
)
def test_it_works(page: Any, do: str, before: str, status: str, action: str, button: str) -> None:
    keys = [stored(name="First"), stored(name="Second")]
    ProductKey.objects.filter(published=False).update(status=before)
    question = _post(page, do, keys)
    html = question.content.decode()
    assert all(words in html for words in ("First", "Second", button))
    assert _statuses(keys) == [before, before]
    assert _post(page, do, keys, step="apply").status_code == 302
    assert _statuses(keys) == [status, status]
    for key in keys:
        entry = TrailEntry.objects.filter(subject_uid=key.uid).latest("id")
        assert (entry.action, entry.before, entry.after) == (action, {"status": before}, {"status": status})


def test_restored_keys_become_what_they_were_before_they_were_archived(page: Any) -> None:
    clean, leaked = stored(), stored()
    _post(page, "compromise", [leaked], step="apply")
    leaked.refresh_from_db()
    _post(page, "archive", [clean, leaked], step="apply")
    keys = list(ProductKey.objects.filter(published=False).order_by("pk"))
    assert _statuses(keys) == ["archived", "archived"]
    question = _post(page, "restore", keys).content.decode()
    assert "2 keys would be restored" in question
    assert "Keys that will be marked as compromised again, as they were before they were archived: 1." in question
    assert "<b>Active</b>" in question
    assert "<b>Compromised</b>" in question
    assert _post(page, "restore", keys, step="apply").status_code == 302
    assert _statuses(keys) == ["active", "compromised"]
    entry = TrailEntry.objects.filter(subject_uid=leaked.uid).latest("id")
    assert (entry.action, entry.before, entry.after) == (
        "restored",
        {"status": "archived"},
        {"status": "compromised"},
    )


def test_restoring_takes_the_mark_from_keys_in_the_list(page: Any) -> None:
    keys = [stored(), stored()]
    ProductKey.objects.filter(pk__in=[key.pk for key in keys]).update(status="compromised")
    question = _post(page, "restore", keys).content.decode()
    assert "Keys that lose the mark “compromised”: 2. Restore them only if they did not leak after all." in question
    _post(page, "restore", keys, step="apply")
    assert _statuses(keys) == ["active", "active"]


def test_deleting_removes_them_and_the_trail_stays(page: Any) -> None:
    keys = [stored(name="First", comment="Kept in the trail"), stored(name="Second")]
    question = _post(page, "delete", keys).content.decode()
    assert "Delete 2 keys for good" in question
    assert "Nobody can bring them back" in question
    assert _post(page, "delete", keys, step="apply").status_code == 302
    assert not ProductKey.objects.filter(published=False).exists()
    entry = TrailEntry.objects.get(action="deleted", subject_uid=keys[0].uid)
    assert (entry.subject_name, entry.before["comment"]) == ("First", "Kept in the trail")


def test_what_is_in_use_is_said(page: Any) -> None:
    keys = [stored(in_use=3), stored(in_use=4), stored(KMS_HOST, in_use=2)]
    html = _post(page, "delete", keys).content.decode()
    assert "7 uses are counted; the devices stay activated." in html
    assert "2 KMS hosts stay activated." in html


def test_a_key_that_the_rules_would_not_take_today_is_archived_like_any_other(page: Any) -> None:
    keys = [stored(), stored()]
    ProductKey.objects.filter(pk=keys[0].pk).update(edition="ServerStandard")
    assert _post(page, "archive", keys, step="apply").status_code == 302
    assert _statuses(keys) == ["archived", "archived"]


@pytest.mark.parametrize(
    ("do", "one", "two"),
    [
        (
            "archive",
            ["Archive one key", "1 key would be archived", "The key leaves the list"],
            ["Archive several keys", "2 keys would be archived", "The keys leave the list"],
        ),
        (
            "compromise",
            ["Mark one key as compromised", "1 key would be marked as compromised", "The portal cannot block it"],
            ["Mark several keys as compromised", "2 keys would be marked as compromised", "cannot block them"],
        ),
        (
            "delete",
            ["Delete one key for good", "1 key would be deleted", "The key is gone for good"],
            ["Delete several keys for good", "2 keys would be deleted", "The keys are gone for good"],
        ),
    ],
)
def test_of_one_key_is_spoken_as_of_one(page: Any, do: str, one: list[str], two: list[str]) -> None:
    for words, keys in ((one, [stored()]), (two, [stored(), stored()])):
        html = _post(page, do, keys).content.decode()
        assert all(word in html for word in words)


def test_a_standard_key_is_archived_and_restored_like_any_other(page: Any, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.first()
    assert key
    _post(page, "archive", [key], step="apply")
    assert _statuses([key]) == ["archived"]


def test_a_standard_key_cannot_be_deleted_and_holds_back_the_rest(
    page: Any, standard_keys: QuerySet[ProductKey]
) -> None:
    keys = [standard_keys[0], stored()]
    answer = _post(page, "delete", keys, step="apply")
    assert answer.status_code == 409
    assert "A standard key comes with the portal and cannot be deleted." in answer.content.decode()
    assert ProductKey.objects.filter(pk__in=[key.pk for key in keys]).count() == 2
    assert not TrailEntry.objects.filter(action="deleted").exists()


def test_the_others_are_deleted_where_the_person_leaves_standard_keys_out(
    page: Any, standard_keys: QuerySet[ProductKey]
) -> None:
    keys = [standard_keys[0], stored()]
    assert _post(page, "delete", keys, step="apply", leaving_out="1").status_code == 302
    assert list(ProductKey.objects.filter(pk__in=[key.pk for key in keys])) == [keys[0]]


def test_a_standard_key_cannot_leak(page: Any, standard_keys: QuerySet[ProductKey]) -> None:
    answer = _post(page, "compromise", standard_keys[:1], step="apply")
    assert answer.status_code == 409
    assert "Microsoft published this key: it is no secret, so it cannot leak." in answer.content.decode()


@pytest.mark.parametrize("do", ["archive", "restore", "compromise", "delete"])
def test_a_key_that_a_colleague_changed_meanwhile_holds_back_all(page: Any, do: str) -> None:
    keys = [stored(), stored()]
    seen = tickets(keys)
    ProductKey.objects.filter(pk=keys[0].pk).update(version=2)
    client, address = page
    assert client.post(address, {"do": do, "step": "apply", "key": seen}).status_code == 409
    assert _statuses(keys) == ["active", "active"]


@pytest.mark.parametrize(("do", "missing"), [("archive", "change"), ("compromise", "change"), ("delete", "delete")])
def test_without_the_right_nothing_is_shown_or_done(as_manager: Client, manager: User, do: str, missing: str) -> None:
    manager.user_permissions.set(manager.user_permissions.exclude(codename=f"{missing}_productkey"))
    key = stored()
    for address in BULK_PAGES:
        assert _post((as_manager, reverse(address)), do, [key], step="apply").status_code == 403
    assert _statuses([key]) == ["active"]


def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    answer = _post((client, reverse("productkeys:bulk")), "delete", [stored()], step="apply")
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("nonsense", ["", "explode"])
def test_an_unknown_act_does_nothing(page: Any, nonsense: str) -> None:
    key = stored()
    assert _post(page, nonsense, [key], step="apply").status_code == 302
    assert _statuses([key]) == ["active"]
