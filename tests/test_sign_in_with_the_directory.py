"""Somebody signs in with the company's user name and password: a real directory looks at it (LDAP)."""

import json
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from pathlib import Path

import ldap
import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from keyportal.error_reports import KeyMaskingReporter
from keyportal.people import group_roles, ldap_settings
from keyportal.people.models import User
from keyportal.people.recent import is_recent
from productkeys.models import TrailEntry
from tests.ldap_server import PORTAL_PASSWORD, ROOT, Company, running_directory
from tests.machine import free_port

pytestmark = pytest.mark.django_db

PASSWORD = "the company's password"
OWN_PASSWORD = "a long enough passphrase"
LOGIN = reverse("account_login")
BACKENDS = ["keyportal.people.backend.PortalBackend", "keyportal.people.ldap_backend.DirectoryBackend"]
NOT_RIGHT = "User name or password is not right."
DOWN = "The company's directory does not answer."
NO_ROLE = "none of your groups has a role in this portal"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with running_directory(tmp_path_factory.mktemp("directory")) as running:
        yield running


@pytest.fixture
def ask(settings: Settings) -> Callable[[Company], None]:
    """A function that lets the portal ask this directory, with settings that differ as given."""

    def configure(company: Company, **changes: str) -> None:
        given = ldap_settings.read(company.variables(**changes), bind_password=PORTAL_PASSWORD)
        for name, value in given.items():
            setattr(settings, name, value)
        # The machine may be busy; how long the portal waits elsewhere is looked at in test_configure_the_directory.py.
        settings.AUTH_LDAP_CONNECTION_OPTIONS |= {ldap.OPT_NETWORK_TIMEOUT: 60, ldap.OPT_TIMEOUT: 60}
        settings.AUTHENTICATION_BACKENDS = BACKENDS
        settings.LDAP_URL = given["AUTH_LDAP_SERVER_URI"]

    return configure


@pytest.fixture(autouse=True)
def _a_company_with_people(company: Company, ask: Callable[..., None], settings: Settings) -> None:
    """vera is in the group of the viewers, otto in none that means anything here."""
    vera = company.add_person("vera", PASSWORD, givenName="Vera", sn="Viewer", mail="vera@example.org")
    company.add_group("Viewers", vera)
    company.add_group("Canteen", company.add_person("otto", PASSWORD))
    settings.GROUP_ROLES = group_roles.read(
        json.dumps({"CN=Viewers,OU=Groups,DC=example,DC=org": ["Viewer"], "Auditors": ["Auditor"]})
    )
    ask(company)


def _sign_in(client: Client, name: str = "vera", password: str = PASSWORD, address: str = "127.0.0.1") -> str:
    """What the person reads on the page they come to."""
    answer = client.post(LOGIN, {"login": name, "password": password}, follow=True, REMOTE_ADDR=address)
    return answer.content.decode().replace("&#x27;", "'")


def _signed_in(client: Client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id", 0)).first()


def _roles(name: str = "vera") -> set[str]:
    return set(Group.objects.filter(user__username=name).values_list("name", flat=True))


def _newest() -> TrailEntry:
    return TrailEntry.objects.latest("id")


def test_it_works(client: Client) -> None:
    page = _sign_in(client)
    person = _signed_in(client)
    assert person is not None
    assert (person.username, person.full_name, person.email) == ("vera", "Vera Viewer", "vera@example.org")
    assert _roles() == {"Viewer"}
    assert client.get(reverse("productkeys:list")).status_code == 200
    assert "Vera Viewer" in page


def test_the_page_says_which_password_it_takes(client: Client, settings: Settings) -> None:
    words = "With your portal account, or with the company's user name and password."
    assert words in client.get(LOGIN).content.decode().replace("&#x27;", "'")
    settings.LDAP_URL = ""
    assert words not in client.get(LOGIN).content.decode().replace("&#x27;", "'")


def test_the_password_is_stored_nowhere(client: Client) -> None:
    _sign_in(client)
    assert not User.objects.get().has_usable_password()
    assert PASSWORD not in str([*User.objects.values(), *TrailEntry.objects.values(), *client.session.items()])


def test_a_failure_in_between_does_not_show_it_either(client: Client, settings: Settings) -> None:
    settings.AUTH_LDAP_USER_SEARCH = None
    with pytest.raises(ImproperlyConfigured) as failure:
        _sign_in(client)
    reporter = KeyMaskingReporter(
        RequestFactory().post(LOGIN, {"password": PASSWORD}), failure.type, failure.value, failure.tb
    )
    report = unescape(reporter.get_traceback_html())
    assert "AUTH_LDAP_USER_SEARCH" in report
    assert PASSWORD not in report
    assert PORTAL_PASSWORD not in report


def test_a_page_still_reads_the_person_in_one_query(client: Client) -> None:
    _sign_in(client)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("people:preferences"))
    about_people = [query["sql"] for query in queries if "people_user" in query["sql"] or "auth_perm" in query["sql"]]
    assert len(about_people) == 1


