"""The reference data as a page to read: products with their editions, releases with their support dates."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import DateField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from productkeys.domain.choices import Architecture, Family
from productkeys.models import Offering, OperatingSystem, Release

_END_FIELDS = (
    "end_home_pro",
    "end_enterprise_education",
    "mainstream_end",
    "extended_end",
    "iot_end",
    "esu_end",
)


@dataclass(frozen=True, slots=True)
class EditionRow:
    offering: Offering
    architectures: str
    source: int


@dataclass(frozen=True, slots=True)
class SupportEnd:
    """One kind of support of a release, its last day, and whether that is over."""

    label: str | Promise
    day: dt.date
    over: bool


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    release: Release
    builds: str
    architectures: str
    ends: list[SupportEnd]
    source: int

    @property
    def over(self) -> bool:
        return bool(self.ends) and all(end.over for end in self.ends)


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
    fields = [model_field for model_field in Release._meta.fields if model_field.name in _END_FIELDS]
    return [
        SupportEnd(label=model_field.verbose_name, day=day, over=day < today)
        for model_field in fields
        if isinstance(model_field, DateField) and (day := getattr(release, model_field.name))
    ]
