"""The history in the admin is the trail: Django's own log stays empty."""

import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from keyportal.people.models import User
from productkeys.forms.reveal import Reason
from productkeys.models import TrailEntry
from productkeys.services import keys, revealing, trail
from productkeys.services.origin import Origin
from tests.factories import posted, stored

pytestmark = pytest.mark.django_db

TRAIL = "/admin/productkeys/trailentry/"


def test_the_history_of_a_key_says_who_did_what(as_manager: Client, admin_user: User) -> None:
    key = stored(by=admin_user)
    as_manager.post(f"/admin/productkeys/productkey/{key.pk}/change/", posted(key, quantity="600"))
    html = as_manager.get(f"/admin/productkeys/productkey/{key.pk}/history/").content.decode()
    for words in ("Added", "admin", "Changed", "you", "Quantity:", "600", "Operating system:", "Windows 11"):
        assert words in html
    assert not LogEntry.objects.exists()


def test_what_the_workspace_does_is_in_it_as_well(as_manager: Client, manager: User) -> None:
    key = stored()
    keys.set_status(key, "archived", seen_version=1, origin=Origin(manager))
    html = as_manager.get(f"/admin/productkeys/productkey/{key.pk}/history/").content.decode()
    assert "Archived" in html


@pytest.mark.django_db(transaction=True)
def test_names_beside_reveals_are_for_auditors(as_manager: Client, manager: User, admin_user: User) -> None:
    key = stored()
    revealing.reveal(key, reason=Reason.LICENCE_AUDIT.value, origin=Origin(admin_user))
    address = f"/admin/productkeys/productkey/{key.pk}/history/"
    html = as_manager.get(address).content.decode()
    assert "Revealed" in html
    assert "Licence audit" not in html
    manager.user_permissions.add(Permission.objects.get(codename="view_trailentry"))
    html = as_manager.get(address).content.decode()
    assert "Licence audit" in html


def test_a_key_that_is_not_there_has_no_history(as_manager: Client) -> None:
    assert as_manager.get("/admin/productkeys/productkey/999999/history/").status_code == 404


def test_the_trail_can_be_read_and_searched_but_not_changed(as_admin: Client) -> None:
    key = stored(name="Ärztehaus")
    entry = TrailEntry.objects.get(subject_uid=key.uid)
    assert "Ärztehaus" in as_admin.get(TRAIL, {"q": "Ärztehaus"}).content.decode()
    assert "Ärztehaus" in as_admin.get(TRAIL, {"q": str(key.uid)}).content.decode()
    assert "Ärztehaus" not in as_admin.get(TRAIL, {"q": str(uuid.uuid4())}).content.decode()
    page = as_admin.get(f"{TRAIL}{entry.pk}/change/").content.decode()
    assert "_save" not in page
    assert as_admin.post(f"{TRAIL}{entry.pk}/change/", {"reason": "x"}).status_code == 403
    assert as_admin.post(f"{TRAIL}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert as_admin.get(f"{TRAIL}add/").status_code == 403


def test_the_trail_is_filtered_by_act_and_date(as_admin: Client) -> None:
    stored(name="Added today")
    found = as_admin.get(TRAIL, {"action__exact": "added"}).context["cl"].queryset
    assert {entry.action for entry in found} == {"added"}
    assert as_admin.get(f"{TRAIL}?at__gte=2026-01-01+00:00:00%2B00:00").status_code == 200


def test_the_trail_is_for_those_with_the_right(as_manager: Client) -> None:
    assert as_manager.get(TRAIL).status_code == 403


def test_the_start_page_shows_the_last_entries_to_those_with_the_right(as_admin: Client, as_manager: Client) -> None:
    stored(name="Just added")
    assert "Just added" in as_admin.get("/admin/").content.decode()
    assert "Just added" not in as_manager.get("/admin/").content.decode()


def test_a_history_goes_on_over_pages(as_manager: Client, manager: User) -> None:
    key = stored()
    trail.record(*(trail.entry(TrailEntry.Action.ARCHIVED, origin=Origin(manager), key=key) for _number in range(60)))
    address = f"/admin/productkeys/productkey/{key.pk}/history/"
    assert "Older" in as_manager.get(address).content.decode()
    last = as_manager.get(address, {"p": 2}).content.decode()
    assert "Added" in last
    assert "Newer" in last
