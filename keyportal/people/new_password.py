"""The password that a command sets: the one in KEYPORTAL_ADMIN_PASSWORD if it will do, else a new one, shown once."""

import os
import secrets
from dataclasses import dataclass, field

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from keyportal.people.models import User

VARIABLE = "KEYPORTAL_ADMIN_PASSWORD"


class PasswordRefused(Exception):
    """The given password is too weak; the text says why and does not hold it."""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """`shown` is what a command may print about it: a given password is not in there."""

    text: str = field(repr=False)
    shown: str = field(repr=False)


def new_password(person: User) -> NewPassword:
    """The password to set for `person`, who may be unsaved. Raises PasswordRefused."""
    if given := os.environ.get(VARIABLE, ""):
        try:
            validate_password(given, person)
        except ValidationError as error:
            raise PasswordRefused(f"{VARIABLE} will not do: {' '.join(error.messages)}") from None
        return NewPassword(given, f"the one in {VARIABLE}")
    made = secrets.token_urlsafe(15)
    return NewPassword(made, f"{made} (shown only now)")
