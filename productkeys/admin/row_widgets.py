"""The controls in the rows of the admin's list: a page has hundreds of them, so none takes a template of its own."""

from typing import Any

from django import forms
from django.forms.utils import ErrorList, flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString


class _Plain(forms.Widget):
    """A control whose HTML is `markup`, filled with its attributes and its value."""

    markup: str

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        text = self.format_value(value) or ""
        return format_html(self.markup, flatatt({"name": name, **self.build_attrs(self.attrs, attrs)}), text)


class RowText(_Plain, forms.TextInput):
    markup = '<input type="text"{} value="{}">'


class RowTextarea(_Plain, forms.Textarea):
    markup = "<textarea{}>\n{}</textarea>"


class RowHidden(_Plain, forms.HiddenInput):
    markup = '<input type="hidden"{} value="{}">'


class RowErrors(ErrorList):
    """Errors of a row; most rows have none."""

    def __str__(self) -> SafeString:
        return super().__str__() if self else SafeString("")
