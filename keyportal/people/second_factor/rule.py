"""Who needs a second factor, who has one, and whether a session may go on without asking for it."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from keyportal.people.models import ScopedRole, SecondFactorRule

COMPANY = "company_second_factor"
"""The session's mark of somebody who signed in with the company's account, where True means: it asked for both."""

_SET_UP_HERE = "second_factor_set_up"


def passed(request: HttpRequest) -> bool:
    """Whether this session may go on: no role of its person needs a second factor, or the session has used one.

    Setting one up counts as using it, a passkey as both factors. Whoever comes with the company's account passes where
    the session says so (`COMPANY`): that is for the sign-in by the company's account to set, and for nobody else.
    """
    if not is_needed(request.user) or request.session.get(COMPANY) is True:
        return True
    return is_there(request.user) and _was_used(request)


def is_needed(person: Any) -> bool:
    """Whether a role of `person` needs a second factor. A superuser has the rights, and the duty, of administrators.

    Costs no query for the person of a request: what this asks came along with them (`backend`).
    """
    if _known(person, "role_needs_second_factor", rules_of(person.pk)):
        return True
    return person.is_superuser and _known(person, "administrators_need_second_factor", rules_of_administrators())


def is_there(person: Any) -> bool:
    """Whether `person` has a second factor to be asked for: recovery codes alone are none. As cheap as `is_needed`."""
    return _known(person, "has_second_factor", factors_of(person.pk))


def is_last(factor: Authenticator) -> bool:
    """Whether nothing would be left to ask for without `factor`."""
    return not factors_of(factor.user_id).exclude(pk=factor.pk).exists()


def set_up_here(request: HttpRequest) -> None:
    """Note that the person of `request` has just shown a second factor, by setting it up."""
    request.session[_SET_UP_HERE] = True


def rules_of(person_id: int) -> QuerySet[SecondFactorRule]:
    in_scopes = ScopedRole.objects.filter(person=person_id).values("role")
    return SecondFactorRule.objects.filter(Q(group__user=person_id) | Q(group__in=in_scopes))


def rules_of_administrators() -> QuerySet[SecondFactorRule]:
    return SecondFactorRule.objects.filter(group__name=_literal("Administrator"))


def factors_of(person_id: int) -> QuerySet[Authenticator]:
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(user=person_id)
    return factors.exclude(type=_literal(Authenticator.Type.RECOVERY_CODES.value))


def _was_used(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(request.session.get(_SET_UP_HERE)) or any(record["method"] == "mfa" for record in records)


def _known(person: Any, name: str, rows: QuerySet[Any]) -> bool:
    """What the query of the person's session brought along as `name`; for a person from elsewhere, asked now."""
    known = getattr(person, name, None)
    return rows.exists() if known is None else bool(known)


def _literal(text: str) -> RawSQL:
    """A text of ours as it stands in SQL: the person's id is to be the only parameter of the session's query."""
    return RawSQL(f"'{text}'", ())  # noqa: S611 - nothing that was typed
