"""The two pages of the wizard that adds a key."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode, rulebook, rules
from productkeys.domain.choices import Architecture, KeyType
from productkeys.domain.defaults import default_quantity, default_usage
from productkeys.domain.keycode import KeyCode
from productkeys.forms.product_key import GeneralFields, KeyFields, check_by_rules, offer_confirmation, values_of
from productkeys.forms.recognition import Recognition, visible_entry
from productkeys.services.origin import Origin


@dataclass(frozen=True, slots=True)
class TypeCard:
    """One type to choose on page 1: a second name for it, and one line on what it is."""

    key_type: KeyType
    subtitle: str | Promise
    text: str | Promise
    chosen: bool = False


_MAIN_TYPES = (
    (
        KeyType.GVLK,
        _("KMS client"),
        _("Public key; the device activates with your own KMS host or through Active Directory."),
    ),
    (
        KeyType.MAK,
        _("Multiple activation"),
        _("Activates once per device, directly with Microsoft; the number of activations is limited."),
    ),
    (KeyType.KMS_HOST, _("CSVLK"), _("Activates the KMS host itself; never belongs on a client.")),
    (KeyType.RETAIL, _("Single device"), _("Bought singly; one key for one device.")),
)
_OTHER_TYPES = (
    (KeyType.OEM, _("Came with the device"), _("Stands on a sticker or in the firmware; stays with that one device.")),
    (
        KeyType.AVMA,
        _("Virtual machine"),
        _("Public key; a guest activates with its Hyper-V host that runs Windows Server Datacenter."),
    ),
    (
        KeyType.ESU,
        _("Extended Security Updates"),
        _("An add-on that arrives as a MAK; brings updates after the end of support."),
    ),
)


_SYSTEM, _EDITION, _ARCHITECTURE, _QUANTITY = (
    f"#div_id_key-{name}" for name in ("operating_system", "edition", "architecture", "quantity")
)
_PRODUCT = (_EDITION, _ARCHITECTURE, _QUANTITY)
_FOLLOWS = {
    "code": ("change, paste delay:50ms", "#key-result", "#problems", "#rollout", _SYSTEM, *_PRODUCT),
    **dict.fromkeys(
        # The same for each: of the requests that wait, only the last is sent.
        ("operating_system", "edition", "architecture", "quantity", "usage"),
        ("change", "#problems", "#key-result", *_PRODUCT),
    ),
}
"""When a field has changed, htmx asks for these parts of the page anew; wizard.js spares the field in use."""


def _helper(*layout: object) -> FormHelper:
    """Fields alone: the form's frame, its errors on top and its buttons belong to the page."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.form_show_errors = False
    helper.layout = Layout(*layout)
    return helper


