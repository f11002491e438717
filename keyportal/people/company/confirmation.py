"""Confirming with the company's account that it is still the same person: what a password does for everybody else.

The company's sign-in is told to ask them again. Whether it did, its own word on when it asked says: a session that was
there already makes nobody recent.
"""

import time
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest

from keyportal.people import recent
from keyportal.people.company import problems
from keyportal.people.company.account import CompanyAccount, authorities_of
from keyportal.people.company.problems import Refused
from keyportal.people.models import User

_CLOCKS_DIFFER = 60
"""Seconds that the clocks of two machines may be apart."""


def provider_for(person: User) -> Any:
    """allauth's provider that `person` can confirm with, or None."""
    protocols = {name.partition(":")[0] for name in authorities_of(person)}
    offered = get_adapter().list_providers(None)
    return next((provider for provider in offered if provider.sub_id in protocols), None)


def question(person: User) -> dict[str, Any]:
    """What to remember while `person` is away to confirm."""
    return {"of": str(person.uid), "asked_at": time.time()}


def accept(login: SocialLogin, request: HttpRequest) -> None:
    """Count the person of this session as recent. Raises Refused where it was not them, or not just now."""
    asked, account = login.state["data"], login.company
    assert isinstance(account, CompanyAccount)
    person = request.user
    if not person.is_authenticated or str(person.uid) != asked["of"] or login.user.pk != person.pk:
        raise Refused(problems.SOMEBODY_ELSE)
    if account.authenticated_at is None or account.authenticated_at < asked["asked_at"] - _CLOCKS_DIFFER:
        raise Refused(problems.NOT_ASKED_AGAIN)
    recent.note(request, account.authenticated_at)
