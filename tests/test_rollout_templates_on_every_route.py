"""Every address that takes a rollout template, asked by roles that are held everywhere, in its scope, or in another.

For somebody of another scope it does not exist: they get, to the letter, what they get for a number never given. Its
key belongs to a further scope: it is named nowhere to those who may see the template and not the key.
"""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.models import ProductKey, RolloutTemplate, Scope, reference
from productkeys.services import rollout_templates
from productkeys.services.origin import PORTAL
from productkeys.services.rollout_templates import BroughtFile
from tests.answer_files import activating, unattend
from tests.factories import stored
from tests.rollouts import posted, template
from tests.routes import all_routes
from tests.scoped_answers import Column, ask, holder, table

pytestmark = pytest.mark.django_db

NAME, DESCRIPTION, FILE, KEY = "Zaunkönig-4711", "Rotkehlchen Vogelhaus", "Amsel.xml", "Nachtigall"
CANARIES = ("Zaunkönig", *DESCRIPTION.split(), "Amsel", KEY)
PLACES = ("everywhere", "Berlin", "Cologne")
COLUMNS = [("of Berlin", place) for place in PLACES] + [(thing, "Cologne") for thing in ("everybody's", "no template")]
ABOUT_A_TEMPLATE = ("/rollout-templates/{pk}/", "/admin/productkeys/rollouttemplate/{object_id}/")

