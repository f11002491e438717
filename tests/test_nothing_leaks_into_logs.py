"""Something goes wrong while a product key is in memory: no log line, error report or address keeps any piece of it."""

import logging
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from types import CodeType, FrameType
from typing import Any, cast
from urllib.parse import quote, quote_plus

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest, QueryDict
from django.test import Client, RequestFactory
from django.views.debug import get_exception_reporter_class

from keyportal.error_reports import KeyMaskingFormatter, KeyMaskingReporter
from productkeys.domain import keycode
from productkeys.forms.product_key import KeyFields, values_of
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.origin import Origin
from tests.canary import Canaries
from tests.made_up_keys import made_up_key

KEY = made_up_key(815)
MISTYPED = KEY[:-1] + "0"
FORMS_OF_A_KEY = {
    "as it is": KEY,
    "in small letters": KEY.lower(),
    "without dashes": KEY.replace("-", ""),
    "with blanks": KEY.replace("-", " "),
    "with typographic dashes": KEY.replace("-", "–"),
}


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    canaries = Canaries([KEY, MISTYPED])
    yield canaries
    assert canaries.sightings == []


@pytest.fixture
def log(canaries: Canaries) -> Iterator[StringIO]:
    """What the portal's own handler writes."""
    console = next(
        handler for handler in logging.getLogger().handlers if isinstance(handler.formatter, KeyMaskingFormatter)
    )
    assert isinstance(console, logging.StreamHandler)
    written = StringIO()
    before = console.setStream(written)
    yield written
    console.setStream(before)
    canaries.search("log", written.getvalue())


# --- Logs


@pytest.mark.parametrize("key", FORMS_OF_A_KEY.values(), ids=FORMS_OF_A_KEY.keys())
def test_a_log_line_shows_the_mask_of_a_key(key: str, log: StringIO) -> None:
    logging.getLogger("anything").warning("Somebody typed %s here", key)
    assert f"Somebody typed {keycode.mask(KEY[-5:])} here" in log.getvalue()


def test_a_traceback_in_the_log_shows_the_mask_of_a_key(log: StringIO) -> None:
    stock: dict[str, int] = {}
    try:
        stock[KEY]
    except KeyError:
        logging.getLogger("anything").exception("It failed")
    assert f"KeyError: '{keycode.mask(KEY[-5:])}'" in log.getvalue()


def test_every_handler_of_the_portal_masks_keys() -> None:
    loggers = [
        logging.getLogger(),
        *(item for item in logging.Logger.manager.loggerDict.values() if isinstance(item, logging.Logger)),
    ]
    # What pyasn1 brings when a test imports it late goes at the start of a portal: test_configure_the_directory.py.
    loggers = [logger for logger in loggers if logger.name != "pyasn1"]
    ours = [handler for logger in loggers for handler in logger.handlers if type(handler) is logging.StreamHandler]
    assert ours
    assert all(isinstance(handler.formatter, KeyMaskingFormatter) for handler in ours)


# --- Error reports


def test_the_masking_reporter_is_the_one_that_django_uses(rf: RequestFactory) -> None:
    assert cast(object, get_exception_reporter_class(rf.get("/"))) is KeyMaskingReporter


def _reporter(request: HttpRequest | None, error: Exception) -> KeyMaskingReporter:
    return KeyMaskingReporter(request, type(error), error, error.__traceback__)


def _report(request: HttpRequest | None, error: Exception) -> str:
    reporter = _reporter(request, error)
    return reporter.get_traceback_text() + reporter.get_traceback_html()


def _report_of(function: Callable[[], object], request: HttpRequest | None = None) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function()
    return _report(request, caught.value)


@pytest.mark.parametrize("field", ["key-code", "code", "q"])
@pytest.mark.parametrize("typed", [KEY, MISTYPED, KEY[:-3]])
def test_a_report_hides_what_was_typed_as_a_key(field: str, typed: str, rf: RequestFactory, canaries: Canaries) -> None:
    request = rf.post("/product-keys/add/", {field: typed, "general-name": "Berlin"})
    report = _report_of(lambda: request.POST["missing"], request)
    assert "Berlin" in report
    canaries.search("report", report)


def test_a_report_masks_keys_in_other_fields_cookies_headers_and_query(rf: RequestFactory, canaries: Canaries) -> None:
    request = rf.post(
        f"/?comment={KEY}", {"general-comment": f"bought {KEY}"}, headers={"x-forwarded-for": KEY, "referer": KEY}
    )
    request.COOKIES["draft"] = KEY
    canaries.search("report", _report_of(lambda: 1 / 0, request))


def test_a_report_masks_keys_in_variables(canaries: Canaries) -> None:
    def fail() -> None:
        typed = FORMS_OF_A_KEY
        posted = QueryDict(f"key-code={quote_plus(KEY)}&general-name=Berlin")
        rows = [{"name": "Berlin", "code": MISTYPED}, (KEY, {KEY})]
        body = f"key-code={KEY}".encode()
        long = "x" * 4_080 + KEY  # Django cuts what is longer than 4,096 characters: in the middle of the key
        raise ValueError(f"{KEY} in {len(typed) + len(posted) + len(rows) + len(body) + len(long)}")

    report = _report_of(fail)
    assert "Berlin" in report
    canaries.search("report", report)


