"""The list by label: which keys carry it, how many of them, and the labels in the rows."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey, Scope
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL
from tests.factories import RETAIL, stored
from tests.listed import choices, link, names, page
from tests.scoped import of_each_kind, person_in, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def labelled() -> None:
    stored(name="one", labels=frozenset({"Berlin", "Server"}))
    stored(name="two", labels=frozenset({"Berlin"}))
    stored(RETAIL, name="three", labels=frozenset({"Kiosk Hall 3"}))
    stored(name="none")


# Finding


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["Berlin"], ["one", "two"]),
        (["BERLÍN"], ["one", "two"]),
        (["Server"], ["one"]),
        (["Server", "Kiosk Hall 3"], ["one", "three"]),
        (["Bonn"], []),
        (["Bonn", "Server"], ["one"]),
    ],
)
def test_a_label_finds_the_keys_that_carry_it(
    as_viewer: Client, labelled: None, asked: list[str], found: list[str]
) -> None:
    assert sorted(names(page(as_viewer, label=asked))) == found


def test_it_combines_with_other_filters(as_viewer: Client, labelled: None) -> None:
    assert names(page(as_viewer, label=["Server", "Kiosk Hall 3"], type="retail")) == ["three"]


def test_a_key_that_carries_two_of_the_labels_stands_there_once(as_viewer: Client, labelled: None) -> None:
    assert sorted(names(page(as_viewer, label=["Server", "Berlin"]))) == ["one", "two"]


def test_the_filter_is_a_chip_that_can_be_taken_away(as_viewer: Client, labelled: None) -> None:
    html = page(as_viewer, label=["Server", "Berlin"])
    assert "<span>Label:</span> Server, Berlin" in html
    assert "label" not in link(html, "Remove the filter Label")


@pytest.mark.parametrize("nonsense", ["x" * 51, "a\x00b", "Ber\u202enil"])
def test_what_cannot_be_a_label_is_said_to_be_left_out(as_viewer: Client, labelled: None, nonsense: str) -> None:
    html = page(as_viewer, label=[nonsense])
    assert "Part of this address is not understood and was left out: label." in html
    assert "one" in names(html)


def test_a_filter_in_the_address_selects_for_an_act(as_manager: Client, labelled: None) -> None:
    sent = {"do": "archive", "step": "preview", "select_across": "1", "query": "label=server"}
    html = as_manager.post(reverse("productkeys:bulk"), sent).content.decode()
    assert "1 key would be archived" in html


def test_the_administration_understands_the_same_address(as_manager: Client, labelled: None) -> None:
    answer = as_manager.get("/admin/productkeys/productkey/", {"label": "berlin"})
    assert sorted(key.name for key in answer.context["cl"].queryset) == ["one", "two"]
    assert "berlin" in answer.content.decode()


# Choosing


def test_the_menu_more_offers_the_labels_in_use_with_what_each_would_find(as_viewer: Client, labelled: None) -> None:
    offered = choices(page(as_viewer, facet="label"))
    assert {name: offered[name] for name in ("Berlin", "Kiosk Hall 3", "Server")} == {
        "Berlin": "2",
        "Kiosk Hall 3": "1",
        "Server": "1",
    }


def test_every_label_finds_as_many_keys_as_it_promises(as_viewer: Client, labelled: None) -> None:
    for label, number in choices(page(as_viewer, facet="label")).items():
        if label in {"Berlin", "Kiosk Hall 3", "Server"}:
            assert len(names(page(as_viewer, label=label))) == int(number)


def test_it_counts_beside_the_other_filters_that_are_set(as_viewer: Client, labelled: None) -> None:
    offered = choices(page(as_viewer, facet="label", type="retail"))
    assert offered["Kiosk Hall 3"] == "1"
    assert "Berlin" not in offered


def test_a_chosen_label_stays_on_offer_and_ticked_however_it_is_written(as_viewer: Client, labelled: None) -> None:
    html = page(as_viewer, facet="label", label=["berlin", "Gone"])
    ticked = [part.split('"')[0] for part in html.split('name="label" value="')[1:] if " checked>" in part[:60]]
    assert ticked == ["Gone", "Berlin"]


def test_a_label_of_archived_keys_alone_is_offered_in_the_archive(as_manager: Client, labelled: None) -> None:
    key = stored(name="old", labels=frozenset({"Old"}))
    keys.set_status(key, "archived", seen_version=key.version, origin=PORTAL)
    assert "Old" not in choices(page(as_manager, facet="label"))
    assert choices(page(as_manager, facet="label", status="archived"))["Old"] == "1"


def test_without_any_label_the_menu_does_not_speak_of_them(
    as_viewer: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    menu = page(as_viewer, facet="usage").split('id="facet-more"')[1]
    assert "Label" not in menu.split("</form>")[0]


def test_where_there_are_too_many_keys_to_count_the_labels_stand_without_counts(
    as_viewer: Client, labelled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("productkeys.listing.counts.COUNTED", 2)
    assert choices(page(as_viewer, facet="label"))["Berlin"] == ""


# What somebody in a scope may know


def test_labels_of_keys_that_a_person_does_not_see_are_not_offered(berlin: Scope, bonn: Scope) -> None:
    for name, key in of_each_kind(berlin, bonn).items():
        values = KeyValues.of(key, labels=frozenset({f"label of {name}", "common"}))
        keys.change_key(key, values, seen_version=key.version, origin=PORTAL)

    offered = choices(page(signed_in(person_in(berlin, "Viewer")), facet="label"))

    assert {name for name in offered if name.startswith("label of")} == {
        "label of Berlin's",
        "label of shared",
        "label of everybody's",
    }
    assert offered["common"] == "3"


def test_a_foreign_label_in_the_address_answers_like_one_that_is_not_there(berlin: Scope, bonn: Scope) -> None:
    stored(name="Bonn's", scope_id=bonn.pk, labels=frozenset({"Secret"}))
    reader = signed_in(person_in(berlin, "Viewer"))
    foreign, missing = (
        page(reader, label=label, facet="label").split('id="content"')[1] for label in ("Secret", "Nix")
    )
    assert foreign.replace("Secret", "Nix") == missing


# The columns


def _columns(person: User, *columns: str) -> None:
    person.columns = ["type", "name", *columns]
    person.save()


def test_the_column_shows_the_first_labels_and_how_many_more(as_viewer: Client, viewer: User) -> None:
    _columns(viewer, "labels")
    stored(labels=frozenset({"Server", "Ärger", "Berlin", "Kiosk", "<b>"}))
    html = page(as_viewer)
    cell = html.split('<td class="c-labels"')[1].split("</td>")[0]
    assert 'title="&lt;b&gt;, Ärger, Berlin, Kiosk, Server"' in cell
    assert cell.count('class="kp-label"') == 3
    assert "+2" in cell


def test_the_columns_ask_nothing_for_each_row(as_viewer: Client, viewer: User) -> None:
    _columns(viewer, "labels", "microsoft")
    asked: list[Any] = []
    for number in (3, 30):
        for place in range(number):
            stored(labels=frozenset({"Server", f"site {place}"}))
        page(as_viewer)
        with CaptureQueriesContext(connection) as captured:
            page(as_viewer)
        asked.append(len(captured))
    assert asked == [4, 4]  # session, person with their rights, the counts of the house, the rows
