"""Which keys somebody has seen who leaves: one page for auditors, and from there to marking them."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import User
from productkeys.listing.seen_keys import PAGE as SEEN_PAGE
from productkeys.models import ProductKey
from productkeys.models.trail import Action
from productkeys.services import keys, trail
from productkeys.services.origin import PORTAL, Origin
from tests.auditing import link_in, may_see_keys, page_of, revealed
from tests.factories import KMS_HOST, RETAIL, stored

NOBODY = UUID(int=0)
pytestmark = pytest.mark.django_db


def _seen(client: Client, person: User, **asked: Any) -> str:
    return page_of(client, reverse("productkeys:seen-by", args=[person.uid]), **asked)


def test_when_somebody_leaves_the_keys_they_have_seen_stand_on_one_page(
    as_auditor: Client, auditor: User, revealer: User, manager: User
) -> None:
    may_see_keys(auditor)
    seen, unseen, gone = stored(name="Seen"), stored(KMS_HOST, name="Unseen"), stored(RETAIL, name="Gone")
    revealed(gone, revealer)
    revealed(seen, revealer)
    revealed(seen, revealer)
    revealed(unseen, manager)
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
    assert f'href="{address}"' in page_of(as_auditor, person=revealer.username)
    assert f'href="{address}"' not in page_of(as_auditor)


def test_who_may_see_no_keys_reads_names_and_no_more(as_auditor: Client, revealer: User) -> None:
    key = stored(name="Seen")
    revealed(key, revealer)
    html = _seen(as_auditor, revealer)
    assert "Seen" in html
    assert "not visible to you" in html
    assert key.last_five not in html
    assert "Mark as compromised" not in html


def test_who_may_change_keys_marks_them_by_the_bulk_act(as_auditor: Client, auditor: User, revealer: User) -> None:
    may_see_keys(auditor, "change_productkey")
    first, second, archived = stored(), stored(RETAIL), stored(KMS_HOST)
    for key in (first, second, archived):
        revealed(key, revealer)
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
    assert "This person has neither revealed nor exported a whole key." in _seen(as_auditor, viewer)
    assert as_auditor.get(reverse("productkeys:seen-by", args=[NOBODY])).status_code == 404


def _exported(person: User, *taken: ProductKey, plain: bool = True) -> None:
    entry = trail.entry(Action.KEYS_EXPORTED, origin=Origin(person, "192.0.2.7"), after={"plain": plain})
    trail.record_batch(entry, [(key.uid, key.name, {}) for key in taken])


def test_keys_that_an_export_took_out_as_a_whole_were_seen_as_well(
    as_auditor: Client, auditor: User, revealer: User, manager: User
) -> None:
    may_see_keys(auditor, "change_productkey")
    both, only, other = stored(name="Both"), stored(RETAIL, name="Only"), stored(KMS_HOST, name="Other")
    revealed(both, revealer)
    _exported(revealer, both, only)
    _exported(revealer, only)
    _exported(manager, other)
    html = _seen(as_auditor, revealer)
    assert html.count(f'href="{only.get_absolute_url()}"') == html.count(f'href="{both.get_absolute_url()}"') == 1
    assert "Other" not in html
    row = html[html.index("Only</a>") :]
    assert "exported" in row
    assert all(f'value="{key.pk}:1" checked' in html for key in (both, only))


def test_more_exported_keys_than_a_page_holds_go_on_behind_the_revealed_ones(
    as_auditor: Client, auditor: User, revealer: User
) -> None:
    may_see_keys(auditor)
    first = stored(name="Revealed")
    revealed(first, revealer)
    taken = [stored(name=f"Key {number}") for number in range(2 * SEEN_PAGE)]
    _exported(revealer, *taken)
    address, found = reverse("productkeys:seen-by", args=[revealer.uid]), ""
    pages = 0
    query = ""
    while pages < 5:
        html = as_auditor.get(address + query).content.decode()
        found, pages = found + html, pages + 1
        if 'rel="next"' not in html:
            break
        query = link_in(html, "next")
    assert pages == 3
    assert all(found.count(f'href="{key.get_absolute_url()}"') == 1 for key in [first, *taken])


def test_many_keys_go_on_on_the_next_page_in_the_same_queries(
    as_auditor: Client, auditor: User, revealer: User
) -> None:
    may_see_keys(auditor, "change_productkey")
    revealed(stored(), revealer)
    _seen(as_auditor, revealer)
    with CaptureQueriesContext(connection) as few:
        _seen(as_auditor, revealer)
    for number in range(SEEN_PAGE + 3):
        revealed(stored(name=f"Key {number}"), revealer)
    with CaptureQueriesContext(connection) as many:
        html = _seen(as_auditor, revealer)
    assert len(many) <= len(few)
    rest = as_auditor.get(reverse("productkeys:seen-by", args=[revealer.uid]) + link_in(html, "next")).content.decode()
    assert rest.count('type="checkbox"') == 4
