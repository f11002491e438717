"""The audit log as auditors read it: filters, pages, exports, and which keys somebody has seen who leaves."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import User
from productkeys.forms.reveal import Reason
from productkeys.listing.trail import PAGE, SEEN_PAGE
from productkeys.listing.trail_export import safe_cell
from productkeys.models import ProductKey, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import keys, sealing, trail
from productkeys.services.origin import PORTAL, Origin
from tests.factories import KMS_HOST, RETAIL, new_code, stored

NOBODY = UUID(int=0)
TRAIL, EXPORT = reverse("productkeys:trail"), reverse("productkeys:trail-export")
pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(db: None) -> User:
    """Reads the trail, and nothing else: no keys, no administration."""
    person = User.objects.create_user("anna.auditor")
    person.user_permissions.set(Permission.objects.filter(codename="view_trailentry"))
    return person


@pytest.fixture
def as_auditor(auditor: User) -> Client:
    client = Client()
    client.force_login(auditor)
    return client


def _may_see_keys(person: User, *also: str) -> None:
    person.user_permissions.add(*Permission.objects.filter(codename__in=["view_productkey", *also]))


def _revealed(key: ProductKey, person: User, reason: str = Reason.LICENCE_AUDIT.value) -> None:
    trail.record(trail.entry(Action.REVEALED, origin=Origin(person, "192.0.2.7"), key=key, reason=reason))


def _page(client: Client, address: str = TRAIL, **asked: Any) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200
    html = answer.content.decode()
    return html[html.index('id="content"') :]


def _table(client: Client, **asked: Any) -> str:
    html = _page(client, **asked)
    return html[html.index("<tbody>") : html.index("</tbody>")] if "<tbody>" in html else ""


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
        _revealed(key, revealer, f"{Reason.OTHER}: ticket 4711")
    table = _table(as_auditor)
    for words in ("Revealed", "Branch office", "rolf.revealer", "192.0.2.7", "Other reason, ticket 4711", "10:30"):
        assert words in table


def test_changes_stand_there_before_and_after(as_auditor: Client, manager: User) -> None:
    key = stored()
    keys.set_status(key, "archived", seen_version=1, origin=Origin(manager))
    assert "Active → <b>Archived</b>" in _table(as_auditor, kind="archived")


def test_changed_rights_are_told_in_the_words_of_a_person(as_admin: Client, as_auditor: Client, viewer: User) -> None:
    address = reverse("admin:people_user_change", args=[viewer.pk])
    as_admin.post(address, {"username": viewer.username, "is_active": "on", "is_staff": "on"})
    assert "Staff status:" in _table(as_auditor, person="vera.viewer", kind="changed")


def test_a_key_is_linked_where_it_exists_and_the_reader_may_see_it(as_auditor: Client, auditor: User) -> None:
    key, gone = stored(name="Here"), stored(RETAIL, name="Gone")
    keys.delete(gone, seen_version=1, origin=PORTAL)
    address = key.get_absolute_url()
    assert address not in _table(as_auditor)
    _may_see_keys(auditor)
    table = _table(as_auditor)
    assert f'<a href="{address}">Here</a>' in table
    assert gone.get_absolute_url() not in table
    assert "Gone" in table


def test_nobody_is_named_as_the_author_of_a_failed_sign_in(as_auditor: Client, viewer: User) -> None:
    Client().post(reverse("account_login"), {"login": viewer.username, "password": "wrong"})
    table = _table(as_auditor, kind="sign-in-failed")
    assert "wrong password" in table
    assert "<td>–</td>" in table
    assert "KeyPortal" not in table


# Filters


@pytest.fixture
def busy(manager: User, revealer: User) -> dict[str, ProductKey]:
    """Two keys, two people, two days."""
    with time_machine.travel(datetime(2026, 3, 3, 12, tzinfo=UTC), tick=False):
        first = stored(name="First", by=manager)
        second = stored(KMS_HOST, name="Second", by=manager)
    with time_machine.travel(datetime(2026, 3, 4, 23, 30, tzinfo=UTC), tick=False):  # the 5th in Berlin
        _revealed(first, revealer)
    return {"first": first, "second": second}


@pytest.mark.parametrize(
    ("asked", "found", "not_found"),
    [
        ({"person": "mara.manager"}, ["First", "Second"], ["rolf.revealer"]),
        ({"person": "ROLF.revealer"}, ["First", "Revealed"], ["Second"]),
        ({"key": "Second"}, ["Second"], ["First"]),
        ({"kind": "revealed"}, ["First"], ["Second"]),
        ({"since": "2026-03-05", "until": "2026-03-05"}, ["Revealed"], ["Added"]),
        ({"since": "2026-03-03", "until": "2026-03-04"}, ["Added"], ["Revealed"]),
        ({"person": "mara.manager", "key": "First", "until": "2026-03-31"}, ["First"], ["Second"]),
    ],
)
def test_filters_find_what_they_say(
    as_auditor: Client, busy: dict[str, ProductKey], asked: dict[str, str], found: list[str], not_found: list[str]
) -> None:
    table = _table(as_auditor, **asked)
    assert all(words in table for words in found)
    assert not any(words in table for words in not_found)


def test_a_key_is_found_under_the_name_it_has_now_and_by_its_last_five(
    as_auditor: Client, auditor: User, busy: dict[str, ProductKey], manager: User
) -> None:
    _may_see_keys(auditor)
    key = busy["first"]
    keys.change_key(key, keys.KeyValues.of(key, name="Renamed"), seen_version=1, origin=Origin(manager))
    for text in ("renamed", key.last_five, key.last_five.lower()):
        table = _table(as_auditor, key=text)
        assert "Revealed" in table
        assert "Second" not in table


def test_a_deleted_key_is_found_by_the_name_it_had(as_auditor: Client, busy: dict[str, ProductKey]) -> None:
    keys.delete(busy["second"], seen_version=1, origin=PORTAL)
    assert "Deleted" in _table(as_auditor, key="Second")


def test_what_is_asked_for_leads_to_an_address_that_can_be_kept(as_auditor: Client, viewer: User) -> None:
    answer = as_auditor.post(TRAIL, {"person": viewer.username, "kind": "revealed", "key": "", "since": "2026-03-01"})
    assert answer["Location"] == f"{TRAIL}?person=vera.viewer&kind=revealed&since=2026-03-01"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"person": "nobody"}, "Nobody has this user name."),
        ({"kind": "everything"}, "There is no such kind of entry."),
        ({"since": "yesterday"}, "Enter a valid date."),
        ({"since": "2026-03-04", "until": "2026-03-03"}, "This day is before the first one."),
    ],
)
def test_what_is_not_understood_is_said_beside_its_field(
    as_auditor: Client, asked: dict[str, str], message: str
) -> None:
    answer = as_auditor.post(TRAIL, asked)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert message in _page(as_auditor, **asked)


@pytest.mark.parametrize("field", ["person", "key"])
def test_a_typed_product_key_comes_into_no_address_and_no_page(as_auditor: Client, field: str) -> None:
    typed = new_code().open()
    answer = as_auditor.post(TRAIL, {field: typed}, follow=True)
    assert answer.redirect_chain == [(TRAIL, 302)]
    assert typed not in answer.content.decode()
    assert "Product keys are searched in the list of product keys only." in answer.content.decode()


def test_where_nothing_is_found_the_page_says_what_to_do(as_auditor: Client) -> None:
    assert "Take a filter away, or choose more days." in _page(as_auditor, since="2020-01-01", until="2020-01-02")


# Pages


def _many(number: int) -> None:
    trail.record(*(trail.entry(Action.CHANGED, origin=PORTAL, reason=f"note {i:04}") for i in range(number)))


def _link(html: str, rel: str) -> str:
    start = html.rindex('href="', 0, html.index(f'rel="{rel}"')) + len('href="')
    return html[start : html.index('"', start)].replace("&amp;", "&")


def test_older_and_newer_lead_through_all_entries_once(as_auditor: Client) -> None:
    _many(2 * PAGE + 10)
    seen: list[str] = []
    address = f"{TRAIL}?kind=changed"
    pages = [address]
    while True:
        html = as_auditor.get(address).content.decode()
        seen += [part[:9] for part in html.split("<div>")[1:] if part.startswith("note ")]
        if 'rel="next"' not in html:
            break
        address = _link(html, "next")
        pages.append(address)
    assert seen == [f"note {i:04}" for i in reversed(range(2 * PAGE + 10))]
    assert len(pages) == 3
    back = as_auditor.get(_link(html, "prev")).content.decode()
    assert f"note {PAGE + 10:04}" not in back
    assert "note 0059" in back
    first = as_auditor.get(_link(back, "prev")).content.decode()
    assert f"note {2 * PAGE + 9:04}" in first
    assert 'rel="prev"' not in first


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_id_that_is_none_is_the_first_page(as_auditor: Client, before: str) -> None:
    assert "<tbody>" in _page(as_auditor, before=before)


def test_a_page_takes_the_same_queries_whatever_is_on_it_and_counts_nothing(
    as_auditor: Client, auditor: User, revealer: User
) -> None:
    _may_see_keys(auditor)
    _revealed(stored(), revealer)
    as_auditor.get(TRAIL)
    with CaptureQueriesContext(connection) as few:
        as_auditor.get(TRAIL, {"kind": "revealed"})
    for number in range(PAGE + 5):
        _revealed(stored(name=f"Key {number}"), revealer)
    with CaptureQueriesContext(connection) as many:
        assert _page(as_auditor, kind="revealed").count("<tr>") > PAGE
    assert len(many) == len(few)
    sql = " ".join(query["sql"] for query in many)
    assert "COUNT(" not in sql
    assert "OFFSET" not in sql


# Export


def _exported(client: Client, file_format: str, **asked: str) -> str:
    answer = client.post(EXPORT, {"format": file_format} | asked)
    assert answer.status_code == 200
    assert answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    return b"".join(answer).decode()


def test_the_csv_holds_what_the_filters_find(as_auditor: Client, busy: dict[str, ProductKey]) -> None:
    sealing.seal()
    text = _exported(as_auditor, "csv", person="mara.manager")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["subject_name"] for row in rows] == ["Second", "First"]
    assert rows[0]["at"] == "2026-03-03T12:00:00+00:00"
    assert json.loads(rows[1]["after"])["quantity"] == 500
    assert int(rows[0]["sequence"]) == int(rows[1]["sequence"]) + 1


def test_the_json_lines_hold_every_entry_however_many(as_auditor: Client) -> None:
    _many(1200)
    lines = [json.loads(line) for line in _exported(as_auditor, "jsonl").splitlines()]
    assert len(lines) == TrailEntry.objects.count() - 1  # all but the entry of the export itself
    assert [line["id"] for line in lines] == sorted((line["id"] for line in lines), reverse=True)


def test_an_export_is_in_the_trail_with_what_was_asked_for(
    as_auditor: Client, auditor: User, busy: dict[str, ProductKey]
) -> None:
    _exported(as_auditor, "csv", person="mara.manager", kind="added")
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.actor_uid) == ("exported", auditor.uid)
    assert entry.after == {"format": "csv", "person": "mara.manager", "kind": "added"}
    table = _table(as_auditor, kind="exported")
    assert "Kind:</span> <b>Added</b>" in table
    assert "Person:</span> <b>mara.manager</b>" in table


@pytest.mark.parametrize("asked", [{}, {"format": "xlsx"}, {"format": "csv", "since": "never"}])
def test_an_export_that_is_not_understood_exports_nothing(as_auditor: Client, asked: dict[str, str]) -> None:
    before = TrailEntry.objects.count()
    assert as_auditor.post(EXPORT, asked)["Location"] == TRAIL
    assert TrailEntry.objects.count() == before


def test_an_export_is_asked_for_by_post(as_auditor: Client) -> None:
    assert as_auditor.get(EXPORT).status_code == 405


@pytest.mark.parametrize(
    "text",
    ["=1+1", "==HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "  =1", "\u00a0=1", "\uff1d1\uff0b1", "\n=1"],
)
def test_no_cell_is_a_formula(as_auditor: Client, text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    trail.record(trail.entry(Action.CHANGED, origin=PORTAL, reason=text))
    exported = _exported(as_auditor, "csv", kind="changed").removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(exported, newline="")))
    assert rows[0]["reason"] == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ticket 4711", "a=b", "2001:db8::7", "{}"])
def test_any_other_cell_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


# Which keys has this person seen


def _seen(client: Client, person: User, **asked: Any) -> str:
    return _page(client, reverse("productkeys:seen-by", args=[person.uid]), **asked)


def test_when_somebody_leaves_the_keys_they_have_seen_stand_on_one_page(
    as_auditor: Client, auditor: User, revealer: User, manager: User
) -> None:
    _may_see_keys(auditor)
    seen, unseen, gone = stored(name="Seen"), stored(KMS_HOST, name="Unseen"), stored(RETAIL, name="Gone")
    _revealed(gone, revealer)
    _revealed(seen, revealer)
    _revealed(seen, revealer)
    _revealed(unseen, manager)
    keys.set_status(seen, "compromised", seen_version=1, origin=PORTAL)
    keys.delete(gone, seen_version=1, origin=PORTAL)
    html = _seen(as_auditor, revealer)
    assert html.count(f'href="{seen.get_absolute_url()}"') == 1
    assert "Compromised" in html
    assert "Gone" in html
    assert "deleted" in html
    assert "Unseen" not in html
    assert html.index("Seen</a>") < html.index("Gone")


def test_the_page_is_reached_from_the_entries_of_that_person(as_auditor: Client, revealer: User) -> None:
    address = reverse("productkeys:seen-by", args=[revealer.uid])
    assert f'href="{address}"' in _page(as_auditor, person=revealer.username)
    assert f'href="{address}"' not in _page(as_auditor)


def test_who_may_see_no_keys_reads_names_and_no_more(as_auditor: Client, revealer: User) -> None:
    key = stored(name="Seen")
    _revealed(key, revealer)
    html = _seen(as_auditor, revealer)
    assert "Seen" in html
    assert "not visible to you" in html
    assert key.last_five not in html
    assert "Mark as compromised" not in html


def test_who_may_change_keys_marks_them_by_the_bulk_act(as_auditor: Client, auditor: User, revealer: User) -> None:
    _may_see_keys(auditor, "change_productkey")
    first, second, archived = stored(), stored(RETAIL), stored(KMS_HOST)
    for key in (first, second, archived):
        _revealed(key, revealer)
    keys.set_status(archived, "archived", seen_version=1, origin=PORTAL)
    html = _seen(as_auditor, revealer)
    tickets = [f"{key.pk}:1" for key in (first, second)]
    assert all(f'value="{ticket}" checked' in html for ticket in tickets)
    assert f'value="{archived.pk}:' not in html
    back = reverse("productkeys:seen-by", args=[revealer.uid])
    act = {"do": "compromise", "key": tickets, "next": back}
    assert "Mark 2 keys as compromised" in as_auditor.post(reverse("productkeys:bulk"), act).content.decode()
    answer = as_auditor.post(reverse("productkeys:bulk"), act | {"step": "apply"})
    assert answer["Location"] == back
    assert set(ProductKey.objects.filter(status="compromised")) == {first, second}


def test_somebody_who_saw_nothing_and_somebody_who_is_not_there(as_auditor: Client, viewer: User) -> None:
    assert "This person has revealed no key." in _seen(as_auditor, viewer)
    assert as_auditor.get(reverse("productkeys:seen-by", args=[NOBODY])).status_code == 404


def test_many_keys_go_on_on_the_next_page_in_the_same_queries(
    as_auditor: Client, auditor: User, revealer: User
) -> None:
    _may_see_keys(auditor, "change_productkey")
    _revealed(stored(), revealer)
    _seen(as_auditor, revealer)
    with CaptureQueriesContext(connection) as few:
        _seen(as_auditor, revealer)
    for number in range(SEEN_PAGE + 3):
        _revealed(stored(name=f"Key {number}"), revealer)
    with CaptureQueriesContext(connection) as many:
        html = _seen(as_auditor, revealer)
    assert len(many) == len(few)
    rest = as_auditor.get(reverse("productkeys:seen-by", args=[revealer.uid]) + _link(html, "next")).content.decode()
    assert rest.count('type="checkbox"') == 4
