"""Editing a key: under the same rules as adding one, without losing what was typed."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.domain.choices import Status
from productkeys.models import ProductKey, TrailEntry
from tests.factories import KMS_HOST, RETAIL, new_code, posted, stored
from tests.made_up_keys import older_key

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def _address(key: ProductKey) -> str:
    return reverse("productkeys:edit", args=[key.pk])


def _edit(client: Client, key: ProductKey, **changes: Any) -> "Answer":
    return client.post(_address(key), posted(key, **changes))


def _kept(page: "Answer") -> str:
    """What the page would send along for a new key that it does not show."""
    found = re.search(r'name="kept_code" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def _is_stored(page: "Answer", key: ProductKey) -> bool:
    return page.status_code == 302 and page.headers["Location"] == key.get_absolute_url()


def test_it_works(as_manager: Client, manager: User) -> None:
    key = stored()
    assert _is_stored(_edit(as_manager, key, name="Windows 11, branch", quantity="1,000", comment=""), key)
    key.refresh_from_db()
    assert (key.name, key.quantity, key.comment, key.version) == ("Windows 11, branch", 1000, "", 2)
    assert key.changed_by == manager
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.actor_name) == ("changed", "mara.manager")
    assert entry.before == {
        "name": "Windows 11 Enterprise, head office",
        "comment": "Contract 2024 to 2027",
        "quantity": 500,
    }
    assert entry.after == {"name": "Windows 11, branch", "comment": "", "quantity": 1000}


def test_the_page_holds_what_is_stored_but_not_the_key(as_manager: Client) -> None:
    key = stored()
    page = as_manager.get(_address(key))
    assert "no-store" in page["Cache-Control"]
    html = page.content.decode()
    assert 'value="Windows 11 Enterprise, head office"' in html
    assert key.code.open()[:23] not in html
    assert str(key.code) in html


def test_saving_without_a_change_changes_nothing(as_manager: Client) -> None:
    key = stored()
    assert _is_stored(_edit(as_manager, key), key)
    key.refresh_from_db()
    assert key.version == 1
    assert not TrailEntry.objects.filter(action="changed").exists()


def test_a_new_key_replaces_the_stored_one(as_manager: Client) -> None:
    key, code = stored(), new_code()
    assert _is_stored(_edit(as_manager, key, code=code.open().lower().replace("-", " ")), key)
    key.refresh_from_db()
    assert key.code.open() == code.open()
    assert key.last_five == code.last_five
    entry = TrailEntry.objects.latest("id")
    assert entry.after == {"code": "changed"}


def test_an_empty_field_keeps_the_stored_key(as_manager: Client) -> None:
    key = stored()
    before = key.code.open()
    _edit(as_manager, key, name="Another name", code="  ")
    key.refresh_from_db()
    assert key.code.open() == before


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"usage": "installation"}, "A MAK can be used for activation only."),
    ({"usage": "installation_and_activation"}, "A MAK can be used for activation only."),
    ({"quantity": ""}, "A MAK key needs a quantity of at least 1."),
    ({"quantity": "0"}, "A MAK key needs a quantity of at least 1."),
    ({"quantity": "-1"}, "A MAK key needs a quantity of at least 1."),
    ({"quantity": "a few"}, "The quantity is not a whole number."),
    ({"quantity": "9"}, "The quantity is below the 10 that are in use already."),
    ({"key_type": "gvlk"}, "A GVLK key has no quantity"),
    ({"edition": ""}, "The edition is missing."),
    ({"edition": "Starter"}, "Windows 11 never had the edition Starter."),
    ({"architecture": "x86"}, "Windows 11 was not made for x86 in this edition."),
    ({"operating_system": ""}, "The operating system is missing."),
    ({"operating_system": "windows-12"}, "This operating system is unknown."),
    ({"name": ""}, "The name is missing."),
    ({"comment": "spare: W269N-WFGWX-YVC9B-4J6C9-T83GX"}, "This text contains a product key"),
    ({"code": "W269N-WFGWX-YVC9B-4J6C9-T83GX"}, "This is no MAK key but the published GVLK"),
    ({"code": "W269N-WFGWX-YVC9B-4J6C9-T83G0"}, "does not occur in product keys"),
    ({"code": "W269N-WFGWX-YVC9B"}, "A product key has 25 characters; found here: 15."),
    ({"code": "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"}, "This is a placeholder, not a product key."),
    ({"code": older_key(7)}, "always hold the letter N"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_what_breaks_a_rule_is_refused_and_nothing_typed_is_lost(
    as_manager: Client, changes: dict[str, Any], message: str
) -> None:
    key = stored(in_use=10)
    page = _edit(as_manager, key, **{"name": "A new name"} | changes)
    html = page.content.decode()
    assert page.status_code == 200
    assert message in html
    if "name" not in changes:
        assert 'value="A new name"' in html
    key.refresh_from_db()
    assert key.version == 1


def test_the_same_key_a_second_time_names_the_entry_that_has_it(as_manager: Client) -> None:
    other, key = stored(name="The first one"), stored()
    page = _edit(as_manager, key, code=other.code.open())
    assert "This product key is stored already, as “The first one”." in page.content.decode()


def test_a_possible_typing_error_is_stored_once_it_is_confirmed(as_manager: Client) -> None:
    key = stored()
    typed = key.code.open()
    mistyped = typed[:-1] + ("B" if typed[-1] != "B" else "C")
    page = _edit(as_manager, key, code=mistyped)
    assert "Possible typing error" in page.content.decode()
    assert 'type="checkbox" name="typing_confirmed"' in page.content.decode()
    assert mistyped in page.content.decode()  # the key itself is at fault: it is shown for correction
    assert _is_stored(_edit(as_manager, key, code=mistyped, typing_confirmed="on"), key)


def test_a_typed_key_without_a_fault_comes_back_sealed_not_readable(as_manager: Client) -> None:
    key, code = stored(), new_code()
    page = _edit(as_manager, key, code=code.open(), quantity="0")
    html = page.content.decode()
    assert code.open() not in html
    assert code.open()[:11] not in html
    assert html.count(f"The new key that you typed is kept: {code}. Leave the field empty to use it.") == 1
    assert "Leave it empty to keep the key that is stored." not in html
    assert f'placeholder="{key.code}"' not in html
    assert _is_stored(_edit(as_manager, key, code="", kept_code=_kept(page), quantity="600"), key)
    key.refresh_from_db()
    assert key.code.open() == code.open()


def test_a_faulty_key_takes_the_place_of_the_one_that_was_kept(as_manager: Client) -> None:
    key = stored()
    before = key.code.open()
    kept = _kept(_edit(as_manager, key, code=new_code().open(), name=""))

    page = _edit(as_manager, key, code="W269A-WFGWX", kept_code=kept)
    html = page.content.decode()
    assert "Leave it empty to keep the key that is stored." in html
    assert f'placeholder="{key.code}"' in html
    answer = _edit(as_manager, key, code="", kept_code=page.context["form"]["kept_code"].value() or "")

    assert _is_stored(answer, key)
    key.refresh_from_db()
    assert key.code.open() == before


def test_a_kept_key_that_does_not_fit_the_system_stays_kept(as_manager: Client) -> None:
    key, code = stored(RETAIL, operating_system_id="windows-7"), keycode.parse(older_key(12))
    kept = _kept(_edit(as_manager, key, code=code.open(), name=""))

    page = _edit(as_manager, key, kept_code=kept, operating_system="windows-11")
    assert "always hold the letter N" in page.content.decode()
    assert f"The new key that you typed is kept: {code}." in page.content.decode()

    assert _is_stored(_edit(as_manager, key, kept_code=_kept(page)), key)
    key.refresh_from_db()
    assert key.code.open() == code.open()


def test_a_sealed_draft_is_of_no_use_to_somebody_else_or_for_another_entry(
    as_manager: Client, as_admin: Client
) -> None:
    key, other = stored(), stored()
    kept = _kept(_edit(as_manager, key, code=new_code().open(), quantity="0"))
    for client, entry in ((as_admin, key), (as_manager, other)):
        before = entry.code.open()
        assert _is_stored(_edit(client, entry, kept_code=kept), entry)
        entry.refresh_from_db()
        assert entry.code.open() == before


def test_a_stored_key_without_n_cannot_be_moved_to_a_newer_windows(as_manager: Client) -> None:
    key = stored(RETAIL, operating_system_id="windows-7", code=keycode.parse(older_key(11)))
    page = _edit(as_manager, key, operating_system="windows-11")
    assert "always hold the letter N" in page.content.decode()


def test_a_kms_host_key_needs_no_edition(as_manager: Client) -> None:
    key = stored(KMS_HOST)
    assert _is_stored(_edit(as_manager, key, quantity="7"), key)


def test_only_the_comment_of_a_standard_key_can_be_changed(
    as_manager: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    key = standard_keys.get(last_five="T83GX")
    page = as_manager.get(_address(key)).content.decode()
    assert "it stays as Microsoft published it" in page
    assert 'name="name"' not in page
    changes = {"comment": "Our image is the LTSC", "name": "Mine", "key_type": "mak", "code": new_code().open()}
    assert _is_stored(_edit(as_manager, key, **changes), key)
    key.refresh_from_db()
    assert key.comment == "Our image is the LTSC"
    assert (key.name, key.key_type) == ("Windows 11 Pro / Windows 10 Pro", "gvlk")
    assert key.code.open().endswith("T83GX")


def test_the_status_is_not_changed_by_editing(as_manager: Client) -> None:
    key = stored()
    _edit(as_manager, key, name="Another", status=Status.COMPROMISED)
    key.refresh_from_db()
    assert key.status == Status.ACTIVE


def test_it_needs_the_right_to_change(as_viewer: Client) -> None:
    key = stored()
    assert as_viewer.get(_address(key)).status_code == 403
    assert _edit(as_viewer, key, name="x").status_code == 403
