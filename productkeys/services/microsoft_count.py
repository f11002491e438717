"""Keeping what Microsoft counts of a key, as somebody read it there on a day, or as a file brought it."""

from datetime import date

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
    after = count_columns.shown(key)
    if after == before and key.version == seen_version:
        return
    key.microsoft_counted_by = origin.person
    keys.write(key, count_columns.COLUMNS, seen_version=seen_version, origin=origin)
    trail.record(trail.entry(Action.CHANGED, origin=origin, key=key, before=before, after=after))
