"""Keeping what Microsoft counts of a key, as somebody read it there on a day, or as a file brought it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from productkeys.domain import microsoft_count
from productkeys.domain.rulebook import Problem
from productkeys.models import ProductKey
from productkeys.models.trail import Action
from productkeys.services import count_columns, keys, scoping, trail
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin


def problems_of(key: ProductKey, used: int, counted_on: date, *, origin: Origin) -> list[Problem]:
    """What the rules say against keeping that Microsoft counted `used` activations of `key` on the day `counted_on`."""
    found = scoping.problems_of_act(key, scoping.CHANGE, origin=origin)
    found.extend(microsoft_count.problems_of(key.key_type, used, counted_on, today=timezone.localdate()))
    return found


@transaction.atomic
def record(
    key: ProductKey, used: int, counted_on: date, *, seen_version: int, origin: Origin, imported: bool = False
) -> None:
    """Keep the count; `imported` says that a file brought it. Changes nothing where it is kept already.

    Raises Refused, or ChangedMeanwhile where the key has another version by now than the one that was seen.
    """
    if problems := problems_of(key, used, counted_on, origin=origin):
        raise Refused(problems)
    before = count_columns.shown(key)
    key.microsoft_used, key.microsoft_counted_on, key.microsoft_count_imported = used, counted_on, imported
    if count_columns.shown(key) == before and key.version == seen_version:
        return
    key.microsoft_counted_by = origin.person
    _write(key, before, seen_version=seen_version, origin=origin)


def kept(key: ProductKey) -> dict[str, Any]:
    """The count of `key` as JSON can hold it, to be put back."""
    day = key.microsoft_counted_on
    return {
        "used": key.microsoft_used,
        "counted_on": day and day.isoformat(),
        "counted_by": key.microsoft_counted_by_id,
        "imported": key.microsoft_count_imported,
    }


def columns_of(count: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a key that hold the `count` that was `kept`."""
    return {
        "microsoft_used": count["used"],
        "microsoft_counted_on": count["counted_on"] and date.fromisoformat(count["counted_on"]),
        "microsoft_counted_by_id": count["counted_by"],
        "microsoft_count_imported": count["imported"],
    }


@transaction.atomic
def put_back(key: ProductKey, count: Mapping[str, Any], *, seen_version: int, origin: Origin) -> None:
    """Let `key` have the `count` again that was `kept`. Raises ChangedMeanwhile."""
    before = count_columns.shown(key)
    for name, value in columns_of(count).items():
        setattr(key, name, value)
    _write(key, before, seen_version=seen_version, origin=origin)


def _write(key: ProductKey, before: Mapping[str, Any], *, seen_version: int, origin: Origin) -> None:
    keys.write(key, count_columns.COLUMNS, seen_version=seen_version, origin=origin)
    after = count_columns.shown(key)
    trail.record(trail.entry(Action.CHANGED, origin=origin, key=key, before=before, after=after))
