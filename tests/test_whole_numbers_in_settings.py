"""A setting that is a number: too large, too small or no number at all stops the start with what to give instead."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from keyportal.settings import whole_number

NAME = "KEYPORTAL_AUDIT_KEEP_DAYS"


def _read() -> int | None:
    return whole_number(NAME, "days", most=36_500, otherwise="no end")


@pytest.mark.parametrize(("given", "number"), [("", None), (" ", None), ("1", 1), (" 730 ", 730), ("36500", 36_500)])
def test_it_is_a_number_or_empty(given: str, number: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, given)
    assert _read() == number


@pytest.mark.parametrize("given", ["0", "-1", "two years", "1.5", "²", "36501", "9" * 5000])
def test_anything_else_stops_the_start(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, given)
    with pytest.raises(ImproperlyConfigured) as refused:
        _read()
    assert str(refused.value) == f"{NAME} takes a number of days from 1 to 36500. Leave it empty for no end."
