"""Many keys of one purchase, one per line, that are alike in everything but the key itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from productkeys import encryption
from productkeys.domain import keycode, rulebook, rules
from productkeys.domain.choices import KeyType
from productkeys.domain.defaults import default_usage
from productkeys.domain.keycode import KeyCode
from productkeys.domain.rulebook import Problem
from productkeys.forms.fields import KeyCodeField
from productkeys.forms.problems import add_problems
from productkeys.forms.product_key import (
    NOTHING_TO_CORRECT,
    GeneralFields,
    KeyFields,
    offer_confirmation,
    values_of,
)
from productkeys.key_ring import KeyRingProblem
from productkeys.models import Agreement
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin

AT_MOST = 200
"""So many keys are pasted at once; more come as a file."""

_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Line:
    """One key as it was pasted: the number of its line (None for one that was kept), and what is wrong with it."""

    number: int | None
    text: str
    code: KeyCode | None = None
    faults: list[str] = field(default_factory=list)
    is_left_out: bool = False

    @property
    def last_five(self) -> str:
        """What tells it from the other lines; never more of it, and nothing of a line that is no key at all."""
        if self.code:
            return self.code.last_five
        if not keycode.looks_like_key(self.text):
            return ""
        characters = re.sub(r"[^A-Za-z0-9]", "", self.text)
        return characters[-5:].upper() if len(characters) >= 10 else ""


class PasteKeysForm(GeneralFields, KeyFields):
    """What the keys of `agreement` have in common, and the keys.

    Where it is shown again, only lines at fault come back readable. The others travel in `kept`, sealed for this
    agreement and this person, and count as pasted unless they are forgotten.
    """

    FOR_KEYS = frozenset({"lines"})

    code = None  # type: ignore[assignment]  # the lines hold one each
    agreement = None  # type: ignore[assignment]  # they all are under this one

    name = forms.CharField(
        label=_("Name of each key"),
        max_length=rules.MAX_NAME,
        error_messages=GeneralFields.base_fields["name"].error_messages,
        help_text=_("What stands in braces is filled in for each key: {agreement}, {last five}, {number}."),
    )
    lines = forms.CharField(
        label=_("Product keys, one per line"),
        required=False,
        strip=False,
        max_length=40_000,
        widget=forms.Textarea(
            {"rows": 10, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40_000)
    forget = forms.BooleanField(label=_("Forget the keys that are kept"), required=False)

    def __init__(self, data: QueryDict | None = None, *, agreement: Agreement, origin: Origin) -> None:
        self.origin, self.under = origin, agreement
        self.shown = data.copy() if data else QueryDict(mutable=True)
        self.pasted: list[Line] = []
        super().__init__(self.shown if data else None, initial=_initial())
        self.fields["quantity"].label = _("Quantity of each key")
        self.settled_agreement = agreement.pk
        self.offer_scopes(origin)

    def clean_name(self) -> str:
        pattern: str = super().clean_name()
        known = {place for places in _places() for place in places}
        if unknown := [place for place in _PLACE.findall(pattern) if place not in known]:
            text = _("Nothing can be filled in for {%(place)s}. Use {agreement}, {last five} or {number}.")
            raise ValidationError(text, "unknown_place", {"place": unknown[0]})
        return pattern

    def clean_kept(self) -> list[str]:
        sealed: str = self.cleaned_data["kept"]
        if not encryption.is_sealed(sealed):
            return []
        try:
            return encryption.open_sealed(sealed, bound_to=self._identity).split()
        except (InvalidTag, ValueError, KeyRingProblem):
            return []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kept = [] if cleaned.get("forget") else cleaned.get("kept", [])
        self.pasted = [*_lines_of(cleaned.get("lines", "")), *(Line(None, text) for text in kept)]
        if not self.pasted and "lines" not in self.errors:
            self.add_error("lines", ValidationError(_("No key is here yet. Paste at least one."), "required"))
        elif len(self.pasted) > AT_MOST:
            text = _("At most %(limit)s keys are added at once; these are %(count)s. Take some out, or bring a file.")
            self.add_error("lines", ValidationError(text, "too_many", {"limit": AT_MOST, "count": len(self.pasted)}))
        else:
            self._judge(cleaned)
        return cleaned

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors and not self.has_error("lines", "too_many"):
            self._show_faults_alone()

    @property
    def values(self) -> list[KeyValues]:
        """What the valid form says, for the service: one for each line."""
        return [self._values_for(line, place) for place, line in enumerate(self.pasted, start=1)]

    @cached_property
    def faulty(self) -> list[Line]:
        """The lines at fault, in the order in which they were pasted."""
        return [line for line in self.pasted if line.faults]

    @property
    def number_kept(self) -> int:
        """How many keys travel along unseen."""
        return sum(not line.faults for line in self.pasted) if self.errors else 0

    def _judge(self, cleaned: dict[str, Any]) -> None:
        """Ask the rules about each line: what is said of its key belongs to it, all else to the fields of the form."""
        seen: dict[str, Line] = {}
        general: dict[tuple[str, str], Problem] = {}
        for place, line in enumerate(self.pasted, start=1):
            _parse(line)
            if line.code is None:
                continue
            if seen.setdefault(line.code.open(), line) is not line:
                line.faults.append(gettext("It is pasted twice."))
                line.is_left_out = True
                continue
            for problem in keys.problems_of(self._values_for(line, place), origin=self.origin):
                if problem.field != "code":
                    general[problem.field, problem.text] = problem
                    continue
                line.faults.append(problem.text)
                line.is_left_out |= problem.code in NOTHING_TO_CORRECT
                if problem.rule is rulebook.TYPING_ERROR:
                    offer_confirmation(self)
        add_problems(self, general.values())
        if self.faulty:
            text = gettext("Keys with something to look at: %(count)s. Nothing is stored yet.")
            self.add_error("lines", ValidationError(text % {"count": len(self.faulty)}, "faulty"))

    def _values_for(self, line: Line, place: int) -> KeyValues:
        values = values_of(self.cleaned_data)
        return replace(values, code=line.code, name=self._name_for(line, place))

    def _name_for(self, line: Line, place: int) -> str:
        agreements, last_fives, numbers = _places()
        said = dict.fromkeys(agreements, self.under.number) | dict.fromkeys(last_fives, line.last_five)
        said |= dict.fromkeys(numbers, str(place))
        return _PLACE.sub(lambda found: said.get(found[1], ""), self.cleaned_data.get("name", ""))

    def _show_faults_alone(self) -> None:
        """Prepare the form for being shown again: readable is what is to be corrected, the rest travels sealed."""
        wrong = [line.text.strip() for line in self.faulty if not line.is_left_out]
        right = [line.code.open() for line in self.pasted if line.code and not line.faults]
        self.shown["lines"] = "\n".join(wrong)
        self.shown["kept"] = encryption.seal("\n".join(right), bound_to=self._identity) if right else ""
        self.shown.pop("forget", None)

    @property
    def _identity(self) -> str:
        person = self.origin.person
        return f"paste:{self.under.uid}:{person.uid if person else ''}"


def _initial() -> dict[str, Any]:
    return {
        "key_type": KeyType.RETAIL.value,
        "name": gettext("{agreement} {last five}"),
        "usage": default_usage(KeyType.RETAIL.value),
        "quantity": 1,
    }


def _places() -> tuple[set[str], set[str], set[str]]:
    """What may stand in braces for the agreement, the last five characters and the running number, in two languages."""
    return (
        {"agreement", pgettext("placeholder", "agreement")},
        {"last five", pgettext("placeholder", "last five")},
        {"number", pgettext("placeholder", "number")},
    )


def _lines_of(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield Line(number, line)


def _parse(line: Line) -> None:
    try:
        line.code = KeyCodeField().clean(line.text)
    except ValidationError as error:
        line.faults += error.messages
