"""Dates and times in German, as tables show them."""

SHORT_DATETIME_FORMAT = "d.m.Y, H:i"
