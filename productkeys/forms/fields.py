"""The form field a product key is typed into."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode, rules
from productkeys.domain.keycode import KeyCode


class KeyInput(forms.TextInput):
    """A text input without memory: no autocompletion, no spell checker that would send the key away."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "kp-keyinput"}
            | (attrs or {})
        )


class KeyCodeField(forms.CharField):
    """Text to `KeyCode`. What is wrong with the text is said by the rules of the domain, and never quotes it."""

    widget = KeyInput
    default_error_messages = {"required": _("The product key is missing. Type or paste it here.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Product key"), "max_length": 400, "strip": False} | kwargs)

    def clean(self, value: Any) -> KeyCode | None:
        text = str(value or "")
        if not text.strip():
            self.validate("")
            return None
        if len(text) > (self.max_length or 0):
            raise ValidationError(_("This text is too long for one product key. Paste the key alone."), "too_long")
        try:
            return keycode.parse(text)
        except keycode.KeyFormatError as error:
            problem = rules.problem_of_format(error)
        raise ValidationError(problem.text, problem.code)
