"""What a person may say about how the workspace looks."""

from typing import Any

from allauth.account.forms import ChangePasswordForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from keyportal.people.models import PAGE_SIZES, Theme, User

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


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth carries no types
    """allauth's form in the portal's words, without labels that are repeated inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": _("Present password"),
            "password1": _("New password"),
            "password2": _("New password again"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
            del self.fields[name].widget.attrs["placeholder"]
