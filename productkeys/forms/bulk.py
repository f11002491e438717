"""What acting on several keys takes: which keys, which act, and for an edit what is to change.

The same forms serve the workspace and the admin. Nothing here is kept between the pages: each carries what it showed.
"""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from keyportal.people.models import User
from productkeys.domain import rules
from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.forms.agreement import LongSelect, agreement_choices
from productkeys.forms.fields import QuantityField, offer
from productkeys.forms.labels import LabelChangeFields
from productkeys.models import reference
from productkeys.services import scoping
from productkeys.services.bulk_edit import Changes
from productkeys.services.origin import Origin
from productkeys.services.selection import Selection

Choice = tuple[str, str | Promise]

LEAVE = _("Leave as it is")
EVERYBODYS = "everybody"
"""Stands for no scope, since an empty choice leaves a key where it is."""

NO_AGREEMENT = "-"
"""Stands for none, since an empty choice leaves a key under its agreement."""

NO_EDITION = "-"
"""Stands for the empty edition of KMS host and ESU keys, since an empty choice leaves the edition as it is."""

_PAIR = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)
_COLUMNS = {
    "key_type": "key_type",
    "operating_system": "operating_system_id",
    "edition": "edition",
    "architecture": "architecture",
    "usage": "usage",
    "status": "status",
}


class Act(models.TextChoices):
    """What to do with several keys; `CLEAR` unticks them without doing anything."""

    EDIT = "edit", _("Edit")
    ARCHIVE = "archive", _("Archive")
    RESTORE = "restore", _("Restore")
    COMPROMISE = "compromise", _("Mark as compromised")
    DELETE = "delete", _("Delete")
    CLEAR = "clear", _("Clear the selection")


STATUS_AFTER = {
    Act.ARCHIVE: Status.ARCHIVED.value,
    Act.RESTORE: Status.ACTIVE.value,
    Act.COMPROMISE: Status.COMPROMISED.value,
}
"""The acts that change nothing but the status, and the status each leads to."""


class Page(models.TextChoices):
    """Where in the act the person is: what they saw before they pressed the button."""

    CHOOSE = "choose", "choose"
    PREVIEW = "preview", "preview"
    APPLY = "apply", "apply"


class SelectionForm(forms.Form):
    """The keys: ticked rows (`key`, each "<id>:<version>"), or all that match a query, known by the digest seen before.

    Ids that are no numbers count as keys that are not there.
    """

    do = forms.ChoiceField(choices=Act)
    step = forms.ChoiceField(choices=Page, required=False)
    select_across = forms.BooleanField(required=False)
    query = forms.CharField(required=False)
    digest = forms.CharField(required=False, max_length=64)
    count = forms.IntegerField(required=False)
    seen_at = forms.DateTimeField(required=False)
    leaving_out = forms.IntegerField(required=False, min_value=0)

    @property
    def act(self) -> Act:
        return Act(self.cleaned_data["do"])

    @property
    def page(self) -> Page:
        return Page(self.cleaned_data["step"] or Page.CHOOSE)

    def ticked(self) -> Selection:
        """The ticked rows with the versions that they showed."""
        assert isinstance(self.data, QueryDict)
        found = (_PAIR.fullmatch(text) for text in self.data.getlist("key"))
        return Selection.of_pairs((int(pair[1]), int(pair[2])) for pair in found if pair)


