"""Deleting a key for good."""

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from productkeys.models import ProductKey, TrailEntry
from productkeys.services import keys
from productkeys.services.origin import Origin
from tests.factories import stored


def _address(key: ProductKey) -> str:
    return reverse("productkeys:delete", args=[key.pk])


def test_it_works(as_manager: Client) -> None:
    key = stored()
    response = as_manager.post(_address(key), {"version": 1})
    assert response.headers["Location"] == reverse("productkeys:list")
    assert not ProductKey.objects.filter(pk=key.pk).exists()
    assert as_manager.get(key.get_absolute_url()).status_code == 404


def test_it_is_asked_first_and_says_what_goes_and_what_stays(as_manager: Client) -> None:
    key = stored(in_use=487)
    page = as_manager.get(_address(key)).content.decode()
    assert "487 uses are counted; the devices stay activated." in page
    assert "Nobody can bring it back" in page
    assert "The trail stays" in page
    assert ProductKey.objects.filter(pk=key.pk).exists()


def test_the_trail_keeps_what_the_key_was(as_manager: Client) -> None:
    key = stored()
    as_manager.post(_address(key), {"version": 1})
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.subject_uid, entry.subject_name) == ("deleted", key.uid, key.name)
    assert entry.before["operating_system"] == "windows-11"
    assert TrailEntry.objects.filter(subject_uid=key.uid).count() == 2


def test_a_standard_key_cannot_be_deleted_but_archived(as_admin: Client, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(last_five="T83GX")
    page = as_admin.get(_address(key)).content.decode()
    assert "comes with the portal and cannot be deleted" in page
    assert reverse("productkeys:archive", args=[key.pk]) in page
    assert as_admin.post(_address(key), {"version": 1}).status_code == 409
    assert ProductKey.objects.filter(pk=key.pk).exists()


def test_the_service_refuses_a_standard_key_whoever_asks(standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(last_five="T83GX")
    with pytest.raises(keys.Refused, match="standard_key_stays"):
        keys.delete(key, seen_version=key.version, origin=Origin())


def test_a_key_that_somebody_else_deleted_is_simply_gone(as_manager: Client) -> None:
    key = stored()
    as_manager.post(_address(key), {"version": 1})
    assert as_manager.post(_address(key), {"version": 1}).status_code == 404


def test_it_needs_the_right_to_delete(as_viewer: Client, as_revealer: Client) -> None:
    key = stored()
    for client in (as_viewer, as_revealer):
        assert client.get(_address(key)).status_code == 403
        assert client.post(_address(key), {"version": 1}).status_code == 403
    assert ProductKey.objects.filter(pk=key.pk).exists()