def test_the_second_sign_in_finds_the_account_and_brings_it_up_to_date(client: Client, company: Company) -> None:
    _sign_in(client)
    uid = User.objects.get().uid
    vera = company.add_person("vera", PASSWORD, givenName="Vera", sn="Married", mail="vera.married@example.org")
    company.add_group("Viewers", ROOT)
    company.add_group("Auditors", vera)
    _sign_in(Client())
    person = User.objects.get()
    assert (person.uid, person.last_name, person.email) == (uid, "Married", "vera.married@example.org")
    assert _roles() == {"Auditor"}
    company.remove("cn=Auditors,ou=groups,dc=example,dc=org")


def test_a_group_within_a_group_counts(client: Client, company: Company) -> None:
    inner = company.add_group("Night shift", company.add_person("nina", PASSWORD))
    outer = company.add_group("Everybody who audits", inner)
    company.add_group("Auditors", outer)
    _sign_in(client, "nina")
    assert _roles("nina") == {"Auditor"}
    company.remove("cn=Auditors,ou=groups,dc=example,dc=org")


def test_a_name_of_a_group_does_not_pass_for_a_distinguished_name(client: Client, company: Company) -> None:
    company.add_group("cn=viewers,ou=groups,dc=example,dc=org", company.add_person("olga", PASSWORD))
    assert NO_ROLE in _sign_in(client, "olga")


class TestWhoGetsIn:
    @pytest.mark.parametrize("typed", ["vera", "VERA", " Vera ", "\uff56era"])
    def test_one_person_has_one_account_however_they_type_their_name(self, client: Client, typed: str) -> None:
        _sign_in(client)
        _sign_in(Client(), typed)
        assert [person.username for person in User.objects.all()] == ["vera"]

    @pytest.mark.django_db(transaction=True)
    def test_two_first_sign_ins_at_once_make_one_account(self) -> None:
        def sign_in(client: Client) -> User | None:
            try:
                _sign_in(client)
                return _signed_in(client)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as hurried:
            signed_in = set(hurried.map(sign_in, [Client() for _number in range(4)]))
        assert signed_in == {User.objects.get()}
        assert _roles() == {"Viewer"}
        assert TrailEntry.objects.filter(action="added").count() == 1

    def test_who_was_added_here_without_a_password_is_the_one_of_that_name(self, client: Client) -> None:
        added = User.objects.create_user("otto")
        added.groups.add(Group.objects.get(name="Deployer"))
        _sign_in(client, "otto")
        assert _signed_in(client) == added
        assert _roles("otto") == {"Deployer"}

    def test_who_is_in_no_group_with_a_role_gets_no_account(self, client: Client) -> None:
        assert NO_ROLE in _sign_in(client, "otto")
        assert not User.objects.exists()
        assert (_newest().action, _newest().reason, _newest().subject_name) == ("sign-in-failed", "no-role", "otto")

    def test_who_has_a_password_here_is_never_taken_over(self, client: Client, company: Company) -> None:
        person = User.objects.create_superuser("vera", password=OWN_PASSWORD)
        assert NOT_RIGHT in _sign_in(client)
        assert _signed_in(client) is None
        _sign_in(client, password=OWN_PASSWORD)
        assert _signed_in(client) == person
        assert not _roles()

    def test_nor_by_another_of_their_names(self, client: Client, company: Company, ask: Callable[..., None]) -> None:
        ask(company, USER_FILTER="(|(uid=%(user)s)(mail=%(user)s))")
        User.objects.create_user("vera", password=OWN_PASSWORD)
        assert NOT_RIGHT in _sign_in(client, "vera@example.org")
        assert (_newest().reason, _newest().subject_name) == ("own-password", "vera")

    def test_who_is_deactivated_here_stays_out(self, client: Client) -> None:
        User.objects.create_user("vera", is_active=False)
        assert "This account is deactivated." in _sign_in(client)
        assert _signed_in(client) is None
        assert _newest().reason == "deactivated"
        assert not _roles()

    def test_who_is_gone_from_the_directory_stays_out(self, client: Client, company: Company) -> None:
        gone = company.add_person("gerd", PASSWORD)
        company.add_group("Viewers", gone)
        _sign_in(client, "gerd")
        company.remove(gone)
        assert NOT_RIGHT in _sign_in(Client(), "gerd")

    def test_a_name_that_no_account_can_have_is_refused(self, client: Client, company: Company) -> None:
        company.add_group("Viewers", company.add_person("vera the second", PASSWORD))
        assert NOT_RIGHT in _sign_in(client, "vera the second")
        assert (_newest().reason, _newest().subject_name) == ("name-refused", "vera the second")

    def test_nobody_is_taken_for_one_of_two_who_differ_in_capital_letters(self, client: Client) -> None:
        for name in ("Vera", "VERA"):
            User.objects.create_user(name)
        assert NOT_RIGHT in _sign_in(client)
        assert _newest().reason == "name-refused"

    def test_names_that_bite_are_taken_as_text(self, client: Client, company: Company) -> None:
        bites = {"givenName": "<script>" + "x" * 10_000, "sn": "\u202eareV", "mail": "not an address"}
        company.add_group("Viewers", company.add_person("vera", PASSWORD, **bites))
        assert "<script>x" not in _sign_in(client)
        person = User.objects.get()
        assert (len(person.first_name), person.last_name, person.email) == (150, "areV", "")


