"""Product keys as people type and paste them, and what the portal answers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import settings
from hypothesis import strategies as st

from productkeys.domain.keycode import MESSAGES, KeyCode, KeyFormatError, parse
from tests.made_up_keys import made_up_key, older_key

PRO = "W269N-WFGWX-YVC9B-4J6C9-T83GX"
MASKED_PRO = "•••••-•••••-•••••-•••••-T83GX"
OTHER = made_up_key(1)
STANDARD_KEYS = [
    entry["fields"]["code"]
    for entry in json.loads((Path(__file__).parents[1] / "fixtures/standard_keys.json").read_text(encoding="utf-8"))
]

WIDE = {number: number + 0xFEE0 for number in range(0x21, 0x7F)}  # full-width forms, as Asian keyboards type them

many = settings(max_examples=1000, deadline=None)


def refusal(text: str) -> KeyFormatError:
    """Why a typed text is no key."""
    with pytest.raises(KeyFormatError) as caught:
        parse(text)
    return caught.value


def read(text: str) -> KeyCode | KeyFormatError:
    """The key in a typed text, or why it is none."""
    try:
        return parse(text)
    except KeyFormatError as error:
        return error


def words(error: KeyFormatError) -> str:
    """What a person reads."""
    with translation.override("en"):
        message, advice = MESSAGES[error.code]
        return f"{message} {advice}" % error.params


_spellings: list[Callable[[str], str]] = [str.upper, str.lower, lambda text: text.translate(WIDE)]
_keys = st.integers(min_value=0).flatmap(lambda seed: st.sampled_from([made_up_key(seed), older_key(seed)]))


@st.composite
def pasted(draw: st.DrawFn) -> tuple[str, str]:
    """A made-up key, and the same as it may arrive in a form."""
    key = draw(_keys)
    separators = st.sampled_from(["-", " ", "", "\n", "\r\n", "\t", "–", " - ", "‐", "\u00a0", "--", "\u200b-\u2060"])
    spelling, separator, last_separator = draw(st.sampled_from(_spellings)), draw(separators), draw(separators)
    first_groups, last_group = spelling(key).rsplit(spelling("-"), 1)
    text = first_groups.replace(spelling("-"), separator) + last_separator + last_group
    before = draw(
        st.sampled_from(["", " ", '"', "„", "Product key: ", "key=", "Schlüssel für Werk 7:\n", "<Key>", "\ufeff"])
    )
    after = draw(st.sampled_from(["", "\n", '"', "“", ".", "; 250 Stück", "</Key>", "\u202c"]))
    return key, before + text + after
