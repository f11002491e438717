"""Choosing language and theme from the top bar, and everything personal on the page of settings."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from keyportal.people.models import User
from productkeys.domain.keycode import mask
from productkeys.models import TrailEntry
from tests.made_up_keys import made_up_key

PAGE = reverse("productkeys:operating-systems")
PREFERENCES = reverse("people:preferences")
GOOD = {"first_name": "Vera", "last_name": "Viewer", "email": "", "language": "", "theme": "auto", "page_size": "50"}


def _language(client: Client, **headers: str) -> str:
    response = client.get(PAGE, headers=headers)
    assert f'<html lang="{response["Content-Language"]}"' in response.content.decode()
    return response["Content-Language"]


def test_the_browser_says_the_language_until_the_person_does(as_viewer: Client) -> None:
    assert _language(as_viewer, accept_language="de-AT,de;q=0.9,en;q=0.5") == "de"
    assert _language(as_viewer, accept_language="fr,en;q=0.5") == "en"


def test_the_choice_is_kept_with_the_person(as_viewer: Client, viewer: User) -> None:
    answer = as_viewer.post(reverse("people:language"), {"language": "de", "next": PAGE})
    assert answer["Location"] == PAGE
    assert _language(as_viewer, accept_language="en") == "de"
    elsewhere = Client()
    elsewhere.force_login(viewer)
    assert _language(elsewhere, accept_language="en") == "de"


def test_before_sign_in_the_choice_is_kept_in_the_browser(client: Client, db: None) -> None:
    login = reverse("account_login")
    client.post(reverse("people:language"), {"language": "de", "next": login})
    assert client.get(login, headers={"accept-language": "en"})["Content-Language"] == "de"
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["httponly"]


@pytest.mark.parametrize("value", ["fr", "", "de'><script>"])
def test_an_unknown_language_changes_nothing(as_viewer: Client, viewer: User, value: str) -> None:
    assert as_viewer.post(reverse("people:language"), {"language": value, "next": PAGE}).status_code == 302
    viewer.refresh_from_db()
    assert viewer.language == ""


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "admin", ""]
)
def test_the_way_back_stays_in_the_portal(as_viewer: Client, target: str) -> None:
    for name, typed in {"people:language": {"language": "de"}, "people:theme": {"theme": "dark"}}.items():
        assert as_viewer.post(reverse(name), typed | {"next": target})["Location"] == "/"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_kept_with_the_person(as_viewer: Client, theme: str) -> None:
    as_viewer.post(reverse("people:theme"), {"theme": theme, "next": PAGE})
    assert f'data-bs-theme="{theme}" data-theme="{theme}"' in as_viewer.get(PAGE).content.decode()


def test_an_unknown_theme_changes_nothing(as_viewer: Client, viewer: User) -> None:
    as_viewer.post(reverse("people:theme"), {"theme": "neon"})
    viewer.refresh_from_db()
    assert viewer.theme == "auto"


def test_all_settings_stand_on_one_page(as_viewer: Client, viewer: User) -> None:
    changes = {"language": "de", "theme": "dark", "page_size": "100", "shortcuts": ""}
    page = as_viewer.post(PREFERENCES, GOOD | changes, follow=True)
    assert page.redirect_chain == [(PREFERENCES, 302)]
    viewer.refresh_from_db()
    assert (viewer.language, viewer.theme, viewer.page_size, viewer.shortcuts) == ("de", "dark", 100, False)
    assert viewer.full_name == "Vera Viewer"
    assert viewer.initials == "VV"


@pytest.mark.parametrize(
    ("field", "value"), [("language", "fr"), ("theme", "neon"), ("page_size", "100000"), ("email", "not an address")]
)
def test_what_is_not_on_offer_is_refused_beside_its_field(
    as_viewer: Client, viewer: User, field: str, value: str
) -> None:
    page = as_viewer.post(PREFERENCES, GOOD | {field: value})
    assert page.status_code == 200
    assert f'id="id_{field}_error"' in page.content.decode()
    viewer.refresh_from_db()
    assert viewer.first_name == ""


@pytest.mark.parametrize(("field", "typed"), [("first_name", "{}"), ("last_name", "{}"), ("email", "{}@example.org")])
def test_a_key_is_no_name_and_comes_back_masked(as_viewer: Client, viewer: User, field: str, typed: str) -> None:
    key = made_up_key(8)
    page = as_viewer.post(PREFERENCES, GOOD | {field: typed.format(key)}).content.decode()
    assert key not in page
    assert mask(key[-5:]) in page
    viewer.refresh_from_db()
    assert (viewer.first_name, viewer.last_name, viewer.email) == ("", "", "")


def test_a_new_address_takes_a_recent_sign_in_and_both_are_in_the_trail(as_viewer: Client, viewer: User) -> None:
    """A new password can be had by it, and somebody at an open desk could have the letter sent elsewhere."""
    elsewhere = GOOD | {"email": "mara@example.net"}
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = as_viewer.post(PREFERENCES, elsewhere)
        kept = as_viewer.post(PREFERENCES, GOOD | {"page_size": "100"})
    assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={PREFERENCES}"
    assert kept["Location"] == PREFERENCES
    viewer.refresh_from_db()
    assert (viewer.email, viewer.page_size) == ("", 100)

    as_viewer.post(PREFERENCES, elsewhere)
    viewer.refresh_from_db()
    assert viewer.email == "mara@example.net"
    address, name = TrailEntry.objects.filter(subject_uid=viewer.uid, action="changed")[:2]
    assert (address.actor_uid, address.before, address.after) == (viewer.uid, {"email": ""}, {"email": viewer.email})
    assert name.after == {"first_name": "Vera", "last_name": "Viewer"}


def test_nobody_gives_themselves_rights_there(as_viewer: Client, viewer: User) -> None:
    as_viewer.post(PREFERENCES, GOOD | {"is_superuser": "on", "is_staff": "on", "username": "root"})
    viewer.refresh_from_db()
    assert (viewer.is_superuser, viewer.is_staff, viewer.username) == (False, False, "vera.viewer")


def test_a_person_without_a_name_is_called_by_the_user_name() -> None:
    assert User(username="m.lindner").full_name == "m.lindner"
    assert User(username="m.lindner").initials == "ML"
    assert User(username="admin").initials == "A"


def test_the_sign_in_page_offers_the_languages_and_nothing_twice(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert page.count('name="password"') == 1
    assert '<button name="language" value="de" lang="de">' in page
