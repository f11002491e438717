"""Who comes and goes is in the trail: sign-ins, sign-outs, passwords new and forgotten, and second factors.

What was typed is not. People type their password where their name belongs: a name stands in the trail only where an
account has it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.signals import password_changed, password_reset, user_logged_in
from allauth.account.utils import filter_users_by_username
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.forms import ModelForm
from django.http import HttpRequest

from keyportal.people.models import User
from productkeys.models.trail import Action, Why
from productkeys.services import trail
from productkeys.services.origin import Origin


def start() -> None:
    """Listen from now on."""
    user_logged_in.connect(_signed_in, dispatch_uid="trail")
    user_logged_out.connect(_signed_out, dispatch_uid="trail")
    user_login_failed.connect(_failed, dispatch_uid="trail")
    password_changed.connect(_password_changed, dispatch_uid="trail")
    password_reset.connect(_password_reset, dispatch_uid="trail")
    authentication_failed.connect(_second_factor_failed, dispatch_uid="trail")
    authenticator_added.connect(_factor_added, dispatch_uid="trail")
    authenticator_removed.connect(_factor_removed, dispatch_uid="trail")
    authenticator_reset.connect(_codes_renewed, dispatch_uid="trail")


def sign_in_refused(person: User | None, why: Why, *, request: HttpRequest | None, name: str = "") -> None:
    """Keep that somebody tried to come in as `person`. Who it was, nobody knows: they are what the entry is about.

    Without an account it is about nobody, or about the `name` that the company's directory gives them.
    """
    subject = _named(person) if person else (None, name[:150])
    _record(Action.SIGN_IN_FAILED, Origin.at_the_door(request), subject=subject, reason=why.value)


def new_password_asked_for(people: Mapping[User, Why | None], request: HttpRequest) -> None:
    """Keep that somebody asked for a new password for `people`, and why one of them gets no link; or for nobody."""
    origin = Origin.at_the_door(request)
    entries = [
        trail.entry(Action.RESET_ASKED, origin=origin, subject=_named(person), reason=why.value if why else "")
        for person, why in people.items()
    ]
    trail.record(*entries or [trail.entry(Action.RESET_ASKED, origin=origin, reason=Why.UNKNOWN_NAME.value)])


def second_factor_refused(person: User | None, *, request: HttpRequest | None) -> None:
    """Keep that a second factor was wrong, where it claims to be of `person`."""
    subject = _named(person) if person else None
    _record(Action.SIGN_IN_FAILED, Origin.at_the_door(request), subject=subject, reason=Why.WRONG_SECOND_FACTOR.value)


def person_changed(form: ModelForm[User], *, request: HttpRequest) -> None:
    """Keep what somebody changed of their own name and address; how they like the pages is nobody's business."""
    changed = [name for name in ("first_name", "last_name", "email") if name in form.changed_data]
    if changed:
        before, after = ({name: side[name] for name in changed} for side in (form.initial, form.cleaned_data))
        person = form.instance
        _record(Action.CHANGED, _origin(person, request), subject=_named(person), before=before, after=after)


def in_words(factor: Authenticator) -> str:
    """What the trail calls `factor`: its kind, and its name where it has one."""
    name = factor.data.get("name", "")
    return f"{factor.type} {name}".strip()


def company_account_linked(person: User, *, request: HttpRequest) -> None:
    """Keep that `person`, who was here already, signs in with the company's account from now on."""
    why = Why.COMPANY_LINKED.value
    _record(Action.CHANGED, Origin.at_the_door(request), subject=_named(person), reason=why)


def company_sign_in_refused(why: Why, *, person: User | None = None, user_name: str = "", request: HttpRequest) -> None:
    """Keep that a company account did not come in. The directory has vouched for `user_name`: nobody typed it here.

    `person` is who is signed in, or whom the account belongs to.
    """
    if person is None and user_name:
        person = filter_users_by_username(user_name).first()
    subject = _named(person) if person else (None, user_name[:150])
    origin = Origin.of(request) if request.user.is_authenticated else Origin.at_the_door(request)
    _record(Action.SIGN_IN_FAILED, origin, subject=subject, reason=why.value)


def _signed_in(request: HttpRequest, user: User, **_signal: Any) -> None:
    _record(Action.SIGNED_IN, _origin(user, request))


def _signed_out(request: HttpRequest | None, user: User | None, **_signal: Any) -> None:
    if user is not None:
        _record(Action.SIGNED_OUT, _origin(user, request))


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: Any) -> None:
    typed = credentials.get("username")
    person = filter_users_by_username(typed).first() if typed else None
    sign_in_refused(person, Why.WRONG_PASSWORD if person else Why.UNKNOWN_NAME, request=request)


def _password_changed(request: HttpRequest, user: User, **_signal: Any) -> None:
    _record(Action.CHANGED, _origin(user, request), subject=_named(user), after={"password": "changed"})


def _password_reset(request: HttpRequest, user: User, **_signal: Any) -> None:
    said = {"subject": _named(user), "reason": Why.LINK.value, "after": {"password": "changed"}}
    _record(Action.CHANGED, _origin(user, request), **said)


def _second_factor_failed(request: HttpRequest, user: User, **_signal: Any) -> None:
    second_factor_refused(user, request=request)


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    after = {"second_factor": in_words(authenticator)}
    _record(Action.FACTOR_ADDED, _origin(user, request), subject=_named(user), after=after)


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    before = {"second_factor": in_words(authenticator)}
    _record(Action.FACTOR_REMOVED, _origin(user, request), subject=_named(user), before=before)


def _codes_renewed(request: HttpRequest, user: User, **_signal: Any) -> None:
    _record(Action.CODES_RENEWED, _origin(user, request), subject=_named(user))


def _named(person: User) -> tuple[UUID, str]:
    return person.uid, person.get_username()


def _origin(person: User, request: HttpRequest | None) -> Origin:
    return Origin(person, Origin.at_the_door(request).address)


def _record(action: Action, origin: Origin, **said: Any) -> None:
    trail.record(trail.entry(action, origin=origin, **said))
