"""Passkeys without a browser: what is offered, and what a made-up answer gets. tests/browser/ uses real ones."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from keyportal.people.models import SecondFactorRule, User
from productkeys.models import TrailEntry
from tests.second_factor import CODE, LOGIN, PASSWORD, SECURITY, app_of, by_password, is_signed_in, kinds_of

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("mfa_login_webauthn")
ADD = reverse("mfa_add_webauthn")
CONFIRM = reverse("mfa_reauthenticate_webauthn")
NOT_ACCEPTED = "This passkey was not accepted."

_CLIENT_DATA = b'{"type": "webauthn.get", "challenge": "AAAA", "origin": "http://testserver"}'
MADE_UP = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "response": {
        "clientDataJSON": urlsafe_b64encode(_CLIENT_DATA).decode().rstrip("="),
        "authenticatorData": "A" * 50,  # 37 bytes
        "signature": "AAAA",
        "userHandle": "MQ",
    },
    "clientExtensionResults": {},
}
HOSTILE: list[Any] = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    json.dumps(MADE_UP),
    json.dumps(MADE_UP | {"response": []}),
    json.dumps(MADE_UP | {"response": {}}),
    json.dumps(MADE_UP | {"rawId": 7}),
    json.dumps(MADE_UP | {"response": MADE_UP["response"] | {"userHandle": None}}),  # type: ignore[operator]
    json.dumps(MADE_UP | {"response": MADE_UP["response"] | {"userHandle": "!!"}}),  # type: ignore[operator]
    json.dumps(MADE_UP | {"response": MADE_UP["response"] | {"authenticatorData": "A" * 4_000}}),  # type: ignore[operator]
    json.dumps(MADE_UP | {"response": {"clientDataJSON": "e30", "attestationObject": "oA"}}),
]


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", password=PASSWORD)


def passkey_of(person: User, name: str = "Laptop") -> Authenticator:
    """A passkey that stands in the list; no device holds it."""
    data = {"name": name, "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data)


def test_the_sign_in_page_offers_it_and_asks_the_device_by_an_address_of_its_own(client: Client) -> None:
    page = client.get(LOGIN).content.decode()
    assert "Sign in with a passkey" in page
    options = client.get(SIGN_IN, headers={"Accept": "application/json"}).json()["request_options"]["publicKey"]
    assert options["userVerification"] == "required"
    assert options["rpId"] == "testserver"
    assert client.get(SIGN_IN)["Location"] == LOGIN


@pytest.mark.parametrize("answer", HOSTILE)
def test_a_made_up_answer_signs_nobody_in(client: Client, person: User, answer: str) -> None:
    client.get(SIGN_IN, headers={"Accept": "application/json"})
    assert client.post(SIGN_IN, {"credential": answer})["Location"] == LOGIN
    assert not is_signed_in(client)


@pytest.mark.parametrize("answer", HOSTILE)
def test_a_made_up_answer_adds_nothing(person: User, answer: str) -> None:
    client = by_password(person)
    client.get(ADD)
    assert client.post(ADD, {"name": "Laptop", "credential": answer}).status_code == 200
    assert kinds_of(person) == []


@pytest.mark.parametrize("answer", HOSTILE)
def test_a_made_up_answer_is_no_second_factor(person: User, answer: str) -> None:
    app_of(person)
    client = by_password(person)
    client.get(CODE)
    assert client.post(CODE, {"credential": answer}).status_code == 200
    assert not is_signed_in(client)


def test_a_refused_one_is_said_and_in_the_trail(person: User) -> None:
    app_of(person)
    client = by_password(person)
    client.get(CODE)
    assert NOT_ACCEPTED in client.post(CODE, {"credential": json.dumps(MADE_UP)}).content.decode()
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.subject_name, entry.reason) == ("sign-in-failed", "mara", "wrong-second-factor")


def test_five_refused_ones_lock_as_wrong_codes_do(person: User) -> None:
    app, client = app_of(person), by_password(person)
    for _try in range(5):
        client.post(CODE, {"credential": json.dumps(MADE_UP)})
    assert "Too many wrong tries." in client.post(CODE, {"credential": json.dumps(MADE_UP)}).content.decode()
    assert "Too many wrong tries." in client.post(CODE, {"code": app.code()}).content.decode()


def test_a_refused_confirmation_stays_on_its_page(person: User) -> None:
    client = by_password(person)
    passkey_of(person)
    page = client.get(reverse("account_reauthenticate")).content.decode()
    assert f'href="{CONFIRM}"' in page
    Authenticator.objects.all().delete()
    app_of(person)
    assert client.get(CONFIRM)["Location"] == reverse("account_reauthenticate")


class TestTheList:
    def test_a_passkey_is_named_anew_by_its_owner_alone(self, person: User) -> None:
        client, own = by_password(person), passkey_of(person)
        rename = reverse("mfa_edit_webauthn", args=[own.pk])
        assert 'value="Laptop"' in client.get(rename).content.decode()
        assert client.post(rename, {"name": "Key on the ring"})["Location"] == SECURITY
        assert "Key on the ring" in client.get(SECURITY).content.decode()
        other = passkey_of(User.objects.create_user("rolf"), "Of Rolf")
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            assert client.post(reverse(name, args=[other.pk]), {"name": "Mine"}).status_code == 404
        other.refresh_from_db()
        assert other.data["name"] == "Of Rolf"

    @pytest.mark.parametrize(
        "name",
        ["W269N-WFGWX-YVC9B-4J6C9-T83GX", "abc\u202edef", "n" * 61, ""],
        ids=["key", "direction", "long", "none"],
    )
    def test_a_name_that_will_not_do_is_refused_beside_the_field(self, person: User, name: str) -> None:
        client, own = by_password(person), passkey_of(person)
        page = client.post(reverse("mfa_edit_webauthn", args=[own.pk]), {"name": name})
        assert 'id="id_name_error"' in page.content.decode()
        own.refresh_from_db()
        assert own.data["name"] == "Laptop"

    def test_it_is_removed_after_a_question(self, person: User) -> None:
        client, own = by_password(person), passkey_of(person)
        remove = reverse("mfa_remove_webauthn", args=[own.pk])
        assert "<b>Laptop</b>" in client.get(remove).content.decode()
        assert "The passkey is removed." in client.post(remove, follow=True).content.decode()
        assert kinds_of(person) == []
        entry = TrailEntry.objects.latest("id")
        assert (entry.action, entry.before) == ("factor-removed", {"second_factor": "webauthn Laptop"})

    def test_the_last_one_stays_where_a_role_needs_it(self, person: User, admin_user: User) -> None:
        group = Group.objects.get(name="Viewer")
        person.groups.add(group)
        client, own = by_password(person), passkey_of(person)
        session = client.session
        session["second_factor_set_up"] = True
        session.save()
        SecondFactorRule.objects.create(group=group)
        remove = reverse("mfa_remove_webauthn", args=[own.pk])
        for answer in (client.get(remove), client.post(remove)):
            assert "this is your last one. Add another one first." in answer.content.decode()
        assert kinds_of(person) == ["webauthn"]
        app_of(person)
        client.post(remove)
        assert kinds_of(person) == ["totp"]
