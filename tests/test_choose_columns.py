"""Choosing the columns of the list and the rows per page: kept with the person."""

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from tests.factories import stored
from tests.listed import names, page


def _choose(client: Client, **changes: object) -> str:
    choice = {"columns": ["os", "comment"], "page_size": 100, "next": "/product-keys/?type=mak"} | changes
    response = client.post(reverse("productkeys:columns"), choice)
    assert response.status_code == 302
    return str(response["Location"])


def _heads(html: str) -> list[str]:
    head = html.split("<thead")[1].split("</thead>", maxsplit=1)[0]
    labels = ("Operating system", "Edition", "Arch.", "Used for", "Comment", "Changed")
    return [label for label in labels if f">{label}<" in head]


def test_the_usual_columns(as_viewer: Client) -> None:
    assert _heads(page(as_viewer)) == ["Operating system", "Edition", "Arch.", "Used for"]


def test_the_choice_is_kept_and_leads_back(as_viewer: Client, viewer: User) -> None:
    stored(comment="Contract 7")
    assert _choose(as_viewer) == "/product-keys/?type=mak"
    html = page(as_viewer)
    assert _heads(html) == ["Operating system", "Comment"]
    assert "Contract 7" in html
    assert len(names(html)) == 98
    viewer.refresh_from_db()
    assert (viewer.columns, viewer.page_size) == (["type", "name", "os", "comment"], 100)


def test_the_menu_is_a_link_until_it_is_opened_and_leads_back(as_viewer: Client) -> None:
    assert 'name="page_size"' not in page(as_viewer, q="windows", page=2)
    html = page(as_viewer, facet="columns", q="windows", page=2)
    assert 'name="next" value="/product-keys/?q=windows&amp;page=2"' in html
    assert '<input class="form-check-input" type="checkbox" name="columns" value="os" checked>' in html
    assert '<input class="form-check-input" type="checkbox" name="columns" value="comment">' in html


def test_no_column_at_all_leaves_type_and_name(as_viewer: Client) -> None:
    _choose(as_viewer, columns=[])
    html = page(as_viewer)
    assert _heads(html) == []
    assert len(names(html)) == 97


@pytest.mark.parametrize("wrong", [{"columns": ["code"]}, {"page_size": 7}, {"page_size": "x"}, {"page_size": 10**9}])
def test_what_is_not_on_offer_changes_nothing(as_viewer: Client, viewer: User, wrong: dict[str, object]) -> None:
    _choose(as_viewer, **wrong)
    viewer.refresh_from_db()
    assert (viewer.columns, viewer.page_size) == ([], 50)


def test_it_leads_to_no_other_site(as_viewer: Client) -> None:
    assert _choose(as_viewer, next="https://elsewhere.example/") == "/product-keys/"


def test_a_column_that_is_gone_and_an_odd_page_size_do_not_break_the_list(as_viewer: Client, viewer: User) -> None:
    viewer.columns, viewer.page_size = ["name", "os", "colour"], 7
    viewer.save()
    html = page(as_viewer)
    assert _heads(html) == ["Operating system"]
    assert len(names(html)) == 50


def test_the_changed_column_shows_the_date(as_viewer: Client) -> None:
    stored()
    _choose(as_viewer, columns=["changed"])
    assert 'aria-sort="descending"' in page(as_viewer, sort="-changed")
