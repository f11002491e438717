"""Every address and every act that takes a product key, asked by every role, wherever the role is held.

The key belongs to Berlin and is shared with Bonn; a role is held everywhere, or in Berlin, Bonn or Cologne. For
somebody in Cologne it does not exist: they get, to the letter, what they get for a number that was never given.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from keyportal.people.models import User
from productkeys.models import ProductKey, Scope, reference
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.answers_in_scopes import ANSWERS
from tests.factories import MAK, new_code, posted
from tests.routes import all_routes
from tests.scoped_answers import Column, holder, table, to_the_letter

pytestmark = pytest.mark.django_db

ABOUT_A_KEY = ("/product-keys/{pk}/", "/admin/productkeys/productkey/{object_id}/")
"""How the address of a key begins, in the workspace and in the administration."""

ABOUT_OTHER_THINGS = (
    "/accounts/",
    "/agreements/",
    "/answer-files/",
    "/rollout-templates/",
    "/audit-log/keys-seen-by/{uid}/",
    "/imports/",
    "/admin/auth/",
    "/admin/productkeys/agreement/",
    "/admin/people/",
    "/admin/productkeys/operatingsystem/",
    "/admin/productkeys/rollouttemplate/",
    "/admin/productkeys/scope/",
    "/admin/productkeys/trailentry/",
)
"""How the addresses of other things begin that have a name or number in them; any new one is taken for a key's."""

PLACES = ("everywhere", "Berlin", "Bonn", "Cologne")
COLUMNS = [
    *(("of Berlin, shared with Bonn", place) for place in PLACES),
    *((thing, place) for thing in ("everybody's", "published", "no key") for place in ("everywhere", "Cologne")),
]
ROLES = {
    "Viewer": "who only look",
    "Deployer": "who roll out",
    "Administrator": "who only look",
    "Revealer": "who reveal",
    "Key manager": "who keep keys",
    "Auditor": "who see no keys",
}

NAME, COMMENT = "Zaunkönig Nistkasten", "Rotkehlchen Vogelhaus"
CANARIES = (*NAME.split(), *COMMENT.split())


@dataclass(frozen=True)
class Answer:
    """What came back, as the table writes it and to the letter: `text` without what differs by chance or by number."""

    cell: str
    text: str


def _table(role: str) -> dict[str, dict[Column, str]]:
    return table(ANSWERS[ROLES[role]], COLUMNS)


@pytest.fixture(autouse=True)
def _scopes_are_read_anew() -> Iterator[None]:
    yield
    reference.forget()


@pytest.fixture
def scopes() -> dict[str, Scope]:
    return {place: Scope.objects.create(name=place) for place in PLACES[1:]}


@pytest.fixture
def things(scopes: dict[str, Scope]) -> dict[str, ProductKey]:
    """A key of each kind, and one that is no more: only its number is used."""

    def stored(scope: Scope | None = None) -> ProductKey:
        values = MAK | {"name": NAME, "comment": COMMENT, "scope_id": scope and scope.pk, "code": new_code()}
        return keys.add_key(keys.KeyValues(**values), origin=PORTAL)

    ours, gone = stored(scopes["Berlin"]), stored()
    ours.shared_with.add(scopes["Bonn"])
    everybodys = keys.add_key(keys.KeyValues(**MAK, code=new_code()), origin=PORTAL)
    published = ProductKey.objects.filter(published=True).order_by("pk").first()
    assert published
    ProductKey.objects.filter(pk=gone.pk).delete()
    return {
        "of Berlin, shared with Bonn": ours,
        "everybody's": everybodys,
        "published": published,
        "no key": gone,
    }


@pytest.fixture
def held(in_role: Callable[..., User], scopes: dict[str, Scope]) -> Callable[[str, str], Client]:
    return holder(in_role, scopes)


