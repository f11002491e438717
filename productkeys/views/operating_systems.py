"""The reference data as a page to read: products with their editions, releases with their support dates."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from productkeys.domain.choices import Architecture, Family
from productkeys.models import Offering, OperatingSystem, Release

_ENDS: dict[str, Promise] = {
    "end_home_pro": _("Home and Pro"),
    "end_enterprise_education": _("Enterprise and Education"),
    "mainstream_end": _("Mainstream support"),
    "extended_end": _("Extended support"),
    "iot_end": _("IoT"),
    "esu_end": _("Security updates (ESU)"),
}


@dataclass(frozen=True, slots=True)
class EditionRow:
    offering: Offering
    architectures: str
    source: int


@dataclass(frozen=True, slots=True)
class SupportEnd:
    """One kind of support of a release, its last day, and whether that is over."""

    label: Promise
    day: dt.date
    over: bool


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    release: Release
    builds: str
    architectures: str
    ends: list[SupportEnd]
    source: int


@dataclass(slots=True)
class SystemCard:
    """One operating system with its rows; `sources` are the footnotes that the rows count from 1."""

    system: OperatingSystem
    members: list[OperatingSystem]
    editions: list[EditionRow] = field(default_factory=list)
    releases: list[ReleaseRow] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def note(self, source: str) -> int:
        """The number of the footnote for `source`; 0 where none is named."""
        if not source:
            return 0
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source) + 1


@require_safe
def operating_systems(request: HttpRequest) -> HttpResponse:
    """All operating systems, clients first; in four queries, however many there are."""
    systems = OperatingSystem.objects.prefetch_related("covers", "offerings", "releases")
    cards = [_card(system) for system in systems]
    groups = [(family, [card for card in cards if card.system.family == family]) for family in Family]
    return render(request, "productkeys/operating_systems.html", {"groups": groups})


def _card(system: OperatingSystem) -> SystemCard:
    card = SystemCard(system=system, members=list(system.covers.all()))
    for offering in system.offerings.all():
        card.editions.append(EditionRow(offering, _architectures(offering.architectures), card.note(offering.source)))
    for release in system.releases.all():
        builds = str(release.first_build)
        if release.last_build != release.first_build:
            builds += f" – {release.last_build}"
        card.releases.append(
            ReleaseRow(
                release=release,
                builds=builds,
                architectures=_architectures(release.architectures),
                ends=_ends(release),
                source=card.note(release.source),
            )
        )
    return card


def _architectures(values: Iterable[str]) -> str:
    return ", ".join(str(choice.label) for choice in Architecture if choice in values)


def _ends(release: Release) -> list[SupportEnd]:
    today = timezone.localdate()
    days = ((label, getattr(release, name)) for name, label in _ENDS.items())
    return [SupportEnd(label=label, day=day, over=day < today) for label, day in days if day]
