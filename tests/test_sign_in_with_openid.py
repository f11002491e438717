"""People sign in with the company's account by OpenID Connect; the provider of these tests is a real server."""

from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from keyportal.people.models import User
from productkeys.models import TrailEntry
from tests.company import NAME, come_back, is_signed_in, leave, sign_in, with_openid
from tests.openid_provider import Claims, OpenIDProvider, running_openid_provider

pytestmark = pytest.mark.django_db

MARA = {
    "sub": "4711",
    "preferred_username": "mara@example.org",
    "given_name": "Mara",
    "family_name": "Lindqvist",
    "email": "mara.lindqvist@example.org",
    "groups": ["it", "canteen"],
}
LOGIN = reverse("account_login")
BUTTON = "company_openid_sign_in"


@pytest.fixture(scope="module")
def server() -> Iterator[OpenIDProvider]:
    with running_openid_provider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def provider(server: OpenIDProvider, settings: Settings) -> OpenIDProvider:
    """The provider that the portal knows, and Mara at it."""
    server.reset()
    server.people["mara"] = dict(MARA)
    with_openid(settings, server)
    return server


def _text(answer: Any) -> str:
    return unescape(answer.content.decode())


def _mara() -> User:
    return User.objects.get(username="mara@example.org")


def _roles(person: User) -> set[str]:
    return set(person.groups.values_list("name", flat=True))


def _refusals() -> list[tuple[str, str]]:
    """Why, and whom the entry is about, of every sign-in that the trail says has failed."""
    return list(TrailEntry.objects.filter(action="sign-in-failed").values_list("reason", "subject_name"))


def test_it_works(client: Client) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(client)
    assert client.get(reverse("productkeys:list")).status_code == 200
    assert TrailEntry.objects.filter(action="signed-in", actor_name="mara@example.org").exists()


def test_the_sign_in_page_has_a_button_that_leads_there(client: Client, provider: OpenIDProvider) -> None:
    page = _text(client.get(LOGIN))
    assert f"Sign in with {NAME}" in page
    assert f'action="{reverse(BUTTON)}"' in page
    assert leave(client, BUTTON).startswith(f"{provider.url}/authorize?")


def test_afterwards_people_are_where_they_wanted_to_be(client: Client) -> None:
    target = reverse("productkeys:operating-systems")
    assert f'name="next" value="{target}"' in _text(client.get(f"{LOGIN}?next={target}"))
    assert sign_in(client, target=target)["Location"] == target


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client: Client, target: str) -> None:
    assert sign_in(client, target=target)["Location"] == "/"


class TestWhoComesForTheFirstTime:
    def test_gets_an_account_with_names_and_roles_and_no_password(self, client: Client) -> None:
        sign_in(client)
        mara = _mara()
        assert (mara.first_name, mara.last_name, mara.email) == ("Mara", "Lindqvist", "mara.lindqvist@example.org")
        assert _roles(mara) == {"Viewer"}
        assert {mara.has_usable_password(), mara.is_staff, mara.is_superuser} == {False}
        entry = TrailEntry.objects.get(action="added")
        assert (entry.subject_name, entry.reason) == ("mara@example.org", "company-groups")

    @pytest.mark.parametrize("groups", [[], ["canteen"], None, "canteen"])
    def test_is_refused_where_no_group_gives_a_role(
        self, client: Client, provider: OpenIDProvider, groups: Any
    ) -> None:
        provider.people["mara"]["groups"] = groups
        answer = sign_in(client)
        assert answer.status_code == 403
        assert "Ask an administrator of the portal." in _text(answer)
        assert not is_signed_in(client)
        assert not User.objects.exists()
        assert _refusals() == [("no-role", "mara@example.org")]

    @pytest.mark.parametrize("name", ["", "EXAMPLE\\mara", "mara lindqvist", "m" * 151])
    def test_is_refused_with_a_user_name_that_will_not_do(
        self, client: Client, provider: OpenIDProvider, name: str
    ) -> None:
        provider.people["mara"]["preferred_username"] = name
        assert sign_in(client).status_code == 403
        assert not User.objects.exists()
        assert _refusals() == [("no-user-name", name[:150])]

    @pytest.mark.parametrize("name", ["mara\0", "mar\u200ba", "mara\u3164", "\x1b[2Jmara", "mara\u202e"])
    def test_is_refused_with_a_user_name_that_looks_like_another(
        self, client: Client, provider: OpenIDProvider, name: str
    ) -> None:
        provider.people["mara"]["preferred_username"] = name
        assert sign_in(client).status_code == 403
        assert not User.objects.exists()
        assert _refusals() == [("no-user-name", "")]

    def test_has_names_that_can_be_read(self, client: Client, provider: OpenIDProvider) -> None:
        bites = {
            "given_name": "Ma\0ra\x1b[31m",
            "family_name": "\u202edniL \u200bqvist",
            "email": "m@ex\u200bample.org",
        }
        provider.people["mara"] |= bites
        sign_in(client)
        person = User.objects.get()
        assert (person.first_name, person.last_name, person.email) == ("Ma ra [31m", "dniL qvist", "")

    @pytest.mark.parametrize("claim", ["upn", "unique_name"])
    def test_may_be_called_as_ad_fs_calls_people(self, client: Client, provider: OpenIDProvider, claim: str) -> None:
        provider.people["mara"][claim] = provider.people["mara"].pop("preferred_username")
        sign_in(client)
        assert is_signed_in(client)
        assert _roles(_mara()) == {"Viewer"}

    def test_is_asked_about_at_the_userinfo_endpoint_where_the_token_says_too_little(
        self, client: Client, provider: OpenIDProvider
    ) -> None:
        provider.people["mara"], provider.userinfo = {"sub": "4711"}, dict(MARA)
        sign_in(client)
        assert _roles(_mara()) == {"Viewer"}

    def test_is_not_who_the_userinfo_endpoint_names_for_another(self, client: Client, provider: OpenIDProvider) -> None:
        provider.people["mara"], provider.userinfo = {"sub": "4711"}, MARA | {"sub": "4712"}
        assert sign_in(client).status_code == 403
        assert not User.objects.exists()


