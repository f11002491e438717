"""Changed fields in words: what a bulk edit would do, what two people want, what the trail says was done."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.models import ProductKey, reference

_OF_SCOPES = frozenset({"scope", "scope_id", "shared_with"})
_NO_FIELDS = {
    "rows": gettext_lazy("Keys"),
    "second_factor": gettext_lazy("Second factor"),
    "master_key": gettext_lazy("Master key"),
}
_FACTORS = {
    "totp": gettext_lazy("Authenticator app"),
    "webauthn": gettext_lazy("Passkey"),
    "recovery_codes": gettext_lazy("Recovery codes"),
}
_UNSAID = frozenset({"rows_digest"})
_CHOICES = {"key_type": KeyType, "architecture": Architecture, "usage": Usage, "status": Status}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, by the name and in the words that people know."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def in_words(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    system: str = "",
    model: type[Model] = ProductKey,
    scopes: Collection[str] | None = None,
    agreements: Collection[str] | None = None,
) -> Iterator[FieldChange]:
    """The fields that `before` and `after` hold, in the order of `after`; one missing on a side is empty there.

    `system` is the slug of the key's operating system where that is not among the fields: it names the edition. `model`
    is what the fields belong to, for their labels. `scopes` and `agreements` are the names that the reader may know;
    None: all.
    """
    facts = reference.current()
    for name in dict.fromkeys([*after, *before]):
        if name in _UNSAID:
            continue
        if name in _OF_SCOPES and not facts.has_scopes:
            continue  # a portal with a single scope does not speak of scopes
        said: Callable[[str, Any, str], str] = partial(_of_scopes, known=scopes) if name in _OF_SCOPES else _value
        if name == "agreement":
            said = partial(_of_agreement, known=agreements)
        if name == "second_factor":
            said = _of_factors
        old = said(name, before[name], _system(before, system)) if name in before else ""
        new = said(name, after[name], _system(after, system)) if name in after else ""
        if old or new:
            yield FieldChange(_label(name, model), old, new)


def _system(values: Mapping[str, Any], otherwise: str) -> str:
    return str(values.get("operating_system") or values.get("operating_system_id") or otherwise)


def _label(name: str, model: type[Model]) -> str:
    if name == "microsoft_count_imported":
        return _("Brought by an import")
    try:
        field = model._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return str(_NO_FIELDS.get(name, name))
    if isinstance(field, Field):
        return str(capfirst(field.verbose_name))
    return str(capfirst(field.related_model._meta.verbose_name_plural))


def _value(name: str, value: Any, system: str) -> str:
    match name, value:
        case "code" | "password", _any:
            return _("changed")
        case "operating_system" | "operating_system_id", str():
            return reference.current().system_name(value)
        case "edition", str():
            return reference.current().edition_label(system, value) if value else _("all editions")
        case "bought_on" | "valid_until" | "microsoft_counted_on", str():
            return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
        case "quantity", None:
            return _("no limit")
        case "quantity" | "in_use" | "licences" | "microsoft_used", int():
            return number_format(value, force_grouping=True)
        case _any, bool():
            return _("yes") if value else _("no")
        case _any, list():
            return ", ".join(str(item) for item in value)
        case _any, None:
            return ""
        case _:
            choices = _CHOICES.get(name)
            return str(choices(value).label) if choices and value in choices.values else str(value)


def _of_factors(_name: str, kept: Any, _of_system: str) -> str:
    """Second factors; the trail has one, or all that were removed at once."""
    return ", ".join(map(_factor, [kept] if isinstance(kept, str) else kept))


def _factor(kept: str) -> str:
    """A second factor as the trail keeps it: its kind, and the name that its person gave it."""
    kind, _blank, name = kept.partition(" ")
    return f"{_FACTORS.get(kind, kind)} {name}".strip()


def _of_scopes(name: str, value: Any, _of_system: str, *, known: Collection[str] | None) -> str:
    """Scopes by name: the trail has their names, a form their ids. One that is not `known` is not named."""
    if name == "shared_with":
        return ", ".join(sorted(_scope_named(item, known) for item in value))
    return _("everybody's") if value is None else _scope_named(value, known)


def _of_agreement(_name: str, number: str | None, _of_system: str, *, known: Collection[str] | None) -> str:
    """The number of an agreement; one that is not `known` does not exist."""
    return number if number and (known is None or number in known) else ""


def _scope_named(scope: int | str, known: Collection[str] | None) -> str:
    name = reference.current().scopes.get(scope, "") if isinstance(scope, int) else scope
    return name if known is None or name in known else _("another scope")
