"""The canary sweep: keys are planted through every entrance, every route is visited as everybody, all is searched.

The only place where a piece of a planted key may come out is the answer of a permitted reveal.
"""

import logging
import tempfile
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import CheckedFile, Import, OperatingSystem, ProductKey, TrailEntry
from tests.canary import Canaries
from tests.made_up_keys import made_up_key
from tests.planted_answer_files import planted_answer_file
from tests.planted_imports import planted_imports
from tests.routes import address_of, all_routes
from tests.settings import TEST_FOLDER

Answer = Any
"""What a test client answers: of several classes, with attributes that no class declares."""

pytestmark = pytest.mark.django_db(transaction=True)

ROLES: dict[str, list[str]] = {
    "anonymous": [],
    "stranger": [],
    "viewer": ["view"],
    "manager": ["view", "add", "change", "delete"],
    "revealer": ["view", "reveal"],
}
METHODS = ["get", "head", "options", "post", "put", "patch", "delete"]
_seeds = count(880_000)


class _Forms(HTMLParser):
    """The hidden fields of every form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.forms.append({"action": found.get("action") or ""})
        elif tag == "input" and found.get("type") == "hidden" and self.forms and found.get("name"):
            self.forms[-1][str(found["name"])] = found.get("value") or ""


def _form(response: Answer, having: str) -> dict[str, str]:
    """The hidden fields of the form of `response` that stands before a field named `having`."""
    page = response.content.decode()
    parser = _Forms()
    parser.feed(page[: page.index(f'name="{having}"')])
    return {name: value for name, value in parser.forms[-1].items() if name != "action"}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def clients() -> dict[str, Client]:
    found = {}
    for role, rights in ROLES.items():
        found[role] = Client(raise_request_exception=False)
        if role != "anonymous":
            person = User.objects.create_user(f"canary.{role}", is_staff=role == "manager")
            codenames = [f"{right}_productkey" for right in rights]
            person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
            found[role].force_login(person)
    found["admin"] = Client(raise_request_exception=False)
    found["admin"].force_login(User.objects.create_superuser("canary.admin"))
    return found


KEY_FIELDS = {
    "key-operating_system": "windows-11",
    "key-edition": "Enterprise",
    "key-architecture": "x64",
    "key-quantity": "10",
    "key-usage": "activation",
}


def _wizard_page_2(client: Client, name: str, answers: list[Answer]) -> dict[str, str]:
    """The hidden fields of a fresh wizard's second page, for a MAK called `name`."""
    page = client.get(reverse("productkeys:add"))
    posted = _form(page, "general-name") | {"general-name": name, "general-key_type": "mak", "general-comment": ""}
    second = client.post(reverse("productkeys:add"), posted, follow=True)
    answers += [page, second]
    return _form(second, "key-code")


