"""Marking a key as compromised: it leaked, and everybody sees it."""

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from productkeys.models import ProductKey, TrailEntry
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import stored


def _address(key: ProductKey) -> str:
    return reverse("productkeys:compromised", args=[key.pk])


def test_it_works(as_manager: Client, as_viewer: Client) -> None:
    key = stored()
    page = as_manager.post(_address(key), {"version": 1}, follow=True)
    assert page.redirect_chain == [(key.get_absolute_url(), 302)]
    key.refresh_from_db()
    assert key.status == "compromised"
    assert TrailEntry.objects.latest("id").action == "compromised"
    assert "do not use it any more" in as_viewer.get(key.get_absolute_url()).content.decode()


def test_it_is_asked_first_and_says_what_the_portal_cannot_do(as_manager: Client) -> None:
    page = as_manager.get(_address(stored(in_use=2))).content.decode()
    assert "2 uses are counted; the devices stay activated." in page
    assert "The portal cannot block it: ask Microsoft for a new key" in page


def test_the_mark_can_be_taken_back(as_manager: Client) -> None:
    key = stored()
    as_manager.post(_address(key), {"version": 1})
    restore = reverse("productkeys:restore", args=[key.pk])
    assert "Restore the key only if it did not leak after all." in as_manager.get(restore).content.decode()
    as_manager.post(restore, {"version": 2})
    key.refresh_from_db()
    assert key.status == "active"


def test_a_published_key_cannot_leak(as_manager: Client, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(last_five="T83GX")
    assert "it is no secret, so it cannot leak" in as_manager.get(_address(key)).content.decode()
    assert as_manager.post(_address(key), {"version": 1}).status_code == 409
    key.refresh_from_db()
    assert key.status == "active"


def test_it_needs_the_right_to_change(as_viewer: Client) -> None:
    assert as_viewer.post(_address(stored()), {"version": 1}).status_code == 403


def test_the_service_refuses_a_published_key_whoever_asks(standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(last_five="T83GX")
    with pytest.raises(keys.Refused, match="standard_key_is_public"):
        keys.set_status(key, "compromised", seen_version=key.version, origin=PORTAL)
