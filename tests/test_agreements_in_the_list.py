"""Agreements in the list: a filter, a column and a field of the bulk edit, none of which names a foreign one."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import Agreement, ProductKey, Scope, TrailEntry
from tests.admin_keys import LIST as ADMIN_LIST
from tests.bulk import BULK_PAGES, tickets
from tests.bulk import choices as bulk
from tests.factories import agreement, stored
from tests.listed import choices, names, page
from tests.scoped import person_in, signed_in

pytestmark = pytest.mark.django_db


def _cells(html: str) -> list[str]:
    return [unescape(cell) for cell in re.findall(r'<td class="c-agreement" role="cell"><span[^>]*>([^<]*)<', html)]


@pytest.fixture
def made() -> Agreement:
    return agreement("4500-1", vendor="Bechtle")


# The filter


def test_it_finds_the_keys_of_an_agreement(as_viewer: Client, made: Agreement) -> None:
    stored(name="under it", agreement_id=made.pk)
    stored(name="under another", agreement_id=agreement("4500-2").pk)
    stored(name="under none")
    html = page(as_viewer, agreement=made.pk)
    assert names(html) == ["under it"]
    assert '<span class="kp-chip"><span>Agreement:</span> 4500-1 · Bechtle' in html
    assert "under none" in names(page(as_viewer, agreement="none", type="mak"))
    both = page(as_viewer, f"?type=mak&agreement=none&agreement={made.pk}")
    assert names(both) == ["under it", "under none"]


def test_its_menu_offers_the_agreements_that_have_keys(as_viewer: Client, made: Agreement) -> None:
    stored(agreement_id=made.pk)
    stored(agreement_id=made.pk)
    agreement("without keys")
    offered = choices(page(as_viewer, facet="agreement", type="mak"))
    assert offered["4500-1 · Bechtle"] == "2"
    assert "without keys" not in offered


def test_a_portal_without_agreements_says_nothing_of_them(as_viewer: Client, as_manager: Client) -> None:
    key = stored()
    for asked in ({"facet": "usage"}, {"facet": "columns"}, {}):
        assert "greement" not in page(as_viewer, **asked).split('id="content"')[1]
    edit = as_manager.post(reverse("productkeys:bulk"), {"key": tickets([key]), "do": "edit"})
    assert "greement" not in edit.content.decode().split('id="content"')[1]


@pytest.mark.parametrize("value", ["987654321", "x", "-1", "1" * 40, "٣"])
def test_one_that_is_not_there_finds_nothing(as_viewer: Client, value: str) -> None:
    stored()
    html = page(as_viewer, agreement=value)
    assert names(html) == []
    assert "is not understood" not in html


def test_many_agreements_are_counted_at_once(as_viewer: Client) -> None:
    for number in range(60):
        stored(agreement_id=agreement(f"no. {number}").pk)
    as_viewer.get(reverse("productkeys:list"))
    with CaptureQueriesContext(connection) as captured:
        offered = choices(page(as_viewer, facet="agreement", type="mak"))
    assert [number for label, number in offered.items() if label.startswith("no. ")] == ["1"] * 60
    assert len(captured) < 14


def test_the_admin_finds_by_the_same_filter(as_manager: Client, made: Agreement) -> None:
    stored(name="under it", agreement_id=made.pk)
    stored(name="under none")
    answer = as_manager.get(ADMIN_LIST, {"agreement": made.pk})
    assert [key.name for key in answer.context["cl"].queryset] == ["under it"]
    assert not as_manager.get(ADMIN_LIST, {"agreement": "987654321"}).context["cl"].queryset


# The column


def test_it_is_a_column_of_choice(as_viewer: Client, viewer: User, made: Agreement) -> None:
    stored(name="under it", agreement_id=made.pk)
    stored(name="under none")
    assert "Agreement" in page(as_viewer, facet="columns")
    viewer.columns = ["type", "name", "agreement"]
    viewer.save()
    assert _cells(page(as_viewer, type="mak")) == ["4500-1", ""]


def test_the_column_costs_one_query_and_the_list_without_it_none(
    as_viewer: Client, viewer: User, made: Agreement
) -> None:
    def queries() -> int:
        page(as_viewer)
        with CaptureQueriesContext(connection) as captured:
            page(as_viewer)
        return len(captured)

    for number in range(10):
        stored(agreement_id=agreement(f"no. {number}").pk)
    without = queries()
    assert without == 4
    viewer.columns = ["type", "name", "agreement"]
    viewer.save()
    assert queries() == without + 1


# The bulk edit


@pytest.fixture(params=BULK_PAGES)
def bulk_page(request: pytest.FixtureRequest) -> str:
    return reverse(request.param)


def _send(client: Client, address: str, keys: list[ProductKey], step: str, **changes: str) -> Any:
    form = bulk(**changes) | {"do": "edit", "step": step}
    return client.post(address, form | {"key": tickets(keys)})


def test_many_keys_are_put_under_an_agreement_at_once(as_manager: Client, bulk_page: str, made: Agreement) -> None:
    keys = [stored(), stored(agreement_id=agreement("4500-0").pk)]
    preview = _send(as_manager, bulk_page, keys, "preview", agreement=str(made.pk)).content.decode()
    assert "4500-0" in preview
    assert "2 keys would change" in preview
    assert _send(as_manager, bulk_page, keys, "apply", agreement=str(made.pk)).status_code == 302
    assert list(made.product_keys.order_by("pk")) == keys
    entries = TrailEntry.objects.order_by("-id")[:2]
    assert {str(entry.before["agreement"]) for entry in entries} == {"None", "4500-0"}
    assert {entry.after["agreement"] for entry in entries} == {"4500-1"}


def test_many_keys_are_taken_out_at_once(as_manager: Client, bulk_page: str, made: Agreement) -> None:
    keys = [stored(agreement_id=made.pk), stored()]
    assert _send(as_manager, bulk_page, keys, "apply", agreement="-").status_code == 302
    assert not made.product_keys.exists()
    assert [key.version for key in ProductKey.objects.filter(pk__in=[key.pk for key in keys]).order_by("pk")] == [2, 1]


def test_it_is_left_alone_unless_something_is_chosen(as_manager: Client, bulk_page: str, made: Agreement) -> None:
    key = stored(agreement_id=made.pk)
    assert _send(as_manager, bulk_page, [key], "apply", quantity_do="set", quantity="7").status_code == 302
    assert made.product_keys.get().quantity == 7


def test_a_bulk_edit_asks_as_often_for_many_as_for_few(as_manager: Client, made: Agreement) -> None:
    def queries(number: int) -> int:
        keys = [stored(agreement_id=agreement(f"{number} {place}").pk) for place in range(number)]
        with CaptureQueriesContext(connection) as captured:
            _send(as_manager, reverse("productkeys:bulk"), keys, "preview", agreement=str(made.pk))
        return len(captured)

    queries(1)
    assert queries(3) == queries(40)


def test_what_a_deleted_key_was_under_stays_in_the_trail(as_manager: Client, made: Agreement) -> None:
    keys = [stored(agreement_id=made.pk)]
    as_manager.post(reverse("productkeys:bulk"), {"key": tickets(keys), "do": "delete", "step": "apply"})
    assert TrailEntry.objects.latest("id").before["agreement"] == "4500-1"


# In scopes


@pytest.fixture
def theirs(bonn: Scope) -> Agreement:
    return agreement("Rheinvertrag", scope_id=bonn.pk)


def test_a_foreign_agreement_is_not_named_anywhere(berlin: Scope, theirs: Agreement, made: Agreement) -> None:
    """A key of Berlin under an agreement of Bonn: who keeps Berlin's keys sees the key and no agreement."""
    person = person_in(berlin, "Key manager", is_staff=True)
    person.columns = ["type", "name", "agreement"]
    person.save()
    client = signed_in(person)
    key = stored(name="ours", scope_id=berlin.pk, agreement_id=theirs.pk)
    stored(scope_id=berlin.pk, agreement_id=made.pk)
    pages = [
        page(client),
        page(client, facet="agreement"),
        page(client, agreement=theirs.pk),
        client.get(ADMIN_LIST).content.decode(),
        client.get(ADMIN_LIST, {"agreement": theirs.pk}).content.decode(),
    ]
    for address in map(reverse, BULK_PAGES):
        pages += [
            _send(client, address, [key], step, **changes).content.decode()
            for step in ("choose", "preview")
            for changes in ({}, {"agreement": str(made.pk)}, {"agreement": str(theirs.pk)})
        ]
    assert [number for number, html in enumerate(pages) if "Rheinvertrag" in html] == []
    assert names(page(client, agreement=theirs.pk)) == []


def test_a_key_is_not_taken_out_of_what_is_not_there_for_me(berlin: Scope, theirs: Agreement, made: Agreement) -> None:
    client = signed_in(person_in(berlin, "Key manager"))
    keys = [stored(scope_id=berlin.pk, agreement_id=paper.pk) for paper in (theirs, made)]
    assert _send(client, reverse("productkeys:bulk"), keys, "apply", agreement="-").status_code == 302
    assert theirs.product_keys.exists()
    assert not made.product_keys.exists()
