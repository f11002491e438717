"""The pages for 400, 403, 404, 413, 429 and 500: what happened, in the portal's look, and one way on."""

import logging
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language

logger = logging.getLogger(__name__)

# No 0 and O, no 1 and I: a reference is read out on the phone.
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request cannot be read, its host is not the portal's, or it is larger than the portal takes."""
    if isinstance(exception, RequestDataTooBig):
        return _page(request, 413, file_mb=settings.IMPORT_MAX_MB, text_mb=settings.IMPORT_TEXT_MAX_MB)
    return _page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The person may not do this; a view that raises PermissionDenied with a sentence has it shown."""
    reason = exception.args[0] if exception and exception.args else ""
    return _page(request, 403, reason=str(reason))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is nothing here, or nothing that this person may know of. The address is not repeated."""
    return _page(request, 404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """allauth's rate limits are used up."""
    return _page(request, 429)


def server_error(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Something broke. Rendered without context processors and database: neither may break this page as well.

    The reference stands in the log right before the traceback.
    """
    left, right = ("".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(length)) for length in (4, 2))
    reference = f"{left}-{right}"
    logger.error("Reference %s: the error that follows was shown to a person", reference)
    context = {
        "theme": "auto",
        "language": get_language(),
        "reference": reference,
        "now": timezone.now(),
        "again": request.path if request.method == "GET" else "",
    }
    return HttpResponse(loader.get_template("500.html").render(context), status=500)


def _page(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    user = getattr(request, "user", None)
    context["frame"] = "base.html" if user and user.is_authenticated else "plain.html"
    response = render(request, f"{status}.html", context, status=status)
    add_never_cache_headers(response)
    return response
