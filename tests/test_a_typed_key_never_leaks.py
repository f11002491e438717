"""A key in memory shows no more than its mask, and a refused one leaves nothing behind."""

import copy
import json
import pickle
import traceback

import pytest

from productkeys.domain.keycode import MASK_CHARACTER, KeyCode, mask, parse
from tests.typed_keys import MASKED_PRO, OTHER, PRO, refusal, words


def test_a_key_shows_no_more_than_its_mask_until_it_is_opened() -> None:
    key = parse(PRO)

    assert str(key) == f"{key}" == f"{key!s}" == mask("T83GX") == MASKED_PRO
    assert f"{key:>31}" == f"  {MASKED_PRO}"
    assert repr(key) == f"<KeyCode {MASKED_PRO}>"
    assert repr([key]) == f"[<KeyCode {MASKED_PRO}>]"
    assert key.last_five == "T83GX"
    assert MASK_CHARACTER == "•"
    assert key.open() == PRO


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_key_is_never_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(parse(PRO), protocol)


def test_a_key_is_never_written_as_json() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps({"code": parse(PRO)})


def test_a_key_cannot_be_changed_and_copies_as_itself() -> None:
    key = parse(PRO)

    with pytest.raises(AttributeError):
        key.extra = 1
    with pytest.raises(AttributeError):
        del key.last_five
    assert not hasattr(key, "__dict__")
    assert copy.copy(key) is key
    assert copy.deepcopy({"code": key})["code"] is key


def test_keys_are_equal_by_their_characters() -> None:
    assert parse(PRO) == parse(PRO.lower())
    assert len({parse(PRO), parse(PRO.lower()), parse(OTHER)}) == 2
    assert parse(PRO) != PRO


@pytest.mark.parametrize("characters", [PRO, PRO.replace("-", "").lower(), "W269O" + "X" * 20, "N" * 25, ""])
def test_only_well_formed_characters_make_a_key_and_the_error_does_not_repeat_them(characters: str) -> None:
    with pytest.raises(ValueError, match="not the 25 characters of a product key") as caught:
        KeyCode(characters)
    assert not characters or characters not in repr(caught.value)


@pytest.mark.parametrize(
    "typed", [PRO[:-1], "W269O" + PRO[5:], f"{PRO} {OTHER}", PRO.replace("9", "N"), PRO[:-1] + "+"]
)
def test_a_refusal_holds_no_key(typed: str) -> None:
    error = refusal(typed)

    shown = [str(error), repr(error), repr(error.args), repr(error.__reduce__()), words(error)]
    shown += map(str, error.params.values())
    for group in ("WFGWX", "YVC9B", "4J6C9", "YVCNB"):
        assert not any(group in text for text in shown)
    assert error.__cause__ is error.__context__ is None


def test_the_traceback_of_a_refusal_holds_no_key() -> None:
    error = refusal("W269O" + PRO[5:])

    frames = [frame for frame, _line in traceback.walk_tb(error.__traceback__) if "domain" in frame.f_code.co_filename]
    assert frames
    assert "WFGWX" not in repr([frame.f_locals for frame in frames])
