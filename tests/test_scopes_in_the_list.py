"""The list in a portal with scopes: column, filter, counts and searches show of foreign scopes neither key nor name."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import User
from productkeys.listing.query import ListQuery
from productkeys.models import ProductKey, Scope
from tests.admin_keys import LIST as ADMIN_LIST
from tests.factories import RETAIL, new_code, stored
from tests.listed import choices, names, page
from tests.scoped import of_each_kind, person_in, scopes, signed_in

pytestmark = pytest.mark.django_db

OURS = {"Berlin's", "Bonn's", "shared", "everybody's"}
OF_BERLIN = {"Berlin's", "shared", "everybody's"}


@pytest.fixture
def berlin_and_bonn() -> list[Scope]:
    return scopes("Berlin", "Bonn")


@pytest.fixture
def made(berlin_and_bonn: list[Scope]) -> dict[str, ProductKey]:
    return of_each_kind(*berlin_and_bonn)


@pytest.fixture
def in_berlin(berlin_and_bonn: list[Scope]) -> User:
    return person_in(berlin_and_bonn[0], "Viewer", username="berta")


@pytest.fixture
def in_bonn(berlin_and_bonn: list[Scope]) -> User:
    return person_in(berlin_and_bonn[1], "Viewer", username="bernd")


@pytest.fixture
def as_berlin(in_berlin: User) -> Client:
    return signed_in(in_berlin)


@pytest.fixture
def as_bonn(in_bonn: User) -> Client:
    return signed_in(in_bonn)


def _own(html: str) -> set[str]:
    return set(names(html)) & OURS


def _with_scope_column(*people: User) -> None:
    for person in people:
        person.columns = ["type", "name", "os", "scope"]
        person.save()


def _scope_cells(html: str) -> dict[str, str]:
    """What the column says of each of our keys, by its name."""
    rows = re.findall(r'<a class="kp-name"[^>]*>([^<]*)</a>.*?<td class="c-scope"[^>]*><span[^>]*>([^<]*)<', html)
    cells = {unescape(name): unescape(cell) for name, cell in rows}
    return {name: cell for name, cell in cells.items() if name in OURS}


# The column


def test_the_column_names_the_scope_of_a_key(as_viewer: Client, viewer: User, made: dict[str, ProductKey]) -> None:
    assert "c-scope" not in page(as_viewer)
    assert 'name="columns" value="scope"' in page(as_viewer, facet="columns")
    answer = as_viewer.post(reverse("productkeys:columns"), {"columns": ["scope"], "page_size": 50})
    assert answer.status_code == 302
    assert _scope_cells(page(as_viewer)) == {
        "Berlin's": "Berlin",
        "Bonn's": "Bonn",
        "shared": "Bonn",
        "everybody's": "everybody's",
    }


def test_the_column_names_no_foreign_scope(
    as_berlin: Client, as_bonn: Client, in_berlin: User, in_bonn: User, made: dict[str, ProductKey]
) -> None:
    _with_scope_column(in_berlin, in_bonn)
    for _again in range(2):  # what is kept for one is not shown to the other
        assert _scope_cells(page(as_bonn))["shared"] == "Bonn"
        of_berlin = page(as_berlin)
        assert _scope_cells(of_berlin) == {
            "Berlin's": "Berlin",
            "shared": "shared with you",
            "everybody's": "everybody's",
        }
        assert "Bonn" not in of_berlin


# The filter


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["Berlin"], {"Berlin's"}),
        (["everybody"], {"everybody's"}),
        (["Berlin", "everybody"], {"Berlin's", "everybody's"}),
        (["Bonn"], {"Bonn's", "shared"}),
    ],
)
def test_the_filter_finds_the_keys_that_belong_there(
    as_viewer: Client, made: dict[str, ProductKey], asked: list[str], found: set[str]
) -> None:
    ids = {scope.name: str(scope.pk) for scope in Scope.objects.all()}
    assert _own(page(as_viewer, scope=[ids.get(name, name) for name in asked])) == found


def test_the_menu_more_offers_the_scopes_of_a_person_with_what_each_would_find(
    as_viewer: Client, as_berlin: Client, made: dict[str, ProductKey]
) -> None:
    standard = ProductKey.objects.filter(published=True).count()
    own = {"Berlin": "1", "everybody's": str(standard + 1)}
    everything = choices(page(as_viewer, facet="usage"))
    assert {name: everything.get(name) for name in ("Berlin", "Bonn")} == {"Berlin": "1", "Bonn": "2"}
    offered = choices(page(as_berlin, facet="usage"))
    assert {name: offered.get(name) for name in own} == own
    assert "Bonn" not in offered
    assert choices(page(as_berlin, facet="scope"))["Berlin"] == "1"


def test_a_foreign_scope_in_the_address_finds_nothing_and_looks_like_one_that_is_not_there(
    as_viewer: Client, as_berlin: Client, made: dict[str, ProductKey], berlin_and_bonn: list[Scope]
) -> None:
    bonn = str(berlin_and_bonn[1].pk)
    assert "Bonn" in page(as_viewer, scope=bonn)  # and what was made for one is kept for no other
    foreign, missing = page(as_berlin, scope=bonn), page(as_berlin, scope="999999")
    assert names(foreign) == names(missing) == []
    assert "Bonn" not in foreign
    shown, otherwise = (html.split('id="content"')[1] for html in (foreign, missing))
    assert shown == otherwise
    assert "No key matches" in foreign


def test_a_foreign_scope_beside_an_own_one_adds_nothing(
    as_berlin: Client, made: dict[str, ProductKey], berlin_and_bonn: list[Scope]
) -> None:
    assert _own(page(as_berlin, scope=[str(scope.pk) for scope in berlin_and_bonn])) == {"Berlin's"}


@pytest.mark.parametrize("nonsense", ["x", "-1", "٣", "1" * 40, "unknown", "'"])
def test_nonsense_for_a_scope_finds_nothing(as_viewer: Client, made: dict[str, ProductKey], nonsense: str) -> None:
    assert names(page(as_viewer, scope=nonsense)) == []


def test_a_filter_by_a_scope_that_was_left_selects_no_key_for_an_act(
    berlin_and_bonn: list[Scope], made: dict[str, ProductKey]
) -> None:
    keeper = signed_in(person_in(berlin_and_bonn[0], "Key manager", username="kim"))
    posted = {"do": "archive", "step": "preview", "select_across": "1", "query": f"scope={berlin_and_bonn[1].pk}"}
    answer = keeper.post(reverse("productkeys:bulk"), posted)
    assert answer.status_code == 302
    assert not ProductKey.objects.filter(status="archived").exists()


def test_the_filter_of_the_admin_offers_own_scopes_alone(
    made: dict[str, ProductKey], berlin_and_bonn: list[Scope], as_manager: Client
) -> None:
    assert "Bonn" in as_manager.get(ADMIN_LIST).content.decode()
    keeper = signed_in(person_in(berlin_and_bonn[0], "Key manager", username="kim", is_staff=True))
    answer = keeper.get(ADMIN_LIST)
    assert f"?scope={berlin_and_bonn[0].pk}" in answer.content.decode()
    assert ">Bonn<" not in answer.content.decode()
    assert {key.name for key in answer.context["cl"].queryset if not key.published} == OF_BERLIN
    found = keeper.get(ADMIN_LIST, {"scope": berlin_and_bonn[0].pk}).context["cl"].queryset
    assert [key.name for key in found] == ["Berlin's"]
    assert not keeper.get(ADMIN_LIST, {"scope": berlin_and_bonn[1].pk}).context["cl"].queryset.exists()


# Rows, counts and searches


def test_the_list_shows_and_counts_nothing_of_a_foreign_scope(
    as_viewer: Client, as_berlin: Client, as_bonn: Client, made: dict[str, ProductKey]
) -> None:
    standard = ProductKey.objects.filter(published=True).count()
    for client, own in ((as_viewer, 4), (as_berlin, 3), (as_bonn, 3), (as_viewer, 4)):
        html = page(client, type="mak")
        assert len(_own(html)) == own
        assert f"{own} of {standard + own} keys" in html
        assert f'MAK <span class="n">{own}</span>' in html  # the types side by side
        assert f'<span class="n">{standard + own}</span>' in html.split('id="content"')[0]  # tree and views
        assert choices(page(client, facet="usage"))["MAK"] == str(own)


def test_the_counts_stay_with_the_reader_in_a_big_house_too(
    as_berlin: Client, made: dict[str, ProductKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("productkeys.listing.counts.SMALL_HOUSE", 10)
    html = page(as_berlin, type="mak")
    assert "3 keys" in html
    assert _own(html) == OF_BERLIN


@pytest.mark.parametrize("text", ["bonn's", "head office", "contract bonn"])
def test_a_text_finds_nothing_of_a_foreign_scope(as_berlin: Client, made: dict[str, ProductKey], text: str) -> None:
    assert "Bonn's" not in names(page(as_berlin, q=text))


def test_the_last_five_characters_of_a_foreign_key_answer_like_those_of_none(
    as_berlin: Client, as_bonn: Client, made: dict[str, ProductKey]
) -> None:
    foreign, none = made["Bonn's"].last_five, new_code().last_five
    assert names(page(as_bonn, q=foreign)) == ["Bonn's"]
    answers = [page(as_berlin, q=text).split('id="content"')[1].replace(text, "") for text in (foreign, none)]
    assert answers[0] == answers[1]


def test_a_whole_key_of_a_foreign_scope_answers_like_one_that_is_not_stored(
    as_berlin: Client, as_bonn: Client, made: dict[str, ProductKey]
) -> None:
    foreign, unknown = made["Bonn's"].code.open(), new_code().open()
    assert as_bonn.post(reverse("productkeys:search"), {"q": foreign})["Location"] == made["Bonn's"].get_absolute_url()
    answers = [as_berlin.post(reverse("productkeys:search"), {"q": code}) for code in (foreign, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert _without_tokens(answers[0]) == _without_tokens(answers[1])


def test_a_whole_key_of_a_foreign_scope_answers_so_in_the_admin(
    berlin_and_bonn: list[Scope], made: dict[str, ProductKey]
) -> None:
    keeper = signed_in(person_in(berlin_and_bonn[0], "Key manager", username="kim", is_staff=True))
    codes = (made["Bonn's"].code.open(), new_code().open())
    answers = [keeper.post(f"{ADMIN_LIST}search/", {"q": code}, follow=True) for code in codes]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert [[str(message) for message in answer.context["messages"]] for answer in answers] == [
        ["No entry holds this product key."]
    ] * 2


def test_a_foreign_key_opens_beside_the_list_like_one_that_is_not_there(
    as_berlin: Client, made: dict[str, ProductKey]
) -> None:
    foreign, missing = (page(as_berlin, page=1, open=pk) for pk in (made["Bonn's"].pk, 999_999))
    assert "Bonn" not in foreign
    assert foreign.split('id="pane"')[1] == missing.split('id="pane"')[1]


def _without_tokens(answer: Any) -> str:
    """The page without what differs with every request."""
    return re.sub(
        r'(csrfmiddlewaretoken" value=|X-CSRFToken&quot;: &quot;|nonce=)"?[\w-]+', "", answer.content.decode()
    )


def test_the_list_of_somebody_in_a_scope_asks_as_often_for_many_rows(
    as_berlin: Client, in_berlin: User, berlin_and_bonn: list[Scope]
) -> None:
    _with_scope_column(in_berlin)
    asked = []
    for number in (5, 40):
        for _number in range(number):
            stored(RETAIL, scope_id=berlin_and_bonn[0].pk)
        page(as_berlin)
        with CaptureQueriesContext(connection) as captured:
            page(as_berlin)
        asked.append(len(captured))
    assert asked == [4, 4]  # session, person with their rights, the counts of the house, the rows


# A portal without scopes


@pytest.mark.parametrize("few", [[], ["Berlin"]])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_portal_with_less_than_two_scopes_never_says_the_word(
    as_manager: Client, manager: User, few: list[str], language: str
) -> None:
    made_scopes = scopes(*few)
    stored(scope_id=made_scopes[0].pk if made_scopes else None)
    manager.language, manager.columns = language, ["type", "name", "scope"]
    manager.save()
    pages = [
        page(as_manager, **asked)
        for asked in (
            {},
            {"facet": "usage"},
            {"facet": "scope"},
            {"facet": "columns"},
            {"scope": "1"},
            {"q": "nothing like it"},
        )
    ]
    pages += [as_manager.get(address).content.decode() for address in (reverse("productkeys:rules"), ADMIN_LIST)]
    for html in pages:
        text = re.sub(r'scope="(col|row)"|(href|hx-get|value|action)="[^"]*"|scope="[a-z]+"', "", html).lower()
        assert "scope" not in text
        assert "bereich" not in text
        assert "berlin" not in text


def test_an_equal_question_of_two_people_is_kept_apart_by_their_scopes() -> None:
    of_berlin, of_bonn = (
        ListQuery.read(QueryDict("type=mak"), scopes) for scopes in (((1, "Berlin"),), ((2, "Bonn"),))
    )
    assert of_berlin != of_bonn
    assert of_berlin == ListQuery.read(QueryDict("type=mak"), ((1, "Berlin"),))
