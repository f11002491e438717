"""Why the company's account leads nowhere, and the page that says so, with what to do."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.models.trail import Why


@dataclass(frozen=True, slots=True)
class Problem:
    """What happened and what to do. `why` is what the trail keeps, if anything."""

    title: Promise
    advice: Promise
    status: int = 403
    why: Why | None = None


DENIED = Problem(
    _("The sign-in was cancelled"),
    _("Nothing was changed. Try again, or sign in another way."),
)
OUT_OF_DATE = Problem(
    _("This sign-in is out of date"),
    _(
        "It took more than ten minutes, was begun in another browser, or its last page was called up twice. Begin "
        "again."
    ),
    status=400,
)
SILENT = Problem(
    _("The company's sign-in does not answer"),
    _(
        "Wait a few minutes and try again. If it goes on, tell an administrator of the portal: the log says what was "
        "asked and what failed."
    ),
    status=503,
)
UNPROVEN = Problem(
    _("The answer of the company's sign-in cannot be believed"),
    _(
        "You are not signed in. Try again; if it happens again, tell an administrator of the portal: the log says what "
        "was wrong."
    ),
    status=400,
    why=Why.UNPROVEN,
)
FAILED_THERE = Problem(
    _("The company's sign-in failed"),
    _("Try again; if it happens again, tell an administrator of the portal: the log says what it reported."),
)
TOO_MANY_GROUPS = Problem(
    _("Your company account has too many groups"),
    _(
        "Your groups give you your rights here, and the directory leaves out some of them. Tell an administrator: it "
        "should send only the groups that the portal knows."
    ),
    why=Why.TOO_MANY_GROUPS,
)
NO_ROLE = Problem(
    _("You have no access to the portal yet"),
    _("None of the groups of your company account gives a role here. Ask an administrator of the portal."),
    why=Why.NO_ROLE,
)
NO_USER_NAME = Problem(
    _("Your company account has no user name that fits"),
    _("Ask an administrator of the portal: the directory has to send one of letters, digits and @ . + - _ only."),
    why=Why.NO_USER_NAME,
)
NAME_TAKEN = Problem(
    _("There is an account of your user name already"),
    _("It signs in another way, and nobody takes it over. Ask an administrator of the portal."),
    why=Why.NAME_TAKEN,
)
SOMEBODY_ELSE = Problem(
    _("That was another account"),
    _("Confirm with the company account that you signed in with."),
    why=Why.OTHER_ACCOUNT,
)
NOT_ASKED_AGAIN = Problem(
    _("The company's sign-in did not ask you again"),
    _("Sign out of it and try again. If it happens again, tell an administrator of the portal."),
    why=Why.NOT_ASKED_AGAIN,
)


class Refused(Exception):
    """The company vouches for an account that may not come in, or not as it came."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.why)
        self.problem = problem


def page_of(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page that says it, in the workspace for somebody who is signed in."""
    frame = "base.html" if request.user.is_authenticated else "plain.html"
    context = {"frame": frame, "problem": problem}
    response = render(request, "company/problem.html", context, status=problem.status)
    add_never_cache_headers(response)
    return response
