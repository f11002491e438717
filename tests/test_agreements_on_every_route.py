"""Every address that takes an agreement, asked by roles that are held everywhere, in its scope, or in another.

For somebody of another scope it does not exist: they get, to the letter, what they get for a number never given.
"""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.models import Agreement, Scope, reference
from productkeys.services import agreements
from productkeys.services.origin import PORTAL
from tests.factories import agreement
from tests.routes import all_routes
from tests.scoped_answers import Column, ask, holder, table

pytestmark = pytest.mark.django_db

NUMBER, NOTE = "Zaunkönig-4711", "Rotkehlchen Vogelhaus"
CANARIES = ("Zaunkönig", *NOTE.split())
PLACES = ("everywhere", "Berlin", "Cologne")
COLUMNS = [("of Berlin", place) for place in PLACES] + [(thing, "Cologne") for thing in ("everybody's", "no agreement")]
ABOUT_AN_AGREEMENT = ("/agreements/{pk}/", "/admin/productkeys/agreement/{object_id}/")

# The columns: an agreement of Berlin for a role held everywhere, in Berlin, in Cologne; everybody's, and a number that
# was never given, for a role held in Cologne. 302* changed something.
ANSWERS = {
    "Viewer": """
GET /agreements/{pk}/                                    200  200  404   200  404
POST /agreements/{pk}/                                   405  405  405   405  405
GET /agreements/{pk}/edit/                               403  403  403   403  403
POST /agreements/{pk}/edit/                              403  403  403   403  403
GET /agreements/{pk}/delete/                             403  403  403   403  403
POST /agreements/{pk}/delete/                            403  403  403   403  403
GET /agreements/{pk}/paste/                              403  403  403   403  403
POST /agreements/{pk}/paste/                             403  403  403   403  403
GET /admin/productkeys/agreement/{object_id}/history/    200  200  404   200  404
POST /admin/productkeys/agreement/{object_id}/history/   200  200  404   200  404
GET /admin/productkeys/agreement/{object_id}/delete/     403  403  403   403  403
POST /admin/productkeys/agreement/{object_id}/delete/    403  403  403   403  403
GET /admin/productkeys/agreement/{object_id}/change/     200  200  302   200  302
POST /admin/productkeys/agreement/{object_id}/change/    403  403  403   403  403
GET /admin/productkeys/agreement/{object_id}/            302  302  302   302  302
POST /admin/productkeys/agreement/{object_id}/           302  302  302   302  302
""",
    "Key manager": """
GET /agreements/{pk}/                                    200  200  404   200  404
POST /agreements/{pk}/                                   405  405  405   405  405
GET /agreements/{pk}/edit/                               200  200  404   403  404
POST /agreements/{pk}/edit/                              302* 302* 404   403  404
GET /agreements/{pk}/delete/                             200  200  404   403  404
POST /agreements/{pk}/delete/                            302* 302* 404   403  404
GET /agreements/{pk}/paste/                              200  200  404   200  404
POST /agreements/{pk}/paste/                             200  200  404   200  404
GET /admin/productkeys/agreement/{object_id}/history/    200  200  404   200  404
POST /admin/productkeys/agreement/{object_id}/history/   200  200  404   200  404
GET /admin/productkeys/agreement/{object_id}/delete/     200  200  302   403  302
POST /admin/productkeys/agreement/{object_id}/delete/    302* 302* 302   403  302
GET /admin/productkeys/agreement/{object_id}/change/     200  200  302   200  302
POST /admin/productkeys/agreement/{object_id}/change/    302* 302* 302   403  302
GET /admin/productkeys/agreement/{object_id}/            302  302  302   302  302
POST /admin/productkeys/agreement/{object_id}/           302  302  302   302  302
""",
}


def _table(role: str) -> dict[str, dict[Column, str]]:
    return table(ANSWERS[role], COLUMNS)


@pytest.fixture(autouse=True)
def _scopes_are_read_anew() -> Iterator[None]:
    yield
    reference.forget()


@pytest.fixture
def scopes() -> dict[str, Scope]:
    return {place: Scope.objects.create(name=place) for place in PLACES[1:]}


@pytest.fixture
def things(scopes: dict[str, Scope]) -> dict[str, Agreement]:
    """An agreement of each kind, and one that is no more: only its number is used."""
    made = {
        "of Berlin": agreement(NUMBER, note=NOTE, scope_id=scopes["Berlin"].pk),
        "everybody's": agreement("Rahmenvertrag"),
        "no agreement": agreement("gone"),
    }
    for number, thing in enumerate(made.values(), start=987_001):  # a number that stands for nothing else on a page
        Agreement.objects.filter(pk=thing.pk).update(id=number)
        thing.pk = number
    agreements.delete(made["no agreement"], seen_version=1, origin=PORTAL)
    return made


@pytest.fixture
def held(in_role: Callable[..., User], scopes: dict[str, Scope]) -> Callable[[str, str], Client]:
    return holder(in_role, scopes)


def _routes() -> list[str]:
    return [path for _name, path in all_routes() if path.startswith(ABOUT_AN_AGREEMENT)]


def _ask(client: Client, asked: Agreement, act: str) -> tuple[str, str]:
    form = {"version": asked.version, "number": "Changed", "scope": asked.scope_id or "all", "post": "yes"}
    return ask(client, asked, act, form)


@pytest.mark.parametrize("role", ANSWERS)
def test_a_role_gets_what_the_table_says_wherever_it_is_held(
    role: str, things: dict[str, Agreement], held: Callable[[str, str], Client]
) -> None:
    clients, wanted = {place: held(role, place) for place in PLACES}, _table(role)
    assert sorted(wanted) == sorted(f"{method} {route}" for route in _routes() for method in ("GET", "POST"))
    differing = [
        f"{act}: {thing}, held {place}: {found}, not {cell}"
        for act, cells in wanted.items()
        for (thing, place), cell in cells.items()
        if (found := _ask(clients[place], things[thing], act)[0]) != cell
    ]
    assert differing == []


@pytest.mark.parametrize("role", ANSWERS)
def test_an_agreement_of_another_scope_is_to_the_letter_a_number_that_was_never_given(
    role: str, things: dict[str, Agreement], held: Callable[[str, str], Client]
) -> None:
    somebody, theirs = held(role, "Cologne"), things["of Berlin"]
    for act in _table(role):
        answer = _ask(somebody, theirs, act)
        assert answer == _ask(somebody, things["no agreement"], act), act
        assert [word for word in CANARIES if word in answer[1]] == [], act
