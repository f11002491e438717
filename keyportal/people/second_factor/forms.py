"""allauth's forms for the second factor, where the portal asks for more: sealed drafts, plain names, and the trail."""

import struct
from typing import Any, cast

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP, generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from cryptography.exceptions import InvalidTag
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from keyportal.people import recording
from keyportal.people.models import User
from productkeys.domain import rules
from productkeys.encryption import open_sealed, seal
from productkeys.key_ring import KeyRingProblem

_LONGEST_NAME = 60
_NOT_READABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, struct.error)
"""What fido2 and allauth raise for an answer of no browser."""


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth carries no types
    """Sets up an authenticator app.

    Until the first code comes back, the session keeps the secret, sealed: who has scanned it and is asked for the
    password in between, or opens the page twice, is shown the same one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)  # allauth's own puts the secret into the session as it is
        self.fields["code"].label = _("Code from the app")
        del self.fields["code"].widget.attrs["placeholder"]
        self.secret = self._kept() or self._fresh()

    def clean_code(self) -> str:
        code: str = super().clean_code()
        # Taken once, also for a first sign-in within the same half minute.
        TOTP(Authenticator(user=self.user))._mark_code_used(code)
        return code

    @property
    def grouped_secret(self) -> str:
        """The secret to type off, in groups of four."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))

    def _kept(self) -> str:
        """The secret of the page that was shown; empty where the session has none that opens."""
        try:
            return open_sealed(context.request.session.get(SECRET_SESSION_KEY, ""), bound_to=self._bound_to)
        except (InvalidTag, KeyRingProblem, ValueError):
            return ""

    def _fresh(self) -> str:
        secret: str = generate_totp_secret()
        context.request.session[SECRET_SESSION_KEY] = seal(secret, bound_to=self._bound_to)
        return secret

    @property
    def _bound_to(self) -> str:
        return f"second factor to be of {self.user.uid}"


class _Named:
    """A form with the name of a passkey, which is readable by all."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = cast(forms.CharField, self.fields["name"])
        name.label, name.max_length = _("Name"), _LONGEST_NAME
        name.widget.attrs["maxlength"] = str(_LONGEST_NAME)
        name.help_text = _("What tells this device from your others, such as “Laptop” or “Key on the ring”.")

    def clean_name(self) -> str:
        name: str = super().clean_name() if hasattr(super(), "clean_name") else self.cleaned_data["name"]  # type: ignore[misc]
        if len(name) > _LONGEST_NAME:
            raise ValidationError(_("This name is too long: at most 60 characters."))
        if problem := rules.problem_of_text(name, "name"):
            raise ValidationError(problem.text, problem.code)
        return name


def _not_accepted() -> ValidationError:
    return ValidationError(_("This passkey was not accepted. Try it again, or choose another way."), "incorrect_code")


class AddPasskeyForm(_Named, AddWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.label, alone.initial = _("Sign in with it alone, without user name and password"), True
        alone.help_text = _("The device then asks for its PIN, your finger or your face. Some older keys cannot.")

    def clean(self) -> dict[str, Any]:
        try:
            return cast(dict[str, Any], super().clean())
        except (ValidationError, *_NOT_READABLE):
            raise _not_accepted() from None


class NamePasskeyForm(_Named, EditWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    pass


class _Refusals:
    """A form that takes a passkey, and keeps in the trail what it refused."""

    user: User | None
    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        try:
            return cast(Authenticator, super().clean_credential())  # type: ignore[misc]  # of allauth's form
        except ValidationError as refused:
            if refused.code != "incorrect_code":
                raise  # the lock
        except _NOT_READABLE:
            pass
        recording.second_factor_refused(self._person(), request=context.request)
        raise _not_accepted()

    def _person(self) -> User | None:
        return self.user


class PasskeyForm(_Refusals, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    pass


class ConfirmByPasskeyForm(_Refusals, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    pass


class SignInByPasskeyForm(_Refusals, LoginWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    def _person(self) -> User | None:
        """Who the passkey claims to be of."""
        try:
            return cast(User, extract_user_from_response(self.cleaned_data["credential"]))
        except (ValidationError, *_NOT_READABLE):
            return None
