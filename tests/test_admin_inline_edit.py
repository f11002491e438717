"""Editing the harmless columns in the admin's list: nothing of a colleague is reverted, nothing half saved."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.test import Client

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from tests.factories import new_code, stored

pytestmark = pytest.mark.django_db

LIST = "/admin/productkeys/productkey/?origin=own"


def _rows(client: Client, address: str = LIST) -> dict[str, Any]:
    """What the list would send if its button were pressed right away."""
    formset = client.get(address).context["cl"].formset
    sent: dict[str, Any] = {"_save": "1"}
    for field in formset.management_form:
        sent[field.html_name] = field.value()
    for form in formset.forms:
        sent[form["id"].html_name] = form["id"].value()
        sent[form["version"].html_name] = form.version_to_show
        for name in ("name", "comment"):
            sent[form[name].html_name] = sent[form[name].html_initial_name] = form[name].value()
    return sent


def _row(rows: dict[str, Any], key: ProductKey) -> str:
    """The prefix of the row of `key`."""
    return next(name.removesuffix("-id") for name, value in rows.items() if name.endswith("-id") and value == key.pk)


def test_it_works(as_manager: Client, manager: User) -> None:
    first, second = stored(name="First"), stored(name="Second")
    rows = _rows(as_manager)
    rows[f"{_row(rows, first)}-name"] = "Renamed"
    rows[f"{_row(rows, second)}-comment"] = "Two\nlines"
    assert as_manager.post(LIST, rows).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.name, first.name_sort, first.version, first.changed_by) == ("Renamed", "renamed", 2, manager)
    assert second.comment == "Two\nlines"
    entry = TrailEntry.objects.get(subject_uid=first.uid, action="changed")
    assert (entry.before, entry.after) == ({"name": "First"}, {"name": "Renamed"})
    assert not LogEntry.objects.exists()


def test_the_page_carries_the_version_of_each_row(as_manager: Client) -> None:
    key = stored()
    ProductKey.objects.filter(pk=key.pk).update(version=7)
    html = as_manager.get(LIST).content.decode()
    assert '<input type="hidden" name="form-0-version" value="7">' in html


def test_rows_that_nobody_touched_are_left_alone(as_manager: Client) -> None:
    key = stored()
    assert as_manager.post(LIST, _rows(as_manager)).status_code == 302
    key.refresh_from_db()
    assert key.version == 1


def test_the_same_row_changed_by_a_colleague_meanwhile_is_not_overwritten(as_manager: Client, admin_user: User) -> None:
    key, other = stored(name="Before"), stored(name="Other")
    rows = _rows(as_manager)
    rows[f"{_row(rows, key)}-name"] = "Mine"
    rows[f"{_row(rows, other)}-name"] = "Changed as well"
    ProductKey.objects.filter(pk=key.pk).update(name="Theirs", version=2, changed_by=admin_user)
    answer = as_manager.post(LIST, rows)
    html = answer.content.decode()
    assert "admin changed “Theirs” meanwhile. Nothing is saved yet. Stored now: Name: Theirs." in html
    assert "Mine" in html
    key.refresh_from_db()
    other.refresh_from_db()
    assert (key.name, other.name) == ("Theirs", "Other")  # all rows or none


def test_saving_again_after_having_been_told_replaces_it(as_manager: Client) -> None:
    key = stored(name="Before")
    rows = _rows(as_manager)
    prefix = _row(rows, key)
    rows[f"{prefix}-name"] = "Mine"
    ProductKey.objects.filter(pk=key.pk).update(name="Theirs", version=2)
    answer = as_manager.post(LIST, rows)
    assert f'name="{prefix}-version" value="2"' in answer.content.decode()
    assert as_manager.post(LIST, rows | {f"{prefix}-version": "2"}).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.version) == ("Mine", 3)


def test_a_colleagues_change_to_a_row_that_i_did_not_touch_stays(as_manager: Client) -> None:
    mine, theirs = stored(name="Mine"), stored(name="Theirs")
    rows = _rows(as_manager)
    rows[f"{_row(rows, mine)}-name"] = "Mine, renamed"
    ProductKey.objects.filter(pk=theirs.pk).update(name="Theirs, renamed", version=2)
    assert as_manager.post(LIST, rows).status_code == 302
    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (mine.name, theirs.name, theirs.version) == ("Mine, renamed", "Theirs, renamed", 2)


def test_another_column_of_my_row_that_a_colleague_changed_is_not_reverted(as_manager: Client) -> None:
    key = stored(name="Before", comment="Before")
    rows = _rows(as_manager)
    prefix = _row(rows, key)
    rows[f"{prefix}-name"] = "Mine"
    ProductKey.objects.filter(pk=key.pk).update(comment="Theirs", version=2)
    assert as_manager.post(LIST, rows).status_code == 200
    assert as_manager.post(LIST, rows | {f"{prefix}-version": "2"}).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.comment) == ("Mine", "Theirs")


@pytest.mark.parametrize("column", ["name", "comment"])
def test_a_product_key_in_a_row_is_refused(as_manager: Client, column: str) -> None:
    key = stored()
    rows = _rows(as_manager)
    rows[f"{_row(rows, key)}-{column}"] = new_code().open()
    answer = as_manager.post(LIST, rows)
    assert "This text contains a product key, and everybody can read it." in answer.content.decode()
    key.refresh_from_db()
    assert key.version == 1


def test_an_empty_name_is_refused(as_manager: Client) -> None:
    key = stored()
    rows = _rows(as_manager)
    rows[f"{_row(rows, key)}-name"] = ""
    assert as_manager.post(LIST, rows).context["cl"].formset.errors[0]["name"]


def test_the_name_of_a_standard_key_stays(as_manager: Client, standard_keys: QuerySet[ProductKey]) -> None:
    address = "/admin/productkeys/productkey/?q=T83GX"
    key = standard_keys.get(last_five="T83GX")
    rows = _rows(as_manager, address)
    rows |= {"form-0-name": "Ours", "form-0-comment": "Ours"}
    assert as_manager.post(address, rows).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.comment) == ("Windows 11 Pro / Windows 10 Pro", "Ours")


@pytest.mark.parametrize("column", ["key_type", "usage", "quantity", "code", "published"])
def test_no_other_column_can_be_changed_in_a_row(as_manager: Client, column: str) -> None:
    key = stored()
    rows = _rows(as_manager)
    rows[f"{_row(rows, key)}-{column}"] = "1"
    as_manager.post(LIST, rows)
    key.refresh_from_db()
    assert key.version == 1


def test_without_the_right_the_rows_are_no_fields(as_manager: Client, manager: User) -> None:
    key = stored()
    rows = _rows(as_manager)
    rows[f"{_row(rows, key)}-name"] = "Changed"
    manager.user_permissions.set(manager.user_permissions.filter(codename="view_productkey"))
    assert as_manager.post(LIST, rows).status_code == 403
    assert as_manager.get(LIST).context["cl"].formset is None
