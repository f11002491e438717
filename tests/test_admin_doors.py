"""Who gets into the admin, what each right opens there, and that no piece of a key shows."""

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import TrailEntry
from tests.admin_keys import ADD, LIST, change_page, own_keys, typed
from tests.canary import Canaries
from tests.factories import new_code, posted, stored

pytestmark = pytest.mark.django_db


def test_who_is_not_signed_in_signs_in_at_the_portal_and_comes_back(client: Client, manager: User) -> None:
    answer = client.get(LIST)
    assert answer["Location"] == f"/accounts/login/?next={LIST}"
    manager.set_password("correct horse battery")
    manager.save()
    answer = client.post(
        answer["Location"], {"login": "mara.manager", "password": "correct horse battery", "next": LIST}
    )
    assert answer["Location"] == LIST


def test_the_admins_own_sign_in_leads_to_the_portals(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/?next=")


def test_the_admin_has_no_form_of_its_own_for_ones_password(as_manager: Client, manager: User) -> None:
    manager.set_password("correct horse battery")
    manager.save()
    as_manager.force_login(manager)
    sent = {
        "old_password": "correct horse battery",
        "new_password1": "an even longer one",
        "new_password2": "an even longer one",
    }
    for address in ("/admin/password_change/", "/admin/password_change/done/"):
        assert as_manager.post(address, sent)["Location"] == reverse("account_change_password")
    manager.refresh_from_db()
    assert manager.check_password("correct horse battery")


def test_who_is_no_staff_does_not_get_in(as_viewer: Client) -> None:
    for address in ("/admin/", LIST, ADD):
        assert as_viewer.get(address, follow=True).status_code == 403


def test_staff_without_the_right_sees_no_keys(as_manager: Client, manager: User) -> None:
    manager.user_permissions.clear()
    key = stored()
    assert as_manager.get(LIST).status_code == 403
    assert as_manager.get(change_page(key)).status_code in (403, 302)


@pytest.mark.parametrize("missing", ["add", "change", "delete"])
def test_each_act_needs_its_right(as_manager: Client, manager: User, missing: str) -> None:
    manager.user_permissions.set(manager.user_permissions.exclude(codename=f"{missing}_productkey"))
    key = stored()
    answers = {
        "add": as_manager.post(ADD, typed()),
        "change": as_manager.post(change_page(key), posted(key, name="Changed")),
        "delete": as_manager.get(f"{LIST}{key.pk}/delete/"),
    }
    assert answers[missing].status_code == 403
    key.refresh_from_db()
    assert (key.name == "Changed") == (missing != "change")


def test_who_may_only_look_sees_a_page_without_fields(as_manager: Client, manager: User) -> None:
    manager.user_permissions.set(manager.user_permissions.filter(codename="view_productkey"))
    html = as_manager.get(change_page(stored())).content.decode()
    assert "Windows 11 Enterprise, head office" in html
    assert "_save" not in html
    assert "_save" not in as_manager.get(LIST).content.decode()


def test_no_admin_page_shows_a_piece_of_a_key(as_admin: Client) -> None:
    code = new_code()
    canaries = Canaries([code.open()])
    as_admin.post(ADD, typed(code.open()))
    key = own_keys().get()
    pages = [
        "/admin/",
        LIST,
        f"{LIST}?q={key.last_five}",
        f"{LIST}?o=1",
        ADD,
        change_page(key),
        f"{LIST}{key.pk}/history/",
        f"{LIST}{key.pk}/delete/",
        "/admin/productkeys/trailentry/",
        f"/admin/productkeys/trailentry/{TrailEntry.objects.latest('id').pk}/change/",
    ]
    for page in pages:
        answer = as_admin.get(page)
        assert answer.status_code == 200
        canaries.search(page, answer.content)
    for refused in (posted(key, name=""), posted(key, code=code.open(), quantity=""), posted(key, version=9)):
        canaries.search("change refused", as_admin.post(change_page(key), refused).content)
    bulk = {"do": "edit", "step": "preview", "key": f"{key.pk}:{key.version}", "architecture": "any"}
    canaries.search("bulk", as_admin.post(reverse("admin:productkeys_productkey_bulk"), bulk).content)
    assert canaries.sightings == []


def test_a_published_key_is_shown_whole(as_manager: Client) -> None:
    html = as_manager.get(LIST, {"q": "T83GX"}).content.decode()
    assert "W269N-WFGWX-YVC9B-4J6C9-<b>T83GX</b>" in html
