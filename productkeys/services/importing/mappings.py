"""What columns mean, kept under a name: offered again for a file that looks the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from productkeys.domain import keycode
from productkeys.models import Import, ImportMapping
from productkeys.services.importing import plan as plans
from productkeys.services.importing.plan import Plan
from productkeys.services.origin import Origin


def keep_mapping(imp: Import, name: str, *, origin: Origin) -> ImportMapping:
    """Keep what `imp` says of its columns under `name`, in place of what was kept there.

    Heads and texts that hold a product key are left out: everybody who imports reads them.
    """
    plan = plans.read(imp)
    mapping, _new = ImportMapping.objects.update_or_create(
        name=name,
        defaults={
            "columns": [keycode.redact(column) for column in plan.columns],
            "fields": plan.fields,
            "values": {field: _without_keys(texts) for field, texts in plan.values.items()},
            "defaults": _without_keys(plan.defaults),
            "created_by": origin.person,
        },
    )
    return mapping


def mappings_like(columns: Sequence[str]) -> list[ImportMapping]:
    """The kept mappings for files with exactly these heads, in whatever order they stand."""
    wanted = _heads(columns)
    return [mapping for mapping in ImportMapping.objects.all() if _heads(mapping.columns) == wanted]


def applied(plan: Plan, mapping: ImportMapping | None = None) -> Plan:
    """`plan` by a kept mapping; without one, by the only one that fits. Unchanged where none does."""
    fitting = [mapping] if mapping else mappings_like(plan.columns)
    if len(fitting) != 1:
        return plan
    kept = fitting[0]
    meaning = dict(zip(map(_head, kept.columns), kept.fields, strict=True))
    return replace(
        plan,
        fields=tuple(meaning.get(_head(column), was) for column, was in zip(plan.columns, plan.fields, strict=True)),
        certainties=(1.0,) * len(plan.columns),
        values=kept.values,
        defaults=kept.defaults,
    )


def _heads(columns: Sequence[str]) -> list[str]:
    return sorted(map(_head, columns))


def _head(column: str) -> str:
    return " ".join(keycode.redact(column).casefold().split())


def _without_keys(texts: Mapping[str, str]) -> dict[str, str]:
    return {text: meant for text, meant in texts.items() if not keycode.contains_key(f"{text}\n{meant}")}
