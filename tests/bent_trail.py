"""What tests of the chained trail share: entries to seal, and what somebody does past the portal."""

from typing import Any

from django.db import connection

from keyportal.people.models import User
from productkeys import append_only
from productkeys.models import TrailEntry, TrailSeal
from productkeys.models.trail import Action
from productkeys.services import keys, sealing, trail
from productkeys.services.origin import Origin
from tests.factories import stored

ENTRIES, SEALS = append_only.ENTRIES, append_only.SEALS


def write(*names: str, by: User | None = None) -> list[int]:
    """Entries of one act; returns their ids."""
    trail.record(*(trail.entry(Action.ADDED, origin=Origin(by, "192.0.2.7"), reason=name) for name in names))
    return list(TrailEntry.objects.filter(reason__in=names).order_by("id").values_list("id", flat=True))


def past_the_portal(sql: str, *values: Any) -> None:
    """What a superuser of the database can do, who has taken the triggers away first."""
    append_only.remove(connection, *append_only.TABLES)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def sealed_entries(manager: User) -> list[int]:
    """The ids of some sealed entries, the newest of the trail."""
    key = stored(by=manager)
    keys.set_status(key, "archived", seen_version=1, origin=Origin(manager, "2001:db8::7"))
    write(*(f"note {number}" for number in range(40)), by=manager)
    sealing.seal()
    return list(TrailEntry.objects.order_by("-id").values_list("id", flat=True)[:42])[::-1]


def place_of(entry: int) -> int:
    return TrailSeal.objects.get(entry=entry).sequence
