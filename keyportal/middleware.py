"""What every request passes before any view."""

from collections.abc import Callable
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.log import log_response

from productkeys.domain import keycode


def refuse_keys_in_urls(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 400 to a request whose address holds a product key.

    Addresses are kept by browsers, proxies and logs. The page names what to do and repeats nothing of the address.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        address = f"{request.path} {unquote_plus(request.META.get('QUERY_STRING', ''))}"
        if not keycode.contains_key(address):
            return get_response(request)
        # Sessions, people and their language come later in the chain; the browser's language has to do.
        with translation.override(translation.get_language_from_request(request)):
            response = render(request, "key_in_url.html", status=400)
        add_never_cache_headers(response)
        # Logged here, so that Django does not log it with the path.
        log_response("Refused a request with a product key in its address", response=response, request=request)
        return response

    return middleware


def let_nothing_be_kept(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Tell browsers and proxies to keep no answer of a view: each names its person, or whom it was refused."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


_METHODS = ("GET", "HEAD", "POST")


def refuse_other_methods(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 405 to every method that no page uses: a view that looks for POST alone takes the rest for GET."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request) if request.method in _METHODS else HttpResponseNotAllowed(_METHODS)

    return middleware


def leave_out_the_body_of_head(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer HEAD with the headers alone: gunicorn would drop the rest, and warn of it in its log each time."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method == "HEAD":
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = ()
            elif isinstance(response, HttpResponse):
                response.content = b""
        return response

    return middleware
