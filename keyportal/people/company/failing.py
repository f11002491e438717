"""What went wrong at the company's sign-in: a line in the log, an entry in the trail, and the page for the person."""

import logging
import re
from typing import Any

from allauth.core.internal import ratelimit
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from requests import RequestException

from keyportal.people import recording
from keyportal.people.company import problems
from keyportal.people.company.problems import Problem
from keyportal.people.models import User

logger = logging.getLogger(__name__)

_ERROR_CODE = re.compile(r"""error["']?\s*[:=]\s*["']?(\w{1,60})""")


def page_of(
    request: HttpRequest, error: str | None, exception: Exception | None, context: dict[str, Any]
) -> HttpResponse:
    """The page for what allauth reports: an exception of ours or its own, or what the provider sent back."""
    match exception:
        case RequestException():
            return page_for(request, problems.SILENT, f"{type(exception).__name__}: {exception}")
        case Exception():
            return page_for(request, problems.UNPROVEN, _without_secrets(exception))
    if error == AuthError.CANCELLED:
        return page_for(request, problems.DENIED)
    if "state_id" in context:
        return page_for(request, problems.OUT_OF_DATE)
    reported = request.GET.get("error", "")
    return page_for(request, problems.FAILED_THERE, f"it reports {reported if reported.isidentifier() else 'nothing'}")


def page_for(request: HttpRequest, problem: Problem, what: str = "") -> HttpResponse:
    """The page for `problem`; `what` goes into the log. Nobody fills log and trail by sending rubbish: ten a minute."""
    rates = {"company": settings.COMPANY_FAILURES_RECORDED}
    if what and ratelimit.consume(request, app="keyportal", action="company", config=rates, limit_get=True):
        logger.warning("The company's sign-in failed: %s", what)
        if problem.why:
            recording.company_sign_in_refused(problem.why, request=request)
    return problems.page_of(request, problem)


def page_for_refused(request: HttpRequest, login: SocialLogin, problem: Problem) -> HttpResponse:
    """The page for an account that the company vouches for and the rules do not let in."""
    assert problem.why
    person: User | None = login.user if login.account.pk else None
    if request.user.is_authenticated:
        person = request.user
    recording.company_sign_in_refused(problem.why, person=person, user_name=login.company.user_name, request=request)
    return problems.page_of(request, problem)


def _without_secrets(exception: Exception) -> str:
    """What an exception says; of the token endpoint's answer, which may hold tokens, the code of the error alone."""
    text = str(exception)
    if not text.startswith("Error retrieving access token"):
        return text
    code = _ERROR_CODE.search(text)
    return f"the token endpoint refuses: {code.group(1) if code else 'no reason given'}"
