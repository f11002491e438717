"""Pasting a whole product key into the search: it is looked up exactly, and it is kept nowhere."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from tests.factories import stored
from tests.made_up_keys import made_up_key

UNKNOWN = made_up_key(4_711)


def _search(client: Client, text: str) -> Any:
    return client.post(reverse("productkeys:search"), {"q": text})


def _assert_kept_nowhere(response: HttpResponse, client: Client, code: str) -> None:
    assert "no-store" in response["Cache-Control"]
    sessions = [str(session.get_decoded()) for session in Session.objects.all()]
    for group in code.split("-")[:4]:
        assert group not in response.content.decode()
        assert group not in str(response.headers)
        assert group not in str(client.cookies)
        assert group not in str(sessions)


def _spelled(code: str) -> list[str]:
    return [code, code.lower(), code.replace("-", " "), code.replace("-", ""), code.replace("-", "–"), f" “{code}”\n"]


@pytest.mark.parametrize("spelling", range(6))
def test_a_stored_key_leads_to_its_page_however_it_is_pasted(as_viewer: Client, spelling: int) -> None:
    key = stored()
    response = _search(as_viewer, _spelled(key.code.open())[spelling])
    assert (response.status_code, response["Location"]) == (303, key.get_absolute_url())
    _assert_kept_nowhere(response, as_viewer, key.code.open())


def test_a_standard_key_is_found(as_viewer: Client) -> None:
    response = as_viewer.post(reverse("productkeys:search"), {"q": "w269n wfgwx-yvc9b 4j6c9 t83gx"}, follow=True)
    assert b"Windows 11 Pro / Windows 10 Pro" in response.content


def test_a_key_that_is_not_stored_is_not_found(as_viewer: Client) -> None:
    response = _search(as_viewer, UNKNOWN)
    assert response.status_code == 404
    assert b"This key is not stored here" in response.content
    _assert_kept_nowhere(response, as_viewer, UNKNOWN)


def test_check_digits_that_do_not_fit_are_a_possible_typing_error(as_viewer: Client) -> None:
    mistyped = "W269N-WFGWX-YVC9B-4J6C9-T83GY"
    response = _search(as_viewer, mistyped)
    assert b"possible typing error" in response.content
    assert b"valid" not in response.content
    _assert_kept_nowhere(response, as_viewer, mistyped)


@pytest.mark.parametrize("mistyped", ["W269N-WFGWX-YVC9B-4J6C9-T83G0", "W269N-WFGWX-YVC9B-4J6C9-T83G"])
def test_a_text_that_is_nearly_a_key_never_goes_into_an_address(as_viewer: Client, mistyped: str) -> None:
    response = _search(as_viewer, mistyped)
    assert response.status_code == 404
    assert b"Possible typing error" in response.content
    _assert_kept_nowhere(response, as_viewer, mistyped)


def test_a_key_inside_a_sentence_is_looked_up(as_viewer: Client) -> None:
    key = stored()
    assert _search(as_viewer, f"do we have {key.code.open()} somewhere?")["Location"] == key.get_absolute_url()


def test_a_key_in_the_address_of_the_list_is_refused(as_viewer: Client) -> None:
    assert as_viewer.get(reverse("productkeys:list"), {"q": UNKNOWN}).status_code == 400


def test_somebody_who_may_not_see_keys_learns_nothing(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("sam.stranger"))
    key = stored()
    assert _search(client, key.code.open()).status_code == 403


@pytest.mark.parametrize("part", [UNKNOWN[:11], UNKNOWN[:23], UNKNOWN[6:29].lower(), UNKNOWN[:17].replace("-", " ")])
def test_a_good_part_of_a_key_goes_into_no_address_either(as_manager: Client, part: str) -> None:
    answer = _search(as_manager, part)
    assert answer.status_code == 404
    _assert_kept_nowhere(answer, as_manager, UNKNOWN)


@pytest.mark.parametrize("text", [UNKNOWN[-5:], "Windows 11 Enterprise", "INC-20418", "plant 234678", "2346789236"])
def test_what_is_no_part_of_a_key_is_searched_by_address(as_manager: Client, text: str) -> None:
    assert _search(as_manager, text).status_code == 303