class TestSomebodyOfThatNameIsHereAlready:
    def test_who_was_made_for_it_is_linked(self, client: Client) -> None:
        person = User.objects.create_user("mara@example.org")
        sign_in(client)
        assert is_signed_in(client)
        assert User.objects.get() == person
        assert _roles(person) == {"Viewer"}
        assert TrailEntry.objects.filter(reason="company-linked", subject_uid=person.uid).count() == 1

    def test_who_was_made_for_it_needs_no_group(self, client: Client, provider: OpenIDProvider) -> None:
        provider.people["mara"]["groups"] = []
        User.objects.create_user("mara@example.org").groups.add(Group.objects.get(name="Auditor"))
        sign_in(client)
        assert is_signed_in(client)
        assert _roles(_mara()) == {"Auditor"}

    def test_who_has_a_password_is_never_taken_over(self, client: Client) -> None:
        person = User.objects.create_user("mara@example.org", password="correct horse battery", first_name="M.")
        answer = sign_in(client)
        assert (answer.status_code, is_signed_in(client)) == (403, False)
        assert "nobody takes it over" in _text(answer)
        person.refresh_from_db()
        assert (person.first_name, _roles(person), person.check_password("correct horse battery")) == (
            "M.",
            set(),
            True,
        )
        assert _refusals() == [("name-taken", "mara@example.org")]

    def test_who_has_a_company_account_is_not_given_a_second_one(
        self, client: Client, provider: OpenIDProvider
    ) -> None:
        sign_in(client)
        provider.people["new"] = MARA | {"sub": "4712"}
        other = Client()
        assert sign_in(other, "new").status_code == 403
        assert not is_signed_in(other)
        assert _refusals() == [("name-taken", "mara@example.org")]

    def test_another_spelling_is_another_name_and_refused(self, client: Client) -> None:
        User.objects.create_user("Mara@example.org")
        assert sign_in(client).status_code == 403
        assert User.objects.count() == 1

    def test_an_address_links_nobody(self, client: Client) -> None:
        User.objects.create_user("somebody", email=str(MARA["email"]))
        sign_in(client)
        assert _mara().username != "somebody"
        assert User.objects.count() == 2


