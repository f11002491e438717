"""What is known of an image, and what its key is to do: the question of the page that lists the keys that fit."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from productkeys.domain import matching
from productkeys.domain.choices import Architecture, Usage
from productkeys.domain.matching import Catalogue, ImageFacts
from productkeys.forms.agreement import LongSelect
from productkeys.forms.fields import offer
from productkeys.models import reference
from productkeys.services import published_facts

_EDITION_ID = re.compile(r"[A-Za-z][A-Za-z0-9]{0,59}")
_PURPOSES = (Usage.INSTALLATION, Usage.ACTIVATION)


class EditionField(forms.ChoiceField):
    """An EditionID: those that are known are on offer, and one that an image brought along is taken as well."""

    widget = LongSelect

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or _EDITION_ID.fullmatch(str(value)) is not None


class MatchForm(forms.Form):
    """Everything may be left empty but what decides: the operating system or build, or else the edition."""

    image = forms.CharField(
        label=_("Operating system or build"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "list": "known-systems"}),
        help_text=_("26100, 10.0.26100.2033 or Windows 11 24H2"),
    )
    edition = EditionField(
        label=_("Edition"),
        required=False,
        help_text=_("Captured images may have none."),
        error_messages={"invalid_choice": _("This is no EditionID. Choose one of the list, or leave it empty.")},
    )
    architecture = forms.ChoiceField(
        label=_("Architecture"),
        required=False,
        choices=[
            ("", _("not known")),
            *((value, label) for value, label in Architecture.choices if value != Architecture.ANY),
        ],
    )
    installation = forms.ChoiceField(
        label=_("Installation type"),
        required=False,
        choices=[
            ("", _("not known")),
            ("Client", _("client")),
            ("Server", _("server with desktop")),
            ("Server Core", "Server Core"),
        ],
        help_text=_("Tells client and server of one build apart."),
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        required=False,
        choices=[(purpose.value, purpose.label) for purpose in _PURPOSES],
        initial=Usage.INSTALLATION.value,
    )

    def __init__(self, data: QueryDict, *, windows: Catalogue) -> None:
        self.windows = windows
        # What is not asked keeps its first choice, as on a form that was never sent.
        super().__init__(data if any(name in data for name in self.base_fields) else None)
        offer(self, "edition", list(_editions(data.get("edition", ""))))

    def clean_image(self) -> ImageFacts:
        written: str = self.cleaned_data["image"]
        told = matching.asked(written, self.windows)
        if written and told == ImageFacts():
            text = _(
                "This names no operating system and no build. Write it as DISM shows it, or choose one of the list."
            )
            raise ValidationError(text, "unknown")
        return told

    def clean_purpose(self) -> str:
        return self.cleaned_data["purpose"] or Usage.INSTALLATION.value

    def clean(self) -> None:
        if not self.errors and self.facts.edition == "" and self.cleaned_data["image"] == ImageFacts():
            text = _("Say what the image is: its operating system, its build, or at least its edition.")
            self.add_error("image", ValidationError(text, "required"))

    @property
    def facts(self) -> ImageFacts:
        """The image that the valid form describes; what is chosen by itself comes before what the text tells."""
        told: ImageFacts = self.cleaned_data["image"]
        chosen = {name: self.cleaned_data[name] for name in ("edition", "installation", "architecture")}
        return replace(told, **{name: value for name, value in chosen.items() if value})

    @property
    def known_systems(self) -> list[str]:
        """What the text may be, for a browser to complete it: systems and releases by their names."""
        names = [system.name for system in self.windows.systems.values() if not system.covers]
        return list(dict.fromkeys([*names, *(release.name for release in self.windows.releases)]))


def _editions(present: str) -> Iterator[tuple[str, str]]:
    yield "", gettext("none, or not known")
    known = dict(reference.edition_choices())
    for edition, label in known.items():
        yield edition, label if label.endswith(f"({edition})") else f"{label} ({edition})"
    evaluations = published_facts.evaluations()
    for edition in evaluations:
        base = edition.removesuffix("Eval")
        yield edition, gettext("%(edition)s, evaluation") % {"edition": known.get(base, base)} + f" ({edition})"
    if present not in ("", *known, *evaluations) and _EDITION_ID.fullmatch(present):
        yield present, present
