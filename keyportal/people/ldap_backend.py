"""Signing in with the company's directory, LDAP or Active Directory: loaded only where `KEYPORTAL_LDAP_URL` is set.

The directory looks at the password and tells the groups; the account, its roles and its session are the portal's. It
is asked about nobody who has a password here: who may do what here is not the directory's to take over.
"""

import logging
from typing import Any

import ldap
from allauth.account.internal.userkit import filter_users_by_username, get_user_by_username
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from django_auth_ldap.backend import LDAPBackend, ldap_error

from keyportal.people import directory, recording
from keyportal.people.backend import PortalBackend
from keyportal.people.directory import NotLetIn
from keyportal.people.models import User
from productkeys.domain import invisible
from productkeys.models.trail import Why

logger = logging.getLogger(__name__)

_ATTRIBUTES = {"first_name": ("givenName", 150), "last_name": ("sn", 150), "email": ("mail", 254)}
"""What is taken over from the directory at every sign-in, and so many characters of it."""

# How directories say that this password, or this account, will not do: besides INVALID_CREDENTIALS, which is expected.
_REFUSED = (ldap.INAPPROPRIATE_AUTH, ldap.UNWILLING_TO_PERFORM, ldap.CONSTRAINT_VIOLATION)


class DirectoryBackend(LDAPBackend):  # type: ignore[misc]  # django-auth-ldap carries no types
    # NAME_ATTRIBUTE is our own; the account is made and brought up to date in `get_or_build_user`.
    default_settings = {"ALWAYS_UPDATE_USER": False, "NAME_ATTRIBUTE": ""}

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with their rights in the one query."""
        return PortalBackend().get_user(user_id)

    @sensitive_variables()
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_others: Any
    ) -> User | None:
        """The person whom the directory knows by this name and password; None where it does not, or was not asked.

        Raises NotLetIn for somebody whom it knows and who gets no account here, and where it does not answer.
        """
        if not username or not password:
            return None
        known = get_user_by_username(username.strip())
        if known and known.has_usable_password():
            return None
        try:
            person: User | None = super().authenticate(request, username=username, password=password)
        except NotLetIn as refusal:
            recording.sign_in_refused(refusal.person or known, refusal.why, request=request, name=refusal.name)
            raise
        if person is not None:
            del person.ldap_user  # type: ignore[attr-defined]  # which holds the connection
        return person

    def get_or_build_user(self, username: str, ldap_user: Any) -> tuple[User, bool]:
        """The account here of somebody whose password was right: made where there is none, given its roles, stored."""
        name = _first(ldap_user.attrs, self.settings.NAME_ATTRIBUTE)
        groups = _groups(ldap_user)
        namesakes = [person.get_username() for person in filter_users_by_username(name)]
        if not namesakes:
            _require_that_an_account_may_be_made(name, groups)
        elif len(namesakes) > 1:  # they differ in capital letters alone
            raise NotLetIn(Why.NAME_REFUSED, name=name)
        with transaction.atomic():
            person, is_new = User.objects.get_or_create(
                username=next(iter(namesakes), name), defaults={"password": make_password(None)}
            )
            if person.has_usable_password():
                raise NotLetIn(Why.OWN_PASSWORD, person=person)
            if not person.is_active:
                PortalBackend._stash_user(person)
                raise ldap_user.AuthenticationFailed("the account here is deactivated")
            _take_over(person, ldap_user.attrs)
            directory.apply(person, groups, why=Why.LDAP_GROUPS, request=ldap_user._request, is_new=is_new)
        return person, False


def _require_that_an_account_may_be_made(name: str, groups: set[str]) -> None:
    if not directory.roles_of(groups):
        raise NotLetIn(Why.NO_ROLE, name=name)
    try:
        User(username=name).clean_fields(exclude=["password"])
    except ValidationError:
        raise NotLetIn(Why.NAME_REFUSED, name=name) from None


def _take_over(person: User, attributes: Any) -> None:
    """Store name and e-mail address as the directory tells them; what it does not tell stays as it is."""
    for field, (attribute, longest) in _ATTRIBUTES.items():
        if text := _first(attributes, attribute):
            setattr(person, field, text[:longest])
    try:
        validate_email(person.email)
    except ValidationError:
        person.email = ""
    person.save(update_fields=list(_ATTRIBUTES))


def _groups(ldap_user: Any) -> set[str]:
    """The distinguished names of a person's groups, and their plain names: none of those may pass for the former."""
    return {*ldap_user.group_dns, *(name for name in ldap_user.group_names if name and "=" not in name)}


def _first(attributes: Any, name: str) -> str:
    """The first value of an attribute, in one line; empty where there is none, or it is no text."""
    value = next(iter(attributes.get(name, ())), "")
    if not isinstance(value, str):
        return ""
    return invisible.without(value)


def _trouble(exception: ldap.LDAPError, **_signal: Any) -> None:
    """What django-auth-ldap tells of an error of the directory: but for a refused person, nobody can sign in by it."""
    if isinstance(exception, _REFUSED):
        return
    said = exception.args[0] if exception.args and isinstance(exception.args[0], dict) else {}
    logger.error("The directory cannot be asked: %s %s", said.get("desc", type(exception).__name__), said.get("info"))
    raise NotLetIn(Why.DIRECTORY_DOWN) from None


ldap_error.connect(_trouble, sender=DirectoryBackend, dispatch_uid="trouble")
