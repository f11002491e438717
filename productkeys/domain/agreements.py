"""The rules of agreements, on plain values, and when one runs out: what the papers of a purchase may say."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from django.utils.translation import gettext_lazy as _

from productkeys.domain.rule import Problem, Rule
from productkeys.domain.rules import problem_of_text

MAX_LICENCES = 10_000_000
LONGEST = {"number": 100, "vendor": 150, "cost_centre": 60, "proof": 200, "note": 2000}
"""The texts of an agreement, and how many characters each may have."""

NUMBER_NEEDED = Rule(
    "agreement_number_needed",
    "number",
    _("The number of the agreement is missing."),
    _("Enter the number that stands on the papers of the purchase."),
    "KeyPortal",
)
ENDS_BEFORE_IT_BEGINS = Rule(
    "agreement_ends_early",
    "valid_until",
    _("The agreement would end before it was bought."),
    _("Correct one of the two days."),
    "KeyPortal",
)
LICENCES_AT_LEAST_ONE = Rule(
    "agreement_licences_few",
    "licences",
    _("The number of licences must be at least 1."),
    _("Leave it empty where it is not known."),
    "KeyPortal",
)
TOO_MANY_LICENCES = Rule(
    "agreement_licences_many",
    "licences",
    _("The number of licences is more than %(limit)s."),
    _("Check the figure in the papers of the purchase."),
    "KeyPortal",
)
TEXT_TOO_LONG = Rule(
    "agreement_text_too_long",
    "note",
    _("This text has more than %(limit)s characters."),
    _("Shorten it; the note has room for more."),
    "KeyPortal",
)
THERE_ALREADY = Rule(
    "agreement_there_already",
    "number",
    _("There is an agreement with this number and vendor already."),
    _("Open that one and change it there, if it needs changing."),
    "KeyPortal",
)
NOT_HERE = Rule(
    "agreement_not_here",
    "number",
    _("An agreement with this number and vendor cannot be added here."),
    _("Ask an administrator of the portal."),
    "KeyPortal",
)
NOT_YOURS = Rule(
    "agreement_not_yours",
    "scope",
    _("Your roles do not allow this for this agreement."),
    _("Leave it as it is, or ask an administrator of the portal."),
    "KeyPortal",
)
HAS_KEYS = Rule(
    "agreement_has_keys",
    "number",
    _("The agreement cannot be deleted: product keys belong to it."),
    _("Put them under another agreement or under none first. Some may be keys that you do not see."),
    "KeyPortal",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All rules of agreements in the order of this module, for the handbook."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a person or a file says of an agreement."""

    number: str
    vendor: str = ""
    bought_on: dt.date | None = None
    valid_until: dt.date | None = None
    licences: int | None = None
    cost_centre: str = ""
    proof: str = ""
    note: str = ""


def problems_of(paper: Paper) -> Iterator[Problem]:
    """What stands against an agreement like this, whoever stores it and whatever is stored already."""
    if not paper.number.strip():
        yield NUMBER_NEEDED.broken()
    for name, limit in LONGEST.items():
        text: str = getattr(paper, name)
        if problem := problem_of_text(text, name):
            yield problem
        if len(text) > limit:
            yield replace(TEXT_TOO_LONG.broken(limit=limit), field=name)
    if paper.bought_on and paper.valid_until and paper.valid_until < paper.bought_on:
        yield ENDS_BEFORE_IT_BEGINS.broken()
    if paper.licences is not None and paper.licences < 1:
        yield LICENCES_AT_LEAST_ONE.broken()
    if paper.licences is not None and paper.licences > MAX_LICENCES:
        yield TOO_MANY_LICENCES.broken(limit=MAX_LICENCES)


class Term(Enum):
    """How an agreement stands to the calendar. Its last day still counts."""

    OPEN = "open"
    RUNNING = "running"
    RUNNING_OUT = "running-out"
    EXPIRED = "expired"


def term_of(valid_until: dt.date | None, *, today: dt.date, warn_days: int) -> Term:
    """The term of an agreement until `valid_until`; it is running out from `warn_days` days before that day on."""
    if valid_until is None:
        return Term.OPEN
    if valid_until < today:
        return Term.EXPIRED
    return Term.RUNNING_OUT if (valid_until - today).days <= warn_days else Term.RUNNING