class TestWhoComesAgain:
    def test_is_the_same_person_whatever_they_are_called_now(self, client: Client, provider: OpenIDProvider) -> None:
        sign_in(client)
        provider.people["mara"] |= {"preferred_username": "mara.berg@example.org", "family_name": "Berg"}
        sign_in(Client())
        assert User.objects.count() == 1
        assert _mara().last_name == "Berg"

    def test_has_the_roles_of_today(self, client: Client, provider: OpenIDProvider) -> None:
        sign_in(client)
        _mara().groups.add(Group.objects.get(name="Auditor"))
        provider.people["mara"]["groups"] = ["licences"]
        sign_in(Client())
        assert _roles(_mara()) == {"Key manager", "Revealer", "Auditor"}
        provider.people["mara"]["groups"] = []
        sign_in(Client())
        assert _roles(_mara()) == {"Auditor"}
        assert TrailEntry.objects.filter(reason="company-groups", action="changed").count() == 2

    def test_keeps_their_roles_and_stays_out_where_groups_are_left_out(
        self, client: Client, provider: OpenIDProvider
    ) -> None:
        sign_in(client)
        del provider.people["mara"]["groups"]
        provider.people["mara"]["_claim_names"] = {"groups": "src1"}
        other = Client()
        assert sign_in(other).status_code == 403
        assert not is_signed_in(other)
        assert _roles(_mara()) == {"Viewer"}
        assert _refusals() == [("too-many-groups", "mara@example.org")]

    def test_stays_out_when_deactivated(self, client: Client, provider: OpenIDProvider) -> None:
        sign_in(client)
        User.objects.update(is_active=False)
        provider.people["mara"]["groups"] = ["licences"]
        other = Client()
        page = _text(other.get(sign_in(other)["Location"]))
        assert "This account is deactivated." in page
        assert not is_signed_in(other)
        assert _roles(_mara()) == {"Viewer"}
        assert _refusals() == [("deactivated", "mara@example.org")]

    def test_of_another_provider_is_another_account(
        self, client: Client, provider: OpenIDProvider, settings: Settings
    ) -> None:
        sign_in(client)
        with running_openid_provider() as newcomer:
            newcomer.people["eve"] = MARA | {"preferred_username": "eve@example.org"}
            with_openid(settings, newcomer)
            sign_in(Client(), "eve")
        assert User.objects.count() == 2


def test_who_was_made_for_it_and_deactivated_stays_out(client: Client) -> None:
    User.objects.create_user("mara@example.org", is_active=False)
    sign_in(client)
    assert not is_signed_in(client)
    assert _refusals() == [("deactivated", "mara@example.org")]


@pytest.mark.parametrize(
    ("claims", "always_asks", "vouched_for"),
    [
        ({}, False, False),
        ({"amr": ["pwd"]}, False, False),
        ({"amr": ["pwd", "mfa"]}, False, True),
        ({"amr": ["pwd", "otp"]}, False, True),
        ({"amr": ["hwk"]}, False, True),
        ({}, True, True),
    ],
)
def test_the_session_knows_whether_the_company_vouches_for_a_second_factor(
    client: Client, provider: OpenIDProvider, settings: Settings, claims: Claims, always_asks: bool, vouched_for: bool
) -> None:
    with_openid(settings, provider, second_factor=always_asks)
    provider.people["mara"] |= claims
    sign_in(client)
    assert client.session["company_second_factor"] is vouched_for


def test_what_the_company_vouched_for_does_not_hold_for_a_password(client: Client, provider: OpenIDProvider) -> None:
    User.objects.create_user("petra", password="correct horse battery")
    provider.people["mara"]["amr"] = ["mfa"]
    sign_in(client)
    client.post(reverse("account_logout"))
    client.post(LOGIN, {"login": "petra", "password": "correct horse battery"})
    assert is_signed_in(client)
    assert client.session["company_second_factor"] is False


class TestWhatSomebodyForges:
    def _is_refused(self, client: Client, answer: Any, text: str, status: int = 400) -> None:
        assert answer.status_code == status, _text(answer)
        assert text in _text(answer)
        assert "Back to sign-in" in _text(answer)
        assert not is_signed_in(client)
        assert not User.objects.exists()

    def test_an_answer_that_nobody_asked_for(self, client: Client) -> None:
        address = reverse("company_openid_answer")
        self._is_refused(client, client.get(f"{address}?code=x&state=made-up"), "This sign-in is out of date")
        self._is_refused(client, client.get(address), "This sign-in is out of date")

    def test_an_answer_for_another_browser(self, client: Client) -> None:
        address = leave(client, BUTTON)
        other = Client()
        self._is_refused(other, come_back(other, address, person="mara"), "This sign-in is out of date")

    def test_an_answer_a_second_time(self, client: Client, provider: OpenIDProvider) -> None:
        sign_in(client)
        address = f"{reverse('company_openid_answer')}?code=x&state={provider.asked['state']}"
        client.post(reverse("account_logout"))
        assert "This sign-in is out of date" in _text(client.get(address))
        assert not is_signed_in(client)

    @pytest.mark.parametrize(
        "forged",
        [
            {"iss": "https://elsewhere.example"},
            {"aud": "another client"},
            {"exp": 1},
            {"iat": 4_000_000_000},
            {"sub": None},
            {"sub": ""},
            {"sub": "4" * 200},
            {"sub": 4711},
            {"nonce": "of another sign-in"},
            {"groups": 7},
            {"auth_time": "yesterday"},
        ],
    )
    def test_a_token_that_says_what_it_should_not(
        self, client: Client, provider: OpenIDProvider, forged: Claims
    ) -> None:
        provider.bend = lambda claims: claims | forged
        self._is_refused(client, sign_in(client), "cannot be believed")
        assert [reason for reason, _name in _refusals()] == ["unproven"]

    def test_a_token_with_the_signature_of_another(self, client: Client, provider: OpenIDProvider) -> None:
        provider.signs_with = provider.other_key
        self._is_refused(client, sign_in(client), "cannot be believed")

    def test_nobody_fills_the_trail_that_way(self, provider: OpenIDProvider) -> None:
        provider.signs_with = provider.other_key
        for _number in range(13):
            sign_in(Client())
        assert len(_refusals()) == 10

    def test_a_form_on_another_site(self) -> None:
        client = Client(enforce_csrf_checks=True)
        assert client.post(reverse(BUTTON)).status_code == 403
        assert client.get(reverse(BUTTON)).status_code == 405

    def test_no_end_of_presses_on_the_button(self, client: Client) -> None:
        answers = [client.post(reverse(BUTTON)).status_code for _number in range(31)]
        assert answers[-2:] == [200, 429]

    def test_an_address_that_asks_allauth_for_more(self, client: Client) -> None:
        page = client.post(f"{reverse(BUTTON)}?process=connect&scope=everything&auth_params=prompt%3Dnone")
        assert "prompt=" not in _text(page)
        assert "everything" not in _text(page)


