"""The agreements that the rows of an import name: found among those that are there, or made along with the keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from productkeys.domain import import_rules
from productkeys.domain.rule import Problem
from productkeys.incoming.fields import Field
from productkeys.models import Agreement
from productkeys.services import agreements
from productkeys.services.agreements import AgreementValues
from productkeys.services.origin import Origin
from productkeys.services.scoping import Place


@dataclass(frozen=True, slots=True)
class Named:
    """The agreement that a row names: as it is where it is `there`, else the values of the one to be made."""

    number: str
    there: Agreement | None = None
    new: AgreementValues | None = None
    problems: Sequence[Problem] = ()


class Papers:
    """Looks up the agreements of one import, each once."""

    def __init__(self, import_uid: UUID, origin: Origin) -> None:
        self._import_uid, self._origin = import_uid, origin
        self._there: dict[tuple[str, str], list[Agreement]] = {}
        self._new: dict[tuple[str, str], Named] = {}
        self._made: dict[AgreementValues, Agreement] = {}

    def named(self, said: Mapping[str, Any], scope: Place) -> Named:
        """The agreement with the number that `said` holds, and with its vendor where it names one.

        An agreement that is there stays as it is, whatever else the file says of it. A new one belongs to the `scope`
        of the first key that names it.
        """
        number, vendor = str(said.get("number", "")), str(said.get("vendor", ""))
        if not number:
            return Named("", problems=[import_rules.AGREEMENT_WITHOUT_NUMBER.broken()])
        wanted = (number.casefold(), vendor.casefold())
        if wanted not in self._there:
            self._there[wanted] = self._find(number, vendor)
        found = self._there[wanted]
        if len(found) > 1:
            found = [agreement for agreement in found if agreement.scope_id == scope] or found
        if len(found) > 1:
            return Named(number, problems=[import_rules.AGREEMENT_UNCLEAR.broken(number=number)])
        if found:
            return Named(found[0].number, found[0])
        if wanted not in self._new:
            self._new[wanted] = self._to_be_made(number, said, scope)
        return self._new[wanted]

    def made(self, named: Named | None) -> Agreement | None:
        """A named agreement, which is made now where it is not there; None where none is named. Raises Refused."""
        if named is None or named.new is None:
            return named.there if named else None
        if named.new not in self._made:
            self._made[named.new] = agreements.add(named.new, import_uid=self._import_uid, origin=self._origin)
        return self._made[named.new]

    def _find(self, number: str, vendor: str) -> list[Agreement]:
        there = Agreement.objects.filter(number__iexact=number)
        if self._origin.person is not None:
            there = there.visible_to(self._origin.person)
        return list(there.filter(vendor__iexact=vendor) if vendor else there)

    def _to_be_made(self, number: str, said: Mapping[str, Any], scope: Place) -> Named:
        new = AgreementValues(**said, scope_id=scope)
        problems = agreements.problems_of(new, origin=self._origin)
        return Named(number, new=new, problems=[replace(problem, field=Field.AGREEMENT.value) for problem in problems])
