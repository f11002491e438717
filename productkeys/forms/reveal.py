"""Why somebody wants to see a key: asked before it is shown, kept in the trail, and read from there."""

import re
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from productkeys.domain import rules
from productkeys.forms.masking import MasksKeys
from productkeys.models.trail import Why

_SEPARATOR = ": "


class Reason(TextChoices):
    """The usual reasons; the trail keeps the value, so that each person reads it in their own language."""

    DEVICE_REPLACED = "device", _("Device replaced")
    ACTIVATION_BY_PHONE = "phone", _("Activation by phone")
    LICENCE_AUDIT = "audit", _("Licence audit")
    OTHER = "other", _("Other reason")
    ANSWER_FILE = "answer-file", _("Written into an answer file")
    ROLLOUT = "rollout", _("Written into a file of a rollout template")


OF_A_LOOK = (Reason.DEVICE_REPLACED, Reason.ACTIVATION_BY_PHONE, Reason.LICENCE_AUDIT, Reason.OTHER)
"""Why somebody looks at a key; the others are what else happens to one that leaves."""


class RevealForm(MasksKeys):
    """A reason, and the ticket or remark that goes with it.

    `once` names the act: the same page sent twice, by a reload, is the same act and reveals nothing again.
    """

    reason = forms.ChoiceField(
        label=_("Why is it revealed?"),
        choices=[("", _("Choose …")), *((reason.value, reason.label) for reason in OF_A_LOOK)],
        error_messages={"required": _("The reason is missing. Choose why you need to see the key.")},
    )
    note = forms.CharField(
        label=_("Ticket or remark"), required=False, max_length=150, widget=forms.TextInput({"autocomplete": "off"})
    )

    once = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = settings.REVEAL_REASON_IS_NEEDED
        if settings.REVEAL_TICKET:
            self.fields["note"].label = _("Ticket number")

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        if problem := rules.problem_of_text(note, "note"):
            raise forms.ValidationError(problem.text, problem.code)
        if settings.REVEAL_TICKET and not re.fullmatch(settings.REVEAL_TICKET, note):
            text = _("This is no ticket number. One looks like this: %(pattern)s")
            raise forms.ValidationError(text, "no_ticket", {"pattern": settings.REVEAL_TICKET})
        if not note and self.cleaned_data.get("reason") == Reason.OTHER:
            raise forms.ValidationError(_("Say in a few words what the reason is."), "required")
        return note

    @property
    def trail_text(self) -> str:
        """Reason and note as the trail keeps them; `readable_reason` reads it."""
        return _SEPARATOR.join(text for text in (self.cleaned_data["reason"], self.cleaned_data["note"]) if text)


def readable_reason(trail_text: str) -> str:
    """The reason of an entry of the trail in the present language; a text of another origin stays as it is."""
    if trail_text in Why.values:
        return str(Why(trail_text).label)
    value, _separator, note = trail_text.partition(_SEPARATOR)
    if value not in Reason.values:
        return trail_text
    return ", ".join(str(text) for text in (Reason(value).label, note) if text)
