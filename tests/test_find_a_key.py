"""Finding a key by a part of its name, its comment or its last five characters, in the search on top of every page."""

import pytest
from django.test import Client
from django.urls import reverse

from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import stored
from tests.listed import names, page


def test_the_search_leads_to_an_address_that_can_be_shared(as_viewer: Client) -> None:
    stored(name="Head office")
    response = as_viewer.post(reverse("productkeys:search"), {"q": " head office "})
    assert response.status_code == 303
    assert response["Location"] == "/product-keys/?q=head+office"
    assert names(page(as_viewer, response["Location"].removeprefix("/product-keys/"))) == ["Head office"]


@pytest.mark.parametrize("text", ["ärger", "ÄRGER", "arger", "Straße", "STRASSE", "lab", "  lab   ärger "])
def test_case_accents_and_the_order_of_words_do_not_matter(as_viewer: Client, text: str) -> None:
    stored(name="Ärger in the lab, Weststraße")
    assert names(page(as_viewer, q=text)) == ["Ärger in the lab, Weststraße"]


def test_the_comment_is_searched(as_viewer: Client) -> None:
    stored(name="a", comment="contract of Ms Seidel")
    assert names(page(as_viewer, q="seidel contract")) == ["a"]


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_the_last_five_characters_find_the_key(as_viewer: Client, change: object) -> None:
    key = stored(name="mine")
    assert callable(change)
    assert names(page(as_viewer, q=change(key.last_five))) == ["mine"]


def test_five_characters_that_end_a_key_mean_that_key_and_no_word(as_viewer: Client) -> None:
    key = stored(name="mine")
    stored(name=f"replaces {key.last_five}")
    assert names(page(as_viewer, q=key.last_five)) == ["mine"]


def test_a_part_of_the_last_five_finds_it_too(as_viewer: Client) -> None:
    key = stored(name="mine")
    assert "mine" in names(page(as_viewer, q=key.last_five[1:], origin="own"))


@pytest.mark.parametrize("text", ["%", "_", "100%", "\\", "'", '"', "(", "*", "\U0001f600"])
def test_signs_that_mean_something_to_databases_mean_themselves(as_viewer: Client, text: str) -> None:
    stored(name="plain name")
    assert "plain name" not in names(page(as_viewer, q=text))


def test_control_characters_are_left_out(as_viewer: Client) -> None:
    stored(name="plain name")
    assert names(page(as_viewer, q="plain\x00\x1b name\x00")) == ["plain name"]


def test_a_percent_sign_is_found(as_viewer: Client) -> None:
    stored(name="90% used")
    assert names(page(as_viewer, q="90%")) == ["90% used"]


def test_a_search_combines_with_filters_and_stands_in_the_box(as_viewer: Client) -> None:
    stored(name="site one"), stored(name="site two", operating_system_id="windows-10")
    html = page(as_viewer, q="site", os="windows-10")
    assert names(html) == ["site two"]
    assert 'name="q" value="site"' in html


def test_the_archive_is_searched_in_its_own_view(as_viewer: Client) -> None:
    key = stored(name="old")
    keys.set_status(key, "archived", seen_version=key.version, origin=PORTAL)
    assert names(page(as_viewer, q="old", origin="own")) == []
    assert names(page(as_viewer, q="old", status="archived")) == ["old"]


def test_a_search_in_a_big_house_is_not_counted_and_still_goes_on(
    as_viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("productkeys.listing.counts.SMALL_HOUSE", 50)
    html = page(as_viewer, q="windows")
    assert "1 to 50<" in html
    assert 'rel="next"' in html
    html = page(as_viewer, q="windows", page=2)
    assert 'rel="next"' not in html
    assert page(as_viewer, q="windows", page=77).count('class="kp-name"') == html.count('class="kp-name"')


def test_nothing_found_says_what_was_searched(as_viewer: Client) -> None:
    assert "Names, comments and last five characters were searched." in page(as_viewer, q="no such thing")


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_search_leads_to_the_whole_list(as_viewer: Client, text: str) -> None:
    assert as_viewer.post(reverse("productkeys:search"), {"q": text})["Location"] == "/product-keys/"


def test_the_address_of_the_search_alone_leads_to_the_list(as_viewer: Client) -> None:
    assert as_viewer.get(reverse("productkeys:search"))["Location"] == "/product-keys/"


def test_a_very_long_text_is_cut(as_viewer: Client) -> None:
    assert "No key matches" in page(as_viewer, q="word " * 500)
