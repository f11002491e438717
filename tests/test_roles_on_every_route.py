"""Every address of the portal, asked by every role: what opens, what is refused, and what is not there for them.

Everybody here has the mark "staff status", which opens the administration; what is behind that door, the role says.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from keyportal.people.models import User
from productkeys.models import reference
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.origin import PORTAL
from tests.acts_of_roles import PASSWORD, act_of, stored_state, things_of
from tests.answers_to_roles import ACTS, CHANGES_NOTHING, PAGES, ROLES, read
from tests.routes import all_routes

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(in_role: Callable[..., User]) -> Callable[[str], Client]:
    """A function that gives the client of somebody in a role."""

    def sign_in(role: str) -> Client:
        person = in_role(*([role] if role else []), is_staff=True)
        person.set_password(PASSWORD)
        person.save()
        client = Client()
        client.force_login(person)
        return client

    return sign_in


def _person_of(client: Client) -> User:
    return User.objects.get(pk=client.session[SESSION_KEY])


@pytest.fixture(autouse=True)
def _reference_data_is_read_anew() -> Any:
    yield
    reference.forget()


def test_every_route_is_in_the_table() -> None:
    assert sorted(path for _name, path in all_routes()) == sorted(read(PAGES))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "no role")
def test_a_role_opens_what_the_table_says(role: str, signed_in: Callable[[str], Client]) -> None:
    client = signed_in(role)
    things = things_of(_person_of(client))
    client.raise_request_exception = False
    wanted = {route: answers[role] for route, answers in read(PAGES).items()}
    found = {route: client.get(things.path_of(route)).status_code for route in wanted}
    assert found == wanted


def test_every_route_without_a_page_is_among_the_acts() -> None:
    routes, things = read(PAGES), things_of()
    acted_on = {act_of(name, things)[0] for name in read(ACTS)}
    forms_only = [things.path_of(route) for route, answers in routes.items() if 405 in answers.values()]
    assert [path for path in forms_only if path not in acted_on] == []


@pytest.mark.parametrize("name", read(ACTS))
def test_a_role_does_what_the_table_says(name: str, signed_in: Callable[[str], Client]) -> None:
    for role, answer in read(ACTS)[name].items():
        client = signed_in(role)
        things = things_of(_person_of(client))
        if name == "release":
            trail.record(trail.entry(Action.REVEALS_STOPPED, origin=PORTAL))
        address, sent = act_of(name, things)
        before = stored_state()
        assert client.post(address, sent).status_code == answer, role
        may_change = name not in CHANGES_NOTHING and answer < 400
        assert (stored_state() != before) == may_change, role


@pytest.mark.parametrize("role", ROLES[1:])
def test_no_role_opens_the_administration_without_the_staff_mark(role: str, in_role: Callable[..., User]) -> None:
    things, client = things_of(), Client()
    client.force_login(in_role(role))
    for route in read(PAGES):
        path = things.path_of(route)
        if path.startswith("/admin/") and path not in {"/admin/login/", "/admin/logout/"}:
            answer = client.get(path)
            assert urlsplit(answer["Location"]).path == "/admin/login/", path
            assert client.get(answer["Location"]).status_code == 403
