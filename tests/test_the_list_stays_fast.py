"""The list asks the database as often for 200 rows as for 10, for nothing it does not show, never without a bound."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import User
from productkeys.listing.sorting import SORTS
from productkeys.models import ProductKey
from tests.factories import stored
from tests.listed import names, page

Counted = Callable[..., list[str]]

# Session, person with their rights: every page asks for them.
FRAME = 2


@pytest.fixture
def queries(as_manager: Client) -> Counted:
    """The statements that a page of the list needs, beyond those of every page."""

    def ask(**parameters: Any) -> list[str]:
        page(as_manager, **parameters)  # reference data and the like are kept from the first request on
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page(as_manager, **parameters)
        return [query["sql"] for query in captured][FRAME:]

    return ask


def _fill(manager: User, number: int, page_size: int) -> None:
    for place in range(number):
        stored(name=f"site {place}", comment="contract", labels=frozenset({"site"}))
    manager.page_size = page_size
    manager.save()


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, 2),  # the counts of the house, the rows
        ({"type": "mak", "os": "windows-11", "architecture": "x64"}, 3),  # and how many were found
        ({"q": "site"}, 3),
        ({"sort": "-stock"}, 2),
        ({"facet": "os"}, 3),
        # The menu "More": all its filters are counted among the same keys, and the labels that they carry.
        ({"facet": "usage"}, 4),
        ({"facet": "usage", "type": "mak"}, 6),  # and how many were found, and what the other types would find
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    queries: Counted, manager: User, parameters: dict[str, Any], expected: int
) -> None:
    _fill(manager, 10, 25)
    few = queries(**parameters)
    _fill(manager, 190, 200)
    many = queries(**parameters)
    assert len(few) == len(many) == expected


def test_an_opened_key_costs_one_query(queries: Counted) -> None:
    assert len(queries(page=1, open=stored().pk)) == 3


def test_the_code_is_read_of_published_keys_alone(queries: Counted) -> None:
    rows = queries()[-1]
    assert rows.count('"code"') == 1
    assert 'CASE WHEN "productkeys_productkey"."published" THEN "productkeys_productkey"."code"' in rows
    assert '"search_text"' not in rows
    assert '"comment"' not in rows


def test_in_a_big_house_nothing_is_read_or_counted_without_a_bound(
    queries: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("productkeys.listing.counts.SMALL_HOUSE", 10)
    for parameters in ({}, {"q": "windows"}, {"type": "gvlk"}, {"facet": "edition"}, {"page": 2}):
        for sql in queries(**parameters):
            assert " LIMIT " in sql, sql


def test_a_house_that_grows_or_shrinks_is_counted_as_it_is(as_manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = '<span class="n">97</span>'
    for bound, is_small in ((2_000, True), (10, False), (10, False), (2_000, True), (97, True), (96, False)):
        monkeypatch.setattr("productkeys.listing.counts.SMALL_HOUSE", bound)
        assert (counted in page(as_manager)) is is_small


def test_a_kept_question_is_for_those_who_see_everything(viewer: User) -> None:
    everything = ProductKey.objects.visible_to(viewer)
    assert everything.is_everything
    assert not everything.filter(key_type="mak").is_everything
    assert not everything[:5].is_everything
    assert not ProductKey.objects.visible_to(User.objects.create_user("stranger")).is_everything


def _plan(keys: QuerySet[Any]) -> str:
    """How the database would read a page of `keys` from a table too large to be sorted."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for way in ("sort", "seqscan", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    return keys[:50].explain()


def test_every_sort_reads_an_index_in_its_own_order(db: None) -> None:
    for sort in SORTS.values():
        for shelf in (0, 1):
            plan = _plan(ProductKey.objects.filter(shelf=shelf).order_by(*sort.order))
            assert re.search("using index key_|index scan( backward)? using key_", plan, re.IGNORECASE), (sort, plan)
            assert not re.search("TEMP B-TREE|Sort Key", plan), (sort, plan)


def test_going_on_behind_the_counted_rows_reads_stretches_of_the_index(db: None) -> None:
    for sort in SORTS.values():
        first = ProductKey.objects.filter(shelf=0).order_by(*sort.order).values_list(*sort.columns)[0]
        for stretch in sort.behind(first):
            plan = _plan(ProductKey.objects.filter(stretch, shelf=0).order_by(*sort.order))
            assert re.search("SEARCH productkeys_productkey USING INDEX|Index Cond", plan), (sort, plan)


def test_the_page_is_small(as_viewer: Client) -> None:
    response = as_viewer.get(reverse("productkeys:list"))
    assert len(names(response.content.decode())) == 50
    assert len(response.content) < 120_000
