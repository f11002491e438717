"""What the trail says about a thing, as the person may read it who looks at it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from productkeys.forms.reveal import readable_reason
from productkeys.models import TrailEntry, TrailRow
from productkeys.models.trail import AT_THE_DOOR, READINGS, Action

if TYPE_CHECKING:
    from keyportal.people.models import User


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the trail as this person may read it: names beside reveals are for auditors and for oneself.

    `what` was done to the one thing, `before` and `after` are what changed in it, also where the entry was about many.
    """

    entry: TrailEntry
    what: str
    who: str
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def entries_about(subject: UUID) -> QuerySet[TrailEntry]:
    """The entries about one thing, those among them that were about many."""
    # The databases find both by index, as long as the second are named and not looked up along the way.
    acts = list(TrailRow.objects.filter(subject_uid=subject).order_by().values_list("entry_uid", flat=True))
    return TrailEntry.objects.filter(Q(subject_uid=subject) | Q(uid__in=acts))


def events_of(entries: Iterable[TrailEntry], *, about: UUID, reader: "User") -> list[Event]:
    """`entries` about one thing in their order, each with what `reader` may know of it."""
    entries = list(entries)
    of_many = [entry.uid for entry in entries if entry.subject_uid != about]
    rows = TrailRow.objects.filter(entry_uid__in=of_many, subject_uid=about) if of_many else TrailRow.objects.none()
    values = dict(rows.values_list("entry_uid", "values"))
    auditor = reader.has_perm("productkeys.view_trailentry")
    events = []
    for entry in entries:
        own = entry.actor_uid == reader.uid
        open_to_reader = auditor or own or entry.action not in READINGS
        who = _("you") if own else actor_of(entry)
        is_of_many = entry.uid in values
        events.append(
            Event(
                entry=entry,
                what=_("Exported whole") if entry.action == Action.KEYS_EXPORTED else entry.get_action_display(),
                who=who if open_to_reader else "",
                reason=readable_reason(entry.reason) if open_to_reader else "",
                before={} if is_of_many else entry.before,
                after=values[entry.uid] if is_of_many else entry.after,
            )
        )
    return events


def actor_of(entry: TrailEntry) -> str:
    """Who did it: a person, the portal itself, or nobody knows."""
    return entry.actor_name or ("" if entry.action in AT_THE_DOOR else "KeyPortal")
