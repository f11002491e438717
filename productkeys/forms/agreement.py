"""The form of an agreement, and the field by which a key is put under one.

A portal without agreements never speaks of them, and a choice never names one that the person may not see.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from productkeys.domain import agreements as rules
from productkeys.forms.fields import QuantityField, offer
from productkeys.forms.masking import MasksKeys
from productkeys.forms.problems import add_problems
from productkeys.forms.scope import ScopeFields, value_of
from productkeys.forms.seen import follow
from productkeys.models import Agreement, ProductKey, reference
from productkeys.models.agreement import AgreementQuerySet
from productkeys.services import agreements, scoping
from productkeys.services.agreements import AgreementValues
from productkeys.services.origin import Origin

_DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class LongSelect(forms.Select):
    """A select whose options are put together at once: by Django's template, thousands take a quarter of a second."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SafeString(" selected") if str(key) == chosen else "", label) for key, label in self.choices),
        )
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", attributes, options)


class AgreementField(forms.TypedChoiceField):
    """Cleaned to the id of an agreement, or None. Whether it is there for the person, the rules say."""

    widget = LongSelect

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "label": _("Agreement"),
            "coerce": int,
            "empty_value": None,
            "required": False,
            "help_text": _("What the key was bought under."),
            "error_messages": {"invalid_choice": _("This agreement is not there. Choose one of those on offer.")},
        }
        super().__init__(**defaults | options)

    def valid_value(self, value: Any) -> bool:
        return str(value).isascii() and str(value).isdecimal() and len(str(value)) < 16


class AgreementOfKey(forms.Form):
    """The agreement of a key, for forms that call `offer_agreements` when they know who asks."""

    agreement = AgreementField()

    origin: Origin
    settled_agreement: int | None = None

    def offer_agreements(self, origin: Origin, key: ProductKey | None = None) -> None:
        """Keep the field where there is an agreement to choose; or else the key stays where it is.

        One that the person may not see is not there for them: what they leave empty leaves it alone.
        """
        stored = key.agreement_id if key else None
        if stored and not _visible(origin).filter(pk=stored).exists():
            self.settled_agreement = stored
        elif stored:
            self.initial.setdefault("agreement", stored)
        if offers_agreements(origin):
            offer(self, "agreement", lambda: [("", _("none")), *agreement_choices(origin)])
        else:
            del self.fields["agreement"]

    def clean_agreement(self) -> int | None:
        chosen: int | None = self.cleaned_data["agreement"]
        for problem in scoping.problems_of_agreement(chosen, origin=self.origin):
            raise ValidationError(problem.text, problem.code)
        return chosen

    def settle_agreement(self, cleaned: dict[str, Any]) -> None:
        """Complete what a person without a choice could not say."""
        if not cleaned.get("agreement"):
            cleaned["agreement"] = self.settled_agreement


class AgreementForm(MasksKeys, ScopeFields):
    """What the papers of a purchase say; `version` is the one that the page showed, of a stored agreement."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    number = forms.CharField(
        label=_("Number"),
        max_length=rules.LONGEST["number"],
        help_text=_("As it stands on the papers: of the agreement, the order or the invoice."),
        error_messages={"required": lazy(lambda: rules.NUMBER_NEEDED.broken().text, str)()},
    )
    vendor = forms.CharField(label=_("Vendor"), max_length=rules.LONGEST["vendor"], required=False)
    bought_on = forms.DateField(label=_("Bought on"), required=False, widget=_DAY)
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=_DAY, help_text=_("The last day. Empty: it does not end.")
    )
    licences = QuantityField(
        label=_("Licences bought"),
        required=False,
        error_messages={
            "invalid": _("The number of licences is not a whole number. Enter digits only, or leave it empty."),
            "ambiguous": _("The number of licences can be read in two ways. Write it without separators."),
        },
    )
    cost_centre = forms.CharField(label=_("Cost centre"), max_length=rules.LONGEST["cost_centre"], required=False)
    proof = forms.CharField(
        label=_("Proof of purchase"),
        max_length=rules.LONGEST["proof"],
        required=False,
        help_text=_("Where the invoice or the certificate is kept."),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=rules.LONGEST["note"],
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Enter no keys and no passwords: everybody can read the note."),
    )

    field_order = ["version", "number", "vendor", "scope", "bought_on", "valid_until"]

    def __init__(self, data: QueryDict | None = None, *, origin: Origin, agreement: Agreement | None = None) -> None:
        self.origin, self.agreement = origin, agreement
        self.shown = data.copy() if data else QueryDict(mutable=True)
        super().__init__(self.shown if data else None, initial=_initial(agreement) if agreement else {})
        self.fields["scope"].help_text = _("Who sees the agreement: the people of this scope, or everybody.")
        self.offer_places(scoping.places(origin, agreement), stored=agreement)
        if agreement is None:
            del self.fields["version"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.settle_scope(cleaned)
        add_problems(self, agreements.problems_of(self.values, origin=self.origin, agreement=self.agreement))
        return cleaned

    @property
    def values(self) -> AgreementValues:
        """What the form says, for the service; what could not be read is empty."""
        said = {name: self.cleaned_data.get(name.removesuffix("_id")) for name in agreements.FIELDS}
        return AgreementValues(**said | {name: said[name] or "" for name in rules.LONGEST})

    def show_on_top_of(self, current: Agreement, when_seen: Mapping[str, Any]) -> None:
        """Prepare the form for being sent again after somebody else changed the agreement to `current`.

        A field that only they changed (it still says what `when_seen` says) follows them, and is not set back.
        """
        follow(self.shown, _initial(current), typed=agreements.shown(self.values), when_seen=when_seen)
        self.shown["version"] = str(current.version)


def _initial(agreement: Agreement) -> dict[str, Any]:
    declared = {name: getattr(agreement, name) for name in agreements.FIELDS if name != "scope_id"}
    return declared | {"version": agreement.version, "scope": value_of(agreement.scope_id)}


def agreement_choices(origin: Origin) -> Iterable[tuple[str, str]]:
    """The agreements that are there for the acting person, by number, each with its vendor and whose it is."""
    scopes = reference.current().scopes if reference.current().has_scopes else {}
    for pk, number, vendor, scope in _visible(origin).values_list("pk", "number", "vendor", "scope_id"):
        yield str(pk), " · ".join(text for text in (number, vendor, scopes.get(scope or 0, "")) if text)


def offers_agreements(origin: Origin) -> bool:
    """Whether the acting person is asked for the agreement of a key: there has to be one."""
    return _visible(origin).exists()


def _visible(origin: Origin) -> AgreementQuerySet:
    return Agreement.objects.visible_to(origin.person) if origin.person else Agreement.objects.all()