class TestWhoDoesNot:
    @pytest.mark.parametrize(("name", "password"), [("vera", "not my password"), ("nobody", PASSWORD)])
    def test_a_wrong_name_and_a_wrong_password_are_told_alike(self, client: Client, name: str, password: str) -> None:
        page = _sign_in(client, name, password)
        assert NOT_RIGHT in page
        assert password not in page
        assert not User.objects.exists()

    @pytest.mark.parametrize("name", ["*", "ver*", "vera)(uid=*", "*)(objectClass=*", "vera\\2a", "(", "uid=vera"])
    def test_what_means_something_to_a_directory_is_a_name_like_any_other(self, client: Client, name: str) -> None:
        assert NOT_RIGHT in _sign_in(client, name)

    @pytest.mark.parametrize("password", ["", " ", "\0", "\0the company's password"])
    def test_no_password_is_no_way_in(self, client: Client, password: str) -> None:
        """A directory takes a name without a password for somebody unknown, and says that all is well."""
        _sign_in(client, "vera", password)
        assert _signed_in(client) is None
        assert authenticate(username="vera", password=password) is None

    def test_after_five_wrong_tries_even_the_right_password_has_to_wait(self, client: Client) -> None:
        _sign_in(client)
        client = Client()
        for name in ("vera", "VERA", "\uff56era", "vèra", "vera"):
            _sign_in(client, name, "wrong")
        assert "Too many wrong tries." in _sign_in(client)
        _sign_in(client, address="192.0.2.2")
        assert _signed_in(client)

    def test_a_failed_try_names_the_account(self, client: Client) -> None:
        _sign_in(client)
        _sign_in(Client(), password="wrong")
        assert (_newest().reason, _newest().subject_name) == ("wrong-password", "vera")

    def test_a_name_that_is_none_is_kept_nowhere_for_it_may_be_a_password(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        _sign_in(client, PASSWORD, "vera")
        assert _newest().reason == "unknown-name"
        assert PASSWORD not in str(list(TrailEntry.objects.values()))
        assert PASSWORD not in "".join(record.getMessage() for record in caplog.records if "django_auth" in record.name)


class TestTheDirectoryDoesNotAnswer:
    @pytest.fixture(params=["down", "silent"])
    def _no_answer(self, request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
        """Nobody listens there, or somebody listens and never says a word."""
        with socket.socket() as listening:
            port = free_port()
            if request.param == "silent":
                listening.bind(("127.0.0.1", 0))
                listening.listen()
                port = listening.getsockname()[1]
                settings.AUTH_LDAP_CONNECTION_OPTIONS |= {ldap.OPT_TIMEOUT: 1}
            settings.AUTH_LDAP_SERVER_URI = f"ldap://127.0.0.1:{port}"
            yield

    @pytest.mark.usefixtures("_no_answer")
    def test_it_is_said_and_kept(self, client: Client) -> None:
        assert DOWN in _sign_in(client)
        assert (_newest().reason, _newest().subject_name) == ("directory-down", "")

    @pytest.mark.usefixtures("_no_answer")
    def test_who_has_a_password_here_gets_in(self, client: Client) -> None:
        person = User.objects.create_user("mara", password=OWN_PASSWORD)
        _sign_in(client, "mara", OWN_PASSWORD)
        assert _signed_in(client) == person

    @pytest.mark.usefixtures("_no_answer")
    def test_it_is_never_asked_about_who_has_a_password_here(self, client: Client) -> None:
        User.objects.create_user("mara", password=OWN_PASSWORD)
        assert NOT_RIGHT in _sign_in(client, "mara", "not her password")

    def test_nobody_is_locked_out_for_it(self, client: Client, company: Company, settings: Settings) -> None:
        settings.AUTH_LDAP_SERVER_URI = f"ldap://127.0.0.1:{free_port()}"
        for _try in range(6):
            assert DOWN in _sign_in(client)
        settings.AUTH_LDAP_SERVER_URI = company.url
        _sign_in(client)
        assert _signed_in(client)

    def test_who_is_signed_in_goes_on_working(self, client: Client, settings: Settings) -> None:
        _sign_in(client)
        settings.AUTH_LDAP_SERVER_URI = f"ldap://127.0.0.1:{free_port()}"
        assert client.get(reverse("productkeys:list")).status_code == 200

    def test_the_portals_own_password_is_wrong(
        self, client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.AUTH_LDAP_BIND_PASSWORD = "not the password"
        assert DOWN in _sign_in(client)
        assert "The directory cannot be asked: Invalid credentials" in caplog.text
        assert "not the password" not in caplog.text


class TestConfirmingThatItIsThem:
    ADDRESS = reverse("account_reauthenticate")

    def _confirm(self, client: Client, password: str, address: str = "127.0.0.1") -> str:
        answer = client.post(self.ADDRESS, {"password": password}, follow=True, REMOTE_ADDR=address)
        return answer.content.decode().replace("&#x27;", "'")

    def test_the_companys_password_is_asked_for_again(self, client: Client, settings: Settings) -> None:
        _sign_in(client)
        assert "enter your password again" in client.get(self.ADDRESS).content.decode()
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert not self._is_recent(client)
            assert "This is not your password." in self._confirm(client, "wrong")
            assert not self._is_recent(client)
            self._confirm(client, PASSWORD)
            assert self._is_recent(client)

    def _is_recent(self, client: Client) -> bool:
        request = RequestFactory().get("/")
        request.session, request.user = client.session, User.objects.get()
        return is_recent(request)

    def test_guessing_locks_it_like_the_sign_in(self, client: Client) -> None:
        _sign_in(client)
        for _try in range(5):
            self._confirm(client, "wrong")
        assert "Too many wrong tries." in self._confirm(client, PASSWORD)
        assert "Too many wrong tries." in _sign_in(Client())

    def test_the_password_of_a_colleague_is_not_theirs(self, client: Client, company: Company) -> None:
        company.add_person("vera", "another password of hers")
        _sign_in(client, password="another password of hers")
        assert "This is not your password." in self._confirm(client, PASSWORD)

    def test_without_the_directory_nobody_can_confirm(self, client: Client, settings: Settings) -> None:
        _sign_in(client)
        settings.AUTH_LDAP_SERVER_URI = f"ldap://127.0.0.1:{free_port()}"
        assert DOWN in self._confirm(client, PASSWORD)

    def test_the_password_is_changed_elsewhere(self, client: Client) -> None:
        _sign_in(client)
        page = client.get(reverse("account_change_password"), follow=True).content.decode()
        assert "Your password is the company's: it is changed there, not in this portal." in page
        assert 'name="password1"' not in page


class TestTheWayThere:
    def test_an_encrypted_connection(self, client: Client, company: Company, ask: Callable[..., None]) -> None:
        ask(company, URL=company.tls_url)
        _sign_in(client)
        assert _signed_in(client)

    def test_one_that_is_encrypted_after_it_was_opened(self, client: Client, settings: Settings) -> None:
        settings.AUTH_LDAP_START_TLS = True
        _sign_in(client)
        assert _signed_in(client)

    def test_a_server_that_nobody_vouches_for_gets_no_password(
        self, client: Client, company: Company, ask: Callable[..., None]
    ) -> None:
        ask(company, URL=company.tls_url, CA_FILE="")
        assert DOWN in _sign_in(client)

    def test_nor_does_one_of_another_name(self, client: Client, company: Company, ask: Callable[..., None]) -> None:
        ask(company, URL=company.tls_url.replace("127.0.0.1", "localhost"))
        assert DOWN in _sign_in(client)

    def test_nor_one_that_does_not_encrypt(self, client: Client, tmp_path: Path, settings: Settings) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            settings.AUTH_LDAP_START_TLS = True
            settings.AUTH_LDAP_SERVER_URI = f"ldap://127.0.0.1:{listening.getsockname()[1]}"
            settings.AUTH_LDAP_CONNECTION_OPTIONS |= {ldap.OPT_TIMEOUT: 1}
            assert DOWN in _sign_in(client)
            sent = listening.accept()[0].recv(10_000)
        assert b"1.3.6.1.4.1.1466.20037" in sent  # asks for encryption
        assert PORTAL_PASSWORD.encode() not in sent
