"""Methods of HTTP: pages are read and forms are sent, and nothing else is answered."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import stored
from tests.routes import address_of, all_routes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_no_address_answers_a_method_that_no_page_uses(as_admin: Client, method: str) -> None:
    key = stored()
    answers = {path: as_admin.generic(method, address_of(path, pk=key.pk, uid=key.uid)) for _name, path in all_routes()}
    assert {path for path, answer in answers.items() if answer.status_code != 405} == set()
    assert {answer["Allow"] for answer in answers.values()} == {"GET, HEAD, POST"}
    assert b"".join(answer.content for answer in answers.values()) == b""


def test_a_stranger_is_told_the_same(client: Client) -> None:
    assert client.put(reverse("productkeys:list")).status_code == 405
    assert client.delete("/nowhere/").status_code == 405


@pytest.mark.parametrize(
    "page", ["home", "productkeys:list", "productkeys:operating-systems", "productkeys:rules", "productkeys:detail"]
)
def test_what_only_shows_something_takes_no_form(as_admin: Client, page: str) -> None:
    arguments = [stored().pk] if page == "productkeys:detail" else []
    answer = as_admin.post(reverse(page, args=arguments))
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
