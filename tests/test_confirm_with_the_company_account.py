"""Who only signs in through the company confirms there that it is them, before a key is revealed.

How long a sign-in counts as recent, and for what, shows tests/test_reveal_after_a_recent_sign_in.py.
"""

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
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from tests.company import (
    come_back,
    leave,
    post_response,
    saml_response,
    sign_in,
    sign_in_with_saml,
    with_openid,
    with_saml,
)
from tests.factories import stored
from tests.openid_provider import OpenIDProvider, running_openid_provider
from tests.saml_provider import SAMLProvider, running_saml_provider

pytestmark = pytest.mark.django_db

GOOD = {"reason": "device", "note": "INC-20418"}
CONFIRM = reverse("company_confirm")
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"


@pytest.fixture(scope="module")
def openid_server() -> Iterator[OpenIDProvider]:
    with running_openid_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def saml_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SAMLProvider]:
    with running_saml_provider(tmp_path_factory.mktemp("saml")) as provider:
        yield provider


@pytest.fixture
def key() -> ProductKey:
    return stored()


def _in(**time: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time))


def _is_shown(client: Client, key: ProductKey) -> bool:
    answer = client.post(reverse("productkeys:reveal", args=[key.pk]), GOOD)
    return key.code.open() in answer.content.decode()


def _refusals() -> list[tuple[str, str]]:
    return list(TrailEntry.objects.filter(action="sign-in-failed").values_list("reason", "actor_name"))


class TestWithOpenID:
    @pytest.fixture(autouse=True)
    def provider(self, openid_server: OpenIDProvider, settings: Settings) -> OpenIDProvider:
        openid_server.reset()
        for name, number in (("mara", "1"), ("anna", "2")):
            openid_server.people[name] = {"sub": number, "preferred_username": name, "groups": ["licences"]}
        with_openid(settings, openid_server)
        return openid_server

    @pytest.fixture
    def mara(self, client: Client, provider: OpenIDProvider) -> Client:
        sign_in(client)
        return client

    def _confirm(self, client: Client, key: ProductKey, person: str = "mara") -> Any:
        return come_back(client, leave(client, "company_confirm", key.get_absolute_url()), person=person)

    def test_it_works(self, mara: Client, key: ProductKey, provider: OpenIDProvider) -> None:
        assert _is_shown(mara, key)
        with _in(minutes=6):
            assert not _is_shown(mara, key)
            answer = self._confirm(mara, key)
            assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
            assert answer["Location"] == key.get_absolute_url()
            assert _is_shown(mara, key)

    def test_the_page_of_the_key_leads_there(self, mara: Client, key: ProductKey) -> None:
        with _in(minutes=6):
            page = unescape(mara.get(key.get_absolute_url()).content.decode())
            address = page.split(f'href="{reverse("account_reauthenticate")}')[1].split('"')[0]
            answer = mara.get(f"{reverse('account_reauthenticate')}{address}", follow=True)
            assert answer.redirect_chain[-1][0].startswith(CONFIRM)
            page = unescape(answer.content.decode())
            assert "Confirm with Microsoft Entra ID" in page
            assert f'name="next" value="{key.get_absolute_url()}#reveal"' in page

    def test_a_session_that_was_there_already_does_not_count(
        self, mara: Client, key: ProductKey, provider: OpenIDProvider
    ) -> None:
        with _in(minutes=6):
            provider.signed_in_at = time.time() - 300
            answer = self._confirm(mara, key)
            assert answer.status_code == 403
            assert "did not ask you again" in unescape(answer.content.decode())
            assert not _is_shown(mara, key)
            assert _refusals() == [("not-asked-again", "mara")]

    def test_who_does_not_say_when_does_not_count(
        self, mara: Client, key: ProductKey, provider: OpenIDProvider
    ) -> None:
        with _in(minutes=6):
            provider.signed_in_at = 0
            assert self._confirm(mara, key).status_code == 403
            assert not _is_shown(mara, key)

    def test_another_account_is_refused_and_the_session_stays_whose_it_was(
        self, mara: Client, key: ProductKey, provider: OpenIDProvider
    ) -> None:
        sign_in(Client(), "anna")
        with _in(minutes=6):
            answer = self._confirm(mara, key, "anna")
            assert answer.status_code == 403
            assert "That was another account" in unescape(answer.content.decode())
            assert not _is_shown(mara, key)
            assert mara.session["_auth_user_id"] == str(User.objects.get(username="mara").pk)
            assert _refusals() == [("other-account", "mara")]

    def test_somebody_who_was_never_here_is_not_made_that_way(
        self, mara: Client, key: ProductKey, provider: OpenIDProvider
    ) -> None:
        with _in(minutes=6):
            assert self._confirm(mara, key, "anna").status_code == 403
        assert not User.objects.filter(username="anna").exists()

    def test_who_has_signed_out_meanwhile_confirms_nothing(self, mara: Client, key: ProductKey) -> None:
        address = leave(mara, "company_confirm")
        mara.post(reverse("account_logout"))
        assert come_back(mara, address, person="mara").status_code == 400
        assert "_auth_user_id" not in mara.session

    def test_signing_in_counts_from_when_the_company_asked(
        self, client: Client, key: ProductKey, provider: OpenIDProvider
    ) -> None:
        provider.signed_in_at = time.time() - 3600
        sign_in(client)
        assert not _is_shown(client, key)
        provider.signed_in_at = 0
        sign_in(client)
        assert not _is_shown(client, key)
        provider.signed_in_at = time.time() + 3600
        sign_in(client)
        with _in(minutes=6):
            assert not _is_shown(client, key)

    def test_nobody_is_sent_to_another_site(self, mara: Client) -> None:
        address = leave(mara, "company_confirm", "https://elsewhere.example/")
        assert come_back(mara, address, person="mara")["Location"] == "/"

    def test_who_has_a_password_may_use_either(self, mara: Client) -> None:
        person = User.objects.get()
        person.set_password("correct horse battery")
        person.save()
        mara.force_login(person)
        page = unescape(mara.get(reverse("account_reauthenticate")).content.decode())
        assert 'name="password"' in page
        assert f'href="{CONFIRM}' in page


