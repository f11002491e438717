"""What the trail says about a thing, as the person may read it who looks at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from productkeys.forms.reveal import readable_reason
from productkeys.models import TrailEntry
from productkeys.models.trail import AT_THE_DOOR, READINGS

if TYPE_CHECKING:
    from keyportal.people.models import User


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the trail as this person may read it: names beside reveals are for auditors and for oneself."""

    entry: TrailEntry
    who: str
    reason: str


def events_of(entries: Iterable[TrailEntry], *, reader: "User") -> list[Event]:
    """`entries` in their order, each with what `reader` may know of it."""
    auditor = reader.has_perm("productkeys.view_trailentry")
    events = []
    for entry in entries:
        own = entry.actor_uid == reader.uid
        open_to_reader = auditor or own or entry.action not in READINGS
        who = _("you") if own else actor_of(entry)
        events.append(
            Event(
                entry=entry,
                who=who if open_to_reader else "",
                reason=readable_reason(entry.reason) if open_to_reader else "",
            )
        )
    return events


def actor_of(entry: TrailEntry) -> str:
    """Who did it: a person, the portal itself, or nobody knows."""
    return entry.actor_name or ("" if entry.action in AT_THE_DOOR else "KeyPortal")
