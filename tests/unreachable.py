"""A database that answers nothing, for `connection.execute_wrapper`."""

from typing import Any, NoReturn

from django.db import OperationalError


def no_database(*_query: Any) -> NoReturn:
    raise OperationalError("the server closed the connection unexpectedly")
