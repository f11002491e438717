"""What would become of rows: judged by the same rules as a key that a person enters, many at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate

from productkeys.domain import import_rules, keycode, labels, microsoft_count, rules
from productkeys.domain.keycode import KeyCode, KeyFormatError
from productkeys.domain.rule import Problem
from productkeys.fields import fingerprints_of
from productkeys.incoming.fields import Field, are_of_our_export
from productkeys.incoming.mangled import Mangled, mangled_key
from productkeys.incoming.row import IncomingRow, Reader
from productkeys.incoming.words import says_everybodys
from productkeys.models import Import, ProductKey, reference
from productkeys.models.importing import Existing
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import keys, scoping
from productkeys.services.importing import comparing, remarks
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.papers import Belongs, Papers
from productkeys.services.importing.plan import Plan
from productkeys.services.importing.staging import StagedRow
from productkeys.services.importing.verdict import Verdict
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin
from productkeys.services.scoping import Place
from productkeys.tables import faults

TYPING_CONFIRMED = "typing_confirmed"
"""What stands among the mended texts where a person insists on a key that looks mistyped."""


class Judge:
    """Judges the rows of one import, in their order.

    It remembers which keys it has seen, since a file may hold one twice: a judge is for one run over all rows, or for a
    few rows whose twins are known. With `locking`, existing keys stay as they are until the transaction ends.
    """

    def __init__(self, imp: Import, plan: Plan, *, origin: Origin, locking: bool = False) -> None:
        self._plan, self._origin, self._locking = plan, origin, locking
        self._leaves_existing = imp.existing == Existing.LEAVE
        self._twice = import_rules.KEY_TWICE_IN_LINES if imp.counts_lines else import_rules.KEY_TWICE
        self._judged = 0
        # Rows of one line have one number: their place tells them apart.
        self._seen: dict[KeyCode, tuple[int, int]] = {}
        self._counted_on = localdate(imp.created_at)
        self._replaces_comment = Field.COMMENT in plan.fields
        is_our_export = are_of_our_export(plan.columns)
        self._says_scope_of_agreements = is_our_export and Field.AGREEMENT_SCOPE in plan.fields
        self._says_day_of_count = Field.MICROSOFT_COUNTED_ON in plan.fields
        self._says_sharing = Field.SHARED_WITH in plan.fields
        self.papers = Papers(imp.uid, origin, to_the_letter=is_our_export, known=plan.papers)
        self._visible: set[int] = set()
        self._readers: dict[tuple[str, ...], Reader] = {}

    def judge(self, rows: Sequence[StagedRow]) -> list[Verdict]:
        """What is said of each of `rows`, which follow those judged before."""
        verdicts = [self._read(row) for row in rows]
        self._find_holders(verdicts)
        for verdict in verdicts:
            self._settle(verdict)
        return verdicts

    def _read(self, row: StagedRow) -> Verdict:
        if texts := {name: text for name, text in (row.mended or {}).items() if name != TYPING_CONFIRMED}:
            names = tuple(texts)
            reader = self._reader(names, lambda: self._plan.reading_mended(names))
            said = reader.read([*row.cells, *texts.values()])
        else:
            said = self._reader((), lambda: self._plan.reading).read(row.cells)
        verdict = Verdict(row=row, said=said)
        if said.not_ours:
            verdict.outcome = Outcome.NOT_OURS
            return verdict
        try:
            verdict.code = keycode.parse(said.code_text)
        except KeyFormatError as error:
            verdict.refuse(_problem_of_code(said.code_text, error))
        return verdict

    def _reader(self, names: tuple[str, ...], reading: Callable[[], Any]) -> Reader:
        reader = self._readers.get(names)
        if reader is None:
            reader = self._readers[names] = Reader(reading(), reference.current().systems)
        return reader

    def _find_holders(self, verdicts: Iterable[Verdict]) -> None:
        """Find the entries that hold the keys of these rows: one question for all of them."""
        by_fingerprint: dict[str, list[Verdict]] = {}
        columns: dict[str, list[str]] = {}
        for verdict in verdicts:
            if verdict.code:
                for column, fingerprint in fingerprints_of(verdict.code).items():
                    columns.setdefault(column, []).append(fingerprint)
                    by_fingerprint.setdefault(fingerprint, []).append(verdict)
        if not columns:
            return
        held = Q(*((f"{column}__in", found) for column, found in columns.items()), _connector=Q.OR)
        related = ("labels", "shared_with") if self._says_sharing else ("labels",)
        holders: ProductKeyQuerySet = (
            ProductKey.objects.filter(held).prefetch_related(*related).select_related("agreement")
        )
        if self._locking:
            holders = holders.select_for_update(of=("self",)).order_by("pk")
        found = list(holders)
        self._visible = self._visible_among(found)
        for holder in found:
            for column in columns:
                for verdict in by_fingerprint.get(getattr(holder, column) or "", ()):
                    verdict.existing = holder

    def _settle(self, verdict: Verdict) -> None:
        row, said, code = verdict.row, verdict.said, verdict.code
        if verdict.outcome is Outcome.NOT_OURS:
            return
        if row.fault and not row.mended:
            name, particulars = row.fault
            verdict.refuse(faults.RULES[name].broken(**particulars))
        if code:
            self._judged += 1
            place, number = self._seen.setdefault(code, (self._judged, row.number))
            row.twin = number if place != self._judged else row.twin
        if row.twin is not None:
            verdict.refuse(self._twice.broken(row=row.twin))
            return
        if _is_about_no_key(verdict):  # a sum, a line of a letter: what else it lacks is no news
            verdict.said.unknown = ()
            return
        holder = verdict.existing
        if holder and holder.published:
            self._compare_standard(verdict, holder)
            return
        for name, text in said.unknown:
            verdict.refuse(_unknown(name, text))
        if holder and holder.pk in self._visible:
            self._compare(verdict, holder)
        else:
            verdict.existing = None
            self._judge_new(verdict, holder)

    def _judge_new(self, verdict: Verdict, holder: ProductKey | None) -> None:
        verdict.said.scope = verdict.said.scope or self._only_scope
        values, problems = self._values_of(verdict)
        verdict.values = values
        problems += self._problems_of_count(verdict, values.key_type)
        verdict.remarks += remarks.of_row(verdict.said, values.scope_id, says_day=self._says_day_of_count)
        unknown = _not_understood(verdict.said)
        known = [values.agreement_id] if values.agreement_id else []
        problems += [
            problem
            for problem in keys.problems_knowing(holder, values, origin=self._origin, agreements=known)
            if problem.field not in unknown
        ]
        verdict.refuse(*problems)
        if not verdict.problems:
            verdict.outcome = Outcome.NEW

    def _compare(self, verdict: Verdict, key: ProductKey) -> None:
        """What the row would change of a key that is there."""
        row = verdict.row
        comparing.complete(verdict.said, key)
        values, problems = self._values_of(verdict, otherwise=key.scope_id)
        becomes_type = verdict.said.key_type if Field.KEY_TYPE in verdict.said.given else key.key_type
        problems += self._problems_of_count(verdict, becomes_type)
        changes, becomes = comparing.compared(verdict, key, values, replaces_comment=self._replaces_comment)
        verdict.remarks += remarks.of_row(verdict.said, becomes.scope_id, says_day=self._says_day_of_count)
        if self._leaves_existing and not key.published:
            verdict.outcome, verdict.problems = Outcome.SAME, ()
            verdict.remarks = [*remarks.of_key_left_as_it_is(changes), *verdict.remarks]
            return
        verdict.changes, verdict.values = changes, becomes
        if verdict.changes:
            known = [verdict.values.agreement_id] if verdict.values.agreement_id else []
            problems += keys.problems_of(verdict.values, origin=self._origin, key=key, agreements=known)
        if self._locking and row.version != key.version:
            problems.append(import_rules.CHANGED_SINCE.broken())
        row.version = key.version
        verdict.refuse(*problems)
        if not verdict.problems:
            verdict.outcome = Outcome.CHANGES if verdict.changes else Outcome.SAME

    def _compare_standard(self, verdict: Verdict, key: ProductKey) -> None:
        """What people may write on a key that Microsoft published; all else that a row says of it is passed over."""
        verdict.outcome, verdict.problems = Outcome.STANDARD, ()
        verdict.remarks = list(remarks.of_standard_key(verdict.said))
        verdict.said.noted, verdict.said.microsoft_counted_on = (), None
        verdict.said.given &= keys.STANDARD_KEY_FIELDS
        verdict.said.agreement, verdict.said.microsoft_used, verdict.said.scope = {}, None, ""
        verdict.said.shared_with, verdict.said.unknown = (), ()
        if not self._leaves_existing and verdict.said.given and self._may_change(key):
            self._compare(verdict, key)
        if verdict.outcome is Outcome.SAME:
            verdict.outcome = Outcome.STANDARD

    def _may_change(self, key: ProductKey) -> bool:
        return not scoping.problems_of_act(key, scoping.CHANGE, origin=self._origin)

    def _values_of(self, verdict: Verdict, otherwise: Place = None) -> tuple[KeyValues, list[Problem]]:
        """The values that the row says; where it names no scope, those of a key in the scope `otherwise`."""
        said, problems = verdict.said, list[Problem]()
        scope = self._scope(verdict, said.scope, Field.SCOPE, problems) if said.scope else otherwise
        belongs = self._belongs(verdict, scope, problems)
        # Where nobody understands the scope, the agreement would be everybody's, for the rows that follow as well.
        if said.agreement and not problems:
            verdict.paper = self.papers.named(said.agreement, belongs)
            problems += verdict.paper.problems
            verdict.remarks += verdict.paper.remarks
        shared = [self._scope(verdict, name, Field.SHARED_WITH, problems) for name in said.shared_with]
        return KeyValues(
            name=said.name,
            comment=said.comment,
            key_type=said.key_type,
            operating_system_id=said.operating_system_id,
            edition=said.edition,
            architecture=said.architecture,
            usage=said.usage,
            quantity=said.quantity,
            in_use=said.in_use,
            scope_id=scope,
            agreement_id=verdict.paper.there.pk if verdict.paper and verdict.paper.there else None,
            shared_with=frozenset(filter(None, shared)) if shared else None,
            labels=frozenset(labels.tidy(said.labels)) if said.labels else None,
            code=verdict.code,
            typing_confirmed=bool((verdict.row.mended or {}).get(TYPING_CONFIRMED)),
        ), problems

    def _belongs(self, verdict: Verdict, scope: Place, problems: list[Problem]) -> Belongs:
        """Whose the agreement of a row is, where its key is in `scope`."""
        if name := str(verdict.said.agreement.get("scope", "")):
            return Belongs(self._scope(verdict, name, Field.AGREEMENT_SCOPE, problems), is_said=True)
        return Belongs(None, is_said=True) if self._says_scope_of_agreements else Belongs(scope)

    def _problems_of_count(self, verdict: Verdict, key_type: str) -> Iterator[Problem]:
        """What stands against Microsoft's count in this row, whose day is that of the import where it names none."""
        used = verdict.said.microsoft_used
        if used is not None:
            verdict.counted_on = verdict.said.microsoft_counted_on or self._counted_on
            yield from microsoft_count.problems_of(key_type, used, verdict.counted_on, today=localdate())

    def _scope(self, verdict: Verdict, name: str, column: Field, problems: list[Problem]) -> Place:
        found = self._scopes.get(name) or self._scopes.get(_folded(name))
        if found is None and not (says_everybodys(name) and column is not Field.SHARED_WITH):
            verdict.said.unknown = (*verdict.said.unknown, (column, name))
            problems.append(_unknown(column, name))
        return found

    @cached_property
    def _only_scope(self) -> str:
        """The name of the one place where the person may put keys, if that is a scope and the file says no scopes."""
        places = scoping.places(self._origin)
        only = places[0] if len(places) == 1 and Field.SCOPE not in self._plan.fields else None
        return reference.current().scopes[only] if only is not None else ""

    @cached_property
    def _scopes(self) -> Mapping[str, int]:
        """The scopes that the person may know of by name, as it is and folded: to everybody else they do not exist."""
        known = scoping.scopes_known_to(self._origin)
        return {_folded(name): pk for pk, name in known.items()} | {name: pk for pk, name in known.items()}

    def _visible_among(self, found: Sequence[ProductKey]) -> set[int]:
        """The ids of those that the person may know of."""
        if self._origin.person is None or not found:
            return {key.pk for key in found}
        visible: ProductKeyQuerySet = ProductKey.objects.visible_to(self._origin.person)
        return set(visible.filter(pk__in=[key.pk for key in found]).values_list("pk", flat=True))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _problem_of_code(text: str, error: KeyFormatError) -> Problem:
    if not text.strip():
        return import_rules.KEY_MISSING.broken()
    if keycode.MASK_CHARACTER in text:
        return import_rules.KEY_MASKED.broken()
    if mangled_key(text) not in (None, Mangled.LAST_PART, Mangled.LOST_PART):
        return import_rules.KEY_MANGLED.broken()
    return rules.problem_of_format(error)


def _is_about_no_key(verdict: Verdict) -> bool:
    """Whether a row has words where the key should be, or nothing there and no product either."""
    said, text = verdict.said, verdict.said.code_text
    if verdict.code or keycode.looks_like_key(text) or mangled_key(text) or keycode.MASK_CHARACTER in text:
        return False
    return bool(text.strip()) or not (said.operating_system_id or said.edition)


def _not_understood(said: IncomingRow) -> set[str]:
    """The fields of which it was said already that nobody understands them: that they are empty is no news.

    Nor is it that a name is missing where it would follow from the product.
    """
    found = {str(name) for name, _text in said.unknown}
    if not said.operating_system_id:
        found |= {"name"} if not said.name else set()
    if Field.PRODUCT in found:
        found |= {"operating_system", "edition"}
    return found | {"quantity"} if Field.USE_OF_QUANTITY in found else found


def _unknown(name: Field, text: str) -> Problem:
    shown = keycode.redact(text)[:60]
    return Problem(rule=import_rules.VALUE_UNKNOWN, field=str(name), params={"text": shown})
