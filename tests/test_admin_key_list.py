"""The list of product keys in the admin: filters, sorting and search, as in the workspace and as fast."""

import re
from typing import Any

import pytest
from django.test import Client

from productkeys.models import ProductKey
from tests.admin_keys import LIST, change_page
from tests.factories import KMS_HOST, stored
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db


def test_the_list_shows_active_keys_own_ones_first(as_manager: Client) -> None:
    stored(name="Zebra")
    archived = stored(name="Shelved")
    ProductKey.objects.filter(pk=archived.pk).update(status="archived")
    answer = as_manager.get(LIST)
    assert answer.context["cl"].result_list[0].name == "Zebra"
    assert "Shelved" not in answer.content.decode()
    assert "Shelved" in as_manager.get(LIST, {"status": "archived"}).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "type=mak",
        "os=windows-11",
        "edition=Enterprise",
        "architecture=x64",
        "usage=activation",
        "stock=free",
        "origin=own",
    ],
)
def test_filters_find_what_they_find_in_the_workspace(as_manager: Client, address: str) -> None:
    mak = stored(name="Wanted")
    stored(KMS_HOST, in_use=6)
    found = as_manager.get(f"{LIST}?{address}").context["cl"].queryset
    workspace = as_manager.get(f"/product-keys/?{address}")
    assert mak in found
    listed = re.findall(r'name="key" value="(\d+):', workspace.content.decode())
    assert listed
    assert {str(key.pk) for key in found} >= set(listed)


def test_an_operating_system_also_finds_the_keys_of_the_product_that_covers_it(as_manager: Client) -> None:
    found = as_manager.get(LIST, {"os": "windows-11", "edition": "Professional"}).context["cl"].queryset
    assert "windows-11-windows-10" in {key.operating_system_id for key in found}


@pytest.mark.parametrize(
    "probe",
    ["fingerprint_odd__startswith=a", "code__contains=a", "last_five__regex=.", "version=1", "comment__contains=a"],
)
def test_no_address_probes_the_columns_of_the_key(as_manager: Client, probe: str) -> None:
    assert as_manager.get(f"{LIST}?{probe}").status_code == 400


@pytest.mark.parametrize("column", range(7))
@pytest.mark.parametrize("direction", ["", "-"])
def test_every_column_sorts(as_manager: Client, column: int, direction: str) -> None:
    stored()
    assert as_manager.get(LIST, {"o": f"{direction}{column}.1"}).status_code == 200


def test_sorting_by_name_puts_umlauts_where_people_look(as_manager: Client) -> None:
    for name in ("Zug", "Ärger", "arm"):
        stored(name=name)
    found = as_manager.get(LIST, {"o": "2", "origin": "own"}).context["cl"].result_list
    assert [key.name for key in found] == ["Ärger", "arm", "Zug"]


def test_the_search_is_posted_and_leads_to_an_address_that_can_be_shared(as_manager: Client) -> None:
    wanted, _other = stored(name="Ärztehaus"), stored(name="Front desk")
    answer = as_manager.post(f"{LIST}search/", {"q": "ärzte", "query": "?type=mak&q=old"})
    assert answer["Location"] == f"{LIST}?type=mak&q=%C3%A4rzte"
    assert list(as_manager.get(answer["Location"]).context["cl"].queryset) == [wanted]


def test_the_search_finds_the_last_five_characters(as_manager: Client) -> None:
    key = stored()
    assert list(as_manager.get(LIST, {"q": key.last_five.lower()}).context["cl"].queryset) == [key]


def test_a_whole_key_leads_to_its_entry_and_into_no_address(as_manager: Client) -> None:
    key = stored()
    answer = as_manager.post(f"{LIST}search/", {"q": key.code.open().lower(), "query": "?"})
    assert answer["Location"] == change_page(key)


def test_a_whole_key_that_is_not_there_is_not_repeated(as_manager: Client) -> None:
    unknown = made_up_key(77)
    answer = as_manager.post(f"{LIST}search/", {"q": unknown}, follow=True)
    html = answer.content.decode()
    assert "No entry holds this product key." in html
    assert unknown[:11] not in html


def test_a_key_typed_into_the_search_of_another_list_gets_into_no_address(as_admin: Client) -> None:
    answer = as_admin.post("/admin/people/user/search/", {"q": made_up_key(78)})
    assert answer["Location"] == "/admin/people/user/"


def test_an_address_with_a_key_is_refused(as_manager: Client) -> None:
    assert as_manager.get(LIST, {"q": made_up_key(79)}).status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_rows(as_manager: Client, django_assert_num_queries: Any) -> None:
    stored()
    with django_assert_num_queries(4):  # session, person with their rights; count and rows
        as_manager.get(LIST)
    for _number in range(20):
        stored()
    with django_assert_num_queries(4):
        as_manager.get(LIST)


def test_no_row_takes_a_template_of_its_own(as_manager: Client) -> None:
    stored()
    as_manager.get(LIST)  # what is kept for the process is built
    templates = len(as_manager.get(LIST, {"origin": "own"}).templates)
    for _number in range(20):
        stored()
    assert len(as_manager.get(LIST, {"origin": "own"}).templates) == templates


def test_the_count_stops_at_a_bound(as_manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("productkeys.admin.base.CappedPaginator.bound", 60)
    html = as_manager.get(LIST).content.decode()
    assert "more than 60" in html