class TestTheProviderFails:
    def test_somebody_says_no_there(self, client: Client) -> None:
        answer = come_back(client, leave(client, BUTTON), deny="1")
        assert answer.status_code == 403
        assert "The sign-in was cancelled" in _text(answer)
        assert _refusals() == []

    def test_it_reports_an_error_of_its_own(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        answer = come_back(client, leave(client, BUTTON), deny="temporarily_unavailable")
        assert "The company's sign-in failed" in _text(answer)
        assert "it reports temporarily_unavailable" in caplog.text

    def test_it_is_down(self, client: Client, provider: OpenIDProvider, settings: Settings) -> None:
        provider.is_down = True
        answer = client.post(reverse(BUTTON))
        assert answer.status_code == 503
        assert "does not answer" in _text(answer)

    def test_nothing_is_there(self, client: Client, provider: OpenIDProvider, settings: Settings) -> None:
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
        assert client.post(reverse(BUTTON)).status_code == 503

    def test_it_goes_down_meanwhile(self, client: Client, provider: OpenIDProvider) -> None:
        def go_down(claims: Claims) -> Claims:
            provider.is_down = True
            return claims

        provider.bend = go_down
        assert sign_in(client).status_code == 503
        assert not is_signed_in(client)

    def test_it_is_another_one_than_the_configured(self, client: Client, provider: OpenIDProvider) -> None:
        right = provider.url
        try:
            provider.url = "https://elsewhere.example"
            assert client.post(reverse(BUTTON)).status_code == 400
        finally:
            provider.url = right

    def test_the_secret_is_wrong_and_stands_in_no_log(
        self, client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["secret"] = "not the secret"
        assert sign_in(client).status_code == 400
        assert "the token endpoint refuses: invalid_grant" in caplog.text
        assert "not the secret" not in caplog.text
        assert "of no use" not in caplog.text


class TestNothingIsConfigured:
    @pytest.fixture(autouse=True)
    def _nothing(self, settings: Settings) -> None:
        settings.SOCIALACCOUNT_PROVIDERS = {}

    def test_there_is_no_button_and_nothing_behind_it(self, client: Client) -> None:
        assert "company/" not in _text(client.get(LOGIN))
        assert client.post(reverse(BUTTON)).status_code == 404
        assert client.get(reverse("company_openid_answer")).status_code == 404


def test_an_administrator_sees_who_signs_in_through_the_company(
    client: Client, as_admin: Client, viewer: User, provider: OpenIDProvider
) -> None:
    sign_in(client)
    page = _text(as_admin.get(f"/admin/people/user/{_mara().pk}/change/"))
    assert "Signs in through the company" in page
    assert provider.url in page
    assert "Signs in through the company" not in _text(as_admin.get(f"/admin/people/user/{viewer.pk}/change/"))


def test_auditors_read_why_somebody_was_refused(
    client: Client, in_role: Callable[..., User], provider: OpenIDProvider
) -> None:
    provider.people["mara"]["groups"] = []
    sign_in(client)
    client.force_login(in_role("Auditor"))
    page = _text(client.get(reverse("productkeys:trail")))
    assert "no group of the directory gives a role" in page
    assert "mara@example.org" in page


def test_the_button_costs_no_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        client.get(LOGIN)
