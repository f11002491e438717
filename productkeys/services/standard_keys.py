"""Loading what ships with the portal: reference data and published keys, without touching what people changed."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.db import transaction

from productkeys.domain import keycode, rules
from productkeys.domain.rules import Declaration
from productkeys.models import Offering, OperatingSystem, ProductKey, Release, reference
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.keys import DECLARED_FIELDS, Refused
from productkeys.services.origin import PORTAL

REFERENCE_FILE = "operating_systems.json"
KEYS_FILE = "standard_keys.json"

_IDENTITY: dict[str, Callable[[dict[str, Any]], Any]] = {
    OperatingSystem._meta.label_lower: lambda row: row["pk"],
    Release._meta.label_lower: lambda row: row["pk"],
    Offering._meta.label_lower: lambda row: (row["fields"]["operating_system"], row["fields"]["edition"]),
    ProductKey._meta.label_lower: lambda row: row["fields"]["uid"],
}


@transaction.atomic
def load(folder: Path | None = None) -> int:
    """Insert the rows of the shipped fixtures that are not there yet; returns how many keys came.

    Rows that are there, changed or not, stay as they are. Raises Refused where a shipped key breaks the rules: then
    nothing is loaded.
    """
    folder = folder or settings.BASE_DIR / "fixtures"
    _insert(_unknown(_rows(folder / REFERENCE_FILE)))
    reference.forget()
    rows = _unknown(_rows(folder / KEYS_FILE))
    for row in rows:
        _require_sound(row["fields"])
    keys = _insert(rows)
    for key in keys:
        trail.record(Action.LOADED, origin=PORTAL, key=key)
    return len(keys)


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _unknown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known: dict[str, set[Any]] = {
        OperatingSystem._meta.label_lower: set(OperatingSystem.objects.values_list("pk", flat=True)),
        Release._meta.label_lower: set(Release.objects.values_list("pk", flat=True)),
        Offering._meta.label_lower: set(Offering.objects.values_list("operating_system_id", "edition")),
        ProductKey._meta.label_lower: {
            str(uid) for uid in ProductKey.objects.filter(published=True).values_list("uid", flat=True)
        },
    }
    return [row for row in rows if _IDENTITY[row["model"]](row) not in known[row["model"]]]


def _insert(rows: list[dict[str, Any]]) -> list[Any]:
    inserted = []
    for deserialized in _in_order(rows):
        row = deserialized.object
        row.save(force_insert=True)
        for field, members in (deserialized.m2m_data or {}).items():
            getattr(row, field).set(members)
        inserted.append(row)
    return inserted


def _in_order(rows: list[dict[str, Any]]) -> Iterable[Any]:
    # Members before the joined product that covers them.
    rows = sorted(rows, key=lambda row: bool(row["fields"].get("covers")))
    return serializers.deserialize("python", rows)


def _require_sound(fields: dict[str, Any]) -> None:
    declared: dict[str, Any] = {name: fields.get(name) for name in DECLARED_FIELDS if name != "operating_system_id"}
    declaration = Declaration(
        **declared,
        code=keycode.parse(fields["code"]),
        system=reference.current().systems.get(fields["operating_system"]),
        published=True,
    )
    if problems := list(rules.problems_of(declaration)):
        raise Refused(problems)
