"""Typing labels: one text with commas between them, and the labels in use to choose from."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from keyportal.people.models import User
from productkeys.domain import labels
from productkeys.listing.labels import offered_to
from productkeys.models import reference
from productkeys.services import labelling

_HELP = _("Words to find the key by, with commas between them.")
_SHARED = _("All scopes share the same labels: put nothing in them that others must not read.")


class LabelsInput(forms.TextInput):
    """A text input that proposes `offered`."""

    offered: Iterable[str] = ()

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        if not self.offered or not attrs or "id" not in attrs:
            return super().render(name, value, attrs, renderer)
        list_id = f"{attrs['id']}_offered"
        return format_html(
            '{}<datalist id="{}">{}</datalist>',
            super().render(name, value, attrs | {"list": list_id}, renderer),
            list_id,
            format_html_join("", '<option value="{}"></option>', ((offered,) for offered in self.offered)),
        )


class LabelsField(forms.CharField):
    """Cleaned to the labels in the text, as the rules allow them."""

    widget = LabelsInput

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {"label": _("Labels"), "required": False, "max_length": 2000, "help_text": _HELP}
        super().__init__(**defaults | options)

    def clean(self, value: Any) -> frozenset[str]:
        names = labels.split(super().clean(value))
        if problems := labelling.problems_of(names):
            raise ValidationError([ValidationError(problem.text, problem.code) for problem in problems])
        return frozenset(names)

    def offer_to(self, person: User | None) -> None:
        """Propose the labels of keys that `person` sees; where scopes share them, say so."""
        widget: Any = self.widget
        widget.offered = offered_to(person) if person else ()
        widget.attrs["autocomplete"] = "off"
        if reference.current().has_scopes and self.help_text:
            self.help_text = format_lazy("{} {}", self.help_text, _SHARED)


class LabelFields(forms.Form):
    """The labels of a key, for forms that call `offer_labels` when they know who asks."""

    labels = LabelsField()

    def offer_labels(self, person: User | None) -> None:
        field = self.fields["labels"]
        assert isinstance(field, LabelsField)
        field.offer_to(person)


def text_of(names: Iterable[str]) -> str:
    """How a form says `names`."""
    return labels.joined(labelling.in_order(names))


class LabelChangeFields(forms.Form):
    """Labels to put on many keys, and labels to take off."""

    add_labels = LabelsField(label=_("Add labels"))
    remove_labels = LabelsField(label=_("Remove labels"), help_text="")

    def offer_labels(self, person: User) -> None:
        for name in ("add_labels", "remove_labels"):
            field = self.fields[name]
            assert isinstance(field, LabelsField)
            field.offer_to(person)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        added, removed = (cleaned.get(name, frozenset()) for name in ("add_labels", "remove_labels"))
        if both := labelling.among(added, removed):
            text = _("“%(label)s” stands in both fields. Take it out of one of them.")
            self.add_error("remove_labels", ValidationError(text, "both", {"label": both[0]}))
        return cleaned
