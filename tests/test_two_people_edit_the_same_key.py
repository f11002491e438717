"""Two people edit the same key: the second is told, sees both versions, and loses nothing."""

import re

from django.test import Client
from django.urls import reverse

from productkeys.models import ProductKey
from tests.factories import new_code, posted, stored


def _edit_address(key: ProductKey) -> str:
    return reverse("productkeys:edit", args=[key.pk])


def test_the_second_is_shown_both_versions(as_manager: Client, as_admin: Client) -> None:
    key = stored()
    as_admin.post(_edit_address(key), posted(key, quantity="600", comment="Bought 100 more"))
    page = as_manager.post(_edit_address(key), posted(key, name="Windows 11, branch", quantity="700"))
    assert page.status_code == 409
    html = page.content.decode()
    assert "admin changed this key on" in html
    rows = dict(re.findall(r'<tr(?: class="is-mild")?><th scope="row">([^<]+)</th>(.*?)</tr>', html))
    assert "<td>600</td><td><b>700</b></td>" in rows["Quantity"]
    assert "<b>Windows 11, branch</b>" in rows["Name"]
    assert "the same" in rows["Edition"]
    key.refresh_from_db()
    assert key.quantity == 600
    assert key.name == "Windows 11 Enterprise, head office"


def test_what_only_the_first_changed_is_not_set_back(as_manager: Client, as_admin: Client) -> None:
    key = stored()
    as_admin.post(_edit_address(key), posted(key, quantity="600", comment="Bought 100 more"))
    as_admin.post(_edit_address(key), posted(key, quantity="800", comment="Bought 100 more", version="2"))
    page = as_manager.post(_edit_address(key), posted(key, name="Windows 11, branch")).content.decode()
    rows = dict(re.findall(r'<tr(?: class="is-mild")?><th scope="row">([^<]+)</th>(.*?)</tr>', page))
    assert "the same" in rows["Quantity"]
    assert "the same" in rows["Comment"]
    assert 'name="quantity" value="800"' in page
    assert "Bought 100 more</textarea>" in page


def test_what_was_typed_stands_in_the_form_and_can_be_saved_on_top(as_manager: Client, as_admin: Client) -> None:
    key = stored()
    as_admin.post(_edit_address(key), posted(key, quantity="600"))
    page = as_manager.post(_edit_address(key), posted(key, name="Windows 11, branch")).content.decode()
    assert 'value="Windows 11, branch"' in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert version[1] == "2"
    again = posted(key, name="Windows 11, branch", quantity="600", version=version[1])
    assert as_manager.post(_edit_address(key), again).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.quantity, key.version) == ("Windows 11, branch", 600, 3)


def test_a_new_key_that_was_typed_survives_the_conflict_unseen(as_manager: Client, as_admin: Client) -> None:
    key, code = stored(), new_code()
    as_admin.post(_edit_address(key), posted(key, quantity="600"))
    page = as_manager.post(_edit_address(key), posted(key, code=code.open())).content.decode()
    assert code.open()[:11] not in page
    kept = re.search(r'name="kept_code" value="([^"]+)"', page)
    assert kept
    again = posted(key, quantity="600", version=2, kept_code=kept[1])
    assert as_manager.post(_edit_address(key), again).status_code == 302
    key.refresh_from_db()
    assert key.code.open() == code.open()


def test_the_same_change_twice_is_no_conflict(as_manager: Client, as_admin: Client) -> None:
    key = stored()
    for client in (as_admin, as_manager):
        assert client.post(_edit_address(key), posted(key, quantity="600")).status_code == 302
    key.refresh_from_db()
    assert key.version == 2


def test_a_key_that_was_deleted_meanwhile_is_not_there_any_more(as_manager: Client) -> None:
    key = stored()
    late = posted(key, name="Too late")
    ProductKey.objects.filter(pk=key.pk).delete()
    page = as_manager.post(_edit_address(key), late)
    assert page.status_code == 404
    assert "The key may have been deleted." in page.content.decode()


def test_nobody_archives_or_deletes_what_somebody_else_changed_meanwhile(as_manager: Client, as_admin: Client) -> None:
    for verb in ("archive", "compromised", "delete"):
        key = stored()
        as_admin.post(_edit_address(key), posted(key, quantity="600"))
        page = as_manager.post(reverse(f"productkeys:{verb}", args=[key.pk]), {"version": 1})
        assert page.status_code == 409, verb
        assert "admin changed this key on" in page.content.decode()
        assert 'name="version" value="2"' in page.content.decode()
        key.refresh_from_db()
        assert key.status == "active"
