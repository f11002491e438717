"""Which keys somebody has seen, for when they leave: those that they revealed, then those that an export gave them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, QuerySet

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.models import ProductKey, TrailEntry, TrailRow
from productkeys.models.trail import Action

PAGE = 100


@dataclass(frozen=True, slots=True)
class SeenKey:
    """A key that somebody has seen: its name then, when last, and the key itself where the reader may see it.

    `exported` where a file took it out of the portal. `may_be_marked` where the reader may mark it as compromised: it
    is in use, and not public anyway.
    """

    name: str
    last: datetime
    exported: bool
    key: ProductKey | None
    may_be_marked: bool


@dataclass(frozen=True, slots=True)
class SeenPage:
    """Keys, and the ids to go on from: `before` of an entry or `behind` of a row, None where nothing is there."""

    seen: list[SeenKey]
    before: int | None = None
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class _Sight:
    """The last time that a key was seen; `place` is the id to go on from."""

    subject: UUID | None
    name: str
    last: datetime
    place: int
    exported: bool


def seen_by(person: User, *, reader: User, before: int | None = None, behind: int | None = None) -> SeenPage:
    """A page of the keys that `person` has seen: revealed ones first, the latest before the others, then exported ones.

    A key that was both stands among the revealed ones.
    """
    found = [] if behind is not None else list(_revealed(person, before))
    if len(found) <= PAGE:
        found += _exported(person, behind)[: PAGE + 1 - len(found)]
    shown, more = found[:PAGE], len(found) > PAGE
    visible = ProductKey.objects.visible_to(reader).filter(uid__in=[sight.subject for sight in shown])
    keys: Mapping[UUID | None, ProductKey] = {key.uid: key for key in visible}
    seen = [_described(sight, keys.get(sight.subject), reader) for sight in shown]
    if not more:
        return SeenPage(seen)
    # Behind the last revealed one begin those that were exported, whichever ids their rows have.
    if found[PAGE].exported and not shown[-1].exported:
        return SeenPage(seen, behind=found[PAGE].place + 1)
    return SeenPage(seen, behind=shown[-1].place) if shown[-1].exported else SeenPage(seen, before=shown[-1].place)


def _revealed(person: User, before: int | None) -> Iterator[_Sight]:
    reveals = _reveals(person).order_by()
    by_key = reveals.values("subject_uid").annotate(newest=Max("id"), seen=Max("at"), name=Max("subject_name"))
    if before is not None:
        by_key = by_key.filter(newest__lt=before)
    for row in by_key.order_by("-newest")[: PAGE + 1]:
        yield _Sight(row["subject_uid"], row["name"], row["seen"], row["newest"], exported=False)


def _exported(person: User, behind: int | None) -> list[_Sight]:
    """The rows of this person's exports with whole keys: no later one has the key, and they never revealed it."""
    exports = TrailEntry.objects.filter(actor_uid=person.uid, action=Action.KEYS_EXPORTED).order_by()
    rows = TrailRow.objects.filter(entry_uid__in=exports.values("uid"))
    later = rows.filter(subject_uid=OuterRef("subject_uid"), id__gt=OuterRef("id"))
    revealed = _reveals(person).filter(subject_uid=OuterRef("subject_uid"))
    only = rows.filter(~Exists(later), ~Exists(revealed))
    if behind is not None:
        only = only.filter(id__lt=behind)
    found = list(only.order_by("-id")[: PAGE + 1])
    moments = dict(TrailEntry.objects.filter(uid__in={row.entry_uid for row in found}).values_list("uid", "at"))
    return [_Sight(row.subject_uid, row.subject_name, moments[row.entry_uid], row.pk, exported=True) for row in found]


def _reveals(person: User) -> QuerySet[TrailEntry]:
    return TrailEntry.objects.filter(actor_uid=person.uid, action=Action.REVEALED)


def _described(sight: _Sight, key: ProductKey | None, reader: User) -> SeenKey:
    markable = key is not None and not key.published and key.status == Status.ACTIVE
    may_mark = markable and reader.has_perm("productkeys.change_productkey", key)
    return SeenKey(sight.name, sight.last, sight.exported, key, may_mark)
