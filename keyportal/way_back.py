"""The way back to the page that a form was sent from; it stands in the form, so anybody could have written it."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, target: str | None, *, otherwise: str) -> str:
    """`target` where it is an address of this portal, else `otherwise`, which may be the name of a view as well."""
    here = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts=here, require_https=request.is_secure())
    # Whoever redirects there takes what has no slash for the name of a view.
    return target if target and safe and "/" in target else otherwise
