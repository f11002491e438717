"""What is published about Windows besides the reference data that people may change: read from `fixtures/` once."""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings

from productkeys.domain.kms import ActivationError
from productkeys.domain.matching import AvmaGuest, Catalogue, EditionChange, KmsHosts, ReleaseFacts
from productkeys.models import Release, reference


def catalogue() -> Catalogue:
    """The catalogue that matching asks: the present reference data, and what is shipped with the portal."""
    releases = Release.objects.order_by("operating_system__position", "-first_build").values_list(
        "operating_system_id", "name", "first_build", "last_build"
    )
    return Catalogue(
        systems=reference.current().systems,
        releases=tuple(ReleaseFacts(*release) for release in releases),
        changes=edition_changes(),
        hosts=_kms_hosts(),
        guests=_avma_guests(),
    )


@lru_cache(maxsize=1)
def edition_changes() -> tuple[EditionChange, ...]:
    """The changes of an edition in place that Microsoft supports."""
    rows = _rows("edition_changes.json")
    return tuple(EditionChange(**row | {"systems": frozenset(row.get("systems", ()))}) for row in rows)


@lru_cache(maxsize=1)
def _kms_hosts() -> tuple[KmsHosts, ...]:
    return tuple(
        KmsHosts(
            row["system"],
            frozenset([*row["activates"], *row["activates_editorial"]]),
            row["source"],
            frozenset(row["activates_editorial"]),
            row["source_editorial"],
        )
        for row in _rows("kms_hosts.json")
    )


@lru_cache(maxsize=1)
def evaluations() -> tuple[str, ...]:
    """The EditionIDs of evaluations that Microsoft names a way out of."""
    return tuple(dict.fromkeys(change.before for change in edition_changes() if change.before.endswith("Eval")))


@lru_cache(maxsize=1)
def _avma_guests() -> tuple[AvmaGuest, ...]:
    return tuple(AvmaGuest(**row | {"builds": frozenset(row["builds"])}) for row in _rows("avma_guests.json"))


@lru_cache(maxsize=1)
def channels() -> dict[str, str]:
    """The type of key behind each licensing channel that Windows shows; empty where a channel does not tell it."""
    return {row["channel"]: row["key_type"] for row in _rows("channels.json")}


@lru_cache(maxsize=1)
def activation_errors() -> dict[str, ActivationError]:
    """The most frequent errors of activation by their code, such as 0xC004F074."""
    return {
        row["code"]: ActivationError(**row | {"concerns": tuple(row["concerns"])})
        for row in _rows("activation_errors.json")
    }


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((settings.BASE_DIR / "fixtures" / name).read_text(encoding="utf-8"))
    return rows
