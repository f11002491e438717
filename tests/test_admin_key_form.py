"""The form of a product key in the admin: adding, changing, two people at once, deleting."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.test import Client

from keyportal.people.models import User
from productkeys.models import ProductKey, Scope, TrailEntry
from tests.admin_keys import ADD, LIST, change_page, own_keys, typed
from tests.factories import MAK, agreement, new_code, posted, stored

pytestmark = pytest.mark.django_db


def test_adding_works(as_manager: Client, manager: User) -> None:
    assert as_manager.post(ADD, typed()).status_code == 302
    key = own_keys().get()
    assert (key.name, key.quantity, key.created_by) == (MAK["name"], 500, manager)
    entry = TrailEntry.objects.get(subject_uid=key.uid)
    assert (entry.action, entry.actor_name) == ("added", "mara.manager")
    assert not LogEntry.objects.exists()


def test_add_another_leads_to_an_empty_form(as_manager: Client) -> None:
    answer = as_manager.post(ADD, typed(_addanother="1"), follow=True)
    assert answer.context["adminform"].form["name"].value() == ""


def test_a_typed_key_without_fault_is_kept_but_not_shown(as_manager: Client) -> None:
    code = new_code()
    answer = as_manager.post(ADD, typed(code.open(), name=""))
    html = answer.content.decode()
    assert code.open()[:11] not in html
    assert f"The new key that you typed is kept: {code}." in html
    kept = re.search(r'name="kept_code" value="([^"]+)"', html)
    assert kept
    assert as_manager.post(ADD, typed(code="", kept_code=kept[1]) | {"code": ""}).status_code == 302
    assert own_keys().get().code.open() == code.open()


def test_what_another_person_kept_is_of_no_use(as_manager: Client, as_admin: Client) -> None:
    html = as_manager.post(ADD, typed(name="")).content.decode()
    kept = re.search(r'name="kept_code" value="([^"]+)"', html)
    assert kept
    answer = as_admin.post(ADD, typed(kept_code=kept[1]) | {"code": ""})
    assert "The product key is missing." in answer.content.decode()


def test_a_key_under_an_agreement_is_shown_with_it(as_manager: Client) -> None:
    key = stored(agreement_id=agreement("4500-1").pk)
    assert "4500-1" in as_manager.get(change_page(key)).content.decode()
    assert as_manager.post(change_page(key), posted(key, name="Renamed")).status_code == 302


def test_changing_works(as_manager: Client, manager: User) -> None:
    key = stored()
    assert as_manager.post(change_page(key), posted(key, name="Renamed", quantity="1,000")).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.quantity, key.version, key.changed_by) == ("Renamed", 1000, 2, manager)
    entry = TrailEntry.objects.filter(subject_uid=key.uid).latest("id")
    assert (entry.before, entry.after) == (
        {"name": MAK["name"], "quantity": 500},
        {"name": "Renamed", "quantity": 1000},
    )


def test_a_new_key_replaces_the_stored_one(as_manager: Client) -> None:
    key, code = stored(), new_code()
    assert as_manager.post(change_page(key), posted(key, code=code.open())).status_code == 302
    key.refresh_from_db()
    assert key.code.open() == code.open()
    assert TrailEntry.objects.latest("id").after == {"code": "changed"}


def test_the_second_of_two_people_is_told_and_loses_nothing(as_manager: Client, admin_user: User) -> None:
    key = stored()
    seen = posted(key, comment="Mine")
    ProductKey.objects.filter(pk=key.pk).update(name="Theirs", version=2, changed_by=admin_user)
    answer = as_manager.post(change_page(key), seen)
    html = answer.content.decode()
    assert "admin changed “Theirs” meanwhile. Nothing is saved yet. Stored now: Name: Theirs;" in html
    assert "Mine" in html
    assert ProductKey.objects.get(pk=key.pk).comment == MAK["comment"]
    form = answer.context["adminform"].form
    assert form["version"].value() == "2"
    assert as_manager.post(change_page(key), seen | {"version": "2"}).status_code == 302


def test_a_standard_key_takes_a_comment_and_nothing_else(
    as_manager: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    key = standard_keys.get(key_type="gvlk", last_five="T83GX")
    page = as_manager.get(change_page(key))
    assert "A standard key stays as Microsoft published it." in page.content.decode()
    assert "code" not in page.context["adminform"].form.fields
    changes = posted(key, name="Ours", key_type="mak", quantity=5, comment="Ours", code=new_code().open())
    assert as_manager.post(change_page(key), changes).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.key_type, key.quantity) == ("Windows 11 Pro / Windows 10 Pro", "gvlk", None)
    assert key.comment == "Ours"
    assert key.public_code == "W269N-WFGWX-YVC9B-4J6C9-T83GX"


def test_deleting_asks_first(as_manager: Client) -> None:
    key = stored(name="To be deleted")
    question = as_manager.get(f"{LIST}{key.pk}/delete/").content.decode()
    assert "Delete 1 key for good" in question
    assert own_keys().exists()


def test_djangos_own_post_to_the_delete_page_deletes_nothing(as_manager: Client) -> None:
    key = stored()
    as_manager.post(f"{LIST}{key.pk}/delete/", {"post": "yes"})
    assert own_keys().exists()


def test_a_standard_key_cannot_be_deleted(as_manager: Client, standard_keys: QuerySet[ProductKey]) -> None:
    question = as_manager.get(f"{LIST}{standard_keys[0].pk}/delete/").content.decode()
    assert "A standard key comes with the portal and cannot be deleted." in question
    assert "for good</button>" not in question


def test_the_scopes_that_a_key_is_shared_with_are_ticked_in_a_list_of_full_size(as_admin: Client) -> None:
    berlin, bonn = Scope.objects.create(name="Berlin"), Scope.objects.create(name="Bonn")
    page = as_admin.get(change_page(stored(scope_id=berlin.pk))).content.decode()
    assert '<div id="id_shared_with">' in page
    assert f'name="shared_with" value="{bonn.pk}"' in page
