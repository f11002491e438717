"""What an export of keys takes: the form of the file, its columns, and for whole keys the reason."""

import re
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from productkeys.forms.reveal import RevealForm
from productkeys.listing.key_export import Wanted
from productkeys.listing.key_file import Format

_RADIO = {"class": "form-check-input"}
_TICKET = re.compile(r"(\d{1,18}):\d{1,9}", re.ASCII)


class Codes(TextChoices):
    """How the product keys stand in the file."""

    MASKED = "masked", _("Masked, with the last five characters")
    PLAIN = "plain", _("Whole")


class ExportForm(RevealForm):
    """The choices of the page. Reason and ticket are asked for whole keys alone, and then always.

    With `offers_archive` there are archived keys like those that are exported.
    """

    format = forms.ChoiceField(label=_("Format"), choices=Format, widget=forms.RadioSelect(_RADIO), initial=Format.CSV)
    columns = forms.ChoiceField(
        label=_("Columns"), choices=Wanted, widget=forms.RadioSelect(_RADIO), initial=Wanted.SHOWN
    )
    codes = forms.ChoiceField(
        label=_("Product keys"), choices=Codes, widget=forms.RadioSelect(_RADIO), initial=Codes.MASKED
    )

    archived = forms.BooleanField(
        label=_("Archived keys as well"),
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
        help_text=_("A column says of each key whether it is archived; an import elsewhere archives it again."),
    )

    field_order = ("format", "columns", "archived", "codes", "reason", "note", "once")

    def __init__(self, *args: Any, offers_archive: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offers_archive:
            del self.fields["archived"]
        self.fields["reason"].required = False
        self.fields["reason"].label = _("Why are whole keys exported?")

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if self.is_plain and not reason:
            raise forms.ValidationError(_("The reason is missing. Choose why whole keys leave the portal."), "required")
        return reason

    def clean_note(self) -> str:
        return super().clean_note() if self.is_plain else ""

    @property
    def is_plain(self) -> bool:
        return bool(self.cleaned_data.get("codes") == Codes.PLAIN)

    @property
    def file_format(self) -> Format:
        return Format(self.cleaned_data["format"])

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.cleaned_data["columns"])


def ticked(texts: list[str]) -> list[int]:
    """The numbers of ticked rows, each "<id>:<version>"; what is none names no key."""
    return [int(found[1]) for found in map(_TICKET.fullmatch, texts) if found]
