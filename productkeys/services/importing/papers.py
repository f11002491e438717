"""The agreements that the rows of an import name: found among those that are there, or made along with the keys."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from productkeys.domain import import_rules
from productkeys.domain.rule import Problem, Rule
from productkeys.incoming.fields import Field
from productkeys.models import Agreement
from productkeys.services import agreements
from productkeys.services.agreements import AgreementValues
from productkeys.services.importing.remarks import Remark
from productkeys.services.origin import Origin
from productkeys.services.scoping import Place

_DETAILS = tuple(name for name in agreements.FIELDS if name not in ("number", "scope_id"))
_DAYS = ("bought_on", "valid_until")


class Belongs(NamedTuple):
    """Whose an agreement is: in the scope that the row says it is in, or else in that of the first key naming it."""

    scope: Place
    is_said: bool = False


@dataclass(slots=True, eq=False)
class Draft:
    """An agreement to be made, with all that the rows say of it; `differs` where they do not all say the same."""

    values: AgreementValues
    differs: bool = False
    made: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """The agreement that a row names: as it is where it is `there`, else the draft of the one to be made."""

    number: str
    there: Agreement | None = None
    new: Draft | None = None
    problems: Sequence[Problem] = ()
    remarks: Sequence[Remark] = ()


class Papers:
    """Looks up the agreements of one import, each once.

    People leave out what they said before: a row without a vendor is about the first agreement with its number, and
    what several rows say of one is put together, the first of them counting where they contradict each other. The
    portal's own export leaves nothing out and is taken `to_the_letter`. `known` is what a run over all rows `kept`:
    with it, some rows are judged as among all of them.
    """

    def __init__(
        self,
        import_uid: UUID,
        origin: Origin,
        *,
        to_the_letter: bool = False,
        known: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self._import_uid, self._origin, self._to_the_letter = import_uid, origin, to_the_letter
        self._there: dict[str, list[Agreement]] = {}
        self._drafts: dict[tuple[Any, ...], list[Draft]] = {}
        self._named: dict[tuple[Any, ...], Named] = {}
        for kept in known:
            values = _values_of(kept["values"])
            self._drafts.setdefault(tuple(kept["group"]), []).append(Draft(values, differs=True))

    def named(self, said: Mapping[str, Any], belongs: Belongs) -> Named:
        """The agreement that a row is about which says `said`: a number and details. One that is there stays as it is.

        What is wrong is told at the column that says it.
        """
        details = {name: said[name] for name in _DETAILS if said.get(name) not in (None, "")}
        number = str(said.get("number", ""))
        asked = (number, *details.items(), belongs)
        if asked not in self._named:
            self._named[asked] = self._name(number, details, belongs)
        return self._named[asked]

    def made(self, named: Named | None) -> Agreement | None:
        """A named agreement, which is made now where it is not there; None where none is named. Raises Refused."""
        if named is None or named.new is None:
            return named.there if named else None
        if named.new.made is None:
            named.new.made = agreements.add(named.new.values, import_uid=self._import_uid, origin=self._origin)
        return named.new.made

    def kept(self) -> tuple[Mapping[str, Any], ...]:
        """The new agreements about which the rows do not all say the same, as JSON can hold them."""
        return tuple(
            {"group": group, "values": _as_json(draft.values)}
            for group, drafts in self._drafts.items()
            for draft in drafts
            if draft.differs
        )

    def _name(self, number: str, details: Mapping[str, Any], belongs: Belongs) -> Named:
        if not number:
            return Named("", problems=[import_rules.AGREEMENT_WITHOUT_NUMBER.broken()])
        vendor = str(details.get("vendor", ""))
        there = self._with_number(number)
        found = self._meant(there, number, vendor, belongs)
        if len(found) > 1:
            return Named(number, problems=[import_rules.AGREEMENT_UNCLEAR.broken(number=number)])
        if found:
            stored = AgreementValues.of(found[0])
            remarks = _contradictions(details, stored, import_rules.AGREEMENT_STAYS, take_empty=True)
            return Named(found[0].number, found[0], remarks=remarks)
        return self._to_be_made(number, details, belongs, [agreement.vendor for agreement in there])

    def _with_number(self, number: str) -> list[Agreement]:
        """The agreements with this number that the person may know of, however they write it."""
        if number.casefold() not in self._there:
            there = Agreement.objects.filter(number__iexact=number)
            if self._origin.person is not None:
                there = there.visible_to(self._origin.person)
            self._there[number.casefold()] = list(there)
        return self._there[number.casefold()]

    def _meant(self, there: Sequence[Agreement], number: str, vendor: str, belongs: Belongs) -> list[Agreement]:
        if self._to_the_letter:
            found = [agreement for agreement in there if (agreement.number, agreement.vendor) == (number, vendor)]
        elif vendor:
            same = [agreement for agreement in there if agreement.vendor.casefold() == vendor.casefold()]
            found = same or [agreement for agreement in there if not agreement.vendor]
        else:
            found = list(there)
        here = [agreement for agreement in found if agreement.scope_id == belongs.scope]
        return here if belongs.is_said or (here and len(found) > 1) else found

    def _to_be_made(
        self, number: str, details: Mapping[str, Any], belongs: Belongs, vendors_there: Sequence[str]
    ) -> Named:
        vendor = str(details.get("vendor", ""))
        group: tuple[Any, ...] = (number, vendor) if self._to_the_letter else (number.casefold(),)
        drafts = self._drafts.setdefault((*group, *([belongs.scope] if belongs.is_said else ())), [])
        draft = _about(drafts, vendor)
        if draft is None:
            values = AgreementValues(number=number, **details, scope_id=belongs.scope)
            draft = Draft(values, differs=bool(drafts))
            remarks = _of_other_vendors(vendor, [*vendors_there, *(other.values.vendor for other in drafts)])
            problems = self._problems_of(values)
            if not problems:
                for other in drafts:
                    other.differs = True
                drafts.append(draft)
            return Named(number, new=draft, problems=problems, remarks=remarks)
        others = [*vendors_there, *(other.values.vendor for other in drafts[: drafts.index(draft)])]
        remarks = _of_other_vendors(vendor, others) + _contradictions(
            details, draft.values, import_rules.AGREEMENT_CONTRADICTED
        )
        fuller = replace(
            draft.values, **{name: value for name, value in details.items() if not getattr(draft.values, name)}
        )
        says_more = fuller != draft.values
        problems = self._problems_of(fuller) if says_more else []
        if not problems:
            draft.values = fuller
            draft.differs |= says_more or bool(remarks) or belongs.scope != fuller.scope_id
        return Named(draft.values.number, new=draft, problems=problems, remarks=remarks)

    def _problems_of(self, values: AgreementValues) -> list[Problem]:
        found = agreements.problems_of(values, origin=self._origin)
        return [replace(problem, field=_field_of(problem.field)) for problem in found]


def _about(drafts: Sequence[Draft], vendor: str) -> Draft | None:
    """The one that a row with this vendor is about: without one, the first; else that vendor's, or one of nobody's."""
    if not vendor:
        return drafts[0] if drafts else None
    same = [draft for draft in drafts if draft.values.vendor.casefold() == vendor.casefold()]
    return next(iter([*same, *(draft for draft in drafts if not draft.values.vendor)]), None)


def _contradictions(
    details: Mapping[str, Any], counts: AgreementValues, rule: Rule, *, take_empty: bool = False
) -> list[Remark]:
    """What a row says otherwise than `counts`; that one says nothing is no contradiction, unless `take_empty`."""
    return [
        Remark(rule, _field_of(name), value, has)
        for name, value in details.items()
        if value != (has := getattr(counts, name)) and (has or take_empty)
        if name != "vendor" or value.casefold() != has.casefold()
    ]


def _of_other_vendors(vendor: str, others: Iterable[str]) -> list[Remark]:
    other = next((name for name in others if name and name.casefold() != vendor.casefold()), "")
    if not vendor or not other:
        return []
    return [Remark(import_rules.AGREEMENT_OF_ANOTHER_VENDOR, Field.AGREEMENT_VENDOR.value, vendor, other)]


def _field_of(name: str) -> str:
    """The column that says `name` of an agreement."""
    return Field.AGREEMENT.value if name == "number" else f"{Field.AGREEMENT}_{name}"


def _as_json(values: AgreementValues) -> dict[str, Any]:
    said = {name: getattr(values, name) for name in agreements.FIELDS}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in said.items()}


def _values_of(kept: Mapping[str, Any]) -> AgreementValues:
    days = {name: dt.date.fromisoformat(kept[name]) for name in _DAYS if kept[name]}
    return AgreementValues(**{**kept, **days})
