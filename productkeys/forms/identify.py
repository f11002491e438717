"""Text that a machine shows, pasted to be read: a secret while it is here, since whole keys may stand in it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

MAX_CHARACTERS = 500_000


class PastedText(forms.Textarea):
    """A text area without memory: like a password, it does not show again what was pasted into it."""

    def __init__(self) -> None:
        super().__init__({"rows": 8, "autocomplete": "off", "spellcheck": "false", "class": "kp-keyinput"})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class ShownTextForm(forms.Form):
    """What a machine shows, whole keys perhaps among it."""

    text = forms.CharField(
        label=_("What the machine shows"),
        widget=PastedText,
        error_messages={"required": _("Nothing is here yet. Paste what the machine shows.")},
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > MAX_CHARACTERS:
            raise ValidationError(
                _("This text has %(length)s characters; at most %(limit)s are read at once. Paste it in parts."),
                "too_long",
                {"length": grouped(len(text)), "limit": grouped(MAX_CHARACTERS)},
            )
        return text

    def refuse(self, text: str) -> None:
        """Say beside the field why nothing can be done with the text."""
        self.add_error("text", ValidationError(text, "unreadable"))


def grouped(number: int) -> str:
    """The number as people read it."""
    return number_format(number, force_grouping=True)
