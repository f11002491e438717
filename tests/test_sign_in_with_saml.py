"""People sign in with the company's account by SAML; the identity provider of these tests is a real server.

Who is found, linked, made or refused is the same as with OpenID Connect: tests/test_sign_in_with_openid.py.
"""

import base64
import time
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings
from saml2.saml import NAMEID_FORMAT_TRANSIENT

from keyportal.people.models import User
from productkeys.models import TrailEntry
from tests.company import is_signed_in, leave, post_response, saml_response, sign_in_with_saml, with_saml
from tests.saml_provider import SAMLProvider, running_saml_provider

pytestmark = pytest.mark.django_db

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"
MARA = {
    "NameID": "4711",
    f"{CLAIMS}/upn": ["mara@example.org"],
    f"{CLAIMS}/givenname": ["Mara"],
    f"{CLAIMS}/surname": ["Lindqvist"],
    f"{CLAIMS}/emailaddress": ["mara.lindqvist@example.org"],
    GROUPS: ["it", "canteen"],
}
BUTTON = "company_saml_sign_in"
ANSWER = reverse("company_saml_answer")
BOMB = """<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<r>&c;</r>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SAMLProvider]:
    with running_saml_provider(tmp_path_factory.mktemp("saml")) as provider:
        yield provider


@pytest.fixture(autouse=True)
def provider(server: SAMLProvider, settings: Settings) -> SAMLProvider:
    """The identity provider that the portal knows, and Mara at it."""
    server.reset()
    server.people["mara"] = dict(MARA)
    with_saml(settings, server)
    return server


def _text(answer: Any) -> str:
    return unescape(answer.content.decode())


def _reasons() -> list[str]:
    return list(TrailEntry.objects.filter(action="sign-in-failed").values_list("reason", flat=True))


def _is_refused(client: Client, answer: Any, text: str = "cannot be believed") -> None:
    assert answer.status_code in (400, 403), _text(answer)
    assert text in _text(answer)
    assert not is_signed_in(client)
    assert not User.objects.exists()


def test_it_works(client: Client) -> None:
    target = reverse("productkeys:operating-systems")
    answer = sign_in_with_saml(client, target=target)
    assert (answer.status_code, answer["Location"]) == (302, target)
    mara = User.objects.get()
    assert (mara.username, mara.first_name, mara.last_name) == ("mara@example.org", "Mara", "Lindqvist")
    assert mara.email == "mara.lindqvist@example.org"
    assert list(mara.groups.values_list("name", flat=True)) == ["Viewer"]
    assert client.get(target).status_code == 200


def test_who_comes_again_is_the_same_person_with_the_roles_of_today(client: Client, provider: SAMLProvider) -> None:
    sign_in_with_saml(client)
    provider.people["mara"] |= {GROUPS: ["licences"], f"{CLAIMS}/upn": ["mara.berg@example.org"]}
    sign_in_with_saml(Client())
    mara = User.objects.get()
    assert set(mara.groups.values_list("name", flat=True)) == {"Key manager", "Revealer"}


def test_an_attribute_names_the_account_where_there_is_one(client: Client, provider: SAMLProvider) -> None:
    provider.people["mara"]["http://schemas.microsoft.com/identity/claims/objectidentifier"] = ["b7f4"]
    sign_in_with_saml(client)
    provider.people["mara"] |= {"NameID": "another", "Format": NAMEID_FORMAT_TRANSIENT}
    sign_in_with_saml(Client())
    assert User.objects.count() == 1


def test_a_name_that_changes_at_each_sign_in_is_none(client: Client, provider: SAMLProvider) -> None:
    provider.people["mara"]["Format"] = NAMEID_FORMAT_TRANSIENT
    _is_refused(client, sign_in_with_saml(client))


def test_no_role_no_account(client: Client, provider: SAMLProvider) -> None:
    provider.people["mara"][GROUPS] = ["canteen"]
    _is_refused(client, sign_in_with_saml(client), "Ask an administrator of the portal.")
    assert _reasons() == ["no-role"]


def test_a_link_in_the_place_of_groups_is_told(client: Client, provider: SAMLProvider) -> None:
    provider.people["mara"]["http://schemas.microsoft.com/claims/groups.link"] = ["https://graph.example"]
    _is_refused(client, sign_in_with_saml(client), "has too many groups")


@pytest.mark.parametrize(
    ("context", "always_asks", "vouched_for"),
    [
        ("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", False, False),
        ("https://refeds.org/profile/mfa", False, True),
        ("http://schemas.microsoft.com/claims/multipleauthn", False, True),
        ("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", True, True),
    ],
)
def test_the_session_knows_whether_the_company_vouches_for_a_second_factor(
    client: Client, provider: SAMLProvider, settings: Settings, context: str, always_asks: bool, vouched_for: bool
) -> None:
    with_saml(settings, provider, second_factor=always_asks)
    provider.context = context
    sign_in_with_saml(client)
    assert client.session["company_second_factor"] is vouched_for


def test_the_identity_provider_reads_the_metadata_of_the_portal(client: Client, settings: Settings) -> None:
    answer = client.get(reverse("company_saml_metadata"))
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    assert f'Location="http://127.0.0.1:8000{ANSWER}"' in _text(answer)
    assert 'WantAssertionsSigned="true"' in _text(answer)
    settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"][0]["settings"]["entity_id"] = "urn:example:keys"
    assert 'entityID="urn:example:keys"' in _text(client.get(reverse("company_saml_metadata")))


class TestWhatSomebodyForges:
    @pytest.mark.parametrize(
        ("what", "by"),
        [
            (">mara@example.org<", ">anna@example.org<"),
            (">it<", ">licences<"),
            (">4711<", ">4712<"),
        ],
    )
    def test_a_changed_answer(self, client: Client, provider: SAMLProvider, what: str, by: str) -> None:
        provider.bend = lambda xml: xml.replace(what, by)
        _is_refused(client, sign_in_with_saml(client))
        assert _reasons() == ["unproven"]

    @pytest.mark.parametrize(
        "said",
        [
            {"sign_assertion": False},
            {"sign_assertion": False, "sign_response": True},
            {"issuer": "https://elsewhere.example"},
            {"destination": "https://elsewhere.example/answer"},
            {"in_response_to": None},
            {"sign_alg": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
        ],
        ids=lambda said: next(iter(said)),
    )
    def test_an_answer_that_is_unsigned_or_for_somebody_else_or_unasked_for(
        self, client: Client, provider: SAMLProvider, said: dict[str, Any]
    ) -> None:
        provider.said = said
        _is_refused(client, sign_in_with_saml(client))

    def test_an_answer_for_another_portal(self, client: Client, provider: SAMLProvider, settings: Settings) -> None:
        app = settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"][0]
        app["settings"]["entity_id"] = "urn:example:other"
        provider.knows(_text(client.get(reverse("company_saml_metadata"))))
        response = saml_response(leave(client, BUTTON))
        app["settings"]["entity_id"] = ""
        _is_refused(client, post_response(client, response))

    def test_an_answer_with_the_signature_of_a_stranger(self, client: Client, provider: SAMLProvider) -> None:
        client.post(reverse(BUTTON))  # the metadata are known by now
        provider.signs_with = "stranger"
        _is_refused(client, sign_in_with_saml(client))

    def test_an_answer_that_is_too_old(self, client: Client) -> None:
        response = saml_response(leave(client, BUTTON))
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            _is_refused(client, post_response(client, response))

    def test_an_assertion_in_the_envelope_of_another_request(self, client: Client, provider: SAMLProvider) -> None:
        """Only the assertion is signed: whoever has one puts it into an answer to a request of their own."""
        stolen = base64.b64decode(saml_response(leave(Client(), BUTTON))).decode()
        mine = base64.b64decode(saml_response(leave(client, BUTTON))).decode()
        head, assertion = mine.split("<", 1)[0], stolen[stolen.index("<ns1:Assertion") :]
        envelope = mine[: mine.index("<ns1:Assertion")]
        forged = base64.b64encode((head + envelope + assertion).encode()).decode()
        _is_refused(client, post_response(client, forged))

    def test_an_answer_a_second_time_or_in_another_browser(self, client: Client) -> None:
        response = saml_response(leave(client, BUTTON))
        other = Client()
        _is_refused(other, post_response(other, response), "This sign-in is out of date")
        post_response(client, response)
        assert is_signed_in(client)
        client.post(reverse("account_logout"))
        assert "This sign-in is out of date" in _text(post_response(client, response))
        assert not is_signed_in(client)

    def test_an_answer_that_was_picked_up_already(self, client: Client) -> None:
        answer = client.post(ANSWER, {"SAMLResponse": saml_response(leave(client, BUTTON))})
        thief = Client()
        assert thief.get(answer["Location"]).status_code == 400
        assert client.get(answer["Location"]).status_code == 400
        assert not is_signed_in(client)

    @pytest.mark.parametrize("text", ["", "&&&", "AAAA", "PHI+", base64.b64encode(BOMB.encode()).decode()])
    def test_rubbish_and_a_bomb(self, client: Client, text: str) -> None:
        started = time.process_time()
        _is_refused(client, post_response(client, text))
        assert time.process_time() - started < 5

    @given(st.binary(max_size=300))
    @hypothesis_settings(
        max_examples=100,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_anything_at_all(self, client: Client, rubbish: bytes) -> None:
        answer = client.post(ANSWER, {"SAMLResponse": base64.b64encode(b"<a>" + rubbish).decode()})
        assert answer.status_code == 400

    @pytest.mark.parametrize("element", ["Conditions", "AudienceRestriction", "AuthnStatement", "Subject"])
    def test_an_answer_with_something_cut_out(self, client: Client, provider: SAMLProvider, element: str) -> None:
        def cut(xml: str) -> str:
            start, end = f"<ns1:{element}", f"</ns1:{element}>"
            assert start in xml
            return xml[: xml.index(start)] + xml[xml.index(end) + len(end) :]

        provider.bend = cut
        _is_refused(client, sign_in_with_saml(client))

    def test_nobody_is_sent_to_another_site(self, client: Client) -> None:
        assert sign_in_with_saml(client, target="https://elsewhere.example/")["Location"] == "/"


class TestTheProviderFails:
    def test_it_is_down(self, client: Client, provider: SAMLProvider, settings: Settings) -> None:
        provider.is_down = True
        answer = client.post(reverse(BUTTON))
        assert (answer.status_code, "does not answer" in _text(answer)) == (503, True)

    def test_its_metadata_are_kept_for_a_while(self, client: Client, provider: SAMLProvider) -> None:
        client.post(reverse(BUTTON))
        provider.is_down = True
        assert client.post(reverse(BUTTON)).status_code == 200

    @pytest.mark.parametrize("text", ["", "no XML", "<a/>", BOMB])
    def test_its_metadata_are_none(self, client: Client, settings: Settings, text: str) -> None:
        app = settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"][0]["settings"]
        app |= {"metadata": text or " ", "metadata_url": ""}
        assert client.post(reverse(BUTTON)).status_code == 400

    def test_somebody_says_no_there(self, client: Client, provider: SAMLProvider) -> None:
        status = "urn:oasis:names:tc:SAML:2.0:status:"
        provider.bend = lambda xml: xml.replace(f"{status}Success", f"{status}Responder")
        _is_refused(client, sign_in_with_saml(client), "The sign-in was cancelled")


def test_without_configuration_there_is_nothing(client: Client, settings: Settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {}
    for view in (BUTTON, "company_saml_answer", "company_saml_metadata"):
        assert client.post(reverse(view)).status_code == 404
