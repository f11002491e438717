"""What the page of the trail can be asked: whose entries, about which key, of what kind, from when to when."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models.trail import Action

_DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class TrailForm(forms.Form):
    """The filters of the trail; each may be left empty. Those that are not understood are told and left out."""

    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=150,
        help_text=_("User name."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=200,
        help_text=_("Its whole name or its last five characters."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All kinds")), *Action.choices],
        error_messages={"invalid_choice": _("There is no such kind of entry. Choose one of the list.")},
    )
    since = forms.DateField(label=_("First day"), required=False, widget=_DAY)
    until = forms.DateField(label=_("Last day"), required=False, widget=_DAY)

    def clean_person(self) -> User | None:
        """The account of that name; people are never deleted, so there is one for every name in the trail."""
        name = self.cleaned_data["person"]
        if not name:
            return None
        person = User.objects.filter(username__iexact=name).first()
        if person is None:
            raise ValidationError(_("Nobody has this user name. Check how it is written."), "unknown")
        return person

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", ValidationError(_("This day is before the first one. Swap the two."), "order"))

    @property
    def begin(self) -> datetime | None:
        """The first moment of the first day; None where there is none, or the calendar begins with it."""
        day = self.cleaned_data.get("since")
        return _midnight(day) if day and day > date.min else None

    @property
    def end(self) -> datetime | None:
        """The first moment behind the last day; None where there is none, or the calendar ends with it."""
        day = self.cleaned_data.get("until")
        return _midnight(day + timedelta(days=1)) if day and day < date.max else None

    @property
    def asked(self) -> dict[str, str]:
        """What is asked for and understood, as an address carries it."""
        understood = {name: value for name, value in self.cleaned_data.items() if value and name not in self.errors}
        return {name: _as_text(value) for name, value in understood.items()}

    @property
    def holds_a_key(self) -> bool:
        """Whether a product key was typed: it must not come into an address or back onto the page."""
        return any(keycode.contains_key(str(self.data.get(name, ""))) for name in ("person", "key"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class ExportFormat(TextChoices):
    """In which form the trail leaves the portal."""

    CSV = "csv", _("CSV")
    JSON = "jsonl", _("JSON lines")


class ExportForm(forms.Form):
    """The form of an export; its filters are those of the page."""

    format = forms.ChoiceField(choices=ExportFormat)


def _as_text(value: Any) -> str:
    return value.get_username() if isinstance(value, User) else str(value)
