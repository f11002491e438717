"""What a person says about the columns of a file, about texts that nobody understood, and about what is missing."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode
from productkeys.forms.import_choices import choices_of, label_of, offered_fields, suggested_first
from productkeys.forms.masking import MasksKeys
from productkeys.incoming.fields import MULTIPLE, Field
from productkeys.models import Import, reference
from productkeys.models.importing import Existing
from productkeys.services.importing.plan import Plan
from productkeys.services.origin import Origin

NO_FIELDS_OF_A_KEY = frozenset({Field.IGNORE, Field.KEEP_AS_LABEL, Field.KEEP_IN_COMMENT})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: its name and its first filled cell, keys in them masked, and what it is to mean."""

    head: str
    sample: str
    is_recognised: bool
    choice: forms.BoundField


class ColumnsForm(forms.Form):
    """What each column means, as `column-0`, `column-1` and so on."""

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        choices = _field_choices(plan)
        for number, (column, field) in enumerate(zip(plan.columns, plan.fields, strict=True)):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=keycode.redact(column) or _("(no name)"), choices=choices, initial=field
            )

    def clean(self) -> None:
        taken: dict[str, str] = {}
        for name, field in tuple(self.cleaned_data.items()):
            if Field(field) in MULTIPLE:
                continue
            if other := taken.get(field):
                text = _("The column “%(other)s” means the same. Choose another meaning for one of the two.")
                self.add_error(name, ValidationError(text, "twice", {"other": self.fields[other].label}))
            taken.setdefault(field, name)
        if Field.CODE not in taken and not self.errors:
            raise ValidationError(_("No column holds the product keys. Choose the one that does."), "no_key")

    @property
    def columns(self) -> list[Column]:
        """The rows of the table of columns."""
        samples = self.plan.samples or ("",) * len(self.plan.columns)
        return [
            Column(str(self.fields[bound.name].label), keycode.redact(sample), field not in NO_FIELDS_OF_A_KEY, bound)
            for bound, field, sample in zip(self, self.plan.fields, samples, strict=True)
        ]

    @property
    def recognised(self) -> int:
        """How many columns mean a field of a key; what is kept in the comment or as a label is not understood."""
        return sum(column.is_recognised for column in self.columns)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The meaning of every column, for a valid form."""
        return tuple(self.cleaned_data[name] for name in self.fields)


def _field_choices(plan: Plan) -> list[tuple[Any, Any]]:
    fields = offered_fields(plan.fields)
    named = [(field.value, label_of(field)) for field in fields if field not in NO_FIELDS_OF_A_KEY]
    others = [(field.value, label_of(field)) for field in fields if field in NO_FIELDS_OF_A_KEY]
    return [(_("Otherwise"), others), (_("Fields of a key"), named)]


@dataclass(frozen=True, slots=True)
class MeantText:
    """A text of the file, keys in it masked, and what it is to mean. `rows` is None where that is decided already."""

    text: str
    rows: int | None
    choice: forms.BoundField


class ValuesForm(forms.Form):
    """What texts mean that nobody understood, those in most rows first, and what was said last of such texts.

    Each is named by a digest: the text itself may hold a key. A form that is sent is about the texts that it names.
    """

    AT_ONCE = 30
    """How many texts of either kind are shown; the choices of each are long."""

    def __init__(self, *args: Any, plan: Plan, origin: Origin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows: dict[str, int | None] = {}
        self._texts: dict[str, tuple[Field, str]] = {}
        unknown = sorted(plan.unknown, key=lambda text: -text.rows)
        decided = [(name, text, said) for name, texts in plan.values.items() for text, said in texts.items()][::-1]
        if not self.is_bound:
            unknown, decided = unknown[: self.AT_ONCE], decided[: self.AT_ONCE]
        self.waiting = len(plan.unknown) - len(unknown)
        for text in unknown:
            self._offer(Field(text.field), text.text, text.rows, origin)
        for name, said_before, meaning in decided:
            self._offer(Field(name), said_before, None, origin, meaning)

    def _offer(self, field: Field, text: str, rows: int | None, origin: Origin, meaning: str = "") -> None:
        name, label = _digest(field, text), keycode.redact(text)
        if name in self._texts or (self.is_bound and name not in self.data):
            return
        self._texts[name], self._rows[name] = (field, text), rows
        options: dict[str, Any] = {"label": label, "required": False, "initial": meaning}
        if choices := choices_of(field, origin):
            self.fields[name] = forms.ChoiceField(
                choices=[("", _("Not decided")), *suggested_first(field, text, choices)], **options
            )
        else:
            self.fields[name] = forms.CharField(max_length=200, **options)

    @property
    def groups(self) -> Iterator[tuple[str, list[MeantText]]]:
        """The texts by the field that they stand for, those in most rows first."""
        found: dict[Field, list[MeantText]] = defaultdict(list)
        for name, (field, _text) in self._texts.items():
            found[field].append(MeantText(str(self.fields[name].label), self._rows[name], self[name]))
        for field, texts in found.items():
            yield label_of(field), sorted(texts, key=lambda text: -(text.rows or 0))

    @property
    def chosen(self) -> dict[str, dict[str, str]]:
        """What a valid form says of its texts; empty for one that is not decided any more."""
        values: dict[str, dict[str, str]] = defaultdict(dict)
        for name, meaning in self.cleaned_data.items():
            field, text = self._texts[name]
            values[field.value][text] = meaning
        return values


def _digest(field: Field, text: str) -> str:
    return salted_hmac("productkeys.import", f"{field}\0{text}", algorithm="sha256").hexdigest()[:24]


class DefaultsForm(MasksKeys):
    """What holds for every row whose file says nothing about it, and what becomes of keys that are there already."""

    FIELDS = (
        Field.KEY_TYPE,
        Field.OPERATING_SYSTEM,
        Field.EDITION,
        Field.ARCHITECTURE,
        Field.USAGE,
        Field.QUANTITY,
        Field.SCOPE,
        Field.AGREEMENT,
        Field.LABELS,
    )

    existing = forms.ChoiceField(label=_("Keys that the portal holds already"), choices=Existing)

    def __init__(self, *args: Any, imp: Import, plan: Plan, origin: Origin, **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {**plan.defaults, "existing": imp.existing}} | kwargs))
        has_scopes = reference.current().has_scopes
        for field in self.FIELDS:
            if field is Field.SCOPE and not has_scopes:
                continue
            choices = choices_of(field, origin)
            if choices:
                self.fields[field.value] = forms.ChoiceField(
                    label=label_of(field), required=False, choices=[("", _("As the file says")), *choices]
                )
            else:
                self.fields[field.value] = forms.CharField(
                    label=label_of(field),
                    required=False,
                    max_length=200,
                    widget=forms.TextInput({"autocomplete": "off"}),
                )

    def clean(self) -> None:
        for name, text in tuple(self.cleaned_data.items()):
            if keycode.contains_key(text):
                self.add_error(name, ValidationError(_("A product key stands here; it would be in every row."), "key"))

    @property
    def chosen(self) -> dict[str, str]:
        """The defaults that a valid form gives."""
        return {name: text for name, text in self.cleaned_data.items() if text and name != "existing"}
