"""Loading what ships with the portal: reference data and published keys, without touching what people changed."""

import json
import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.db import IntegrityError, transaction

from productkeys.domain import keycode, rules
from productkeys.domain.rules import Declaration
from productkeys.models import Offering, OperatingSystem, ProductKey, Release, reference
from productkeys.models.trail import Action
from productkeys.services import keys as keys_service
from productkeys.services import trail
from productkeys.services.keys import DECLARED_FIELDS, Refused
from productkeys.services.once_more import once_more
from productkeys.services.origin import PORTAL

logger = logging.getLogger(__name__)

REFERENCE_FILE = "operating_systems.json"
KEYS_FILE = "standard_keys.json"

_IDENTITY: dict[str, Callable[[dict[str, Any]], Any]] = {
    OperatingSystem._meta.label_lower: lambda row: row["pk"],
    Release._meta.label_lower: lambda row: row["pk"],
    Offering._meta.label_lower: lambda row: (row["fields"]["operating_system"], row["fields"]["edition"]),
    ProductKey._meta.label_lower: lambda row: row["fields"]["uid"],
}


class NotLoaded(Exception):
    """What is shipped does not go into this database; the message says why. Nothing was loaded."""


def load(folder: Path | None = None) -> int:
    """Insert the rows of the shipped fixtures that are not there yet; returns how many keys came.

    Rows that are there, changed or not, stay as they are, and what people entered under the same name or with the same
    key stays theirs: the shipped row is left out, and the log says so. Raises NotLoaded where a shipped key breaks the
    rules, or the database refuses a row.
    """
    try:
        return _load(folder or settings.BASE_DIR / "fixtures")
    except Refused as refused:
        raise NotLoaded(" ".join(problem.text for problem in refused.problems)) from None
    except keycode.KeyFormatError as error:
        raise NotLoaded(str(rules.problem_of_format(error).text)) from None
    except IntegrityError as error:
        # The first line only: what PostgreSQL says after it quotes the row.
        raise NotLoaded(str(error).partition("\n")[0]) from None


@once_more(seeing_others=True)
@transaction.atomic
def _load(folder: Path) -> int:
    shipped = _unknown(_rows(folder / REFERENCE_FILE))
    taken = _taken_systems(shipped)
    _insert([_without_members(row, taken) for row in shipped if _system_of(row) not in taken])
    reference.forget()
    rows = [row for row in _unknown(_rows(folder / KEYS_FILE)) if _system_of(row) not in taken and not _is_held(row)]
    for row in rows:
        _require_sound(row["fields"])
    keys = _insert(rows)
    trail.record(*(trail.entry(Action.LOADED, origin=PORTAL, key=key) for key in keys))
    return len(keys)


def comes_with_the_portal(row: OperatingSystem | Offering | Release) -> bool:
    """Whether `row` is shipped: if somebody deleted it, the next start would bring it back."""
    identity = (row.operating_system_id, row.edition) if isinstance(row, Offering) else row.pk
    return (row._meta.label_lower, identity) in _shipped_reference()


@lru_cache(maxsize=1)
def _shipped_reference() -> frozenset[tuple[str, Any]]:
    rows = _rows(settings.BASE_DIR / "fixtures" / REFERENCE_FILE)
    return frozenset((row["model"], _IDENTITY[row["model"]](row)) for row in rows)


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


def _system_of(row: dict[str, Any]) -> str:
    """The operating system that a row is, or hangs on."""
    slug: str = row["pk"] if row["model"] == OperatingSystem._meta.label_lower else row["fields"]["operating_system"]
    return slug


def _taken_systems(rows: list[dict[str, Any]]) -> set[str]:
    """Shipped systems under whose name people have entered one of their own, under another short name."""
    named = {row["fields"]["name"]: row["pk"] for row in rows if row["model"] == OperatingSystem._meta.label_lower}
    taken = OperatingSystem.objects.filter(name__in=named).values_list("name", flat=True)
    for name in taken:
        logger.warning("%s is left out: an operating system of that name was entered in the portal.", name)
    return {named[name] for name in taken}


def _without_members(row: dict[str, Any], left_out: set[str]) -> dict[str, Any]:
    """A row as it is but for a joined product, which covers only members that are there."""
    covers = row["fields"].get("covers", [])
    if left_out.isdisjoint(covers):
        return row
    return row | {"fields": row["fields"] | {"covers": [slug for slug in covers if slug not in left_out]}}


def _is_held(row: dict[str, Any]) -> bool:
    """Whether somebody has entered this published key before a release brought it."""
    held = keys_service.find(keycode.parse(row["fields"]["code"]))
    if held:
        logger.warning("%s is left out: “%s” holds this key already.", row["fields"]["name"], held.name)
    return held is not None


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
    declared: dict[str, Any] = {name: fields.get(name) for name in DECLARED_FIELDS if not name.endswith("_id")}
    declaration = Declaration(
        **declared,
        code=keycode.parse(fields["code"]),
        system=reference.current().systems.get(fields["operating_system"]),
        published=True,
    )
    if problems := list(rules.problems_of(declaration)):
        raise Refused(problems)