def test_a_report_shows_no_variables_of_code_that_takes_keys_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups, characters and numbers of a key are not key-shaped."""
    code = keycode.parse(KEY)
    monkeypatch.setattr(keycode, "ALPHABET", None)
    report = _report_of(lambda: keycode.check(code))
    assert "in check" in report
    assert KEY[:5] not in report


class Injected(Exception):
    """What goes wrong in the next tests."""


def _add_and_open_a_key(request: HttpRequest) -> None:
    form = KeyFields(request.POST, prefix="key")
    assert form.is_valid(), form.errors
    values = values_of({"name": "Berlin", "comment": "", "key_type": "mak"} | form.cleaned_data)
    key = keys.add_key(values, origin=Origin(address="192.0.2.7"))
    assert key.code.open() == KEY


def _last_lines(scenario: Callable[[], None]) -> dict[CodeType, int]:
    """The functions of ours that the scenario runs, and the last line of each, where it holds the most."""
    lines: dict[CodeType, int] = {}

    def note(frame: FrameType, event: str, arg: object) -> Any:
        if not frame.f_globals.get("__name__", "").startswith(("productkeys.", "keyportal.")):
            return None
        if event == "line":
            lines[frame.f_code] = frame.f_lineno
        return note

    sys.settrace(note)
    try:
        scenario()
    finally:
        sys.settrace(None)
    return lines


def _failing_at(code: CodeType, line: int) -> Callable[[FrameType, str, object], Any]:
    def fail(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code is not code:
            return None
        if event == "line" and frame.f_lineno == line:
            raise Injected
        return fail

    return fail


def test_a_failure_anywhere_on_the_way_of_a_key_leaves_no_piece_of_it(
    rf: RequestFactory, db: None, canaries: Canaries
) -> None:
    """Every function that takes part in adding and opening a key fails once, at its end."""
    request = rf.post(
        "/product-keys/add/",
        {"key-code": KEY, "key-quantity": "10", "key-architecture": "x64", "key-operating_system": "windows-11"}
        | {"key-edition": "Enterprise", "key-usage": "activation"},
    )

    def scenario() -> None:
        with transaction.atomic():
            _add_and_open_a_key(request)
            transaction.set_rollback(True)

    places = _last_lines(scenario)
    assert len(places) >= 20
    for code, line in places.items():
        sys.settrace(_failing_at(code, line))
        try:
            scenario()
        except Injected as error:
            sys.settrace(None)
            canaries.search(f"report of {code.co_qualname}", _reporter(request, error).get_traceback_html())
        finally:
            sys.settrace(None)


def test_the_words_of_the_database_hold_no_key(db: None, canaries: Canaries) -> None:
    """PostgreSQL quotes the row that it refuses."""
    fields = {"name": "Berlin", "key_type": "mak", "usage": "activation", "architecture": "x64", "quantity": 1}
    ProductKey.objects.create(**fields, operating_system_id="windows-11", edition="Enterprise", code=KEY)
    with pytest.raises(IntegrityError) as refused:
        ProductKey.objects.create(**fields, operating_system_id="windows-11", edition="Enterprise", code=KEY)
    canaries.search("IntegrityError", str(refused.value))
    canaries.search("report", _report(None, refused.value))


# --- Addresses


@pytest.mark.parametrize("key", FORMS_OF_A_KEY.values(), ids=FORMS_OF_A_KEY.keys())
@pytest.mark.parametrize(
    "address", ["/product-keys/?q={}", "/product-keys/{}/", "/nowhere/?a=1&b=({})", "/admin/?next=/{}"]
)
def test_an_address_with_a_key_is_refused_and_repeated_nowhere(
    address: str, key: str, client: Client, log: StringIO, canaries: Canaries
) -> None:
    response = client.get(address.format(quote(key)))
    assert response.status_code == 400
    assert "no-store" in response["Cache-Control"]
    assert "This address holds a product key" in response.content.decode()
    assert "Refused a request with a product key in its address" in log.getvalue()
    canaries.search("page", response.content)
    assert "/nowhere/" not in log.getvalue()


def test_blanks_written_as_plus_signs_hide_no_key(client: Client) -> None:
    assert client.get("/product-keys/?q=" + KEY.replace("-", "+")).status_code == 400


def test_the_refusal_speaks_the_language_of_the_browser(client: Client) -> None:
    response = client.get(f"/product-keys/?q={KEY}", headers={"accept-language": "de"})
    assert '<html lang="de"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/product-keys/?q=Windows+11+Enterprise+LTSC&sort=-name&page=3",
        "/product-keys/?q=7Q4KM&os=windows-server-2022&edition=ServerStandard&usage=installation_and_activation",
        "/product-keys/?after=eyJuYW1lIjoiV2luZG93cyAxMSJ9:1tFWRB:GmJcKxVbPwqHhTtRkXdYvMfQjC7B9G2F4W8N6Z3L5S0",
        "/accounts/password/reset/4/cq2k7d-6f1e0c7b9a3d5e8f2b4c6d8e0f1a3b5c/",
        "/trail/6f9619ff-8b86-d011-b42d-00c04fc964ff/",
    ],
)
def test_ordinary_addresses_pass(address: str, client: Client) -> None:
    assert client.get(address).status_code != 400
