"""A rule of product keys, and a rule that is broken: what a person reads of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `message` says what is wrong, `advice` what to do; both may hold %(named)s particulars."""

    code: str
    field: str
    message: str | Promise
    advice: str | Promise
    source: str

    def told(self, particulars: Mapping[str, object]) -> tuple[str, str]:
        """Message and advice with `particulars`."""
        return str(self.message) % particulars, str(self.advice) % particulars

    def broken(self, **params: object) -> "Problem":
        return Problem(rule=self, field=self.field, params=params)


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken, at which field, and with which particulars. Never holds a key."""

    rule: Rule
    field: str
    params: Mapping[str, object]

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def message(self) -> str:
        return str(self.rule.message) % self._readable

    @property
    def advice(self) -> str:
        return str(self.rule.advice) % self._readable

    @property
    def text(self) -> str:
        """What is wrong and what to do, as the two sentences that stand beside the field."""
        return f"{self.message} {self.advice}".strip()

    @property
    def _readable(self) -> Mapping[str, object]:
        """The particulars, numbers grouped by thousands and days written as the present language does it."""
        return {name: _in_words(value) for name, value in self.params.items()}


def _in_words(value: object) -> object:
    match value:
        case int():
            return number_format(value, force_grouping=True)
        case dt.date():
            return date_format(value, "SHORT_DATE_FORMAT")
    return value
