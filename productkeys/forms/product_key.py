"""The fields that describe a product key, as the wizard's two pages and the edit page share them."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from productkeys.domain import rulebook, rules
from productkeys.domain.choices import Architecture, Family, KeyType, Usage
from productkeys.domain.systems import OfferingFacts
from productkeys.forms.agreement import AgreementOfKey
from productkeys.forms.fields import KeyCodeField, KeyInput, QuantityField
from productkeys.forms.labels import LabelFields
from productkeys.forms.masking import MasksKeys
from productkeys.forms.problems import add_problems
from productkeys.forms.scope import ScopeFields
from productkeys.forms.usage import UsageCard, UsageLock, cards_of, lock_of
from productkeys.models import ProductKey, reference
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin


def system_choices(key_type: str = "") -> list[tuple[Any, Any]]:
    """The operating systems that there are keys of this type for, by family."""
    systems = [system for system in reference.current().systems.values() if system.takes(key_type)]
    families = [
        (family.label, [(system.slug, system.name) for system in systems if system.family == family])
        for family in Family
    ]
    return [("", _("Choose …")), *((label, members) for label, members in families if members)]


def edition_choices(system_slug: str, key_type: str = "", *, may_be_all: bool) -> list[tuple[str, Any]]:
    """The editions of one operating system for keys of this type, or of every system where none is chosen yet.

    Where a key may name no edition (`may_be_all`), leaving it out means all of them.
    """
    offerings: dict[str, OfferingFacts] = {}
    systems = reference.current().systems
    chosen = systems.get(system_slug)
    for system in [chosen] if chosen and chosen.takes(key_type) else systems.values():
        offerings = {**system.offerings_for(key_type), **offerings}
    nothing = _("all editions") if may_be_all else _("Choose …")
    return [("", nothing), *((name, offering.local_label) for name, offering in offerings.items())]


def architecture_choices(system_slug: str, edition: str) -> list[tuple[str, Any]]:
    """ "any" and the architectures that the edition exists for, or all where nothing is chosen yet."""
    system = reference.current().systems.get(system_slug)
    if system is None:
        return list(Architecture.choices)
    known = system.architectures_of(edition) or system.architectures
    return [(choice.value, choice.label) for choice in Architecture if choice is Architecture.ANY or choice in known]


def missing_architectures(system_slug: str) -> str:
    """A sentence about the usual architectures that the system was never made for; empty where it has them all."""
    system = reference.current().systems.get(system_slug)
    usual = (Architecture.X64, Architecture.ARM64, Architecture.X86)
    missing = [str(choice.label) for choice in usual if system and choice not in system.architectures]
    if system is None or not missing:
        return ""
    *others, last = missing
    if others:
        return gettext("%(system)s does not exist for %(architectures)s and %(last_architecture)s.") % {
            "system": system.name,
            "architectures": ", ".join(others),
            "last_architecture": last,
        }
    return gettext("%(system)s does not exist for %(architecture)s.") % {"system": system.name, "architecture": last}


class GeneralFields(MasksKeys, LabelFields, ScopeFields, AgreementOfKey):
    """What the key is: its type, its name, whose it is, what it was bought under, a comment, its labels."""

    key_type = forms.ChoiceField(
        label=_("Type"),
        choices=KeyType,
        error_messages={
            "required": _("The type is missing. Choose what kind of licence the key stands for."),
            "invalid_choice": _("This type is unknown. Choose one of those on offer."),
        },
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=rules.MAX_NAME,
        help_text=_("The key appears under this name in lists and rollout templates."),
        error_messages={"required": _("The name is missing. Choose one by which others recognise the key.")},
    )
    comment = forms.CharField(
        label=_("Comment"),
        max_length=rules.MAX_COMMENT,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Enter no keys and no passwords: everybody can read the comment."),
    )

    field_order = ["key_type", "name", "scope", "agreement", "comment", "labels"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.settle_scope(cleaned)
        self.settle_agreement(cleaned)
        return cleaned

    def clean_name(self) -> str:
        return self._without_key("name")

    def clean_comment(self) -> str:
        return self._without_key("comment")

    def _without_key(self, field: str) -> str:
        text: str = self.cleaned_data[field]
        if problem := rules.problem_of_text(text, field):
            raise forms.ValidationError(problem.text, problem.code)
        return text


NOTHING_TO_CORRECT = {rulebook.ALREADY_STORED.code, rulebook.ALREADY_STORED_ELSEWHERE.code}


class KeyFields(forms.Form):
    """The key itself, what it is for, how often it may be used, and where in the rollout.

    Editions and architectures that do not exist are not offered once the operating system is known; the fields still
    take every value, so that the rules can say what is wrong with it. A key that was typed is shown again only where it
    is at fault itself.
    """

    code = KeyCodeField(
        help_text=_("Paste it as you have it: capital letters, dashes and blanks do not matter."),
    )
    operating_system = forms.ChoiceField(
        label=_("Operating system"),
        choices=lazy(system_choices, list),
        required=False,
        error_messages={"invalid_choice": _("This operating system is unknown. Choose one of those on offer.")},
    )
    edition = forms.CharField(label=_("Edition"), required=False, max_length=60, widget=forms.Select)
    architecture = forms.ChoiceField(
        label=_("Architecture"),
        choices=Architecture,
        initial=Architecture.ANY,
        required=False,
        error_messages={"invalid_choice": _("This architecture is unknown. Choose one of those on offer.")},
    )
    quantity = QuantityField(required=False)
    usage = forms.ChoiceField(
        label=_("Used for"),
        choices=Usage,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("The use is missing. Choose what the key is used for."),
            "invalid_choice": _("This use is unknown. Choose one of those on offer."),
        },
    )
    typing_confirmed = forms.BooleanField(
        label=_("The key is typed exactly as it was issued"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self["operating_system"].value() or "")
        system, edition = self.fields["operating_system"].widget, self.fields["edition"].widget
        assert isinstance(system, forms.Select)
        assert isinstance(edition, forms.Select)
        # A type on the same page may be what is wrong: it takes nothing away that was chosen beside it.
        settled_type = "" if "key_type" in self.fields else self.chosen_type
        system.choices = system_choices(settled_type)
        edition.choices = edition_choices(
            chosen, settled_type, may_be_all=self.chosen_type in rules.EDITION_OPTIONAL_TYPES
        )
        architecture = self.fields["architecture"]
        assert isinstance(architecture.widget, forms.Select)
        architecture.widget.choices = architecture_choices(chosen, str(self["edition"].value() or ""))
        architecture.help_text = missing_architectures(chosen)
        if self["typing_confirmed"].value():
            offer_confirmation(self)  # never carried along unseen: the next key would pass unread

    @property
    def chosen_type(self) -> str:
        """The type of the key, from the form itself; the wizard knows it from its first page."""
        return str(self["key_type"].value() or "") if "key_type" in self.fields else ""

    @property
    def usage_cards(self) -> list[UsageCard]:
        """The choices of "used for" as cards (components/usage_cards.html)."""
        return cards_of(str(self["usage"].value() or ""), self.chosen_type)

    @property
    def usage_lock(self) -> UsageLock | None:
        """Why a key of this type is for activation only; None where it is not."""
        return lock_of(self.chosen_type)

    def clean_architecture(self) -> str:
        return self.cleaned_data["architecture"] or Architecture.ANY.value

    def add_error(self, field: Any, error: Any) -> None:
        super().add_error(field, error)
        widget = self.fields["code"].widget if "code" in self.fields else None
        if isinstance(widget, KeyInput):
            widget.render_value = self.shows_typed_key

    @property
    def shows_typed_key(self) -> bool:
        """Whether the typed key comes back to be corrected: a key that is stored already needs no correction."""
        return any(error.code not in NOTHING_TO_CORRECT for error in self.errors.as_data().get("code", ()))


def values_of(cleaned: dict[str, Any]) -> KeyValues:
    """The declared values in the cleaned data of a form (or of both wizard pages); what is missing is empty."""
    return KeyValues(
        name=cleaned.get("name", ""),
        comment=cleaned.get("comment", ""),
        key_type=cleaned.get("key_type", ""),
        operating_system_id=cleaned.get("operating_system", ""),
        edition=cleaned.get("edition", ""),
        architecture=cleaned.get("architecture") or Architecture.ANY.value,
        usage=cleaned.get("usage", ""),
        quantity=cleaned.get("quantity"),
        scope_id=cleaned.get("scope"),
        agreement_id=cleaned.get("agreement"),
        shared_with=frozenset(cleaned["shared_with"]) if "shared_with" in cleaned else None,
        labels=cleaned.get("labels"),
        code=cleaned.get("code"),
        typing_confirmed=bool(cleaned.get("typing_confirmed")),
    )


def check_by_rules(
    form: forms.BaseForm, cleaned: dict[str, Any], *, origin: Origin, key: ProductKey | None = None
) -> None:
    """Ask the rules about `cleaned` and show what they say in `form`; offers the confirmation for a typing error."""
    problems = keys.problems_of(values_of(cleaned), origin=origin, key=key)
    add_problems(form, problems)
    if any(problem.rule is rulebook.TYPING_ERROR for problem in problems):
        offer_confirmation(form)


def offer_confirmation(form: forms.BaseForm) -> None:
    """Show the checkbox by which a person insists on a key that looks mistyped."""
    form.fields["typing_confirmed"].widget = forms.CheckboxInput()
