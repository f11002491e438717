"""What a person may say about how the workspace looks, and the forms of their password."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, ResetPasswordForm, ResetPasswordKeyForm, UserTokenForm
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from keyportal.people import recording
from keyportal.people.forgotten import people_called, why_no_link
from keyportal.people.models import PAGE_SIZES, Theme, User
from productkeys.domain import keycode, rules

LANGUAGE_CHOICES = [("", _("as the browser")), *settings.LANGUAGES]
"""What a person may say about their language."""


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=settings.LANGUAGES)


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=Theme)


class PreferencesForm(forms.ModelForm[User]):
    """A person's own settings; the choice of columns stands at the list itself."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_CHOICES, required=False)
    page_size = forms.TypedChoiceField(
        label=_("Rows per page"), coerce=int, choices=[(size, str(size)) for size in PAGE_SIZES]
    )
    shortcuts = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("j and k move through the rows, e edits, a adds, / searches, ? lists the keys."),
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "language", "theme", "page_size", "shortcuts"]

    def save(self, commit: bool = True) -> User:
        """Store what was asked for and nothing beside it: an administrator may change the rest at the same moment."""
        assert commit
        self.instance.save(update_fields=self.changed_data)
        return self.instance

    def clean(self) -> dict[str, Any] | None:
        """Refuses a product key in a name or an address, and shows it masked: colleagues read them."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("first_name", "last_name", "email"):
            typed = cleaned.get(name, "")
            if problem := rules.problem_of_text(typed, name):
                self.add_error(name, forms.ValidationError(problem.text, problem.code))
                self.data = {**self.data, name: keycode.redact(typed)}
        return cleaned


_PASSWORDS = {
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


class _Labelled(forms.Form):
    """A form of allauth in the portal's words, without labels that are repeated inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _PASSWORDS[name]
            del field.widget.attrs["placeholder"]


class PasswordForm(_Labelled, ChangePasswordForm):  # type: ignore[misc]  # allauth carries no types
    """A new password for whoever knows the present one. Wrong tries at that count as those at the sign-in."""

    def clean_oldpassword(self) -> str:
        typed: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class NewPasswordForm(_Labelled, ResetPasswordKeyForm):  # type: ignore[misc]  # likewise
    """A new password for whoever came by a link."""


class LinkForm(UserTokenForm):  # type: ignore[misc]  # likewise
    """Whose link it is: allauth asks no more than whether the account is there and the token is right."""

    def _get_user(self, uidb36: str) -> User | None:
        found: User | None = super()._get_user(uidb36)
        # Held until the password is set: of two who come by one link at once, the second finds it used.
        person = found and User.objects.select_for_update().filter(pk=found.pk).first()
        return None if person is None or why_no_link(person) else person


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]  # likewise
    """A user name or an e-mail address. Whoever has it, or nobody: the answer is the same, and takes the same steps."""

    email = forms.CharField(label=_("User name or e-mail address"), max_length=254)

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        self.called = people_called(typed)
        return typed

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        typed: str = self.cleaned_data["email"]
        # Per mailbox, by whatever name it was reached. Beyond the limit nothing happens: saying so would tell of it.
        mailbox = next((person.email for person in self.called if person.email), typed).lower()
        if ratelimit.consume(request, action="reset_letter", key=mailbox):
            recording.new_password_asked_for({person: why_no_link(person) for person in self.called}, request)
            self.users = [person for person in self.called if person.is_active and person.email]
            super().save(request, **kwargs)
        return typed