class GeneralForm(GeneralFields):
    """Page 1: what the key is."""

    def __init__(self, *args: Any, origin: Origin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.origin = origin
        self.offer_scopes(origin)
        self.offer_labels(origin.person)
        self.offer_agreements(origin)
        names = [name for name in ("name", "scope", "agreement", "comment", "labels") if name in self.fields]
        self.helper = _helper(Field("key_type", template="productkeys/wizard/type_cards.html"), *names)
        self.helper.show_optional = True

    @property
    def main_types(self) -> list[TypeCard]:
        return self._cards(_MAIN_TYPES)

    @property
    def other_types(self) -> list[TypeCard]:
        return self._cards(_OTHER_TYPES)

    @property
    def other_is_chosen(self) -> bool:
        return any(card.chosen for card in self.other_types)

    def _cards(self, types: tuple[tuple[KeyType, str | Promise, str | Promise], ...]) -> list[TypeCard]:
        chosen = self["key_type"].value()
        return [TypeCard(*described, chosen=described[0] == chosen) for described in types]


class KeyForm(KeyFields):
    """Page 2: the key and what it is for, judged together with `general`, the cleaned page 1.

    `kept` is the text of a key that was typed before and is not sent back to the page: an empty field means that one.
    """

    helper = _helper(
        Field("code", template="productkeys/wizard/key_field.html"),
        Div(
            "operating_system",
            "edition",
            "architecture",
            "quantity",
            css_id="key-product",
            template="productkeys/wizard/product_fields.html",
        ),
        Field("usage", template="components/usage_cards.html"),
    )

    def __init__(self, *args: Any, general: dict[str, Any], origin: Origin, kept: str = "", **kwargs: Any) -> None:
        self.general, self.origin, self.kept = general, origin, kept
        super().__init__(*args, **kwargs)
        self.fields["code"].required = not kept
        if self.chosen_type in rules.PUBLISHED_TYPES:
            self.fields["quantity"].widget = forms.HiddenInput()
        for name, (trigger, *parts) in _FOLLOWS.items():
            self.fields[name].widget.attrs |= {
                "hx-post": reverse("productkeys:recognise"),
                "hx-trigger": trigger,
                "hx-target": parts[0],
                "hx-select": parts[0],
                "hx-select-oob": ",".join(parts[1:]),
            }
        if not self.is_bound and any(problem.rule is rulebook.TYPING_ERROR for problem in self.recognition.problems):
            offer_confirmation(self)

    @property
    def chosen_type(self) -> str:
        return str(self.general.get("key_type", ""))

    @property
    def kept_mask(self) -> str:
        """What stands for the kept key; empty where none is kept, or where what is kept is no product key."""
        code = _parsed(self.kept)
        return str(code) if code else ""

    @property
    def is_kept_key_used(self) -> bool:
        """Whether an empty field means the kept key; not where the page shows a faulty one for correction."""
        return bool(self.kept) and not (self.is_bound and self.shows_typed_key and self["code"].value())

    @property
    def is_kept_key_stored(self) -> bool:
        """Whether the kept key has become an entry meanwhile, perhaps by this very person in another tab."""
        return any(problem.rule is rulebook.ALREADY_STORED for problem in self.recognition.problems)

    @cached_property
    def recognition(self) -> Recognition:
        """What the portal says about the key, typed or kept."""
        # Not judged yet: only values that the rules know how to read.
        declared = {name: self[name].value() for name in ("operating_system", "edition", "typing_confirmed")}
        if (architecture := self["architecture"].value()) in Architecture.values:
            declared["architecture"] = architecture
        text = str(self["code"].value() or "") if self.is_bound else ""
        return Recognition.of(text or self.kept, values_of(self.general | declared), origin=self.origin)

    def clean_code(self) -> KeyCode | None:
        code: KeyCode | None = self.cleaned_data["code"]
        if code is None and self.kept:
            cleaned: KeyCode | None = self.fields["code"].clean(self.kept)
            return cleaned
        return code

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_by_rules(self, self.general | cleaned, origin=self.origin)
        return cleaned

    def add_error(self, field: Any, error: Any) -> None:
        super().add_error(field, error)
        if self.has_error("quantity") and self.fields["quantity"].widget.is_hidden:
            # Nobody offered it, but something sent it: it must be seen to be taken out.
            self.fields["quantity"].widget = forms.TextInput()


def defaults_for(key_type: str) -> dict[str, Any]:
    """What page 2 is filled in with for a key of this type."""
    return {
        "architecture": Architecture.ANY.value,
        "usage": default_usage(key_type),
        "quantity": str(default_quantity(key_type) or ""),
    }


def product_of_published(text: str, *, key_type: str, origin: Origin) -> dict[str, str]:
    """Operating system, edition and architecture of the published key that was typed.

    Empty where it is none, and where it is of another type: then it is refused, and must leave nothing behind.
    """
    code = _parsed(text)
    entry = visible_entry(code, origin=origin) if code else None
    if entry is None or not entry.published or entry.key_type != key_type:
        return {}
    return {
        "operating_system": entry.operating_system_id,
        "edition": entry.edition,
        "architecture": entry.architecture,
    }


def _parsed(text: str) -> KeyCode | None:
    try:
        return keycode.parse(text) if text.strip() else None
    except keycode.KeyFormatError:
        return None
