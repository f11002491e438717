"""The form of a rollout template: what the rollout installs, its keys among those that fit, its answer file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode, rollout
from productkeys.domain.choices import Architecture, KeyType, Status
from productkeys.domain.matching import KeyFacts, Verdict
from productkeys.domain.rollout import PURPOSES
from productkeys.forms.agreement import LongSelect
from productkeys.forms.fields import offer
from productkeys.forms.masking import MasksKeys
from productkeys.forms.problems import add_problems
from productkeys.forms.product_key import architecture_choices, edition_choices, system_choices
from productkeys.forms.scope import ScopeFields, value_of
from productkeys.forms.seen import follow
from productkeys.listing.query import searchable
from productkeys.models import RolloutTemplate, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.models.text import fold
from productkeys.services import matching, published_facts, rollout_templates
from productkeys.services.fitting import fitting
from productkeys.services.origin import Origin
from productkeys.services.rollout_templates import KEEP, BroughtFile, TemplateValues

_NEVER = (KeyType.KMS_HOST, KeyType.ESU)
_OFFERED = 100
"""So many keys are on offer that fit, and as many that fit with a warning: the best ones. Others are searched for."""
_FOLLOWS = {
    "operating_system": ("#div_id_edition", "#div_id_architecture", "#keys"),
    "edition": ("#div_id_architecture", "#keys"),
    "architecture": ("#keys",),
    "find": ("#keys",),
}
"""When a field has changed, htmx looks for these parts of the page anew; the field itself stays as it is."""


class TemplateKeyField(forms.TypedChoiceField):
    """Cleaned to the id of a key, or None. Whether it is there and fits, the rules say."""

    widget = LongSelect

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {"coerce": int, "empty_value": None, "required": False}
        super().__init__(**defaults | options)

    def valid_value(self, value: Any) -> bool:
        return str(value).isascii() and str(value).isdecimal() and len(str(value)) < 16


class RolloutTemplateForm(MasksKeys, ScopeFields):
    """What a template says; `version` is the one that the page showed, of a stored template.

    Keys are offered once the operating system is known: those that fit, the best first; of very many those that `find`
    looks for. `found` is what they were looked for with: a form that says otherwise `looks` and does not save yet.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"),
        max_length=rollout.MAX_NAME,
        error_messages={"required": lazy(lambda: rollout.NAME_NEEDED.broken().text, str)()},
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=rollout.MAX_DESCRIPTION,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Enter no keys and no passwords: everybody can read the description."),
    )
    operating_system = forms.ChoiceField(
        label=_("Operating system"),
        choices=lazy(system_choices, list),
        error_messages={"required": lazy(lambda: rollout.SYSTEM_NEEDED.broken().text, str)()},
    )
    edition = forms.CharField(label=_("Edition"), required=False, max_length=60, widget=forms.Select)
    architecture = forms.ChoiceField(label=_("Architecture"), choices=Architecture, initial=Architecture.X64)
    build = forms.IntegerField(
        label=_("Build"),
        required=False,
        min_value=1,
        max_value=rollout.MAX_BUILD,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Such as 26100. Empty: any."),
        error_messages={"invalid": _("The build is not a whole number. Enter digits only, or leave it empty.")},
    )
    find = forms.CharField(
        label=_("Find a key"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("A part of its name or comment, or its last five characters."),
    )
    found = forms.CharField(required=False, widget=forms.HiddenInput)
    installation_key = TemplateKeyField(
        label=_("Installation key"), help_text=_("Stands in windowsPE and chooses the edition. Not needed in general.")
    )
    activation_key = TemplateKeyField(
        label=_("Activation key"), help_text=_("Stands in specialize. The place of a MAK.")
    )
    kms_host = forms.CharField(
        label=_("KMS host"),
        required=False,
        max_length=260,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("A name or an IPv4 address, with a colon and the port where it is not 1688. Empty: found by DNS."),
    )
    answer_file = forms.FileField(
        label=_("Answer file"),
        required=False,
        widget=forms.FileInput,
        help_text=_("An unattend.xml, kept encrypted."),
        error_messages={"empty": _("This file is empty. Choose another one.")},
    )
    remove_file = forms.BooleanField(label=_("Remove the answer file"), required=False)

    field_order = ["version", "name", "scope", "description"]

    def __init__(
        self,
        data: QueryDict | None = None,
        files: Any = None,
        *,
        origin: Origin,
        template: RolloutTemplate | None = None,
        copied: RolloutTemplate | None = None,
    ) -> None:
        self.origin, self.template = origin, template
        self.shown = data.copy() if data else QueryDict(mutable=True)
        said = template or copied
        initial = _initial(said) if said else {}
        if copied:
            initial["name"] = gettext("%(name)s (copy)") % {"name": copied.name[:80]}
        super().__init__(self.shown if data else None, files if data else None, initial=initial)
        self.fields["scope"].help_text = _("Who sees the template: the people of this scope, or everybody.")
        places = rollout_templates.places(origin, template)
        if copied and "scope" in initial and copied.scope_id not in places:
            del initial["scope"]
        self.offer_places(places, stored=template)
        wanted = searchable(self.shown.get("find", ""))
        self.looks = "look" in self.shown or wanted != searchable(self.shown.get("found", ""))
        self._offer_choices(wanted)
        if template is None:
            del self.fields["version"]
        if template is None or not template.answer_file_id:
            del self.fields["remove_file"]

    def _offer_choices(self, wanted: str) -> None:
        self.shown["find"] = self.shown["found"] = keycode.redact(wanted)
        system, edition = str(self["operating_system"].value() or ""), str(self["edition"].value() or "")
        architecture = str(self["architecture"].value() or "")
        editions = edition_choices(system, may_be_all=False)[1:]
        if "look" in self.shown and edition not in dict(editions):
            edition = self.shown["edition"] = ""
        self.fields["edition"].widget.choices = [("", _("left open")), *editions]
        offer(self, "architecture", architecture_choices(system, edition))
        for field_name, (target, *others) in _FOLLOWS.items():
            self.fields[field_name].widget.attrs |= {
                "hx-post": "",
                "hx-vals": '{"look": "1"}',
                "hx-target": target,
                "hx-select": target,
                "hx-select-oob": ",".join(others),
            }
        self.knows_system = system in reference.current().systems
        chosen = {purpose: str(self[name].value() or "") for name, purpose in PURPOSES.items()}
        fits = _fitting(self.origin, system, edition, architecture, chosen, wanted) if self.knows_system else {}
        for name, purpose in PURPOSES.items():
            field = self.fields[name]
            assert isinstance(field, TemplateKeyField)
            field.choices = [("", _("none")), *(fits[purpose].choices if fits else ())]
        self.offers_some = any(offered.more for offered in fits.values())
        if not (wanted or self.offers_some):
            del self.fields["find"], self.fields["found"]

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_answer_file(self) -> BroughtFile | None:
        file: UploadedFile[bytes] | None = self.cleaned_data["answer_file"]
        if not file:
            return None
        name = keycode.redact(PurePath(file.name or "").name)[:100]
        if (file.size or 0) > rollout.MAX_ANSWER_FILE:
            problem = rollout.FILE_TOO_LARGE.broken(limit=rollout.MAX_ANSWER_FILE // 1024)
            raise forms.ValidationError(problem.text, problem.code)
        return BroughtFile(name, file.read())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.settle_scope(cleaned)
        add_problems(self, rollout_templates.problems_of(self.values, origin=self.origin, template=self.template))
        return cleaned

    @property
    def values(self) -> TemplateValues:
        """What the form says, for the service; what could not be read is empty."""
        cleaned = self.cleaned_data
        texts = {name: cleaned.get(name) or "" for name in ("name", "description", "edition", "architecture")}
        removed = cleaned.get("remove_file")
        return TemplateValues(
            **texts,
            operating_system_id=cleaned.get("operating_system") or "",
            build=cleaned.get("build"),
            kms_host=cleaned.get("kms_host") or "",
            installation_key_id=cleaned.get("installation_key"),
            activation_key_id=cleaned.get("activation_key"),
            scope_id=cleaned.get("scope"),
            answer_file=cleaned.get("answer_file") or (None if removed or not self.template else KEEP),
        )

    def show_on_top_of(self, current: RolloutTemplate, when_seen: Mapping[str, Any]) -> None:
        """Prepare the form for being sent again after somebody else changed the template to `current`.

        A field that only they changed (it still says what `when_seen` says) follows them, and is not set back.
        """
        follow(self.shown, _initial(current), typed=rollout_templates.shown(self.values), when_seen=when_seen)
        self.shown["version"] = str(current.version)


@dataclass(frozen=True, slots=True)
class _Offered:
    """Keys on offer, as choices, and how many `more` fit."""

    choices: list[tuple[str, str]]
    more: int


def _fitting(
    origin: Origin, system: str, edition: str, architecture: str, chosen: Mapping[str, str], wanted: str
) -> dict[str, _Offered]:
    """The keys on offer by purpose: those that fit, the best first, and the one that is chosen whatever it is.

    `wanted` are words that the others have.
    """
    usable = reference.current().covering.get(system, {system})
    keys: ProductKeyQuerySet = rollout_templates.usable_keys(origin)
    offered = keys.filter(shelf=0, status=Status.ACTIVE, operating_system__in=usable).exclude(key_type__in=_NEVER)
    known = architecture if architecture in Architecture.values else Architecture.ANY.value
    image = rollout.image_of(system, edition, known, None)
    asked = [(image, purpose) for purpose in chosen]
    at_most = {Verdict.FITS: _OFFERED, Verdict.WARNING: _OFFERED, Verdict.DOES_NOT_FIT: 0}
    found = fitting(asked, offered.with_words(fold(wanted).split()), published_facts.catalogue(), at_most=at_most)
    by_purpose: dict[str, _Offered] = {}
    for (purpose, key), fits in zip(chosen.items(), found, strict=True):
        choices = [_choice(match.key) for match in (*fits.fits.matches, *fits.warning.matches)]
        if key.isascii() and key.isdecimal() and len(key) < 16 and key not in dict(choices):
            choices += map(_choice, matching.facts_of(keys.filter(pk=int(key))))
        by_purpose[purpose] = _Offered(choices, fits.fits.more + fits.warning.more)
    return by_purpose


def _choice(key: KeyFacts) -> tuple[str, str]:
    return str(key.id), f"{key.name} · {KeyType(key.key_type).label} · …{key.last_five}"


def _initial(template: RolloutTemplate) -> dict[str, Any]:
    return {
        "version": template.version,
        "name": template.name,
        "description": template.description,
        "operating_system": template.operating_system_id,
        "edition": template.edition,
        "architecture": template.architecture,
        "build": template.build,
        "kms_host": template.kms_host,
        "installation_key": template.installation_key_id,
        "activation_key": template.activation_key_id,
        "scope": value_of(template.scope_id),
    }
