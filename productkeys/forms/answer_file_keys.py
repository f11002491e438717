"""Choosing what is written into an answer file: the product, the keys for it, and for secret keys the reason."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from productkeys.domain.answer_file.writing import Do
from productkeys.domain.choices import Usage
from productkeys.forms.fields import offer
from productkeys.forms.reveal import Reason, RevealForm
from productkeys.models import ProductKey, reference
from productkeys.services.answer_file_keys import Offer, Wanted

_RADIO = {"class": "form-check-input"}
PLACES = {"installation": Usage.INSTALLATION, "activation": Usage.ACTIVATION}


def product_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every edition of every operating system, "slug/EditionID", under the name of the system."""
    known = reference.current()
    return [
        (
            system.name,
            [
                (f"{slug}/{edition}", f"{system.name}, {known.edition_label(slug, edition)}")
                for edition in system.offerings
            ],
        )
        for slug, system in known.systems.items()
        if system.offerings and not system.covers
    ]


class ChooseForm(forms.Form):
    """All of it stands in the address, so that the difference can be looked at and confirmed again: no secret is in it.

    `keep` and `remove` are what becomes of a place that gets no key.
    """

    product = forms.ChoiceField(
        label=_("Windows that is rolled out"),
        required=False,
        error_messages={"invalid_choice": _("This product is not on offer. Choose one of those that are.")},
    )
    installation = forms.CharField(required=False)
    activation = forms.CharField(required=False)
    tidy = forms.BooleanField(
        label=_("Clean wrong places as well"),
        required=False,
        help_text=_("A MAK in windowsPE gives way, empty elements go."),
        widget=forms.CheckboxInput(_RADIO),
    )
    architectures = forms.MultipleChoiceField(
        label=_("Architectures"),
        required=False,
        choices=[("amd64", "amd64 (x64)"), ("x86", "x86"), ("arm64", "arm64")],
        widget=forms.CheckboxSelectMultiple(_RADIO),
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "product", [("", _("Choose …")), *product_choices()])
        del self.fields["tidy" if is_new else "architectures"]

    @property
    def system_and_edition(self) -> tuple[str, str]:
        """Slug and EditionID of the chosen product; both empty where there is none."""
        system, _slash, edition = str(self.cleaned_data.get("product") or "").partition("/")
        return system, edition

    def chosen(self, place: str) -> str:
        return str(self.cleaned_data.get(place) or Do.KEEP.value)

    def wanted(self, offered: dict[str, list[Offer]]) -> Wanted:
        """What was chosen among what is offered; anything else leaves the place as it is."""
        return Wanted(
            **{place: _target(self.chosen(place), offered[place]) for place in PLACES},
            clean=bool(self.cleaned_data.get("tidy")),
            architectures=self.cleaned_data.get("architectures", ()),
        )


def _target(chosen: str, offered: Iterable[Offer]) -> ProductKey | Do:
    if chosen == Do.REMOVE.value:
        return Do.REMOVE
    return next((offer.key for offer in offered if str(offer.key.pk) == chosen), Do.KEEP)


class DownloadForm(RevealForm):
    """The reason for which secret keys leave in a file; it is asked as for a reveal, and is known already."""

    usual = Reason.ANSWER_FILE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {"reason": self.usual}} | kwargs))
        reasons = (self.usual, Reason.DEVICE_REPLACED, Reason.OTHER)
        offer(self, "reason", [(reason.value, reason.label) for reason in reasons])
        self.fields["reason"].label = _("Why do keys leave the portal?")


class RolloutDownloadForm(DownloadForm):
    """The same for the files of a rollout template."""

    usual = Reason.ROLLOUT
