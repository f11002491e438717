"""The audit log as auditors read it: who may, what an entry says, and one page after the other."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from keyportal.people.models import User
from productkeys.forms.reveal import Reason
from productkeys.listing.trail import PAGE
from productkeys.services import keys
from productkeys.services.origin import PORTAL, Origin
from tests.auditing import TRAIL, link_in, many, may_see_keys, page_of, revealed, table_of
from tests.factories import RETAIL, stored

EXPORT = reverse("productkeys:trail-export")
NOBODY = UUID(int=0)
pytestmark = pytest.mark.django_db


# Who may read it


@pytest.mark.parametrize("address", [TRAIL, EXPORT, reverse("productkeys:seen-by", args=[NOBODY])])
def test_it_is_for_auditors_alone(as_manager: Client, as_revealer: Client, address: str) -> None:
    for client in (as_manager, as_revealer):
        answer = client.post(address) if address == EXPORT else client.get(address)
        assert answer.status_code == 403


def test_an_auditor_finds_it_in_the_navigation_tree_and_others_do_not(as_auditor: Client, as_viewer: Client) -> None:
    other_page = reverse("productkeys:operating-systems")
    assert f'href="{TRAIL}"' in as_auditor.get(other_page).content.decode()
    assert f'href="{TRAIL}"' not in as_viewer.get(other_page).content.decode()
    assert "Django administration" not in as_auditor.get(other_page).content.decode()
    assert f'href="{TRAIL}" aria-current="true"' in as_auditor.get(TRAIL).content.decode()


# What it says


def test_an_entry_says_who_did_what_to_which_key_when_from_where_and_why(as_auditor: Client, revealer: User) -> None:
    key = stored(name="Branch office")
    with time_machine.travel(datetime(2026, 3, 4, 9, 30, tzinfo=UTC), tick=False):
        revealed(key, revealer, f"{Reason.OTHER}: ticket 4711")
    table = table_of(as_auditor)
    for words in ("Revealed", "Branch office", "rolf.revealer", "192.0.2.7", "Other reason, ticket 4711", "10:30"):
        assert words in table


def test_changes_stand_there_before_and_after(as_auditor: Client, manager: User) -> None:
    key = stored()
    keys.set_status(key, "archived", seen_version=1, origin=Origin(manager))
    assert "Active → <b>Archived</b>" in table_of(as_auditor, kind="archived")


def test_changed_rights_are_told_in_the_words_of_a_person(as_admin: Client, as_auditor: Client, viewer: User) -> None:
    address = reverse("admin:people_user_change", args=[viewer.pk])
    as_admin.post(address, {"username": viewer.username, "is_active": "on", "is_staff": "on"})
    assert "Staff status:" in table_of(as_auditor, person="vera.viewer", kind="changed")


def test_a_second_factor_is_told_by_what_it_is_and_is_called(as_auditor: Client, viewer: User) -> None:
    code = Authenticator(user=viewer, type=Authenticator.Type.RECOVERY_CODES, data={})
    passkey = Authenticator(user=viewer, type=Authenticator.Type.WEBAUTHN, data={"name": "My laptop"})
    authenticator_added.send(Authenticator, request=None, user=viewer, authenticator=code)
    authenticator_removed.send(Authenticator, request=None, user=viewer, authenticator=passkey)
    words = strip_tags(table_of(as_auditor, person="vera.viewer"))
    assert "Second factor: Recovery codes" in words
    assert "Second factor: Passkey My laptop" in words


def test_a_key_is_linked_where_it_exists_and_the_reader_may_see_it(as_auditor: Client, auditor: User) -> None:
    key, gone = stored(name="Here"), stored(RETAIL, name="Gone")
    keys.delete(gone, seen_version=1, origin=PORTAL)
    address = key.get_absolute_url()
    assert address not in table_of(as_auditor)
    may_see_keys(auditor)
    table = table_of(as_auditor)
    assert f'<a href="{address}">Here</a>' in table
    assert gone.get_absolute_url() not in table
    assert "Gone" in table


def test_nobody_is_named_as_the_author_of_a_failed_sign_in(as_auditor: Client, viewer: User) -> None:
    Client().post(reverse("account_login"), {"login": viewer.username, "password": "wrong"})
    table = table_of(as_auditor, kind="sign-in-failed")
    assert "wrong password" in table
    assert "<td>–</td>" in table
    assert "KeyPortal" not in table


# Pages


def test_older_and_newer_lead_through_all_entries_once(as_auditor: Client) -> None:
    many(2 * PAGE + 10)
    seen: list[str] = []
    address = f"{TRAIL}?kind=changed"
    pages = [address]
    while True:
        html = as_auditor.get(address).content.decode()
        seen += [part[:9] for part in html.split("<div>")[1:] if part.startswith("note ")]
        if 'rel="next"' not in html:
            break
        address = link_in(html, "next")
        pages.append(address)
    assert seen == [f"note {i:04}" for i in reversed(range(2 * PAGE + 10))]
    assert len(pages) == 3
    back = as_auditor.get(link_in(html, "prev")).content.decode()
    assert f"note {PAGE + 10:04}" not in back
    assert "note 0059" in back
    first = as_auditor.get(link_in(back, "prev")).content.decode()
    assert f"note {2 * PAGE + 9:04}" in first
    assert 'rel="prev"' not in first


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_id_that_is_none_is_the_first_page(as_auditor: Client, before: str) -> None:
    assert "<tbody>" in page_of(as_auditor, before=before)


def test_a_page_takes_the_same_queries_whatever_is_on_it_and_counts_nothing(
    as_auditor: Client, auditor: User, revealer: User
) -> None:
    may_see_keys(auditor)
    revealed(stored(), revealer)
    as_auditor.get(TRAIL)
    with CaptureQueriesContext(connection) as few:
        as_auditor.get(TRAIL, {"kind": "revealed"})
    for number in range(PAGE + 5):
        revealed(stored(name=f"Key {number}"), revealer)
    with CaptureQueriesContext(connection) as many:
        assert page_of(as_auditor, kind="revealed").count("<tr>") > PAGE
    assert len(many) == len(few)
    sql = " ".join(query["sql"] for query in many)
    assert "COUNT(" not in sql
    assert "OFFSET" not in sql