def _plant(client: Client) -> tuple[list[str], list[tuple[str, Answer]], ProductKey, Import, CheckedFile]:
    """Bring made-up keys in by every entrance there is.

    Returns them, the answers, one stored entry, an import left at its preview, and a deployment file that waits.
    """
    keys: list[str] = []
    answers: list[tuple[str, Answer]] = []

    def key() -> str:
        keys.append(made_up_key(next(_seeds)))
        return keys[-1]

    def note(where: str, *responses: Answer) -> None:
        answers.extend((where, response) for response in responses)

    add = reverse("productkeys:add")
    pages: list[Answer] = []

    stored = key()
    hidden = _wizard_page_2(client, "Canary from the wizard", pages)
    note("wizard, finished", client.post(add, hidden | KEY_FIELDS | {"key-code": stored}, follow=True))
    entry = ProductKey.objects.get(name="Canary from the wizard")
    assert entry.code.open() == stored

    hidden = _wizard_page_2(client, "Canary left in the wizard", pages)
    note("wizard, refused", client.post(add, hidden | KEY_FIELDS | {"key-code": key(), "key-quantity": "-1"}))
    hidden = _wizard_page_2(client, "Canary beside a wrong usage", pages)
    note("wizard, refused", client.post(add, hidden | KEY_FIELDS | {"key-code": key(), "key-usage": "installation"}))
    hidden = _wizard_page_2(client, "Canary taken back", pages)
    back = {"key-code": key(), "wizard_goto_step": "general"}
    note("wizard, back", client.post(add, hidden | KEY_FIELDS | back, follow=True), client.get(add))
    note("wizard", *pages)
    typed = {"general-name": "Canary", "general-key_type": "mak", "general-comment": f"ask for {key()}"}
    page = client.post(add, _form(client.get(add), "general-name") | typed)
    # Nothing typed is lost: the refused comment stands in this one answer, which nobody keeps.
    assert "no-store" in page["Cache-Control"]

    edit = reverse("productkeys:edit", args=[entry.pk])
    page = client.get(edit)
    same = {field.removeprefix("key-"): value for field, value in KEY_FIELDS.items()}
    same |= {"name": "Canary from the wizard", "key_type": "mak", "comment": ""}
    note("edit, refused", page, client.post(edit, _form(page, "code") | same | {"code": key(), "quantity": "0"}))
    note("edit", client.post(edit, _form(page, "code") | same | {"code": key()}, follow=True))
    entry.refresh_from_db()
    assert entry.code.open() == keys[-1]

    note("search, not stored", client.post(reverse("productkeys:search"), {"q": key()}, follow=True))
    note("search, stored", client.post(reverse("productkeys:search"), {"q": entry.code.open()}, follow=True))
    shown = f"Name: Windows(R), Professional edition\nPartial Product Key: {key()}"
    note("switch", client.post(reverse("productkeys:switch"), {"text": shown}))
    note("identify", client.post(reverse("productkeys:identify"), {"text": f"{key()}\n{entry.code.open().lower()}"}))
    note("recognise", client.post(reverse("productkeys:recognise"), hidden | KEY_FIELDS | {"key-code": key()}))
    images = reverse("productkeys:images")
    note("images, refused", client.post(images, {"text": f"Error: {key()}"}))
    note("images", client.post(images, {"text": f"Index : 1\nName : {key()}\nEdition : {key()}"}))
    note("address", client.get(reverse("productkeys:list"), {"q": key()}), client.get(f"/{key()}/"))
    note("sign-in", Client().post(reverse("account_login"), {"login": "canary", "password": key()}))
    reveal = reverse("productkeys:reveal", args=[entry.pk])
    page = client.post(reveal, {"reason": "other", "note": f"ask for {key()}"})
    assert "no-store" in page["Cache-Control"]  # as for the comment above

    admin_add = reverse("admin:productkeys_productkey_add")
    page = client.get(admin_add)
    admin_values = _form(page, "code") | same | {"name": "Canary from the admin", "edition": "Enterprise"}
    note("admin, refused", page, client.post(admin_add, admin_values | {"code": key(), "usage": "installation"}))
    note("admin", client.post(admin_add, admin_values | {"code": key()}, follow=True))
    assert ProductKey.objects.get(name="Canary from the admin").code.open() == keys[-1]

    direct = ProductKey(
        name="Canary from the ORM", key_type="mak", operating_system=OperatingSystem.objects.get(pk="windows-11")
    )
    direct.edition, direct.usage, direct.quantity = "Enterprise", "activation", 5
    direct.code = keycode.parse(key())
    direct.save()
    with tempfile.NamedTemporaryFile("w+", suffix=".json", dir=TEST_FOLDER) as dump:
        call_command("dumpdata", "productkeys.productkey", output=dump.name, verbosity=0)
        answers.append(("dumpdata", HttpResponse(Path(dump.name).read_bytes())))
    return keys, answers, entry, planted_imports(client, key, note), planted_answer_file(client, key, note)


