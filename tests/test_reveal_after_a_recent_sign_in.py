"""Before a key is revealed: a sign-in or a confirmation of a short while ago, a reason, and a ticket."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from tests.factories import stored
from tests.second_factor import app_of, recovery_codes_of

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
GOOD = {"reason": "device", "note": "INC-20418"}
CONFIRM = reverse("account_reauthenticate")


@pytest.fixture
def key() -> ProductKey:
    return stored()


@pytest.fixture(autouse=True)
def _password(revealer: User) -> None:
    revealer.set_password(PASSWORD)
    revealer.save()


def _in(**time: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time))


def _reveal(client: Client, key: ProductKey, **changes: str) -> Any:
    return client.post(reverse("productkeys:reveal", args=[key.pk]), GOOD | changes)


def _is_shown(answer: Any, key: ProductKey) -> bool:
    return key.code.open() in answer.content.decode()


def test_a_short_while_after_signing_in_nothing_is_asked(as_revealer: Client, key: ProductKey) -> None:
    with _in(minutes=4):
        assert _is_shown(_reveal(as_revealer, key), key)


def test_later_the_password_is_asked_for_before_the_reason(as_revealer: Client, key: ProductKey) -> None:
    with _in(minutes=6):
        page = as_revealer.get(key.get_absolute_url()).content.decode()
    assert f'href="{CONFIRM}?next={key.get_absolute_url()}%23reveal"' in page
    assert "Why is it revealed?" not in page


def test_a_page_from_before_reveals_nothing_and_loses_nothing(as_revealer: Client, key: ProductKey) -> None:
    as_revealer.get(key.get_absolute_url())
    with _in(minutes=6):
        answer = _reveal(as_revealer, key)
        assert answer["Location"].startswith(f"{CONFIRM}?next={key.get_absolute_url()}")
        assert not TrailEntry.objects.filter(action="revealed").exists()

        assert as_revealer.post(answer["Location"], {"password": "wrong"}).status_code == 200
        assert not _is_shown(_reveal(as_revealer, key), key)
        answer = as_revealer.post(answer["Location"], {"password": PASSWORD})
        assert answer["Location"].startswith(key.get_absolute_url())
        page = as_revealer.get(key.get_absolute_url()).content.decode()
        assert 'value="INC-20418"' in page
        assert '<option value="device" selected>' in page
        assert _is_shown(_reveal(as_revealer, key), key)


@pytest.mark.parametrize("with_code_of", ["app", "recovery"])
def test_a_code_confirms_as_well_as_the_password(
    as_revealer: Client, revealer: User, key: ProductKey, with_code_of: str
) -> None:
    app, codes, by_code = app_of(revealer), recovery_codes_of(revealer), reverse("mfa_reauthenticate")
    with _in(minutes=6):
        address = _reveal(as_revealer, key)["Location"]
        assert (
            f'href="{by_code}?next={quote(key.get_absolute_url(), safe="")}%23reveal"'
            in as_revealer.get(address).content.decode()
        )
        by_code = address.replace(CONFIRM, by_code)
        assert as_revealer.post(by_code, {"code": app.wrong_code()}).status_code == 200
        assert not _is_shown(_reveal(as_revealer, key), key)
        assert TrailEntry.objects.filter(action="sign-in-failed", reason="wrong-second-factor").count() == 1
        code = app.code() if with_code_of == "app" else codes[0]
        assert as_revealer.post(by_code, {"code": code})["Location"].startswith(key.get_absolute_url())
        assert _is_shown(_reveal(as_revealer, key), key)


def test_who_has_no_password_here_confirms_with_the_app(as_revealer: Client, revealer: User, key: ProductKey) -> None:
    app = app_of(revealer)
    revealer.set_unusable_password()
    revealer.save()
    as_revealer.force_login(revealer)
    with _in(minutes=6):
        asked = as_revealer.get(_reveal(as_revealer, key)["Location"])
        assert asked["Location"].startswith(f"{reverse('mfa_reauthenticate')}?next=")
        assert as_revealer.post(asked["Location"], {"code": app.code()})["Location"].startswith(key.get_absolute_url())
        assert _is_shown(_reveal(as_revealer, key), key)


def test_using_the_portal_makes_no_sign_in_recent(as_revealer: Client, key: ProductKey) -> None:
    for minutes in (2, 4, 6):
        with _in(minutes=minutes):
            answer = _reveal(as_revealer, key)
            assert _is_shown(answer, key) is (minutes < 5)


def test_a_clock_that_is_set_back_makes_nobody_recent(as_revealer: Client, key: ProductKey) -> None:
    with _in(minutes=-10):
        assert not _is_shown(_reveal(as_revealer, key), key)


def test_an_administrator_can_ask_nobody(as_revealer: Client, key: ProductKey, settings: Settings) -> None:
    settings.RECENT_SIGN_IN_SECONDS = 0
    with _in(minutes=50):
        assert _is_shown(_reveal(as_revealer, key), key)


def test_the_ticket_is_offered_again_for_the_next_key(as_revealer: Client, key: ProductKey) -> None:
    _reveal(as_revealer, key)
    page = as_revealer.get(stored().get_absolute_url()).content.decode()
    assert 'value="INC-20418"' in page


def test_a_key_in_the_reason_is_never_kept(as_revealer: Client, key: ProductKey) -> None:
    typed = "for W269N-WFGWX-YVC9B-4J6C9-T83GX"
    assert not _is_shown(_reveal(as_revealer, key, note=typed), key)
    assert typed not in str(dict(as_revealer.session))


def test_a_reason_need_not_be_given_where_the_administrator_says_so(
    as_revealer: Client, key: ProductKey, settings: Settings
) -> None:
    settings.REVEAL_REASON_IS_NEEDED = False
    assert _is_shown(_reveal(as_revealer, key, reason="", note=""), key)


@pytest.mark.parametrize(
    ("note", "is_good"), [("INC-20418", True), ("INC-2", False), ("", False), ("INC-20418x", False)]
)
def test_a_ticket_number_looks_as_the_administrator_says(
    as_revealer: Client, key: ProductKey, settings: Settings, note: str, is_good: bool
) -> None:
    settings.REVEAL_TICKET = "INC-[0-9]{5}"
    answer = _reveal(as_revealer, key, note=note)
    assert _is_shown(answer, key) is is_good
    assert ("This is no ticket number." in answer.content.decode()) is not is_good
