"""Changing a stored key: its declared fields, a new key where there is one, and the version that was seen."""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from productkeys import encryption
from productkeys.domain import keycode
from productkeys.domain.keycode import KeyCode
from productkeys.forms.fields import KeyCodeField
from productkeys.forms.labels import text_of
from productkeys.forms.product_key import GeneralFields, KeyFields, check_by_rules, values_of
from productkeys.forms.scope import SharedWithField, scope_fields, value_of
from productkeys.key_ring import KeyRingProblem
from productkeys.models import Agreement, ProductKey, reference
from productkeys.services import labelling
from productkeys.services.keys import STANDARD_KEY_FIELDS, KeyValues
from productkeys.services.origin import Origin


class SeenVersionForm(forms.Form):
    """The version of the key that the page showed: somebody else's change in between is noticed by it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class EditKeyForm(SeenVersionForm, GeneralFields, KeyFields):
    """Everything a person may change about `key`.

    A new key that was typed without a fault is not sent back readable when the page is shown again: it travels in
    `kept_code`, sealed for this entry and this person, and an empty `code` then means that one.
    """

    code = KeyCodeField(
        label=_("New product key"),
        required=False,
        help_text=_("Leave it empty to keep the key that is stored."),
    )
    kept_code = forms.CharField(required=False, widget=forms.HiddenInput, max_length=500)

    shared_with = SharedWithField()

    field_order = ["version", "name", "key_type", "scope", "shared_with", "agreement", "comment", "labels", "code"]

    def __init__(self, data: QueryDict | None = None, *, key: ProductKey, origin: Origin) -> None:
        self.key, self.origin = key, origin
        self.shown = data.copy() if data else QueryDict(mutable=True)
        super().__init__(self.shown if data else None, initial={**_initial(key), "scope": value_of(key.scope_id)})
        self.offer_scopes(origin, key)
        self.offer_labels(origin.person)
        self.offer_agreements(origin, key)
        self._offer_sharing()
        self.fields["code"].widget.attrs["placeholder"] = str(key.code)
        if key.published:
            for name in ("code", "kept_code", "typing_confirmed"):
                del self.fields[name]
            for name in self.fields.keys() - STANDARD_KEY_FIELDS - {"version"}:
                self.fields[name].disabled = True

    def _offer_sharing(self) -> None:
        """Offer the other scopes to who may share keys with them; a standard key is everybody's anyway."""
        field = self.fields.get("shared_with")
        if not isinstance(field, SharedWithField):
            return
        if "shared_with" not in scope_fields(self.origin, self.key):
            del self.fields["shared_with"]
            return
        field.offer(scope for scope in reference.current().scopes if scope != self.key.scope_id)
        self.initial["shared_with"] = _shared_with(self.key)

    def clean_kept_code(self) -> KeyCode | None:
        sealed: str = self.cleaned_data["kept_code"]
        if not encryption.is_sealed(sealed):
            return None
        try:
            return keycode.parse(encryption.open_sealed(sealed, bound_to=self._draft_identity))
        except (InvalidTag, ValueError, KeyRingProblem):
            return None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cleaned["code"] = cleaned.get("code") or cleaned.get("kept_code")
        check_by_rules(self, cleaned, origin=self.origin, key=self.key)
        return cleaned

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors:
            self.keep_typed_code()

    def keep_typed_code(self) -> None:
        """Prepare the form for being shown again: a typed key without a fault travels sealed from now on.

        A faulty one takes the place of what was kept before: emptied, the field means the stored key again. A kept key
        that another field is at odds with stays kept.
        """
        if "code" in self.errors and ((self["code"].value() or "").strip() or not self.shows_typed_key):
            self.shown.pop("kept_code", None)
            return
        code = self.cleaned_data.get("code") or self.cleaned_data.get("kept_code")
        if isinstance(code, KeyCode):
            self.shown["kept_code"] = encryption.seal(code.open(), bound_to=self._draft_identity)
            # An empty field no longer means the stored key.
            self.fields["code"].widget.attrs.pop("placeholder", None)
            text = _("The new key that you typed is kept: %(mask)s. Leave the field empty to use it.")
            self["code"].help_text = text % {"mask": code}

    def show_on_top_of(self, current: ProductKey, when_seen: Mapping[str, Any]) -> None:
        """Prepare the form for being sent again after somebody else changed the key to `current`.

        A field that only they changed (it still says what `when_seen` says) follows them, and is not set back.
        """
        for name, value in _initial(current).items():
            if name in when_seen and self.cleaned_data.get(name) == when_seen[name]:
                self._follow(name, value)
        self._follow_scopes(current, when_seen)
        self._follow_labels(current, when_seen)
        self._follow_agreement(current, when_seen)
        self.shown["version"] = str(current.version)
        self.keep_typed_code()

    def _follow_scopes(self, current: ProductKey, when_seen: Mapping[str, Any]) -> None:
        """The same for whose key it is: the trail names scopes."""
        names = reference.current().scopes
        if "scope" in when_seen and names.get(self.cleaned_data.get("scope") or 0) == when_seen["scope"]:
            self.cleaned_data["scope"] = current.scope_id
            self.shown["scope"] = value_of(current.scope_id)
        typed = sorted(names.get(scope, "") for scope in self.cleaned_data.get("shared_with", ()))
        if typed == sorted(when_seen.get("shared_with", ())) and "shared_with" in when_seen:
            self.cleaned_data["shared_with"] = _shared_with(current)
            self.shown.setlist("shared_with", [str(scope) for scope in _shared_with(current)])

    def _follow_labels(self, current: ProductKey, when_seen: Mapping[str, Any]) -> None:
        if "labels" in when_seen and labelling.are_same(self.cleaned_data.get("labels", ()), when_seen["labels"]):
            now = labelling.names_of(current)
            self.cleaned_data["labels"], self.shown["labels"] = frozenset(now), text_of(now)

    def _follow_agreement(self, current: ProductKey, when_seen: Mapping[str, Any]) -> None:
        """The same for its agreement: the trail names them by number."""
        typed = Agreement.objects.filter(pk=self.cleaned_data.get("agreement") or 0).first()
        if (
            "agreement" in when_seen
            and "agreement" in self.fields
            and when_seen["agreement"] == (typed and typed.number)
        ):
            self._follow("agreement", current.agreement_id)

    def _follow(self, name: str, value: Any) -> None:
        self.cleaned_data[name] = value
        self.shown[name] = "" if value is None else str(value)

    @property
    def values(self) -> KeyValues:
        """What the valid form says, for the service."""
        return values_of(self.cleaned_data)

    @property
    def _draft_identity(self) -> str:
        person = self.origin.person
        return f"edit:{self.key.uid}:{person.uid if person else ''}"


def _shared_with(key: ProductKey) -> list[int]:
    return list(key.shared_with.values_list("pk", flat=True))


def _initial(key: ProductKey) -> dict[str, Any]:
    return {
        "version": key.version,
        "name": key.name,
        "key_type": key.key_type,
        "comment": key.comment,
        "labels": text_of(labelling.names_of(key)),
        "operating_system": key.operating_system_id,
        "edition": key.edition,
        "architecture": key.architecture,
        "quantity": key.quantity,
        "usage": key.usage,
    }
