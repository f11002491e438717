"""To the company's sign-in and back: the addresses that people, and the provider, come by."""

from typing import Any

from allauth.core import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from requests import RequestException

from keyportal.people.company import confirmation, failing, problems, saml
from keyportal.people.company.configuration import OPENID, SAML
from keyportal.people.company.openid import OpenIDFlow
from keyportal.way_back import way_back

_PAGES = {OPENID: "company_openid_sign_in", SAML: "company_saml_sign_in"}


def offered() -> list[dict[str, str]]:
    """Name and address of each way to sign in with a company account."""
    providers = get_adapter().list_providers(None)
    return [{"name": provider.name, "address": reverse(_PAGES[provider.id])} for provider in providers]


@login_not_required
@never_cache
def openid_sign_in(request: HttpRequest) -> HttpResponse:
    """Off to the OpenID provider."""
    return _away(request, _provider(request, OPENID))


@login_not_required
@never_cache
def openid_answer(request: HttpRequest) -> HttpResponse:
    """Back from the OpenID provider, with a code or an error."""
    flow = OpenIDFlow(request, _provider(request, OPENID).app.provider_id)
    try:
        response: HttpResponse = OAuth2CallbackView.adapter_view(flow)(request)
    except (RequestException, OAuth2Error) as error:
        return failing.page_of(request, None, error, {})
    return response


@login_not_required
@never_cache
def saml_sign_in(request: HttpRequest) -> HttpResponse:
    """Off to the SAML identity provider."""
    return _away(request, _provider(request, SAML))


@csrf_exempt  # the identity provider's page sends it; what ties it to a session is checked in `saml_finish`
@login_not_required
@never_cache
def saml_answer(request: HttpRequest) -> HttpResponse:
    """The identity provider's answer, sent by its own page, so without the cookies of a session."""
    provider = _provider(request, SAML)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        name = saml.keep(provider.app, request.POST.get("SAMLResponse", ""))
    except saml.Declined as error:
        return failing.page_for(request, problems.DENIED, str(error))
    except saml.Unbelievable as error:
        return failing.page_for(request, problems.UNPROVEN, str(error))
    except (RequestException, OAuth2Error) as error:
        return failing.page_of(request, None, error, {})
    return redirect("company_saml_finish", name=name)


@login_not_required
@never_cache
def saml_finish(request: HttpRequest, name: str) -> HttpResponse:
    """The answer meets the session that asked for it. Each counts once."""
    provider = _provider(request, SAML)
    request_id, account = saml.take(name) or ("", None)
    try:
        state = provider.unstash_redirect_state(request, request_id)
    except PermissionDenied:
        state = None
    if state is None or account is None:
        return failing.page_for(request, problems.OUT_OF_DATE)
    login = provider.sociallogin_from_response(request, account)
    login.state = state
    response: HttpResponse = complete_social_login(request, login)
    return response


@login_not_required
def saml_metadata(request: HttpRequest) -> HttpResponse:
    """What the identity provider has to know of the portal."""
    config = saml.saml_settings(_provider(request, SAML).app, of_the_portal_only=True)
    return HttpResponse(config.get_sp_metadata(), content_type="application/samlmetadata+xml")


@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """Asks somebody who signs in through the company to let themselves be asked again there."""
    assert request.user.is_authenticated
    provider = confirmation.provider_for(request.user)
    if provider is None:
        raise PermissionDenied(_("Your account does not sign in through the company."))
    if request.method != "GET":
        return _away(request, provider, data=confirmation.question(request.user), **provider.ask_again)
    context = {"provider": provider, "next": request.GET.get("next", "")}
    return render(request, "company/confirm.html", context)


def _provider(request: HttpRequest, protocol: str) -> Any:
    """allauth's provider for `protocol`; 404 where the environment describes none."""
    try:
        return get_adapter(request).get_provider(request, protocol)
    except SocialApp.DoesNotExist:
        raise Http404 from None


def _away(request: HttpRequest, provider: Any, **how: Any) -> HttpResponse:
    """A page that leads to the provider by itself.

    A redirect would not do: the policy on forms (`form-action`) holds for where a form's answer leads to, and from the
    provider people may be sent on to yet another address.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="login")
    if limited:  # each asks the provider, and waits for it
        return limited
    target = way_back(request, request.POST.get("next"), otherwise="")
    try:
        response: HttpResponse = provider.redirect(request, process=AuthProcess.LOGIN, next_url=target or None, **how)
    except (RequestException, OAuth2Error) as error:
        return failing.page_of(request, None, error, {})
    if not isinstance(response, HttpResponseRedirectBase):
        return response
    return render(request, "company/leaving.html", {"provider": provider, "address": response["Location"]})
