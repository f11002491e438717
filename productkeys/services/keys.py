"""Adding, changing and removing product keys: each one transaction and one entry in the trail."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from productkeys.domain import rulebook, rules
from productkeys.domain.choices import Architecture, Status
from productkeys.domain.keycode import KeyCode, parse
from productkeys.domain.rulebook import Problem
from productkeys.domain.rules import Declaration, KnownKey
from productkeys.fields import SEALED_COLUMNS, raise_alarm
from productkeys.models import ProductKey, Scope, reference
from productkeys.models.trail import Action
from productkeys.services import count_columns, labelling, restoring, scoping, trail
from productkeys.services.once_more import once_more
from productkeys.services.origin import Origin

DECLARED_FIELDS = (
    "name",
    "comment",
    "key_type",
    "operating_system_id",
    "edition",
    "architecture",
    "usage",
    "quantity",
    "scope_id",
    "agreement_id",
)
"""What a person declares about a key, in the order of the forms; the key itself goes beside them."""

STANDARD_KEY_FIELDS = frozenset({"comment", "labels"})
"""What may be changed on a key that Microsoft published (its status has verbs of its own)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyValues:
    """The declared values of a key, as a form, a file or a tool gives them.

    `code`, `shared_with` (ids of scopes), `labels` (names) and `in_use` are None where they stay as they are.
    `in_use` is what another list counted of the key.
    """

    name: str
    key_type: str
    operating_system_id: str
    usage: str
    comment: str = ""
    edition: str = ""
    architecture: str = Architecture.ANY.value
    quantity: int | None = None
    in_use: int | None = None
    scope_id: int | None = None
    agreement_id: int | None = None
    shared_with: frozenset[int] | None = None
    labels: frozenset[str] | None = None
    code: KeyCode | None = None
    typing_confirmed: bool = False

    @classmethod
    def of(cls, key: ProductKey, **changes: Any) -> "KeyValues":
        """The values that `key` has, with `changes`."""
        return cls(**{name: getattr(key, name) for name in DECLARED_FIELDS} | changes)


