"""Mending one row of an import: the texts of the file, to be put right one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from productkeys.domain import keycode
from productkeys.forms.fields import KeyInput
from productkeys.forms.import_choices import choices_of, label_of, offered_fields, suggested_first
from productkeys.forms.import_plan import NO_FIELDS_OF_A_KEY
from productkeys.incoming.fields import Field
from productkeys.services.importing.plan import Plan
from productkeys.services.importing.preview import PreviewRow
from productkeys.services.origin import Origin

_ALWAYS = frozenset({Field.NAME, Field.CODE, Field.KEY_TYPE, Field.ARCHITECTURE, Field.USAGE, Field.QUANTITY})
_PRODUCT_APART = frozenset({Field.OPERATING_SYSTEM, Field.EDITION})
_CHOSEN = (*_PRODUCT_APART, Field.KEY_TYPE, Field.ARCHITECTURE, Field.USAGE)
_LONGEST = 2000


class RowForm(forms.Form):
    """What a row says, by field. The key is never shown: an empty field leaves it as it is.

    `texts` are those of the file, or of what was mended before; only what differs from them is mended.
    """

    def __init__(
        self, *args: Any, plan: Plan, row: PreviewRow, texts: Mapping[str, str], origin: Origin, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._texts = {**texts, **_understood(row, texts)}
        for field in _fields_of(plan):
            self.fields[field.value] = (
                _key_field(row) if field is Field.CODE else _text_field(field, self._texts.get(field.value, ""), origin)
            )
        if row.last_five and any(problem.field == Field.CODE for problem in row.problems):
            self.fields["typing_confirmed"] = forms.BooleanField(
                label=gettext_lazy("The key is typed exactly as it was issued"), required=False
            )

    @property
    def mended(self) -> dict[str, str]:
        """The texts that a valid form puts in place of those of the file."""
        said = {name: "1" if text is True else text or "" for name, text in self.cleaned_data.items()}
        return {name: text for name, text in said.items() if text != self._texts.get(name, "")}


def _understood(row: PreviewRow, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts that mean one of the choices, by that choice, but for those that something is wrong with."""
    wrong = {problem.field for problem in row.problems}
    read = {name: str(row.values.get(name) or "") for name in _CHOSEN if name not in wrong}
    if not wrong & {Field.PRODUCT, *_PRODUCT_APART}:
        read[Field.PRODUCT] = "/".join(filter(None, (read[Field.OPERATING_SYSTEM], read[Field.EDITION])))
    return {name: meaning for name, meaning in read.items() if meaning and texts.get(name)}


def _fields_of(plan: Plan) -> list[Field]:
    """What a key always has, and whatever else this file says."""
    said = {Field(name) for name in plan.fields} - NO_FIELDS_OF_A_KEY
    wanted = _ALWAYS | said | (frozenset() if Field.PRODUCT in said else _PRODUCT_APART)
    return [field for field in offered_fields() if field in wanted]


def _key_field(row: PreviewRow) -> forms.CharField:
    kept = _("Leave it empty to keep the key of the file: %(mask)s.") % {"mask": keycode.mask(row.last_five)}
    return forms.CharField(
        label=label_of(Field.CODE),
        required=False,
        max_length=400,
        widget=KeyInput,
        help_text=kept if row.last_five else _("What the file says here is no key. It is not shown."),
    )


def _text_field(field: Field, text: str, origin: Origin) -> forms.Field:
    options: dict[str, Any] = {"label": label_of(field), "required": False, "initial": text}
    choices = choices_of(field, origin)
    if not choices:
        widget = forms.Textarea({"rows": 2}) if field is Field.COMMENT else forms.TextInput({"autocomplete": "off"})
        return forms.CharField(max_length=_LONGEST, widget=widget, **options)
    return forms.ChoiceField(choices=_with_own_text(text, choices, suggested_first(field, text, choices)), **options)


def _with_own_text(
    text: str, choices: Sequence[tuple[str, Any]], groups: list[tuple[Any, Any]]
) -> list[tuple[Any, Any]]:
    """The choices with what the file says on top, where that is none of them."""
    own = [] if not text or text in dict(choices) else [(text, _("“%(text)s”, as the file says") % {"text": text})]
    return [("", _("Nothing said")), *own, *groups]
