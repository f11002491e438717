"""When something goes wrong: what happened, in the portal's look, with one way on, and nothing given away."""

import logging
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from keyportal import error_pages
from productkeys.views import detail
from tests.factories import stored


def test_what_is_not_there_can_be_searched_for(as_viewer: Client) -> None:
    response = as_viewer.get("/product-keys/999999/")
    page = response.content.decode()
    assert response.status_code == 404
    assert "This page does not exist" in page
    assert page.count(f'method="post" action="{reverse("productkeys:search")}"') == 2
    assert "999999" not in page.split("<main")[1]


def test_somebody_who_is_not_signed_in_finds_no_search(client: Client, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert reverse("productkeys:search") not in response.content.decode()
    assert reverse("account_login") in response.content.decode()


def test_what_is_not_allowed_says_who_can_allow_it(as_viewer: Client) -> None:
    response = as_viewer.get(reverse("productkeys:edit", args=[stored().pk]))
    assert response.status_code == 403
    assert "An administrator of the portal grants the right to it." in response.content.decode()


def test_a_refusing_view_can_say_why(rf: RequestFactory) -> None:
    page = error_pages.permission_denied(rf.get("/"), PermissionDenied("Only on Sundays <b>")).content.decode()
    assert "Only on Sundays &lt;b&gt;" in page


def test_a_foreign_host_is_a_bad_request(client: Client, db: None) -> None:
    response = client.get("/accounts/login/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "The portal cannot make sense of this request" in response.content.decode()


def test_an_old_form_says_what_to_do(admin_user: object) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)  # type: ignore[arg-type]
    response = strict.post(reverse("people:theme"), {"theme": "dark"})
    assert response.status_code == 403
    assert "This page was open too long" in response.content.decode()


def test_too_many_requests_have_a_page(rf: RequestFactory) -> None:
    response = error_pages.too_many_requests(rf.get("/"))
    assert response.status_code == 429
    assert "Too many tries in a short time" in response.content.decode()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, as_viewer: Client) -> Client:
    """A portal whose page of a key fails."""

    def fail(request: HttpRequest, pk: int) -> HttpResponse:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(detail, "get_key", fail)
    as_viewer.raise_request_exception = False
    return as_viewer


def test_a_failure_names_a_reference_that_stands_in_the_log(broken: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = broken.get("/product-keys/1/")
    assert response.status_code == 500
    found = re.search(r'<span class="kp-five">([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2})</span>', response.content.decode())
    assert found
    named, failed = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert found[1] in named.getMessage()
    assert failed.exc_info


def test_a_failure_shows_nothing_of_itself(broken: Client) -> None:
    page = broken.get("/product-keys/1/").content.decode()
    assert "broken on purpose" not in page
    assert "Traceback" not in page
    assert "vera.viewer" not in page


def test_a_failed_page_can_be_tried_again_but_no_act_is_repeated(rf: RequestFactory) -> None:
    assert ">Try again</a>" in error_pages.server_error(rf.get("/product-keys/1/")).content.decode()
    assert ">Try again</a>" not in error_pages.server_error(rf.post("/product-keys/1/reveal/")).content.decode()


def test_the_page_for_failures_needs_no_database(
    rf: RequestFactory, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert error_pages.server_error(rf.get("/")).status_code == 500


def test_no_error_page_is_kept_by_the_browser(as_viewer: Client) -> None:
    for address in ("/nowhere/", reverse("productkeys:edit", args=[stored().pk])):
        assert "no-store" in as_viewer.get(address)["Cache-Control"]
