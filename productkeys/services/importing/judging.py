"""What would become of rows: judged by the same rules as a key that a person enters, many at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate

from productkeys.domain import import_rules, keycode, labels, microsoft_count, rules
from productkeys.domain.keycode import KeyCode, KeyFormatError
from productkeys.domain.rule import Problem, Rule
from productkeys.fields import fingerprints_of
from productkeys.incoming.fields import Field
from productkeys.incoming.mangled import mangled_key
from productkeys.incoming.row import IncomingRow, Reader
from productkeys.models import Import, ProductKey, reference
from productkeys.models.importing import Existing
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import keys, labelling, scoping
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.papers import Named, Papers
from productkeys.services.importing.plan import Plan
from productkeys.services.importing.staging import StagedRow
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin
from productkeys.tables import faults

AGREEMENT, MICROSOFT = "agreement", "microsoft_used"
"""Changes of an existing key that are more than a value: its agreement by number, and Microsoft's count."""
TYPING_CONFIRMED = "typing_confirmed"
"""What stands among the mended texts where a person insists on a key that looks mistyped."""

_RULES_OF_FILES: Mapping[str, Rule] = {rule.code: rule for rule in vars(faults).values() if isinstance(rule, Rule)}


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What is said of one row.

    `values` are those of the new key, or of the existing one as it would become; `changes` the fields that would
    differ, before and after. `code` is None where the row holds no key that can be read. `paper` is the agreement that
    the row names, `counted_on` the day of Microsoft's count where it brings one.
    """

    row: StagedRow
    said: IncomingRow
    outcome: Outcome = Outcome.REFUSED
    code: KeyCode | None = None
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    values: KeyValues | None = None
    existing: ProductKey | None = None
    paper: Named | None = None
    counted_on: date | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: Sequence[Problem] = ()

    def refuse(self, *problems: Problem) -> None:
        self.outcome, self.problems = Outcome.REFUSED, [*self.problems, *problems]


class Judge:
    """Judges the rows of one import, in their order.

    It remembers which keys it has seen, since a file may hold one twice: a judge is for one run over all rows, or for a
    few rows whose twins are known. With `locking`, existing keys stay as they are until the transaction ends.
    """

    def __init__(self, imp: Import, plan: Plan, *, origin: Origin, locking: bool = False) -> None:
        self._plan, self._origin, self._locking = plan, origin, locking
        self._leaves_existing = imp.existing == Existing.LEAVE
        self._seen: dict[KeyCode, int] = {}
        self._counted_on = localdate(imp.created_at)
        self._replaces_comment = Field.COMMENT in plan.fields
        self.papers = Papers(origin)
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
                verdict.fingerprints = fingerprints_of(verdict.code)
                for column, fingerprint in verdict.fingerprints.items():
                    columns.setdefault(column, []).append(fingerprint)
                    by_fingerprint.setdefault(fingerprint, []).append(verdict)
        if not columns:
            return
        held = Q(*((f"{column}__in", found) for column, found in columns.items()), _connector=Q.OR)
        holders: ProductKeyQuerySet = (
            ProductKey.objects.filter(held).prefetch_related("labels").select_related("agreement")
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
            verdict.refuse(_RULES_OF_FILES[name].broken(**particulars))
        if code:
            first = self._seen.setdefault(code, row.number)
            row.twin = first if first != row.number else row.twin
        if row.twin is not None:
            verdict.refuse(import_rules.KEY_TWICE.broken(row=row.twin))
            return
        holder = verdict.existing
        if holder and holder.published:
            verdict.outcome, verdict.problems = Outcome.STANDARD, ()
            return
        for name, text in said.unknown:
            verdict.refuse(_unknown(name, text))
        if holder and holder.pk in self._visible:
            self._compare(verdict, holder)
        else:
            verdict.existing = None
            self._judge_new(verdict, holder)

    def _judge_new(self, verdict: Verdict, holder: ProductKey | None) -> None:
        values, problems = self._values_of(verdict)
        verdict.values = values
        problems += self._problems_of_count(verdict, values.key_type)
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
        """What the row would change of a key that is there: only what the row itself says, never its status or use.

        Labels come to those that it has.
        """
        row = verdict.row
        if self._leaves_existing:
            verdict.outcome, verdict.problems = Outcome.SAME, ()
            return
        values, problems = self._values_of(verdict)
        kept = KeyValues.of(key)
        wanted = {
            name: getattr(values, name)
            for name in keys.DECLARED_FIELDS
            if name != "agreement_id" and name.removesuffix("_id") in verdict.said.given
        }
        if "comment" in wanted and not self._replaces_comment:
            wanted["comment"] = _with_lines(key.comment, values.comment)
        verdict.changes = {
            name: (getattr(kept, name), value) for name, value in wanted.items() if getattr(kept, name) != value
        }
        had = [label.name for label in key.labels.all()]
        all_labels = labelling.with_changes(had, added=values.labels or frozenset(), removed=frozenset())
        becomes = {name: after for name, (_before, after) in verdict.changes.items()}
        if not labelling.are_same(all_labels, had):
            verdict.changes = {**verdict.changes, "labels": (had, all_labels)}
            becomes["labels"] = frozenset(all_labels)
        verdict.values = KeyValues.of(key, **becomes)
        if verdict.changes:
            problems += keys.problems_of(verdict.values, origin=self._origin, key=key)
        if (paper := verdict.paper) and (paper.there is None or paper.there.pk != key.agreement_id):
            verdict.changes = {**verdict.changes, AGREEMENT: (str(key.agreement or ""), paper.number)}
        problems += self._problems_of_count(verdict, key.key_type)
        if verdict.counted_on and not self._is_counted_alike(verdict, key):
            verdict.changes = {**verdict.changes, MICROSOFT: (key.microsoft_used, verdict.said.microsoft_used)}
        if self._locking and row.version != key.version:
            problems.append(import_rules.CHANGED_SINCE.broken())
        row.version = key.version
        verdict.refuse(*problems)
        if not verdict.problems:
            verdict.outcome = Outcome.CHANGES if verdict.changes else Outcome.SAME

    def _values_of(self, verdict: Verdict) -> tuple[KeyValues, list[Problem]]:
        said, problems = verdict.said, list[Problem]()
        scope = self._scope(said.scope, Field.SCOPE, problems)
        if said.agreement:
            verdict.paper = self.papers.named(said.agreement, scope)
            problems += verdict.paper.problems
        shared = [self._scope(name, Field.SHARED_WITH, problems) for name in said.shared_with]
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

    def _problems_of_count(self, verdict: Verdict, key_type: str) -> Iterator[Problem]:
        """What stands against Microsoft's count in this row, whose day is that of the import where it names none."""
        used = verdict.said.microsoft_used
        if used is not None:
            verdict.counted_on = verdict.said.microsoft_counted_on or self._counted_on
            yield from microsoft_count.problems_of(key_type, used, verdict.counted_on, today=localdate())

    @staticmethod
    def _is_counted_alike(verdict: Verdict, key: ProductKey) -> bool:
        named = verdict.said.microsoft_counted_on
        return key.microsoft_used == verdict.said.microsoft_used and named in (None, key.microsoft_counted_on)

    def _scope(self, name: str, column: Field, problems: list[Problem]) -> int | None:
        if not name:
            return None
        found = self._scopes.get(name.casefold())
        if found is None:
            problems.append(_unknown(column, name))
        return found

    @cached_property
    def _scopes(self) -> Mapping[str, int]:
        """The scopes that the person may know of by name: to everybody else they do not exist."""
        return {name.casefold(): pk for pk, name in scoping.scopes_known_to(self._origin).items()}

    def _visible_among(self, found: Sequence[ProductKey]) -> set[int]:
        """The ids of those that the person may know of."""
        if self._origin.person is None or not found:
            return {key.pk for key in found}
        visible: ProductKeyQuerySet = ProductKey.objects.visible_to(self._origin.person)
        return set(visible.filter(pk__in=[key.pk for key in found]).values_list("pk", flat=True))


def _with_lines(comment: str, added: str) -> str:
    """`comment` with those lines of `added` that it does not have."""
    had = comment.splitlines()
    return "\n".join([*had, *(line for line in added.splitlines() if line not in had)])


def _problem_of_code(text: str, error: KeyFormatError) -> Problem:
    if not text.strip():
        return import_rules.KEY_MISSING.broken()
    if keycode.MASK_CHARACTER in text:
        return import_rules.KEY_MASKED.broken()
    if mangled_key(text):
        return import_rules.KEY_MANGLED.broken()
    return rules.problem_of_format(error)


def _not_understood(said: IncomingRow) -> set[str]:
    """The fields of which it was said already that nobody understands them: that they are empty is no news."""
    found = {str(name) for name, _text in said.unknown}
    if Field.PRODUCT in found:
        found |= {"operating_system", "edition"}
    return found | {"quantity"} if Field.USE_OF_QUANTITY in found else found


def _unknown(name: Field, text: str) -> Problem:
    shown = keycode.redact(text)[:60]
    return Problem(rule=import_rules.VALUE_UNKNOWN, field=str(name), params={"text": shown})
