"""The check digits of a key: most typing errors are noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productkeys.domain.keycode import ALPHABET, Check, KeyCode, check, parse
from tests.made_up_keys import made_up_key, older_key
from tests.typed_keys import PRO, STANDARD_KEYS


def test_the_check_digits_of_a_published_key_are_consistent() -> None:
    assert check(parse(PRO)) is Check.CONSISTENT


@pytest.mark.parametrize("tail", ["4J6C9-T83GY", "4J6C9-T83XG", "4J69C-T83GX"])
def test_a_swapped_or_wrong_character_is_a_possible_typing_error(tail: str) -> None:
    assert check(parse(f"W269N-WFGWX-YVC9B-{tail}")) is Check.INCONSISTENT


def test_a_key_without_n_has_no_known_check_digits() -> None:
    assert check(parse(older_key(7))) is Check.OLDER
    assert not parse(older_key(7)).has_n
    assert parse(PRO).has_n


def test_a_number_too_large_for_a_key_is_a_possible_typing_error() -> None:
    assert check(parse("W269W-FGWXY-VC9B4-J6C9T-N83GX")) is Check.INCONSISTENT


def test_a_set_upgrade_bit_leaves_it_open() -> None:
    assert check(parse("W269W-FGWXY-NVC9B-4J6C9-T83GX")) is Check.UNKNOWN


def test_nearly_every_wrong_character_and_every_swap_of_two_groups_is_found() -> None:
    swapped, substituted = [], []
    for code in [code for code in STANDARD_KEYS if "N" in code][::6]:
        groups, characters = code.split("-"), code.replace("-", "")
        for first in range(5):
            for second in range(first):
                order = list(groups)
                order[first], order[second] = order[second], order[first]
                swapped.append("".join(order))
        substituted += [
            characters[:place] + other + characters[place + 1 :]
            for place, character in enumerate(characters)
            for other in ALPHABET
            if "N" not in (character, other) and other != character
        ]
    missed = [code for code in substituted if check(KeyCode(code)) is Check.CONSISTENT]

    assert len(missed) / len(substituted) < 0.002
    assert not [code for code in swapped if code[-1] != "N" and check(KeyCode(code)) is Check.CONSISTENT]


@given(st.integers())
def test_made_up_keys_are_consistent(seed: int) -> None:
    assert check(parse(made_up_key(seed))) is Check.CONSISTENT
    assert check(parse(older_key(seed))) is Check.OLDER