# The columns: a template of Berlin for a role held everywhere, in Berlin, in Cologne; everybody's, and a number that
# was never given, for a role held in Cologne. 302* changed something.
ANSWERS = {
    "Viewer": """
GET /rollout-templates/{pk}/                                  200  200  404  200  404
POST /rollout-templates/{pk}/                                 405  405  405  405  405
GET /rollout-templates/{pk}/edit/                             403  403  403  403  403
POST /rollout-templates/{pk}/edit/                            403  403  403  403  403
GET /rollout-templates/{pk}/duplicate/                        403  403  403  403  403
POST /rollout-templates/{pk}/duplicate/                       403  403  403  403  403
GET /rollout-templates/{pk}/confirm/                          405  405  405  405  405
POST /rollout-templates/{pk}/confirm/                         403  403  403  403  403
GET /rollout-templates/{pk}/files/                            200  200  404  200  404
POST /rollout-templates/{pk}/files/                           403  403  404  403  404
GET /rollout-templates/{pk}/delete/                           403  403  403  403  403
POST /rollout-templates/{pk}/delete/                          403  403  403  403  403
GET /admin/productkeys/rollouttemplate/{object_id}/history/   302  302  404  302  404
POST /admin/productkeys/rollouttemplate/{object_id}/history/  302  302  404  302  404
GET /admin/productkeys/rollouttemplate/{object_id}/delete/    403  403  403  403  403
POST /admin/productkeys/rollouttemplate/{object_id}/delete/   403  403  403  403  403
GET /admin/productkeys/rollouttemplate/{object_id}/change/    200  200  302  200  302
POST /admin/productkeys/rollouttemplate/{object_id}/change/   403  403  403  403  403
GET /admin/productkeys/rollouttemplate/{object_id}/           302  302  302  302  302
POST /admin/productkeys/rollouttemplate/{object_id}/          302  302  302  302  302
""",
    "Deployer": """
GET /rollout-templates/{pk}/                                  200  200  404  200  404
POST /rollout-templates/{pk}/                                 405  405  405  405  405
GET /rollout-templates/{pk}/edit/                             200  200  404  403  404
POST /rollout-templates/{pk}/edit/                            302* 302* 404  403  404
GET /rollout-templates/{pk}/duplicate/                        200  200  404  200  404
POST /rollout-templates/{pk}/duplicate/                       302* 302* 404  302* 404
GET /rollout-templates/{pk}/confirm/                          405  405  405  405  405
POST /rollout-templates/{pk}/confirm/                         302  302  404  403  404
GET /rollout-templates/{pk}/files/                            200  200  404  200  404
POST /rollout-templates/{pk}/files/                           403  403  404  403  404
GET /rollout-templates/{pk}/delete/                           200  200  404  403  404
POST /rollout-templates/{pk}/delete/                          302* 302* 404  403  404
GET /admin/productkeys/rollouttemplate/{object_id}/history/   302  302  404  302  404
POST /admin/productkeys/rollouttemplate/{object_id}/history/  302  302  404  302  404
GET /admin/productkeys/rollouttemplate/{object_id}/delete/    403  403  403  403  403
POST /admin/productkeys/rollouttemplate/{object_id}/delete/   403  403  403  403  403
GET /admin/productkeys/rollouttemplate/{object_id}/change/    200  200  302  200  302
POST /admin/productkeys/rollouttemplate/{object_id}/change/   403  403  403  403  403
GET /admin/productkeys/rollouttemplate/{object_id}/           302  302  302  302  302
POST /admin/productkeys/rollouttemplate/{object_id}/          302  302  302  302  302
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
    return {place: Scope.objects.create(name=place) for place in (*PLACES[1:], "Bonn")}


@pytest.fixture
def key(scopes: dict[str, Scope]) -> ProductKey:
    """The key of the templates, which belongs to neither of the scopes of their readers."""
    return stored(name=KEY, scope_id=scopes["Bonn"].pk)


@pytest.fixture
def things(scopes: dict[str, Scope], key: ProductKey) -> dict[str, RolloutTemplate]:
    """A template of each kind, and one that is no more: only its number is used."""
    file = BroughtFile(FILE, unattend(activating("")).encode())
    made = {
        "of Berlin": template(
            name=NAME,
            description=DESCRIPTION,
            scope_id=scopes["Berlin"].pk,
            activation_key_id=key.pk,
            answer_file=file,
        ),
        "everybody's": template(name="Branches", activation_key_id=key.pk),
        "no template": template(name="gone"),
    }
    for number, thing in enumerate(made.values(), start=987_001):  # a number that stands for nothing else on a page
        RolloutTemplate.objects.filter(pk=thing.pk).update(id=number)
        thing.pk = number
    rollout_templates.delete(made["no template"], seen_version=1, origin=PORTAL)
    return made


@pytest.fixture
def held(in_role: Callable[..., User], scopes: dict[str, Scope]) -> Callable[[str, str], Client]:
    return holder(in_role, scopes)


def _routes() -> list[str]:
    return [path for _name, path in all_routes() if path.startswith(ABOUT_A_TEMPLATE)]


def _ask(client: Client, asked: RolloutTemplate, act: str) -> tuple[str, str]:
    form = posted(version=asked.version, name="Changed", scope=asked.scope_id or "all", post="yes", file="cmd")
    return ask(client, asked, act, form)


@pytest.mark.parametrize("role", ANSWERS)
def test_a_role_gets_what_the_table_says_wherever_it_is_held(
    role: str, things: dict[str, RolloutTemplate], held: Callable[[str, str], Client]
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
def test_a_template_of_another_scope_is_to_the_letter_a_number_that_was_never_given(
    role: str, things: dict[str, RolloutTemplate], held: Callable[[str, str], Client]
) -> None:
    somebody, theirs = held(role, "Cologne"), things["of Berlin"]
    for act in _table(role):
        answer = _ask(somebody, theirs, act)
        assert answer == _ask(somebody, things["no template"], act), act
        assert [word for word in CANARIES if word in answer[1]] == [], act
    for address in ("/rollout-templates/", "/admin/productkeys/rollouttemplate/?q=Zaun"):
        page = somebody.get(address).content.decode().replace("?q=Zaun", "")
        assert [word for word in CANARIES if word in page] == [], address


@pytest.mark.parametrize("role", ANSWERS)
def test_a_key_that_the_reader_does_not_see_is_named_nowhere(
    role: str, things: dict[str, RolloutTemplate], key: ProductKey, held: Callable[[str, str], Client]
) -> None:
    somebody = held(role, "Berlin")
    for act in _table(role):
        for thing in ("of Berlin", "everybody's"):
            answer = _ask(somebody, things[thing], act)[1]
            assert KEY not in answer, act
            assert key.last_five not in answer, act
