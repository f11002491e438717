"""Signing in and out, and one's own password. Nobody signs up by themselves."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import TrailEntry

PASSWORD = "a long enough passphrase"
LOGIN = reverse("account_login")
pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("mara", password=PASSWORD)


def _sign_in(client: Client, name: str = "mara", password: str = PASSWORD, address: str = "127.0.0.1") -> str:
    return client.post(LOGIN, {"login": name, "password": password}, follow=True, REMOTE_ADDR=address).content.decode()


def _is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_it_works(client: Client, person: User) -> None:
    response = client.post(LOGIN, {"login": "mara", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert _is_signed_in(client)


def test_every_page_asks_to_sign_in_and_comes_back_afterwards(client: Client, person: User) -> None:
    target = reverse("productkeys:operating-systems")
    response = client.get(target)
    assert response["Location"] == f"{LOGIN}?next={target}"
    page = client.get(response["Location"]).content.decode()
    assert f'name="next" value="{target}"' in page
    answer = client.post(LOGIN, {"login": "mara", "password": PASSWORD, "next": target})
    assert answer["Location"] == target


def test_nobody_is_sent_to_another_site(client: Client, person: User) -> None:
    answer = client.post(LOGIN, {"login": "mara", "password": PASSWORD, "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


@pytest.mark.parametrize(("name", "password"), [("mara", "not my password"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    client: Client, person: User, name: str, password: str
) -> None:
    page = _sign_in(client, name, password)
    assert "User name or password is not right." in page
    assert f'value="{name}"' in page
    assert password not in page
    assert not _is_signed_in(client)


def test_empty_fields_are_named(client: Client) -> None:
    page = _sign_in(client, "", "")
    assert 'aria-describedby="id_login_error"' in page
    assert 'aria-describedby="id_password_error"' in page


def test_after_five_wrong_tries_even_the_right_password_has_to_wait(client: Client, person: User) -> None:
    for _try in range(5):
        _sign_in(client, password="wrong")
    assert "Too many wrong tries." in _sign_in(client)
    assert not _is_signed_in(client)


def test_the_same_person_gets_in_from_elsewhere(client: Client, person: User) -> None:
    for _try in range(5):
        _sign_in(client, password="wrong", address="192.0.2.1")
    _sign_in(client, address="192.0.2.2")
    assert _is_signed_in(client)


@pytest.mark.parametrize("proxies", [1, 2])
def test_behind_proxies_only_what_they_wrote_counts(
    client: Client, person: User, settings: Settings, proxies: int
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    inner = ", 198.51.100.9" * (proxies - 1)

    def sign_in(forged: str, address: str, password: str = PASSWORD) -> None:
        headers = {"X-Forwarded-For": f"{forged}, {address}{inner}", "X-Real-IP": forged, "Forwarded": f"for={forged}"}
        form = {"login": "mara", "password": password}
        client.post(reverse("account_login"), form, REMOTE_ADDR="198.51.100.10", headers=headers)

    for number in range(5):
        sign_in(f"203.0.113.{number}", "192.0.2.1", "wrong")
    sign_in("203.0.113.99", "192.0.2.1")
    assert not _is_signed_in(client)
    sign_in("203.0.113.99", "192.0.2.2")
    assert _is_signed_in(client)
    addresses = TrailEntry.objects.filter(action__in=("signed-in", "sign-in-failed")).values_list("address", flat=True)
    assert set(addresses) == {"192.0.2.1", "192.0.2.2"}


def test_a_deactivated_person_is_told_so(client: Client, person: User) -> None:
    person.is_active = False
    person.save()
    assert "This account is deactivated." in _sign_in(client)
    assert not _is_signed_in(client)


def test_there_is_no_sign_up(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404
    assert "An administrator adds new people." in client.get(LOGIN).content.decode()


def test_the_admin_has_the_same_door(client: Client) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(LOGIN)


def test_signing_out_is_asked_first_and_said_afterwards(client: Client, person: User) -> None:
    client.force_login(person)
    assert "Sign out?" in client.get(reverse("account_logout")).content.decode()
    assert _is_signed_in(client)
    page = client.post(reverse("account_logout"), follow=True).content.decode()
    assert "You are signed out." in page
    assert not _is_signed_in(client)


class TestChangingThePassword:
    NEW = "an even longer passphrase"

    def _change(self, client: Client, **changes: str) -> str:
        typed = {"oldpassword": PASSWORD, "password1": self.NEW, "password2": self.NEW} | changes
        return client.post(reverse("account_change_password"), typed, follow=True).content.decode()

    @pytest.fixture
    def signed_in(self, client: Client, person: User) -> Client:
        client.force_login(person)
        return client

    def test_it_works(self, signed_in: Client, person: User) -> None:
        assert "Your password is changed." in self._change(signed_in)
        person.refresh_from_db()
        assert person.check_password(self.NEW)
        assert _is_signed_in(signed_in)

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"oldpassword": "wrong"}, "This is not your present password."),
            ({"password1": "short", "password2": "short"}, "at least 12 characters"),
            ({"password2": "another passphrase"}, "You must type the same password each time."),
        ],
    )
    def test_it_is_refused_beside_the_field(
        self, signed_in: Client, person: User, typed: dict[str, str], message: str
    ) -> None:
        assert message in self._change(signed_in, **typed)
        person.refresh_from_db()
        assert person.check_password(PASSWORD)

    def test_who_guesses_the_present_one_is_locked_as_at_the_sign_in(self, signed_in: Client, person: User) -> None:
        for _try in range(3):
            _sign_in(Client(), password="wrong")
        for _try in range(2):
            self._change(signed_in, oldpassword="wrong")
        assert "Too many wrong tries." in self._change(signed_in)
        assert "Too many wrong tries." in _sign_in(Client())
        person.refresh_from_db()
        assert person.check_password(PASSWORD)
        failed = TrailEntry.objects.filter(action="sign-in-failed", subject_uid=person.uid, reason="wrong-password")
        assert failed.count() == 5


def test_who_has_no_password_here_is_given_none(client: Client) -> None:
    client.force_login(User.objects.create_user("from.elsewhere"))
    for name in ("account_change_password", "account_reauthenticate"):
        assert client.get(reverse(name)).status_code == 403, name


def test_a_sensitive_step_asks_for_the_password_again(client: Client, person: User) -> None:
    client.force_login(person)
    address = reverse("account_reauthenticate")
    assert "Confirm that it is you" in client.get(address).content.decode()
    assert "This is not your password." in client.post(address, {"password": "wrong"}).content.decode()
    assert client.post(address, {"password": PASSWORD}).status_code == 302
