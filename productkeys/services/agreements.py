"""Adding, changing and removing agreements: each one transaction and one entry in the trail.

Who may add, change or delete keys in a scope may do the same with its agreements.
"""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from productkeys.domain import agreements as rules
from productkeys.domain import rulebook
from productkeys.domain.agreements import Paper
from productkeys.domain.rulebook import Problem
from productkeys.models import Agreement, Scope, TrailEntry, reference
from productkeys.models.trail import Action
from productkeys.services import scoping, trail
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import Origin

FIELDS = ("number", "vendor", "bought_on", "valid_until", "licences", "cost_centre", "proof", "note", "scope_id")
"""What a person says of an agreement, in the order of the forms."""
_FIRST_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementValues(Paper):
    """What the papers say, and whose the agreement is: the id of a scope, or None for everybody's."""

    scope_id: int | None = None

    @classmethod
    def of(cls, agreement: Agreement) -> "AgreementValues":
        """The values that `agreement` has."""
        return cls(**{name: getattr(agreement, name) for name in FIELDS})


def problems_of(values: AgreementValues, *, origin: Origin, agreement: Agreement | None = None) -> list[Problem]:
    """What the rules say against storing `values`: as a new agreement, or as the new state of `agreement`."""
    if agreement and not scoping.holds(origin, scoping.CHANGE, agreement.scope_id):
        return [rules.NOT_YOURS.broken()]
    found = list(rules.problems_of(values))
    stays = agreement is not None and values.scope_id == agreement.scope_id
    if not stays and not scoping.may_come_to(values.scope_id, scoping.ADD, origin=origin):
        found.append(rulebook.SCOPE_NOT_YOURS.broken())
    elif same := _same(values, agreement):
        visible = origin.person is None or Agreement.objects.visible_to(origin.person).filter(pk=same.pk).exists()
        found.append((rules.THERE_ALREADY if visible else rules.NOT_HERE).broken())
    return found


def problems_of_deletion(agreement: Agreement, *, origin: Origin) -> list[Problem]:
    """What the rules say against removing `agreement`."""
    if not scoping.holds(origin, scoping.DELETE, agreement.scope_id):
        return [rules.NOT_YOURS.broken()]
    return [rules.HAS_KEYS.broken()] if agreement.product_keys.exists() else []


def add(values: AgreementValues, *, origin: Origin, import_uid: UUID | None = None) -> Agreement:
    """Store a new agreement, which `import_uid` brings where it is an import. Raises Refused."""
    if problems := problems_of(values, origin=origin):
        raise Refused(problems)
    agreement = Agreement(
        **{name: getattr(values, name) for name in FIELDS},
        import_uid=import_uid,
        created_by=origin.person,
        changed_by=origin.person,
    )
    try:
        with transaction.atomic():
            agreement.save(force_insert=True)
            after = shown(agreement)
            trail.record(_entry(Action.AGREEMENT_ADDED, agreement, origin, after=after))
    except IntegrityError:
        # Two people stored the same agreement at the same moment: the second is told like any later one.
        reference.forget()
        if problems := problems_of(values, origin=origin):
            raise Refused(problems) from None
        raise
    return agreement


def change(agreement: Agreement, values: AgreementValues, *, seen_version: int, origin: Origin) -> Agreement:
    """Store `values` as the new state of `agreement`, which the person saw as `seen_version`.

    Raises Refused, or ChangedMeanwhile where it has another version by now. Changes nothing where nothing differs.
    """
    if problems := problems_of(values, origin=origin, agreement=agreement):
        raise Refused(problems)
    changed = [name for name in FIELDS if getattr(agreement, name) != getattr(values, name)]
    if not changed and agreement.version == seen_version:
        return agreement
    before = shown(agreement, changed)
    for name in changed:
        setattr(agreement, name, getattr(values, name))
    agreement.changed_at, agreement.changed_by = timezone.now(), origin.person
    written = {name: getattr(agreement, name) for name in (*changed, "changed_at", "changed_by")}
    stored = Agreement.objects.filter(pk=agreement.pk, version=seen_version)
    try:
        with transaction.atomic():
            if not stored.update(**written, version=F("version") + 1):
                raise ChangedMeanwhile
            after = shown(agreement, changed)
            trail.record(_entry(Action.AGREEMENT_CHANGED, agreement, origin, before=before, after=after))
            reference.forget()
    except IntegrityError:
        reference.forget()
        if problems := problems_of(values, origin=origin, agreement=agreement):
            raise Refused(problems) from None
        raise
    agreement.version = seen_version + 1
    return agreement


@transaction.atomic
def delete(agreement: Agreement, *, seen_version: int, origin: Origin) -> None:
    """Remove `agreement`, to which no key belongs. Raises Refused, or ChangedMeanwhile as `change` does."""
    # Whoever puts a key under it waits for this lock, and then finds it gone.
    locked = Agreement.objects.select_for_update().filter(pk=agreement.pk, version=seen_version).first()
    if locked is None:
        raise ChangedMeanwhile
    if problems := problems_of_deletion(locked, origin=origin):
        raise Refused(problems)
    trail.record(_entry(Action.AGREEMENT_DELETED, locked, origin, before=shown(locked)))
    locked.delete()


def delete_made_by(import_uid: UUID, *, origin: Origin) -> int:
    """Remove the agreements that an import made, but for those that somebody changed since or that hold keys; how many.

    Who may not delete in the scope of one leaves it there as well.
    """
    made = Agreement.objects.filter(import_uid=import_uid)
    removed = 0
    for agreement in made.order_by("pk"):
        with suppress(Refused, ChangedMeanwhile):
            delete(agreement, seen_version=_FIRST_VERSION, origin=origin)
            removed += 1
    return removed


def _same(values: AgreementValues, agreement: Agreement | None) -> Agreement | None:
    """Another agreement with the same number and vendor in the same scope."""
    same = Agreement.objects.filter(number=values.number, vendor=values.vendor, scope=values.scope_id)
    return (same.exclude(pk=agreement.pk) if agreement else same).first()


def _entry(
    action: Action,
    agreement: Agreement,
    origin: Origin,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> TrailEntry:
    subject = agreement.uid, agreement.number
    return trail.entry(action, origin=origin, subject=subject, before=before, after=after)


def shown(said: Agreement | AgreementValues, names: Iterable[str] = FIELDS) -> dict[str, Any]:
    """Values of the fields `names` as JSON can hold them, under the names people know; a scope by its name."""
    values = {name.removesuffix("_id"): getattr(said, name) for name in names}
    if scope := values.get("scope"):
        values["scope"] = Scope.objects.filter(pk=scope).values_list("name", flat=True).first()
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}
