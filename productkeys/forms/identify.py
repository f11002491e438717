"""Text that a machine shows, pasted to be read: a secret while it is here, since whole keys may stand in it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import KeyType
from productkeys.models import reference

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


class ShownProductForm(forms.Form):
    """What a machine shows of the product of a key without an entry, on its way into the wizard."""

    key_type = forms.ChoiceField(choices=KeyType.choices, required=False)
    operating_system = forms.CharField(max_length=100, required=False)
    edition = forms.CharField(max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        known = reference.current()
        slug, edition = told.get("operating_system", ""), told.get("edition", "")
        system = known.systems.get(slug)
        if (slug and system is None) or (edition and (system is None or edition not in system.offerings)):
            raise ValidationError(_("There is no such operating system or edition."), "unknown")
        return told

    @property
    def name(self) -> str:
        """A name to begin with."""
        slug, edition = self.cleaned_data["operating_system"], self.cleaned_data["edition"]
        known = reference.current()
        return ", ".join(
            part for part in (slug and known.system_name(slug), known.edition_label(slug, edition)) if part
        )


def grouped(number: int) -> str:
    """The number as people read it."""
    return number_format(number, force_grouping=True)
