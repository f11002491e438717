"""The forms in which the administration keeps people and roles."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from keyportal.people.forms import LANGUAGE_CHOICES
from keyportal.people.models import SecondFactorRule, User
from productkeys.admin.base import ReadableForm


class AddPersonForm(ReadableForm, AdminUserCreationForm[User]):
    """User name and password; everything else comes on the next page."""


class ChangePersonForm(ReadableForm, UserChangeForm[User]):
    """Django's form for a person, and their language.

    The page brings along what it showed: what its reader left alone stays as others made it since then. Somebody who
    was deactivated meanwhile would be active again, and have the roles back that were taken away.
    """

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_CHOICES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brought = not self.is_bound or self.add_initial_prefix("is_active") in self.data
        for field in self.fields.values():
            field.show_hidden_initial = brought and not field.disabled

    def clean_username(self) -> str:
        """As for somebody new: of two whose names differ in capital letters alone, neither could sign in."""
        name: str = self.cleaned_data["username"]
        namesakes = User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk)
        if "username" in self.changed_data and namesakes.exists():
            raise forms.ValidationError(self.instance.unique_error_message(User, ("username",)))
        return name


class NewPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # only for the type checker is it generic
    """Django's form for a new password, which writes that alone: others may change the person at the same moment."""

    def save(self, commit: bool = True) -> User:
        person: User = super().save(commit=False)
        person.save(update_fields=["password"])
        return person


class RoleForm(ReadableForm):
    """A group, and whether it needs a second factor."""

    needs_second_factor = forms.BooleanField(
        label=_("Needs a second factor"),
        required=False,
        help_text=_(
            "Whoever has this role sets one up before anything else opens, and shows it at every sign-in. What the "
            "role Administrator needs, superusers need as well."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["needs_second_factor"] = SecondFactorRule.objects.filter(group=self.instance.pk).exists()
