"""The rows of the admin's list as forms: the harmless columns, each row with the version of the key that it showed."""

from functools import cached_property
from typing import Any

from django import forms
from django.forms.utils import ErrorList
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from productkeys.admin.key_forms import StoredByServices, changed_meanwhile
from productkeys.domain import rules
from productkeys.domain.rulebook import Problem
from productkeys.forms.edit import SeenVersionForm
from productkeys.forms.problems import add_problems
from productkeys.forms.product_key import GeneralFields
from productkeys.models import ProductKey
from productkeys.services import keys, scoping
from productkeys.services.keys import KeyValues

_COLUMNS = ("name", "comment")


class RowErrors(ErrorList):
    """Errors of a row; most rows have none."""

    def __str__(self) -> SafeString:
        return super().__str__() if self else SafeString("")


class HiddenCell(forms.BoundField):
    """A hidden value of a row.

    A page has hundreds of controls and each widget renders a template or two, so a list that is opened writes them by
    `format_html`. A list that is shown again with what was typed takes Django's way.
    """

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> SafeString:
        if self.form.is_bound:
            return super().as_widget(widget, attrs, only_initial)
        name = self.html_initial_name if only_initial else self.html_name
        return format_html('<input type="hidden" name="{}" value="{}">', name, self.value())


class EditableCell(HiddenCell):
    """A control that people type into; what it showed comes back beside it, hidden."""

    control: str

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> SafeString:
        if self.form.is_bound or only_initial:
            return super().as_widget(widget, attrs, only_initial)
        return format_html(
            self.control,
            name=self.html_name,
            value=self.value(),
            label=self.spoken_label,
            max_length=self.field.max_length,  # type: ignore[attr-defined]  # both fields are CharFields
            state=SafeString(" disabled") if self.field.disabled else "",
        )

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        return super().build_widget_attrs({"aria-label": self.spoken_label, **attrs}, widget)

    @property
    def spoken_label(self) -> str:
        """The head of the column is far away for who hears the row."""
        return f"{self.label}: {self.form.instance.name}"  # type: ignore[attr-defined]  # a RowForm


class TextCell(EditableCell):
    control = (
        '<input type="text" name="{name}" maxlength="{max_length}" aria-label="{label}" title="{value}" value="{value}"'
        "{state}>"
    )


class TextareaCell(EditableCell):
    control = (
        '<textarea rows="1" name="{name}" maxlength="{max_length}" aria-label="{label}"{state}>\n{value}</textarea>'
    )


class RowForm(SeenVersionForm, StoredByServices):
    """One row: the harmless columns, and the version that the row showed.

    The values that were shown come back with it, so that a row nobody touched is left alone, whatever became of it.
    """

    bound_field_class = HiddenCell

    name = forms.CharField(
        label=_("Name"),
        max_length=rules.MAX_NAME,
        show_hidden_initial=True,
        bound_field_class=TextCell,  # type: ignore[call-arg]  # django-stubs: new in Django 5.2
        error_messages={"required": GeneralFields.base_fields["name"].error_messages["required"]},
    )
    comment = forms.CharField(
        label=_("Comment"),
        max_length=rules.MAX_COMMENT,
        required=False,
        widget=forms.Textarea({"rows": 1}),
        show_hidden_initial=True,
        bound_field_class=TextareaCell,  # type: ignore[call-arg]  # django-stubs: new in Django 5.2
    )

    class Meta:
        model = ProductKey
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        self.fields["name"].disabled = self.instance.published or bool(self._not_yours)
        self.fields["comment"].disabled = bool(self._not_yours)

    @cached_property
    def changed_data(self) -> list[str]:
        """What the person changed; the version is no column."""
        return [name for name in super().changed_data if name != "version"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self._not_yours and self._was_typed_into:
            add_problems(self, self._not_yours)
        if not self.has_changed():
            return cleaned
        if self._seen_another_version:
            self.add_error(None, changed_meanwhile(self.instance, self.values, reader=self.origin.person))
        else:
            add_problems(self, keys.problems_of(self.values, origin=self.origin, key=self.instance))
        return cleaned

    @property
    def values(self) -> KeyValues:
        """The new state of the key, for the service: what the person left alone stays as it is stored by now."""
        changed = set(self.changed_data) & set(_COLUMNS)  # a forged id is none of them
        typed = {name: self.cleaned_data[name] for name in changed if name in self.cleaned_data}
        return KeyValues.of(self.instance, **typed)

    @property
    def version_to_show(self) -> object:
        """The version that the row carries: as it was seen, unless the page says right now that it is another."""
        if not self.is_bound or (self.has_changed() and self._seen_another_version):
            return self.instance.version
        return self["version"].value()

    @cached_property
    def _not_yours(self) -> list[Problem]:
        """Why this person may not change the row; empty for most."""
        return scoping.problems_of_act(self.instance, scoping.CHANGE, origin=self.origin)

    @property
    def _was_typed_into(self) -> bool:
        """Whether the row comes back with other values than it showed, which a disabled one does not by itself."""
        return any(
            self.data.get(self.add_prefix(name)) not in (None, self.data.get(self.add_initial_prefix(name)))
            for name in _COLUMNS
        )

    @property
    def _seen_another_version(self) -> bool:
        return bool(self.cleaned_data.get("version") != self.instance.version)


class RowFormSet(forms.BaseModelFormSet[ProductKey, RowForm]):
    """All rows of a page."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "error_class": RowErrors}

    def add_fields(self, form: RowForm, index: int | None) -> None:
        """Django would take the number of any key there is: one that the person may not know of is no number here."""
        super().add_fields(form, index)
        assert form.origin.person
        visible = ProductKey.objects.visible_to(form.origin.person)
        form.fields["id"].queryset = visible  # type: ignore[attr-defined]  # a ModelChoiceField

    def versions_to_show(self) -> SafeString:
        """The version of each row, hidden: Django's list has a place for fields that are columns only."""
        fields = ((form.add_prefix("version"), form.version_to_show) for form in self.forms)
        return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)
