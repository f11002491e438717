"""Thousands of rows without an object for each: stored by COPY on PostgreSQL, by one prepared statement elsewhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.db.models.sql import DeleteQuery

_AS_THEY_ARE = (models.CharField, models.TextField, models.PositiveIntegerField, models.BooleanField)
"""Both databases take what these fields hold; a field of another kind, or derived from these, prepares it itself."""

_Prepare = Callable[[Any], Any]


def insert(model: type[Model], rows: Iterable[Mapping[str, Any]], *, same: Mapping[str, Any] | None = None) -> None:
    """Store `rows`, whose values go by the names of columns ("scope_id"); all of them name the same ones.

    `same` are columns that hold one value in all rows; those that nobody names hold the default of their field, also
    one for all. As with `bulk_create`, neither `save` nor a signal is called. Raises IntegrityError.
    """
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    database, given = connections[DEFAULT_DB_ALIAS], same or {}
    fields = [field for field in model._meta.concrete_fields if not (field.generated or field.primary_key)]
    named = [field for field in fields if field.attname in first]
    others = [field for field in fields if field.attname not in first]
    of_all = tuple(
        field.get_db_prep_save(given[field.attname] if field.attname in given else field.get_default(), database)
        for field in others
    )
    take = itemgetter(*(field.attname for field in named))
    prepared = [(place, prepare) for place, field in enumerate(named) if (prepare := _preparing(field, database))]
    _store(database, model, [*named, *others], [_row(take(row), prepared) + of_all for row in chain([first], waiting)])


def update(model: type[Model], names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write the columns `names` of rows that still have the version "seen", each found by its "pk"; how many had it."""
    database = connections[DEFAULT_DB_ALIAS]
    known = {field.attname: field for field in model._meta.concrete_fields}
    fields = [known[name] for name in names]
    prepared = [(place, prepare) for place, field in enumerate(fields) if (prepare := _preparing(field, database))]
    take, quoted = itemgetter(*names, "pk", "seen"), database.ops.quote_name
    columns = ", ".join(f"{quoted(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quoted(model._meta.db_table)} SET {columns} WHERE id = %s AND version = %s"  # noqa: S608
    with database.cursor() as cursor:
        cursor.executemany(statement, [_row(take(row), prepared) for row in rows])
        changed: int = cursor.rowcount
    return changed


def delete(model: type[Model], ids: Sequence[int]) -> None:
    """Remove these rows, and from the tables between what they have many of. Raises IntegrityError where other rows
    point to them.
    """
    for many in model._meta.many_to_many:
        between: Any = many.remote_field.through
        between.objects.filter(**{f"{many.m2m_field_name()}__in": ids}).delete()
    DeleteQuery(model).delete_batch(list(ids), DEFAULT_DB_ALIAS)


def _preparing(field: "Field[Any, Any]", database: BaseDatabaseWrapper) -> _Prepare | None:
    """What makes a value of `field` one that the database takes; None where it does already."""
    if isinstance(field, models.ForeignKey):
        return _preparing(field.target_field, database)
    return None if type(field) in _AS_THEY_ARE else partial(field.get_db_prep_save, connection=database)


def _row(values: Sequence[Any], prepared: Sequence[tuple[int, _Prepare]]) -> tuple[Any, ...]:
    row = list(values)
    for place, prepare in prepared:
        row[place] = prepare(row[place])
    return tuple(row)


def _store(
    database: BaseDatabaseWrapper,
    model: type[Model],
    fields: Sequence["Field[Any, Any]"],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    quoted = database.ops.quote_name
    table = f"{quoted(model._meta.db_table)} ({', '.join(quoted(str(field.column)) for field in fields)})"
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            with database.wrap_database_errors, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - names of our own
