"""The form fields for a product key and for how often it may be used."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode, rules
from productkeys.domain.keycode import KeyCode


def offer(form: forms.BaseForm, name: str, choices: Any) -> None:
    """Let the select `name` of `form` offer `choices`: pairs, or what gives them when they are shown."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class KeyInput(forms.TextInput):
    """A text input without memory: no autocompletion, no spell checker that would send the key away.

    Like a password it does not show its value again, unless `render_value` is set: the key itself is at fault then, and
    the answer to the very request that typed it shows what to correct.
    """

    render_value = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "kp-keyinput"}
            | (attrs or {})
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value if self.render_value else None, attrs)


class KeyCodeField(forms.CharField):
    """Text to `KeyCode`. What is wrong with the text is said by the rules of the domain, and never quotes it."""

    widget = KeyInput
    default_error_messages = {"required": _("The product key is missing. Type or paste it here.")}

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {"label": _("Product key"), "max_length": 400, "strip": False} | kwargs
        super().__init__(**options)

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


class QuantityField(forms.IntegerField):
    """A whole number that may be grouped by thousands as the present language does it, or by blanks or apostrophes.

    "1.000" is a thousand in German and one in English: what two languages read in two ways is refused, never guessed.
    """

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _("The quantity is not a whole number. Enter digits only, or leave it empty."),
        "ambiguous": _("The quantity can be read in two ways. Write a whole number without separators."),
    }
    _grouped = re.compile(r"[+-]?\d{1,3}(?:([.,'’\s])\d{3})(?:\1\d{3})*")
    _plain = re.compile(r"[+-]?\d{1,100}")

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {"label": _("Quantity")} | kwargs
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        if grouped := self._grouped.fullmatch(text):
            if grouped[1] in ".," and grouped[1] != get_format("THOUSAND_SEPARATOR"):
                raise ValidationError(self.error_messages["ambiguous"], "ambiguous")
            text = text.replace(grouped[1], "")
        if not self._plain.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], "invalid")
        return int(text)