class TestWithSAML:
    @pytest.fixture(autouse=True)
    def provider(self, saml_server: SAMLProvider, settings: Settings) -> SAMLProvider:
        saml_server.reset()
        for name in ("mara", "anna"):
            saml_server.people[name] = {"NameID": name, f"{CLAIMS}/upn": [name], GROUPS: ["licences"]}
        with_saml(settings, saml_server)
        return saml_server

    @pytest.fixture
    def mara(self, client: Client, provider: SAMLProvider) -> Client:
        sign_in_with_saml(client)
        return client

    def _confirm(self, client: Client, key: ProductKey, person: str = "mara") -> Any:
        response = saml_response(leave(client, "company_confirm", key.get_absolute_url()), person)
        return post_response(client, response)

    def test_it_works(self, mara: Client, key: ProductKey, provider: SAMLProvider) -> None:
        told = [provider.was_told_to_ask_again]
        with _in(minutes=6):
            assert not _is_shown(mara, key)
            assert self._confirm(mara, key)["Location"] == key.get_absolute_url()
            assert [*told, provider.was_told_to_ask_again] == [False, True]
            assert _is_shown(mara, key)

    def test_a_session_that_was_there_already_does_not_count(
        self, mara: Client, key: ProductKey, provider: SAMLProvider
    ) -> None:
        with _in(minutes=6):
            provider.signed_in_at = time.time() - 300
            assert self._confirm(mara, key).status_code == 403
            assert not _is_shown(mara, key)
            assert _refusals() == [("not-asked-again", "mara")]

    def test_another_account_is_refused(self, mara: Client, key: ProductKey) -> None:
        sign_in_with_saml(Client(), "anna")
        with _in(minutes=6):
            assert self._confirm(mara, key, "anna").status_code == 403
            assert not _is_shown(mara, key)
            assert _refusals() == [("other-account", "mara")]


def test_who_has_no_company_account_is_not_offered_it(as_viewer: Client) -> None:
    assert as_viewer.get(CONFIRM).status_code == 403
