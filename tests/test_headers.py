"""What every answer tells the browser: a strict content security policy, and under TLS cookies bound to this host."""

import json
import os
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.urls import reverse

from tests.factories import stored
from tests.routes import address_of, all_routes

PAGES = ("productkeys:list", "productkeys:add", "productkeys:operating-systems", "admin:index")

_ASK_OVER_TLS = """
import json, django
django.setup()
from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.http import HttpResponse
from django.test import Client, RequestFactory
request, told = RequestFactory().get("/"), HttpResponse()
request.session = {}
said = default_storage(request)
said.add(20, "Stored.")
said.update(told)
answer = Client(SERVER_NAME="keys.example.org").get("/accounts/login/", secure=True)
plain = Client(SERVER_NAME="keys.example.org").get("/accounts/login/")
foreign = Client(SERVER_NAME="evil.example.org").get("/accounts/login/", secure=True)
print(json.dumps({
    "status": answer.status_code, "headers": dict(answer.headers), "cookies": answer.cookies.output(),
    "message": told.cookies.output(),
    "plain": [plain.status_code, plain.get("Location")], "foreign": foreign.status_code,
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY],
}))
"""


@pytest.mark.parametrize("page", PAGES)
def test_the_policy_allows_nothing_unsafe_and_no_frame(as_admin: Client, page: str) -> None:
    answer = as_admin.get(reverse(page))
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_neither_browser_nor_proxy_keeps_an_answer(as_admin: Client) -> None:
    key = stored()
    addresses = [address_of(path, pk=key.pk, uid=key.uid) for _name, path in all_routes()]
    answers = [client.get(address) for address in addresses for client in (as_admin, Client())]
    kept = [answer.request["PATH_INFO"] for answer in answers if "no-store" not in answer.get("Cache-Control", "")]
    assert not kept


@pytest.fixture(scope="module")
def over_tls() -> dict[str, Any]:
    """What a portal answers whose address begins with https: its settings are read in a process of its own."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings_over_tls",
        "KEYPORTAL_TEST_FOLDER": os.environ["KEYPORTAL_TEST_FOLDER"],
    }
    command = [sys.executable, "-c", _ASK_OVER_TLS]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_over_tls_cookies_are_bound_to_this_host(over_tls: dict[str, Any]) -> None:
    assert over_tls["status"] == 200
    assert over_tls["session"] == ["__Host-keyportal-session", True, True]
    assert "__Host-keyportal-csrf=" in over_tls["cookies"]
    assert "__Host-keyportal-messages=" in over_tls["message"]
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in over_tls["cookies"]
        assert word in over_tls["message"]


def test_no_cookie_is_set_but_those_with_a_name_of_the_portal(as_manager: Client) -> None:
    key = stored()
    answer = as_manager.post(f"{key.get_absolute_url()}archive/", {"version": key.version})
    assert answer.status_code == 302
    assert [name for name in answer.cookies if not name.startswith("keyportal-")] == []


def test_over_tls_the_browser_stays_there(over_tls: dict[str, Any]) -> None:
    assert over_tls["headers"]["Strict-Transport-Security"] == "max-age=31536000"
    assert over_tls["plain"] == [301, "https://keys.example.org/accounts/login/"]


def test_another_host_is_refused(over_tls: dict[str, Any]) -> None:
    assert over_tls["foreign"] == 400


@pytest.mark.parametrize(
    "address", ["/product-keys/", "/product-keys/export/?format=csv&columns=shown&codes=masked", "/nowhere/"]
)
def test_head_is_answered_with_the_headers_alone(as_viewer: Client, address: str) -> None:
    """As a server asks: the client of the tests would leave out the body itself."""
    environ = as_viewer.head(address).wsgi_request.environ | {"wsgi.input": BytesIO()}
    headers: dict[str, str] = {}
    begin: Any = lambda _status, found: headers.update(found)  # noqa: E731  # of the type that WSGI names
    assert b"".join(WSGIHandler()(environ, begin)) == b""
    assert headers["Content-Type"].startswith("text/")
    assert int(headers.get("Content-Length", 1)) > 0
