"""What the portal can say about a typed key before it is stored: which checks it passes, and which entry holds it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode, rules
from productkeys.domain.keycode import Check, KeyCode
from productkeys.domain.rulebook import Problem
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin


@dataclass(frozen=True, slots=True)
class Recognition:
    """`code` is None where no product key was typed; `entry` is the one that holds it, where the person may see it."""

    code: KeyCode | None = None
    problems: list[Problem] = field(default_factory=list)
    passed: list[str | Promise] = field(default_factory=list)
    entry: ProductKey | None = None

    @classmethod
    def of(cls, text: str, values: KeyValues, *, origin: Origin) -> Self:
        """Look at the typed `text`; `values` are what else the person declared, without the key."""
        if not text.strip():
            return cls()
        try:
            code = keycode.parse(text)
        except keycode.KeyFormatError as error:
            return cls(problems=[rules.problem_of_format(error)])
        found = keys.find(code)
        problems = keys.problems_of(replace(values, code=code), origin=origin)
        return cls(
            code=code,
            problems=[problem for problem in problems if problem.field == "code"],
            passed=list(_passed(code, found)),
            entry=visible_entry(code, origin=origin),
        )


def visible_entry(code: KeyCode, *, origin: Origin) -> ProductKey | None:
    """The entry that holds `code`, where the acting person may know of it."""
    found = keys.find(code)
    if found is None or origin.person is None:
        return None
    entry: ProductKey | None = ProductKey.objects.visible_to(origin.person).filter(pk=found.pk).first()
    return entry


def _passed(code: KeyCode, found: ProductKey | None) -> Iterator[str | Promise]:
    yield _("25 characters")
    digits = keycode.check(code)
    if digits is Check.CONSISTENT:
        yield _("no typing error found")
    elif digits is Check.OLDER:
        yield _("older format, without public check digits")
    if found is None:
        yield _("not stored yet")
        yield _("no GVLK")