def _acts(key: ProductKey) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Each act by its name in the table: the method, the address and the form."""
    seen = {"version": key.version}
    changed = posted(key, name="Changed", scope=key.scope_id or "all")
    if key.published:
        changed |= {"name": key.name, "comment": "Changed"}
    typed = {
        "/edit/": changed,
        "/change/": changed,
        "/microsoft-count/": seen | {"microsoft_used": "7", "microsoft_counted_on": "2026-01-31"},
        "/reveal/": {"reason": "device", "note": "INC-20418"},
        "/{object_id}/delete/": {"post": "yes"},
    }
    acts: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for route in _routes_about_a_key():
        address = re.sub(r"\{\w+\}", str(key.pk), route)
        sent = next((form for end, form in typed.items() if route.endswith(end)), seen)
        acts |= {f"GET {route}": ("get", address, {}), f"POST {route}": ("post", address, sent)}
    row, changelist = f"{key.pk}:{key.version}", "/admin/productkeys/productkey/"
    for bulk in ("/product-keys/bulk/", f"{changelist}bulk/"):
        for do, form in {"edit": {"comment_do": "replace", "comment": "Changed"}, "archive": {}, "delete": {}}.items():
            for step in ("preview", "apply"):
                acts[f"POST {bulk} {do}, {step}"] = ("post", bulk, {"key": row, "do": do, "step": step, **form})
    file = {"key": row, "format": "csv", "columns": "everything"}
    for export in ("/product-keys/export/", f"{changelist}export/"):
        acts[f"POST {export} masked"] = ("post", export, file | {"codes": "masked"})
        acts[f"POST {export} whole"] = ("post", export, file | {"codes": "plain", "reason": "audit"})
    ticked = {"action": "archive_selected", "_selected_action": [key.pk], "index": "0"}
    line: dict[str, Any] = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": key.pk,
        "form-0-version": key.version,
    }
    line |= {"form-0-name": "Changed", "form-0-comment": "Changed", "_save": "Save"}
    return acts | {
        "GET /product-keys/ opened": ("get", "/product-keys/", {"open": key.pk}),
        "POST /product-keys/search/ whole": ("post", "/product-keys/search/", {"q": key.code.open()}),
        f"POST {changelist}search/ whole": ("post", f"{changelist}search/", {"q": key.code.open()}),
        f"POST {changelist} ticked": ("post", changelist, ticked),
        f"POST {changelist} ticked, export": ("post", changelist, ticked | {"action": "export_selected"}),
        f"POST {changelist} typed into the list": ("post", changelist, line),
    }


def _routes_about_a_key() -> list[str]:
    routes = (path for _name, path in all_routes() if "{" in path)
    return [path for path in routes if not path.startswith(ABOUT_OTHER_THINGS)]


def _ask(client: Client, key: ProductKey, act: str) -> Answer:
    """What `client` gets for `act`; the database is afterwards as it was before."""
    method, address, sent = _acts(key)[act]
    code = key.code.open()
    # A savepoint of the test's own: a block would be one around a reveal, which bears none.
    before, savepoint = _state(), transaction.savepoint()
    answer = getattr(client, method)(address, sent, follow=True)
    page = (b"".join(answer) if answer.streaming else answer.content).decode()
    changed = _state() != before
    transaction.savepoint_rollback(savepoint)
    steps = answer.redirect_chain
    status = steps[0][1] if steps else answer.status_code
    shown = not key.published and any(text in page for text in (code, code.replace("-", "")))
    cell = f"{status}{'*' * changed}{'!' * shown}"
    # The key is named by its number and by itself, as it was in the request.
    return Answer(cell, to_the_letter(steps, page, key.pk).replace(code, "-"))


def _state() -> list[Any]:
    rows = ProductKey.objects.order_by("pk").values_list()
    shared = ProductKey.shared_with.through.objects.order_by("pk").values_list()
    return [*rows, *shared]


def test_every_route_that_takes_a_key_is_in_every_table() -> None:
    assert [path for path in _routes_about_a_key() if not path.startswith(ABOUT_A_KEY)] == []
    wanted = {act for path in _routes_about_a_key() for act in (f"GET {path}", f"POST {path}")}
    for role in ROLES:
        assert wanted - set(_table(role)) == set(), role


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_what_the_table_says_wherever_it_is_held(
    role: str, things: dict[str, ProductKey], held: Callable[[str, str], Client]
) -> None:
    clients = {place: held(role, place) for place in PLACES}
    wanted = _table(role)
    assert sorted(wanted) == sorted(_acts(things["everybody's"]))
    differing = [
        f"{act}: {thing}, held {place}: {found}, not {cell}"
        for act, cells in wanted.items()
        for (thing, place), cell in cells.items()
        if (found := _ask(clients[place], things[thing], act).cell) != cell
    ]
    assert differing == []


@pytest.mark.parametrize("role", ROLES)
def test_a_key_of_another_scope_is_to_the_letter_a_number_that_was_never_given(
    role: str, things: dict[str, ProductKey], held: Callable[[str, str], Client]
) -> None:
    somebody, theirs = held(role, "Cologne"), things["of Berlin, shared with Bonn"]
    for act in _acts(theirs):
        answer = _ask(somebody, theirs, act)
        assert answer == _ask(somebody, things["no key"], act), act
        assert [word for word in CANARIES if word in answer.text] == [], act