class Refused(Exception):
    """The rules refuse it; `problems` say why. Nothing was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


class ChangedMeanwhile(Exception):
    """Somebody else changed or removed it since it was shown."""


def find(code: KeyCode) -> ProductKey | None:
    """The entry that holds exactly this key, whoever may see it."""
    found: ProductKey | None = ProductKey.objects.holding(code).first()
    return found


def problems_of(
    values: KeyValues, *, origin: Origin, key: ProductKey | None = None, agreements: Container[int] | None = None
) -> list[Problem]:
    """What the rules say against storing `values`: as a new key, or as the new state of `key`.

    Who judges many keys looks up once which `agreements` are there (`scoping.visible_agreements`).
    """
    holder = find(values.code) if values.code else None
    return problems_knowing(holder, values, origin=origin, key=key, agreements=agreements)


def problems_knowing(
    holder: ProductKey | None,
    values: KeyValues,
    *,
    origin: Origin,
    key: ProductKey | None = None,
    agreements: Container[int] | None = None,
) -> list[Problem]:
    """The same where it is known already which entry holds the key of `values`: many keys are looked up at once."""
    found: list[Problem] = []
    code = values.code
    confirmed = values.typing_confirmed
    if key and code is None and values.operating_system_id != key.operating_system_id:
        # The stored key must fit the new system as well (the letter N); its check digits were judged when it came.
        confirmed = True
        try:
            code = parse(key.code.open())
        except InvalidTag:
            raise_alarm(key.uid)
            found.append(rulebook.STORED_KEY_UNREADABLE.broken())
    found.extend(
        rules.problems_of(
            Declaration(
                key_type=values.key_type,
                usage=values.usage,
                name=values.name,
                comment=values.comment,
                quantity=values.quantity,
                in_use=_in_use(key, values),
                edition=values.edition,
                architecture=values.architecture,
                code=code,
                typing_confirmed=confirmed,
                system=reference.current().systems.get(values.operating_system_id),
                known=_known(holder, origin=origin, key=key),
                published=bool(key and key.published),
            )
        )
    )
    if values.labels is not None:
        found.extend(labelling.problems_of(values.labels))
    found.extend(scoping.problems_of(values.scope_id, origin=origin, key=key))
    if key is None or values.agreement_id != key.agreement_id:
        found.extend(scoping.problems_of_agreement(values.agreement_id, origin=origin, visible=agreements))
    if key and values.shared_with is not None and _sharing(key, values) != _shared_with(key):
        found.extend(scoping.problems_of_sharing(origin))
    if key is None and sharing_of(values):
        found.extend(scoping.problems_of_sharing(origin))
    if key and key.published and _differs(key, values, set(DECLARED_FIELDS) - STANDARD_KEY_FIELDS):
        found.append(rulebook.STANDARD_KEY_FIXED.broken())
    return found


def add_key(values: KeyValues, *, origin: Origin) -> ProductKey:
    """Store a new key. Raises Refused."""
    assert values.code is not None
    if problems := problems_of(values, origin=origin):
        raise Refused(problems)
    key = ProductKey(
        **{name: getattr(values, name) for name in DECLARED_FIELDS},
        in_use=_in_use(None, values),
        code=values.code,
        created_by=origin.person,
        changed_by=origin.person,
    )

    @once_more()
    @transaction.atomic
    def store() -> None:
        key.save(force_insert=True)
        after = shown(key, DECLARED_FIELDS)
        if values.labels:
            after["labels"] = labelling.put(key, values.labels)
        trail.record(trail.entry(Action.ADDED, origin=origin, key=key, after=after))

    try:
        store()
    except IntegrityError:
        _look_again(values, origin=origin)
        raise
    return key


def change_key(key: ProductKey, values: KeyValues, *, seen_version: int, origin: Origin) -> ProductKey:
    """Store `values` as the new state of `key`, which the person saw as `seen_version`.

    Raises Refused, or ChangedMeanwhile where the key has another version by now. Changes nothing where nothing differs.
    """
    if problems := problems_of(values, origin=origin, key=key):
        raise Refused(problems)
    changed = {name: value for name, value in columns_of(key, values).items() if getattr(key, name) != value}
    shared = _shared_with(key) if "scope_id" in changed or values.shared_with is not None else frozenset()
    sharing = _sharing(key, values) if "scope_id" in changed or values.shared_with is not None else frozenset()
    labels = labelling.names_of(key) if values.labels is not None else []
    relabelled = values.labels is not None and not labelling.are_same(labels, values.labels)
    if not changed and values.code is None and sharing == shared and not relabelled:
        return key
    before = shown(key, changed)
    for name, value in changed.items():
        setattr(key, name, value)
    after = shown(key, changed)
    if sharing != shared:
        before["shared_with"], after["shared_with"] = _names_of(shared), _names_of(sharing)
    columns = list(changed)
    if values.code is not None:
        before |= count_columns.shown(key)
        columns += _replace_code(key, values.code)
        before["code"] = after["code"] = "changed"
    key.prepare_text()

    @once_more()
    @transaction.atomic
    def store() -> None:
        write(key, [*columns, "name_sort", "search_text"], seen_version=seen_version, origin=origin)
        if sharing != shared:
            key.shared_with.set(sharing)
        if relabelled and values.labels is not None:
            before["labels"], after["labels"] = labels, labelling.put(key, values.labels)
        trail.record(trail.entry(Action.CHANGED, origin=origin, key=key, before=before, after=after))

    try:
        store()
    except IntegrityError:
        _look_again(values, origin=origin, key=key)
        raise
    return key


def _look_again(values: KeyValues, *, origin: Origin, key: ProductKey | None = None) -> None:
    """Raise Refused where others were faster, such as with the same key: the second is told like any later one."""
    reference.forget()
    if problems := problems_of(values, origin=origin, key=key):
        raise Refused(problems) from None


STATUS_ACTIONS = {
    Status.ACTIVE.value: Action.RESTORED,
    Status.ARCHIVED.value: Action.ARCHIVED,
    Status.COMPROMISED.value: Action.COMPROMISED,
}
"""What is done where a person wants this status; what a restored key becomes is another matter."""


def problems_of_status(key: ProductKey, status: str, *, origin: Origin) -> list[Problem]:
    """What the rules say against `status` as the new status of `key`."""
    found = scoping.problems_of_act(key, scoping.CHANGE, origin=origin)
    if key.published and status == Status.COMPROMISED:
        found.append(rulebook.STANDARD_KEY_IS_PUBLIC.broken())
    return found


def problems_of_deletion(key: ProductKey, *, origin: Origin) -> list[Problem]:
    """What the rules say against removing `key` for good."""
    found = scoping.problems_of_act(key, scoping.DELETE, origin=origin)
    if key.published:
        found.append(rulebook.STANDARD_KEY_STAYS.broken())
    return found


@transaction.atomic
def set_status(key: ProductKey, status: str, *, seen_version: int, origin: Origin) -> None:
    """Archive `key`, restore it or mark it as compromised; changes nothing where it has that status already.

    An archived key that is to be active becomes what it was before it was archived. Raises Refused, or ChangedMeanwhile
    where the key has another version by now than the one that was seen.
    """
    if problems := problems_of_status(key, status, origin=origin):
        raise Refused(problems)
    if key.status == status and key.version == seen_version:
        return
    before, key.status = key.status, restoring.status_after(key, status)
    write(key, ["status"], seen_version=seen_version, origin=origin)
    action, was, becomes = STATUS_ACTIONS[status], {"status": before}, {"status": key.status}
    trail.record(trail.entry(action, origin=origin, key=key, before=was, after=becomes))


@transaction.atomic
def delete(key: ProductKey, *, seen_version: int, origin: Origin) -> None:
    """Remove `key` for good. Raises Refused, or ChangedMeanwhile as `set_status` does."""
    if problems := problems_of_deletion(key, origin=origin):
        raise Refused(problems)
    # Django reads what it deletes first, and what hangs on it: nobody may change that in between.
    if not ProductKey.objects.select_for_update().filter(pk=key.pk, version=seen_version).exists():
        raise ChangedMeanwhile
    before = shown(key, DECLARED_FIELDS)
    if labels := labelling.names_of(key):
        before["labels"] = labels
    trail.record(trail.entry(Action.DELETED, origin=origin, key=key, before=before))
    ProductKey.objects.filter(pk=key.pk).delete()


def write(key: ProductKey, columns: Iterable[str], *, seen_version: int, origin: Origin) -> None:
    """The one way a stored key changes: only where it still has the version that was seen."""
    key.changed_at, key.changed_by, key.version = timezone.now(), origin.person, seen_version + 1
    values = {name: getattr(key, name) for name in {*columns, "changed_at", "changed_by"}}
    if not ProductKey.objects.filter(pk=key.pk, version=seen_version).update(**values, version=F("version") + 1):
        raise ChangedMeanwhile


def _replace_code(key: ProductKey, code: KeyCode) -> Sequence[str]:
    """Give `key` another product key, of which Microsoft has counted nothing yet. Returns the columns to write."""
    key.code = code
    count_columns.clear(key)
    return (*SEALED_COLUMNS, *count_columns.COLUMNS)


def _known(found: ProductKey | None, *, origin: Origin, key: ProductKey | None) -> KnownKey | None:
    if found is None or (key and found.pk == key.pk):
        return None
    named = origin.person is None or ProductKey.objects.visible_to(origin.person).filter(pk=found.pk).exists()
    return KnownKey(
        name=found.name,
        key_type=found.key_type,
        system=found.operating_system_id,
        edition=found.edition,
        architecture=found.architecture,
        published=found.published,
        named=named,
    )


def columns_of(key: ProductKey, values: KeyValues) -> dict[str, Any]:
    """What the columns of `key` hold with `values`, but for those of the product key itself."""
    return {**{name: getattr(values, name) for name in DECLARED_FIELDS}, "in_use": _in_use(key, values)}


def _in_use(key: ProductKey | None, values: KeyValues) -> int:
    if values.in_use is not None:
        return values.in_use
    return key.in_use if key else 0


def _differs(key: ProductKey, values: KeyValues, names: Iterable[str]) -> bool:
    return values.code is not None or any(getattr(key, name) != getattr(values, name) for name in names)


def _shared_with(key: ProductKey) -> frozenset[int]:
    return frozenset(key.shared_with.values_list("pk", flat=True))


def sharing_of(values: KeyValues, now: frozenset[int] = frozenset()) -> frozenset[int]:
    """The scopes that a key with `values`, shared with those of `now`, would be shared with.

    Never with its own, and with none where it is everybody's.
    """
    if values.scope_id is None:
        return frozenset()
    return (now if values.shared_with is None else values.shared_with) - {values.scope_id}


def _sharing(key: ProductKey, values: KeyValues) -> frozenset[int]:
    return sharing_of(values, _shared_with(key) if values.shared_with is None else frozenset())


def _names_of(scopes: Iterable[int]) -> list[str]:
    return list(Scope.objects.filter(pk__in=scopes).values_list("name", flat=True))


def _name_of(scope: int) -> str | None:
    return reference.current().scopes.get(scope) or next(iter(_names_of([scope])), None)


def shown(key: ProductKey, names: Iterable[str]) -> dict[str, Any]:
    """Values of the fields `names` for the trail, under the names people know."""
    values = {name.removesuffix("_id"): getattr(key, name) for name in names}
    if "scope" in values:
        values["scope"] = _name_of(key.scope_id) if key.scope_id else None
    if "agreement" in values:
        values["agreement"] = key.agreement and key.agreement.number
    return values
