"""The forms of product keys in the admin: the fields and rules of the workspace, in the shape that ModelAdmin expects.

They never touch the stored key: what a valid form says goes to the services, which ask the rules once more and write.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from keyportal.people.models import User
from productkeys.domain.choices import KeyType
from productkeys.domain.defaults import default_usage
from productkeys.forms.edit import EditKeyForm
from productkeys.forms.fields import KeyCodeField
from productkeys.forms.product_key import KeyFields, check_by_rules
from productkeys.listing.agreements import numbers_of, with_numbers
from productkeys.listing.changes import in_words
from productkeys.models import ProductKey
from productkeys.services.keys import DECLARED_FIELDS, KeyValues
from productkeys.services.origin import Origin
from productkeys.services.seen_version import values_when_seen


class StoredByServices(forms.ModelForm[Any]):
    """A model form that leaves its instance alone."""

    origin: Origin

    def _post_clean(self) -> None:
        """Nothing: the model's own validation would write what was typed into the instance; the rules judge instead."""


class ChangeKeyForm(EditKeyForm, StoredByServices):
    """The edit page's form; a change that somebody else made meanwhile is an error that says what is stored now."""

    class Meta:
        model = ProductKey
        fields: list[str] = []

    def __init__(self, data: Any = None, files: Any = None, *, instance: ProductKey, initial: Any = None) -> None:
        super().__init__(data, key=instance, origin=self.origin)
        self.instance = instance
        if "shared_with" in self.fields:
            del self.fields["shared_with"].widget.attrs["class"]  # the admin's page gives it to the list as well

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("version", self.key.version) != self.key.version:
            read = {name for name in DECLARED_FIELDS if name.removesuffix("_id") in cleaned}
            typed = KeyValues.of(self.key, **{name: getattr(self.values, name) for name in read})
            self.add_error(None, changed_meanwhile(self.key, typed, reader=self.origin.person))
            self.show_on_top_of(self.key, values_when_seen(self.key, cleaned["version"]))
        return cleaned


class AddKeyForm(ChangeKeyForm):
    """Both pages of the wizard as one."""

    code = KeyCodeField(required=False, help_text=KeyFields.base_fields["code"].help_text)
    version = None  # type: ignore[assignment]  # nothing was seen yet
    shared_with = None  # type: ignore[assignment]  # it has to be there first

    def __init__(self, data: Any = None, files: Any = None, *, instance: Any = None, initial: Any = None) -> None:
        a_mak = ProductKey(key_type=KeyType.MAK, usage=default_usage(KeyType.MAK))
        super().__init__(data, instance=a_mak)

    def offer_scopes(self, origin: Origin, key: ProductKey | None = None) -> None:
        """As the wizard does: there is no key yet that belongs anywhere."""
        super().offer_scopes(origin)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        self.settle_scope(cleaned)
        self.settle_agreement(cleaned)
        cleaned["code"] = cleaned.get("code") or cleaned.get("kept_code")
        if not cleaned["code"] and "code" not in self.errors:
            self.add_error("code", ValidationError(KeyCodeField.default_error_messages["required"], "required"))
        check_by_rules(self, cleaned, origin=self.origin)
        return cleaned

    @property
    def _draft_identity(self) -> str:
        return f"admin-add:{self.origin.person.uid if self.origin.person else ''}"


def changed_meanwhile(stored: ProductKey, typed: KeyValues, *, reader: User | None) -> ValidationError:
    """Who changed the key since it was shown, and where what is stored now differs from what was typed."""
    now = KeyValues.of(stored)
    differing = [name for name in DECLARED_FIELDS if getattr(now, name) != getattr(typed, name)]
    assert reader
    numbers = numbers_of([now.agreement_id, typed.agreement_id], reader=reader)
    rows = in_words(
        with_numbers({name: getattr(typed, name) for name in differing}, numbers),
        with_numbers({name: getattr(now, name) for name in differing}, numbers),
        system=stored.operating_system_id,
    )
    who = stored.changed_by.full_name if stored.changed_by else "KeyPortal"
    facts = "; ".join(f"{row.label}: {row.after or '–'}" for row in rows)
    return ValidationError(
        _("%(who)s changed “%(name)s” meanwhile. Nothing is saved yet. Stored now: %(facts)s. Save again to replace.")
        if facts
        else _("%(who)s changed “%(name)s” meanwhile. Nothing is saved yet. Save again to keep your values."),
        "changed_meanwhile",
        {"who": who, "name": stored.name, "facts": facts},
    )
