"""The fields that describe a product key, as the wizard's two pages and the edit page share them."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from productkeys.domain import rules
from productkeys.domain.choices import Architecture, KeyType, Usage
from productkeys.forms.fields import KeyCodeField
from productkeys.forms.problems import add_problems
from productkeys.models import ProductKey, reference
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin


def _system_choices() -> list[tuple[str, Any]]:
    systems = reference.current().systems.values()
    return [("", _("Choose …")), *((system.slug, system.name) for system in systems)]


def edition_choices(system_slug: str) -> list[tuple[str, Any]]:
    """The editions of one operating system, or every edition where none is chosen yet."""
    system = reference.current().systems.get(system_slug)
    offerings = system.offerings if system else reference.current().editions
    return [("", _("Choose …")), *((name, reference.label_of(offering)) for name, offering in offerings.items())]


def architecture_choices(system_slug: str, edition: str) -> list[tuple[str, Any]]:
    """ "any" and the architectures that the edition exists for, or all where nothing is chosen yet."""
    system = reference.current().systems.get(system_slug)
    if system is None:
        return list(Architecture.choices)
    known = system.architectures_of(edition) or system.architectures
    return [(choice.value, choice.label) for choice in Architecture if choice is Architecture.ANY or choice in known]


class GeneralFields(forms.Form):
    """What the key is: its type, its name, a comment."""

    key_type = forms.ChoiceField(label=_("Type"), choices=KeyType)
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("The key appears under this name in lists and rollout templates."),
        error_messages={"required": _("The name is missing. Choose one by which others recognise the key.")},
    )
    comment = forms.CharField(
        label=_("Comment"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Enter no keys and no passwords: everybody can read the comment."),
    )

    def clean_name(self) -> str:
        return self._without_key("name")

    def clean_comment(self) -> str:
        return self._without_key("comment")

    def _without_key(self, field: str) -> str:
        text: str = self.cleaned_data[field]
        if problem := rules.problem_of_text(text, field):
            raise forms.ValidationError(problem.text, problem.code)
        return text


class KeyFields(forms.Form):
    """The key itself, what it is for, how often it may be used, and where in the rollout.

    Editions and architectures that do not exist are not offered once the operating system is known; the fields still take
    every value, so that the rules can say what is wrong with it.
    """

    code = KeyCodeField()
    operating_system = forms.ChoiceField(
        label=_("Operating system"), choices=lazy(_system_choices, list), required=False
    )
    edition = forms.CharField(label=_("Edition"), required=False, max_length=60, widget=forms.Select)
    architecture = forms.ChoiceField(
        label=_("Architecture"), choices=Architecture, initial=Architecture.ANY, required=False
    )
    quantity = forms.IntegerField(
        label=_("Quantity"),
        required=False,
        localize=True,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("The quantity is not a whole number. Enter digits only, or leave it empty.")},
    )
    usage = forms.ChoiceField(label=_("Used for"), choices=Usage, widget=forms.RadioSelect)
    typing_confirmed = forms.BooleanField(
        label=_("The key is typed exactly as it was issued"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self["operating_system"].value() or "")
        edition = self.fields["edition"].widget
        assert isinstance(edition, forms.Select)
        edition.choices = edition_choices(chosen)
        architecture = self.fields["architecture"].widget
        assert isinstance(architecture, forms.Select)
        architecture.choices = architecture_choices(chosen, str(self["edition"].value() or ""))

    def clean_architecture(self) -> str:
        return self.cleaned_data["architecture"] or Architecture.ANY.value


def values_of(cleaned: dict[str, Any]) -> KeyValues:
    """The declared values in the cleaned data of a form (or of both wizard pages together); what is missing is empty."""
    return KeyValues(
        name=cleaned.get("name", ""),
        comment=cleaned.get("comment", ""),
        key_type=cleaned.get("key_type", ""),
        operating_system_id=cleaned.get("operating_system", ""),
        edition=cleaned.get("edition", ""),
        architecture=cleaned.get("architecture") or Architecture.ANY.value,
        usage=cleaned.get("usage", ""),
        quantity=cleaned.get("quantity"),
        code=cleaned.get("code"),
        typing_confirmed=bool(cleaned.get("typing_confirmed")),
    )


def check_by_rules(
    form: forms.BaseForm, cleaned: dict[str, Any], *, origin: Origin, key: ProductKey | None = None
) -> None:
    """Ask the rules about `cleaned` and show what they say in `form`; offers the confirmation for a typing error."""
    problems = keys.problems_of(values_of(cleaned), origin=origin, key=key)
    add_problems(form, problems)
    if any(problem.rule is rules.TYPING_ERROR for problem in problems):
        form.fields["typing_confirmed"].widget = forms.CheckboxInput()
