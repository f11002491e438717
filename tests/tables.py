"""Tables for the tests of reading and writing: a file as its rows, and why a file or a row cannot be read."""

import pytest

from productkeys.tables.reading import Format, Limits, Row, Table, Unreadable, open_table, recognise
from tests.made_up_keys import made_up_key

KEY, OTHER_KEY, THIRD_KEY = made_up_key(1), made_up_key(2), made_up_key(3)


def opened(data: bytes | str, **corrected: object) -> Table:
    """The table as the portal recognises it, or as a person corrected it."""
    data = data.encode() if isinstance(data, str) else data
    return open_table(data, Format.of(recognise(data).as_dict() | corrected), Limits())


def rows_of(data: bytes | str, **corrected: object) -> list[Row]:
    return list(opened(data, **corrected).rows)


def cells_of(data: bytes | str, **corrected: object) -> list[tuple[str, ...]]:
    """The names of the columns, then the cells of each row, none of which may be broken."""
    table = opened(data, **corrected)
    rows = list(table.rows)
    assert [row.fault for row in rows] == [None] * len(rows)
    return [table.columns, *(row.cells for row in rows)]


def faults_of(data: bytes | str, **corrected: object) -> dict[int, str]:
    """By its number, what is wrong with each broken row."""
    return {row.number: row.fault.code for row in rows_of(data, **corrected) if row.fault}


def refusal_of(data: bytes | str, limits: Limits | None = None) -> str:
    """Why nothing, or nothing more, of it can be read: the code of the rule, which says what to do as well."""
    data = data.encode() if isinstance(data, str) else data
    with pytest.raises(Unreadable) as refused:
        list(open_table(data, recognise(data), limits or Limits()).rows)
    assert refused.value.problem.message
    assert refused.value.problem.advice
    return str(refused.value)
