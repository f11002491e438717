"""The reference data as plain facts, kept in each process: rules, lists and forms ask it at every request.

A change made in the admin is seen at once by the process that made it and within `MAX_AGE_SECONDS` by the others.
"""

import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Count
from django.db.models.signals import m2m_changed, post_delete, post_save

from productkeys.domain.choices import Architecture
from productkeys.domain.systems import OfferingFacts, SystemFacts
from productkeys.models.agreement import Agreement
from productkeys.models.operating_system import Offering, OperatingSystem
from productkeys.models.scope import Scope

MAX_AGE_SECONDS = 10


@dataclass(frozen=True)
class Reference:
    """All operating systems by slug, in the order in which they are offered; the names of all scopes by id.

    `agreements` says when agreements end: whose they are (the id of a scope, or None), the day if any, how many.
    """

    systems: dict[str, SystemFacts]
    scopes: dict[int, str]
    agreements: tuple[tuple[int | None, dt.date | None, int], ...] = ()

    @property
    def has_scopes(self) -> bool:
        """Whether pages speak of scopes: with a single one there is nothing to tell apart."""
        return len(self.scopes) > 1

    @cached_property
    def covering(self) -> dict[str, frozenset[str]]:
        """For each system, the systems whose keys are usable for it: itself and the joined products that cover it."""
        return {
            slug: frozenset({slug, *(other.slug for other in self.systems.values() if slug in other.covers)})
            for slug in self.systems
        }

    @cached_property
    def editions(self) -> dict[str, OfferingFacts]:
        """Each EditionID once, with the label of the first system that offers it."""
        found: dict[str, OfferingFacts] = {}
        for system in self.systems.values():
            for offering in system.offerings.values():
                found.setdefault(offering.edition, offering)
        return found

    def system_name(self, slug: str) -> str:
        system = self.systems.get(slug)
        return system.name if system else slug

    def edition_label(self, slug: str, edition: str) -> str:
        """What people call `edition` on the system `slug`, in the present language; its id where it is unknown."""
        system = self.systems.get(slug)
        offering = system.offerings.get(edition) if system else None
        return offering.local_label if offering else edition


_kept: tuple[float, Reference] | None = None


def current() -> Reference:
    """The reference data, at most `MAX_AGE_SECONDS` old."""
    global _kept
    now = time.monotonic()
    kept = _kept  # another thread may forget it meanwhile
    if kept is None or now - kept[0] > MAX_AGE_SECONDS:
        kept = _kept = (now, _load())
    return kept[1]


def forget(**_signal: Any) -> None:
    """Read the reference data anew, now and again after the commit: until then others still read what was."""
    _drop()
    transaction.on_commit(_drop)


def _drop() -> None:
    global _kept
    _kept = None


def forget_on_change() -> None:
    """Connect `forget` to every change of the reference tables."""
    for model in (OperatingSystem, Offering, Scope, Agreement):
        post_save.connect(forget, sender=model, dispatch_uid=f"reference-saved-{model.__name__}")
        post_delete.connect(forget, sender=model, dispatch_uid=f"reference-deleted-{model.__name__}")
    m2m_changed.connect(forget, sender=OperatingSystem.covers.through, dispatch_uid="reference-covers")


def edition_choices() -> list[tuple[str, str]]:
    """Every edition there is, as choices for a field: a new EditionID needs data, not a migration.

    Empty before the tables exist: Django's checks and `migrate` itself look at choices, too.
    """
    try:
        current()
    except DatabaseError:
        return []
    labels = {edition: offering.local_label for edition, offering in current().editions.items()}
    times = Counter(labels.values())
    # "Enterprise" is a client edition and an old server edition: the EditionID tells them apart.
    return [(edition, label if times[label] == 1 else f"{label} ({edition})") for edition, label in labels.items()]


def _load() -> Reference:
    offerings: dict[str, dict[str, OfferingFacts]] = {}
    for slug, edition, label, label_de, architectures, has_avma in Offering.objects.order_by("id").values_list(
        "operating_system_id", "edition", "label", "label_de", "architectures", "has_avma"
    ):
        known = frozenset(architectures) - {Architecture.ANY}
        offerings.setdefault(slug, {})[edition] = OfferingFacts(edition, label, label_de, known, has_avma)
    covers: dict[str, set[str]] = {}
    for joined, member in OperatingSystem.covers.through.objects.values_list(
        "from_operatingsystem_id", "to_operatingsystem_id"
    ):
        covers.setdefault(joined, set()).add(member)
    return Reference(
        {
            system.slug: SystemFacts(
                slug=system.slug,
                name=system.name,
                family=system.family,
                keys_have_n=system.keys_have_n,
                has_esu=system.has_esu,
                covers=frozenset(covers.get(system.slug, ())),
                offerings=offerings.get(system.slug, {}),
            )
            for system in OperatingSystem.objects.all()
        },
        dict(Scope.objects.values_list("pk", "name")),
        tuple(
            Agreement.objects.order_by("valid_until")
            .values_list("scope_id", "valid_until")
            .annotate(number=Count("pk"))
        ),
    )
