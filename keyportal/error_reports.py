"""What is written when something goes wrong: log lines and error reports, with every product key masked.

Masking here is the second line of defence. The first is that keys travel as `KeyCode` and `SealedCode`, whose text is
the mask; this catches what a person typed before it became one, and what a library quotes in an exception. An address
at which somebody may set a new password is masked as well: it works for whoever has it.
"""

import logging
import re
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.template.defaultfilters import pprint
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from productkeys.domain import keycode

# Fields a product key or a password is typed into, with the wizard's step before the name. They are hidden whatever
# they hold: a key with a typing error does not look like one, and a password like nothing.
_SECRET_FIELD = re.compile(r"(^|[-_])(code|q|key|search|(old)?password[12]?|credentials)$", re.IGNORECASE)

_LINK_TO_A_NEW_PASSWORD = re.compile(r"(/password/reset/[^/\s]+/)[\w-]+")

# Code that handles opened keys piece by piece: pieces are not key-shaped, so none of its variables are shown.
_OPENED_KEYS = (
    "productkeys.domain.keycode",
    "productkeys.encryption",
    "productkeys.fields",
    "productkeys.key_ring",
    "cryptography",
)


def _masked(text: str) -> str:
    return _LINK_TO_A_NEW_PASSWORD.sub(r"\1...", keycode.redact(text))


class KeyMaskingFormatter(logging.Formatter):
    """Formats a record, its traceback included, and masks keys and links in the result."""

    def format(self, record: logging.LogRecord) -> str:
        return _masked(super().format(record))


class _Shown:
    """A value for a report, already written out and masked, that pprint leaves as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class KeyMaskingReporterFilter(SafeExceptionReporterFilter):
    """Django's filter, and key-shaped text masked in POST, cookies, headers, settings and variables. Always active."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Settings, headers and cookies: hidden by name as Django does, else masked."""
        cleansed = super().cleanse_setting(key, value)
        return _masked(cleansed) if isinstance(cleansed, str) else cleansed

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {name: self._mask_field(name, value) for name, value in super().get_post_parameters(request).items()}

    def cleanse_special_types(self, request: HttpRequest | None, value: Any) -> Any:
        """A variable of a frame, written out and masked before the report cuts it: half a key looks like none."""
        if isinstance(value, bytes | bytearray | memoryview):
            return _Shown(f"<{len(value)} bytes>")
        return _Shown(_masked(pprint(self._mask(super().cleanse_special_types(request, value)))))

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> Any:
        if tb_frame.f_globals.get("__name__", "").startswith(_OPENED_KEYS):
            return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
        return [
            (name, self.cleansed_substitute if _SECRET_FIELD.search(name) else value)
            for name, value in super().get_traceback_frame_variables(request, tb_frame)
        ]

    def _mask_field(self, name: Any, value: Any) -> Any:
        if isinstance(name, str) and _SECRET_FIELD.search(name):
            return [self.cleansed_substitute] if isinstance(value, list) else self.cleansed_substitute
        return self._mask(value)

    def _mask(self, value: Any) -> Any:
        """Strings are masked before pprint breaks them into lines, and dictionaries by the names of their fields."""
        match value:
            case str():
                return _masked(value)
            case MultiValueDict():
                return MultiValueDict({name: self._mask_field(name, items) for name, items in value.lists()})
            case dict():
                return {name: self._mask_field(name, item) for name, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._mask(item) for item in value]
            case bytes():
                return f"<{len(value)} bytes>"
        return value


class KeyMaskingReporter(ExceptionReporter):
    """The report as a whole, masked: the text of exceptions, query strings and quoted templates pass no filter."""

    # Django's templates made the text, escaped where it is HTML; the mask in it needs no escaping.

    def get_traceback_html(self) -> SafeString:
        return SafeString(_masked(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(_masked(super().get_traceback_text()))