def _sent(method: str, entry: ProductKey) -> list[dict[str, str]]:
    """What the sweep sends: to read, a search; to write, nothing, and then what leads on: to previews and refusals."""
    if method in {"get", "head"}:
        return [{"q": "Canary"}]
    if method != "post":
        return [{}]
    ticket = {"key": f"{entry.pk}:{entry.version}", "do": "edit", "step": "preview", "comment_do": "append"}
    ticket |= {"quantity_do": "set"}
    typed = {
        "q": "Canary",
        "name": "Canary",
        "comment": "Canary",
        "reason": "other",
        "quantity": "7",
        "usage": "activation",
    }
    export = {"format": "csv", "columns": "everything", "codes": "masked"}
    return [{}, ticket | typed, export]


def _everything_in(response: Answer) -> bytes:
    body = b"".join(response) if response.streaming else response.content
    return body + repr(response.headers).encode() + repr(response.cookies).encode()


@pytest.mark.parametrize("role", [*ROLES, "admin"])
def test_a_planted_key_is_found_nowhere(role: str, clients: dict[str, Client], log: pytest.LogCaptureFixture) -> None:
    keys, answers, entry, left, waiting = _plant(clients["admin"])
    canaries = Canaries(keys)
    for where, response in answers:
        assert response.status_code < 500, where
        canaries.search(where, _everything_in(response))

    visited, previews = 0, 0
    client = clients[role]
    for name, path in all_routes():
        uid = left.pk if "/imports/" in path else waiting.pk if "/answer-files/" in path else entry.uid
        address = address_of(path, pk=0 if "/imports/" in path else entry.pk, uid=uid)
        for method in METHODS:
            for sent in _sent(method, entry):
                response = getattr(client, method)(address, sent)
                visited += 1
                previews += b"1 key would change" in _everything_in(response)
                assert response.status_code < 500, (name, method)
                assert role != "anonymous" or response.status_code != 200 or name in OPEN_TO_ALL, (name, method)
                if (role, name, method, response.status_code) in OWN_DOWNLOADS:
                    continue
                canaries.search(f"{method} {name}", _everything_in(response))
            if name in {"account_logout", "admin:logout"} and method == "post" and role != "anonymous":
                client.force_login(User.objects.get(username=f"canary.{role}"))
    assert visited > 400
    assert previews == {"manager": 2, "admin": 2}.get(role, 0)
    assert ProductKey.objects.filter(pk=entry.pk).exists()

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # a table's own name
            canaries.search(f"table {table}", repr(cursor.fetchall()))
    assert canaries.search_files(TEST_FOLDER) > 0
    canaries.search("log", "\n".join(log.messages) + log.text)
    canaries.search("trail", repr(list(TrailEntry.objects.values())))
    assert canaries.sightings == []


OWN_DOWNLOADS = {
    ("admin", f"productkeys:{name}", "post", 200)
    for name in ("import-refused", "answer-file-corrected", "answer-file-write")
}
"""What gives back what one brought oneself."""

OPEN_TO_ALL = {
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "mfa_login_webauthn",
    "people:language",
}
"""What anybody may open without signing in."""


def test_a_reveal_is_the_only_answer_that_holds_the_key(clients: dict[str, Client]) -> None:
    keys, _answers, entry, *_left = _plant(clients["admin"])
    canaries = Canaries(keys)
    address = reverse("productkeys:reveal", args=[entry.pk])
    reason = {"reason": "device", "ticket": "INC-20418", "note": "INC-20418"}
    for role in ("stranger", "viewer", "manager", "anonymous"):
        response = clients[role].post(address, reason)
        assert response.status_code in {302, 403, 404}, role
        canaries.search(role, _everything_in(response))
    assert canaries.sightings == []
    assert TrailEntry.objects.filter(action="revealed").count() == 0
    page = clients["revealer"].post(address, reason)
    canaries.search("revealer", _everything_in(page))
    assert canaries.sightings == ["revealer"]
    assert "no-store" in page["Cache-Control"]
    assert TrailEntry.objects.filter(action="revealed").count() == 1


def test_the_canaries_would_be_seen() -> None:
    key = made_up_key(next(_seeds))
    for text in (key, key.lower(), key.replace("-", ""), f"x{key[3:14]}y", repr(key.encode())):
        canaries = Canaries([key])
        canaries.search("here", text)
        assert canaries.sightings == ["here"], text