class EditForm(LabelChangeFields):
    """What is to become of every chosen key; each field is left as it is unless something is chosen.

    A key can be moved to where `person` may add one, in a portal that has scopes.
    """

    scope = forms.ChoiceField(label=_("Scope"), required=False)
    agreement = forms.ChoiceField(label=_("Agreement"), required=False, widget=LongSelect)
    key_type = forms.ChoiceField(
        label=_("Type"), choices=lazy(lambda: _or_leave(KeyType.choices), list), required=False
    )
    operating_system = forms.ChoiceField(
        label=_("Operating system"), choices=lazy(lambda: _or_leave(_systems()), list), required=False
    )
    edition = forms.ChoiceField(label=_("Edition"), choices=lazy(lambda: _or_leave(_editions()), list), required=False)
    architecture = forms.ChoiceField(
        label=_("Architecture"), choices=lazy(lambda: _or_leave(Architecture.choices), list), required=False
    )
    usage = forms.ChoiceField(label=_("Used for"), choices=lazy(lambda: _or_leave(Usage.choices), list), required=False)
    status = forms.ChoiceField(label=_("Status"), choices=lazy(lambda: _or_leave(Status.choices), list), required=False)
    quantity_do = forms.ChoiceField(
        label=_("Quantity"), choices=[("", LEAVE), ("set", _("Set to")), ("none", _("No limit"))], required=False
    )
    quantity = QuantityField(label=_("New quantity"), required=False)
    comment_do = forms.ChoiceField(
        label=_("Comment"),
        choices=[("", LEAVE), ("append", _("Add a line")), ("replace", _("Replace by"))],
        required=False,
    )
    comment = forms.CharField(
        label=_("Text of the comment"),
        required=False,
        max_length=rules.MAX_COMMENT,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Enter no keys and no passwords: everybody can read the comment."),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_labels(person)
        if scopes := _scopes(person):
            offer(self, "scope", _or_leave(scopes))
        else:
            del self.fields["scope"]
        if agreements := list(agreement_choices(Origin(person))):
            choices: list[Choice] = [(NO_AGREEMENT, _("none")), *agreements]
            offer(self, "agreement", _or_leave(choices))
        else:
            del self.fields["agreement"]

    def clean_comment(self) -> str:
        text: str = self.cleaned_data["comment"]
        if problem := rules.problem_of_text(text, "comment"):
            raise forms.ValidationError(problem.text, problem.code)
        return text

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("quantity_do") == "set" and cleaned.get("quantity", 0) is None:
            self.add_error("quantity", forms.ValidationError(_("Enter the new quantity."), "required"))
        if cleaned.get("quantity_do") != "set" and cleaned.get("quantity") is not None:
            self.add_error(
                "quantity_do", forms.ValidationError(_("Choose “Set to” for this quantity to count."), "unused")
            )
        if cleaned.get("comment_do") == "append" and not cleaned.get("comment", " "):
            self.add_error("comment", forms.ValidationError(_("Enter the line to add."), "required"))
        if not cleaned.get("comment_do") and cleaned.get("comment"):
            self.add_error(
                "comment_do",
                forms.ValidationError(_("Choose whether this text is added or replaces the comment."), "unused"),
            )
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Nothing is to be changed yet. Choose at least one field."), "nothing")

    def changes(self) -> Changes:
        """What the service is to do; only for a valid form."""
        cleaned = self.cleaned_data
        values: dict[str, Any] = {column: cleaned[name] for name, column in _COLUMNS.items() if cleaned[name]}
        if values.get("edition") == NO_EDITION:
            values["edition"] = ""
        if scope := cleaned.get("scope"):
            values["scope_id"] = None if scope == EVERYBODYS else int(scope)
        if agreement := cleaned.get("agreement"):
            values["agreement_id"] = None if agreement == NO_AGREEMENT else int(agreement)
        if cleaned["quantity_do"]:
            values["quantity"] = cleaned["quantity"] if cleaned["quantity_do"] == "set" else None
        if cleaned["comment_do"] == "replace":
            values["comment"] = cleaned["comment"]
        return Changes(
            values,
            comment_line=cleaned["comment"] if cleaned["comment_do"] == "append" else "",
            added=cleaned["add_labels"],
            removed=cleaned["remove_labels"],
        )


def _or_leave(choices: Iterable[Choice]) -> list[Choice]:
    return [("", LEAVE), *choices]


def _systems() -> list[Choice]:
    return [(system.slug, system.name) for system in reference.current().systems.values()]


def _scopes(person: User) -> list[Choice]:
    names = reference.current().scopes
    if not reference.current().has_scopes:
        return []
    return [
        (EVERYBODYS, _("everybody's")) if place is None else (str(place), names[place])
        for place in scoping.places(Origin(person))
    ]


def _editions() -> list[Choice]:
    return [(NO_EDITION, _("All editions (none named)")), *reference.edition_choices()]
