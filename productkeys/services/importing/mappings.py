"""What columns mean, kept under a name: offered again for a file that looks the same, never taken over by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode
from productkeys.incoming.fields import Field
from productkeys.models import Import, ImportMapping
from productkeys.services.importing import plan as plans
from productkeys.services.importing.plan import Plan
from productkeys.services.origin import Origin
from productkeys.tables.formats import Format

_KEPT_VALUES = frozenset(
    {Field.PRODUCT, Field.OPERATING_SYSTEM, Field.EDITION, Field.ARCHITECTURE, Field.KEY_TYPE, Field.USAGE}
)
"""What texts mean is kept for these alone: others read mappings, and scopes, agreements and labels are not theirs."""


class NotKept(Exception):
    """A mapping was not kept; `text` says why, in the reader's language."""

    def __init__(self, text: str | Promise) -> None:
        super().__init__(text)
        self.text = text


def may_be_kept(imp: Import) -> bool:
    """Whether the columns of `imp` have names of their own, by which a file like it is recognised."""
    return Format.of(imp.format).header


def keep_mapping(imp: Import, name: str, *, origin: Origin) -> ImportMapping:
    """Keep what `imp` says of its columns under `name`, in place of what the same person kept there. Raises NotKept.

    Heads and texts that hold a product key are left out: everybody who imports reads them.
    """
    if not may_be_kept(imp):
        raise NotKept(_("The columns of this file have no names by which the next one would be recognised."))
    plan = plans.read(imp)
    try:
        mapping, _is_new = ImportMapping.objects.update_or_create(
            name=name,
            created_by=origin.person,
            defaults={
                "columns": [keycode.redact(column) for column in plan.columns],
                "fields": plan.fields,
                "values": {
                    field: _without_keys(texts) for field, texts in plan.values.items() if field in _KEPT_VALUES
                },
            },
        )
    except IntegrityError:
        raise NotKept(_("Somebody else has kept columns under this name. Choose another one.")) from None
    return mapping


def mappings_like(imp: Import, plan: Plan) -> list[ImportMapping]:
    """The kept mappings for files with exactly the heads of `imp`, in whatever order they stand."""
    if not may_be_kept(imp):
        return []
    wanted = _heads(plan.columns)
    return [mapping for mapping in ImportMapping.objects.all() if _heads(mapping.columns) == wanted]


def applied(plan: Plan, kept: ImportMapping) -> Plan:
    """`plan` with the meanings of a mapping that fits it."""
    meaning = dict(zip(map(_head, kept.columns), kept.fields, strict=True))
    return replace(
        plan,
        fields=tuple(meaning.get(_head(column), was) for column, was in zip(plan.columns, plan.fields, strict=True)),
        certainties=(1.0,) * len(plan.columns),
        values=kept.values,
    )


def _heads(columns: Sequence[str]) -> list[str]:
    return sorted(map(_head, columns))


def _head(column: str) -> str:
    return " ".join(keycode.redact(column).casefold().split())


def _without_keys(texts: Mapping[str, str]) -> dict[str, str]:
    return {text: meant for text, meant in texts.items() if not keycode.contains_key(f"{text}\n{meant}")}
