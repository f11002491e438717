"""What can be wrong with a typed product key: the error `parse` raises, and the sentences people read about it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from productkeys.domain.keycode_text import FOREIGN_TWINS, GROUP_LENGTH, KEY_CHARACTERS


class Text(NamedTuple):
    """What is wrong, and what to do: two sentences whose placeholders `KeyFormatError.params` fills."""

    message: str | Promise
    advice: str | Promise


MESSAGES: dict[str, Text] = {
    "empty": Text(
        _("No product key was entered."),
        _("Type or paste all 25 characters of the key."),
    ),
    "wrong_length": Text(
        _("A product key has 25 characters; found here: %(found)s."),
        _("Compare it with the source, group by group: five groups of five characters."),
    ),
    "wrong_character": Text(
        _("“%(character)s” does not occur in product keys (%(place)s)."),
        _("%(proposal)s Product keys consist of the letters BCDFGHJKMNPQRTVWXY and the digits 2346789."),
    ),
    "more_than_one_n": Text(
        _("The letter N stands %(count)s times in this key. No product key has it more than once."),
        _("Compare every N with the source: an M or an H may have been meant."),
    ),
    "n_in_last_place": Text(
        _("The last character of this key is an N. No product key ends with it."),
        _("Compare the last character with the source: an M or an H may have been meant."),
    ),
    "two_keys": Text(
        _("There is more than one product key in this field."),
        _("Leave one key here and add each of the others as an entry of its own."),
    ),
    "no_key": Text(
        _("This is no product key."),
        _("A product key consists of 25 letters and digits, in five groups of five. Copy it from the source."),
    ),
    "placeholder": Text(
        _("This is a placeholder, not a product key."),
        _("Replace it with the key itself, or leave out the key where the rollout needs none."),
    ),
}


class KeyFormatError(ValueError):
    """A text is not a product key. `code` says why (a key of `MESSAGES`), `params` fills the sentences found there.

    `params` by code: wrong_length ``found``; more_than_one_n ``count``; wrong_character ``character``, ``position``
    (1 to 25), ``typed_position`` (in the text as it was typed), ``look_alikes`` (characters that may have been meant,
    possibly none) and the two ready phrases ``place`` and ``proposal``. Never more than one character of the key.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def wrong_character(character: str, position: int, typed_position: int) -> KeyFormatError:
    """Return the error for a character that no key has, with what was probably meant, which nobody replaces silently.

    `position` is its place among the 25, `typed_position` the one in the text as typed; both count from 1.
    """
    look_alikes = ", ".join(_look_alikes(character))
    place = format_lazy(_("position {position} of 25"), position=position)
    if typed_position not in (position, position + (position - 1) // GROUP_LENGTH):
        place = format_lazy(
            _("position {position} of 25, character {typed_position} of the text as typed"),
            position=position,
            typed_position=typed_position,
        )
    proposal = format_lazy(_("Probably meant: {look_alikes}."), look_alikes=look_alikes)
    return KeyFormatError(
        "wrong_character",
        character=_displayed(character),
        position=position,
        typed_position=typed_position,
        look_alikes=look_alikes,
        place=place,
        proposal=proposal if look_alikes else _("Compare it with the source."),
    )


# For the characters that no key has: the ones of a key that are misread as them.
_MISREAD = {
    "0": "QD8",
    "O": "QDG",
    "1": "JT7",
    "I": "JT7",
    "L": "JT7",
    "5": "69G",
    "S": "869",
    "Z": "27",
    "U": "VW",
    "A": "4RH",
    "E": "FB3",
}


def _look_alikes(character: str) -> str:
    """Return the characters of keys that were probably meant by one that is none, the likeliest first; may be empty."""
    twin = FOREIGN_TWINS.get(character, character)
    return twin if twin in KEY_CHARACTERS else _MISREAD.get(twin, "")


def _displayed(character: str) -> str:
    """Return a character as an error message can name it: with its number where the sight of it tells too little."""
    if character.isascii():
        return character
    number = f"U+{ord(character):04X}"
    return f"{character} ({number})" if character.isalnum() else number
