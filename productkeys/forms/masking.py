"""Forms that come back with an error and may hold a product key where none belongs: it is shown masked alone."""

from typing import Any

from django import forms
from django.http import QueryDict

from productkeys.domain import keycode
from productkeys.forms.fields import KeyInput


class MasksKeys(forms.Form):
    """Shows what was sent again with every key in it masked, and quotes none in what is said about it.

    Fields for keys, which show what to correct by rules of their own, are named in `FOR_KEYS`.
    """

    FOR_KEYS: frozenset[str] = frozenset()

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors:
            self._mask_sent()
            self._mask_quoted()

    def _mask_sent(self) -> None:
        names = [
            self.add_prefix(name)
            for name, field in self.fields.items()
            if name not in self.FOR_KEYS and not isinstance(field.widget, KeyInput)
        ]
        sent = {name: str(self.data[name]) for name in names if name in self.data}
        masked = {name: keycode.redact(text) for name, text in sent.items() if keycode.contains_key(text)}
        if not masked:
            return
        if not isinstance(self.data, QueryDict) or not self.data._mutable:
            self.data = self.data.copy()  # type: ignore[attr-defined]  # whatever a form is bound to has it
        for name, text in masked.items():
            self.data[name] = text  # type: ignore[index]  # a copy of one's own

    def _mask_quoted(self) -> None:
        for errors in self.errors.values():
            for error in errors.as_data():
                params: dict[str, Any] = error.params or {}
                if isinstance(value := params.get("value"), str):
                    params["value"] = keycode.redact(value)
