"""Who comes in with the company's account, as whom, and with what: found, linked, made, or refused.

An account is known by its authority and uid. A user name counts once, when the account comes for the first time: then
somebody of exactly that name is linked whom an administrator has made for it. An e-mail address never counts.
"""

from collections.abc import Iterable

from allauth.account.utils import filter_users_by_username
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from keyportal.people import directory, recording
from keyportal.people.company import problems
from keyportal.people.company.account import CompanyAccount
from keyportal.people.company.problems import Refused
from keyportal.people.models import User
from productkeys.models.trail import Why

_LONGEST_ADDRESS = 254


def admit(login: SocialLogin, request: HttpRequest) -> User:
    """The person who comes in by `login`, stored with the names and roles that their company account gives.

    Somebody who is deactivated is returned as they are. Raises Refused.
    """
    account: CompanyAccount = login.company
    if account.groups is None:
        raise Refused(problems.TOO_MANY_GROUPS)
    is_known = login.account.pk is not None
    try:
        return _admit(login, account, account.groups, request)
    except IntegrityError:
        if is_known:
            raise
    # Came twice at the same moment: the other one has made the account.
    login.account.pk = login.user.pk = None
    login.lookup()
    return _admit(login, account, account.groups, request)


@transaction.atomic
def _admit(login: SocialLogin, account: CompanyAccount, groups: Iterable[str], request: HttpRequest) -> User:
    person, is_new = (login.user, False) if login.account.pk else _welcome(account)
    if not person.is_active:
        return person
    _take_names(person, account)
    if not login.account.pk:
        login.account.user = login.user = person
        login.account.save()
        if not is_new:
            recording.company_account_linked(person, request=request)
    directory.apply(person, groups, why=Why.COMPANY_GROUPS, request=request, is_new=is_new)
    return person


def _welcome(account: CompanyAccount) -> tuple[User, bool]:
    """The person for an account that was never here, not stored yet where they are new; and whether they are."""
    namesakes = list(filter_users_by_username(account.user_name).select_for_update()) if account.user_name else []
    for person in namesakes:
        if person.get_username() == account.user_name and _waits_for_an_account(person):
            return person, False
    if namesakes:
        raise Refused(problems.NAME_TAKEN)
    if not directory.roles_of(account.groups or ()):
        raise Refused(problems.NO_ROLE)
    person = User(username=account.user_name)
    person.set_unusable_password()
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError:
        raise Refused(problems.NO_USER_NAME) from None
    return person, True


def _waits_for_an_account(person: User) -> bool:
    return not person.has_usable_password() and not SocialAccount.objects.filter(user=person).exists()


def _take_names(person: User, account: CompanyAccount) -> None:
    """Store what the directory says now; what it does not say stays."""
    said = {
        "first_name": account.first_name[:150],
        "last_name": account.last_name[:150],
        "email": account.email if _is_address(account.email) else "",
    }
    news = {name: value for name, value in said.items() if value and getattr(person, name) != value}
    for name, value in news.items():
        setattr(person, name, value)
    if person._state.adding:
        person.save()
    elif news:
        person.save(update_fields=list(news))


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= _LONGEST_ADDRESS
