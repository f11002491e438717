"""What a spreadsheet has made of a product key: a number, a date, an error, a part of it."""

import enum
import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain.keycode_text import KEY_CHARACTERS
from productkeys.incoming import dates


class Mangled(enum.StrEnum):
    """How a key was lost before it came here."""

    SCIENTIFIC = "scientific"
    NUMBER = "number"
    DATE = "date"
    ERROR_VALUE = "error_value"
    LAST_PART = "last_part"
    LOST_PART = "lost_part"


MANGLED_TEXTS: Mapping[Mangled, str | Promise] = {
    Mangled.SCIENTIFIC: _(
        "The spreadsheet has made a number of this key. Format the column as text and enter the key once more."
    ),
    Mangled.NUMBER: _("This is a number, not a product key. Look whether the columns have been swapped."),
    Mangled.DATE: _("This is a date, not a product key. Look whether the columns have been swapped."),
    Mangled.ERROR_VALUE: _("The spreadsheet shows an error in this cell, not a product key. Enter the key once more."),
    Mangled.LAST_PART: _("Only the last part of the key stands here. Enter all 25 characters."),
    Mangled.LOST_PART: _("A part of the key is missing. Enter all 25 characters."),
}

_CHARACTER = f"[{''.join(sorted(KEY_CHARACTERS))}]"
_ERROR = re.compile(r"#{3,}|#[A-ZÄÖÜ/0-9]{2,12}[!?]?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]{0,20})?E[+-]?[0-9]{1,3}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,25}(?:[.,][0-9]{1,15})?")
_LAST_PART = re.compile(rf"(?:[X*•#.?…\s]{{1,5}}[-\s]?){{0,4}}[-\s]*{_CHARACTER}{{5}}")
_GROUPS = re.compile(rf"-?(?:{_CHARACTER}{{1,5}}-){{1,4}}{_CHARACTER}{{0,5}}")


def mangled_key(text: str) -> Mangled | None:
    """What has happened to the key that this cell should hold; None where it may be one, or is something else."""
    if len(text) > 60:
        return None
    bare = text.strip().upper()
    if _ERROR.fullmatch(bare):
        return Mangled.ERROR_VALUE
    if _SCIENTIFIC.fullmatch(bare):
        return Mangled.SCIENTIFIC
    if len(bare) < 25 and dates.read_date(bare) and not bare.isdigit():
        return Mangled.DATE
    if _NUMBER.fullmatch(bare):
        return Mangled.NUMBER
    if _LAST_PART.fullmatch(bare):
        return Mangled.LAST_PART
    if _GROUPS.fullmatch(bare) and len(bare.replace("-", "")) < 25:
        return Mangled.LOST_PART
    return None
