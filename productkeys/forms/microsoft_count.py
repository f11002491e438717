"""Entering what Microsoft counts of a key."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from productkeys.forms.edit import SeenVersionForm
from productkeys.forms.fields import QuantityField
from productkeys.forms.masking import MasksKeys
from productkeys.models import ProductKey


class MicrosoftCountForm(MasksKeys, SeenVersionForm):
    """A number and the day on which Microsoft showed it."""

    microsoft_used = QuantityField(
        label=_("Activations that Microsoft counts"),
        help_text=_("The Microsoft 365 admin center and VAMT show the number."),
        error_messages={
            "required": _("The number is missing. Enter 0 where Microsoft has counted nothing yet."),
            "invalid": _("This is not a whole number. Enter digits only."),
            "ambiguous": _("The number can be read in two ways. Write it without separators."),
        },
    )
    microsoft_counted_on = forms.DateField(
        label=_("Shown on"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("The day is missing. Enter when Microsoft showed the number."),
            "invalid": _("This is no day. Choose one of the calendar."),
        },
    )

    @classmethod
    def of(cls, key: ProductKey, data: Any = None, **typed: Any) -> "MicrosoftCountForm":
        """The form for `key`, filled in with the number that is kept and with today, or with what was `typed`."""
        kept = {"microsoft_used": key.microsoft_used, "microsoft_counted_on": timezone.localdate()}
        return cls(data, initial=kept | typed | {"version": key.version})
