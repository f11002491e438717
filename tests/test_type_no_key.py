"""Typing what is no product key: it is refused, with words that say what is wrong and what to do."""

import pytest
from django.utils import translation

from productkeys.domain.keycode import MESSAGES
from tests.made_up_keys import older_key
from tests.typed_keys import MASKED_PRO, OTHER, PRO, refusal, words


@pytest.mark.parametrize("typed", ["", "   ", "\n\n", "-", '""', "\u200b", "?"])
def test_an_empty_field_is_no_key(typed: str) -> None:
    assert refusal(typed).code == "empty"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (PRO[:-1], 24),
        (f"Product key: {PRO[:-1]}", 24),
        (f'"{PRO[:-1]}"', 24),
        (f"{PRO}X", 26),
        (PRO[:-6], 20),
        (f"{PRO}-WFGWX", 30),
        ("X7", 2),
    ],
)
def test_a_wrong_length_says_how_many_characters_there_are(typed: str, found: int) -> None:
    error = refusal(typed)

    assert (error.code, error.params) == ("wrong_length", {"found": found})
    assert f"found here: {found}." in words(error)


@pytest.mark.parametrize(
    ("typed", "character", "position"),
    [
        ("W269O-WFGWX-YVC9B-4J6C9-T83GX", "O", 5),
        ("w269n-wfgwx-yvc9b-4j6c9-t83g0", "0", 25),
        ("W269N-WFGWX-YVC9B-4J6C9-T83G?", "?", 25),
        ("W269N-WFGWX-YVC9B-4J6C9-*83GX", "*", 21),
        ("W269N WFGWX YVC9B 4JLC9 T83GX", "L", 18),
        ("W269NWFGWXYVC9B4J6C9TE3GX", "E", 22),
        ("Product key: W269N-WFGWX-YVC9B-4J6C9-TZ3GX", "Z", 22),
        ("W269N.WFGWX.YVC9B.4J6C9.T83GX", ".", 6),
        ("W269Ü-WFGWX-YVC9B-4J6C9-T83GX", "Ü (U+00DC)", 5),
        ("W269N-WFGWX-YVC9B-4J6C9-T83G\ud800", "U+D800", 25),
    ],
)
def test_a_wrong_character_is_named_with_its_position(typed: str, character: str, position: int) -> None:
    error = refusal(typed)

    assert error.code == "wrong_character"
    assert (error.params["character"], error.params["position"]) == (character, position)
    assert f"“{character}” does not occur in product keys (position {position} of 25" in words(error)


def test_the_place_in_the_typed_text_is_named_where_it_is_another() -> None:
    assert "position 5 of 25)" in words(refusal("W269O-WFGWX-YVC9B-4J6C9-T83GX"))
    assert "position 10 of 25)" in words(refusal("W269N-WFGWO-YVC9B-4J6C9-T83GX"))
    typed = "Product key: W269O-WFGWX-YVC9B-4J6C9-T83GX"
    assert f"position 5 of 25, character {typed.index('O-') + 1} of the text as typed)" in words(refusal(typed))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *[
            ("0", "D"),
            ("O", "Q"),
            ("o", "D"),
            ("1", "J"),
            ("I", "T"),
            ("l", "7"),
            ("5", "6"),
            ("S", "8"),
            ("Z", "2"),
            ("u", "V"),
        ],
        # Cyrillic, and in the end one Greek letter:
        *[("\u0412", "B"), ("\u0441", "C"), ("\u041d", "H"), ("\u043a", "K"), ("\u0420", "P"), ("\u0443", "Y")],
        *[("\u0425", "X"), ("\u041e", "Q"), ("\u0437", "3"), ("\u03a4", "T")],
    ],
)
def test_what_a_look_alike_was_meant_to_be_is_proposed_and_never_assumed(typed: str, meant: str) -> None:
    error = refusal(f"W269N-WFGWX-YVC9B-4J6C9-T83{typed}X")

    assert meant in str(error.params["look_alikes"])
    assert f"Probably meant: {error.params['look_alikes']}." in words(error)


def test_a_key_typed_on_a_cyrillic_keyboard_is_no_wording() -> None:
    cyrillic = str.maketrans("BCHKMPTXY", "\u0412\u0421\u041d\u041a\u041c\u0420\u0422\u0425\u0423")
    error = refusal("MHKTW-XCBPR-BVKXM-CTTHY-9GCMP".translate(cyrillic))

    assert (error.code, error.params["look_alikes"]) == ("wrong_character", "M")


def test_a_character_that_looks_like_none_is_to_be_compared() -> None:
    assert "Compare it with the source." in words(refusal("W269N-WFGWX-YVC9B-4J6C9-T83G+"))


@pytest.mark.parametrize(
    ("typed", "count"), [("W269N-WFGWX-YVC9B-4J6N9-T83GX", 2), ("W269N-NFGWX-YNC9B-4J6C9-T83GN", 4)]
)
def test_no_key_has_the_letter_n_twice(typed: str, count: int) -> None:
    error = refusal(typed)

    assert error.code == "more_than_one_n"
    assert f"stands {count} times" in words(error)


def test_no_key_ends_with_an_n() -> None:
    assert refusal("W2698-WFGWX-YVC9B-4J6C9-T83GN").code == "n_in_last_place"


@pytest.mark.parametrize(
    "typed",
    [
        f"{PRO} {OTHER}",
        f"{PRO}\n{OTHER}",
        f"{PRO}-{OTHER}",
        f"{PRO};{PRO}",
        f"{PRO} {OTHER}".replace("-", " "),
        f"{PRO}{OTHER}".replace("-", ""),
        f"{PRO.replace('-', '')}, {OTHER}",
        f"{PRO}\nW269O-WFGWX-YVC9B-4J6C9-T83GX",
        f"Keys: {PRO} {OTHER} {older_key(2)}",
    ],
)
def test_two_keys_in_one_field_are_refused(typed: str) -> None:
    assert refusal(typed).code == "two_keys"


@pytest.mark.parametrize(
    "typed",
    [
        *["XXXXX-XXXXX-XXXXX-XXXXX-XXXXX", "xxxxxxxxxxxxxxxxxxxxxxxxx", "TTTTT-TTTTT-TTTTT-TTTTT-TTTTT"],
        *["00000-00000-00000-00000-00000", "11111-22222-33333-44444-55555", "?????-?????-?????-?????-?????"],
        *["ABCDE-FGHIJ-KLMNO-PQRST-UVWXY", "abcde-abcde-abcde-abcde-abcde", "BCDFG-HJKMP-QRTVW-XY234-6789B"],
        *["12345-67890-12345-67890-12345", "12345-12345-12345-12345-12345", "A1B2C-3D4E5-F6G7H-8I9J0-K1L2M"],
        *["12345-ABCDE-67890-FGHIJ-12345", "X7K2M-X7K2M-X7K2M-X7K2M-X7K2M", "XXXXX-XXXXX-XXXXX-XXXXX", "xxx"],
        *["XXXXX-XXXXX-XXXXX-XXXXX-3V66T", "*****-*****-*****-*****-3V66T", MASKED_PRO],
        *[
            "{ProductKey}",
            "[KEY]",
            "%key%",
            "${windows.key}",
            "{{ windows_product_key }}",
            "#TABLE:keys.windows#",
            "<key>",
        ],
        *["YOURP-RODUC-TKEYH-EREXX-XXXXX", "Sensitive*Data*Deleted", "*SENSITIVE*DATA*DELETED*"],
        "Key: XX XXX XX XXX XX XXX XX XXX XX XXX",
    ],
)
def test_a_placeholder_is_called_one_and_no_typing_error(typed: str) -> None:
    error = refusal(typed)

    assert error.code == "placeholder"
    assert words(error).startswith("This is a placeholder, not a product key.")


@pytest.mark.parametrize(
    "typed",
    [
        "hello",
        "none",
        "keiner",
        "1ProductID",
        "your key here",
        "Windows 10 Pro",
        "siehe Tresor",
        "Tresor: Haus 3, links",
        "Donaudampfschifffahrtsges",
        "enter later these words shall stand",
        "hello, it will be sent by mail next week",
    ],
)
def test_words_are_no_product_key_and_the_length_and_characters_of_one_are_told(typed: str) -> None:
    error = refusal(typed)

    assert error.code == "no_key"
    assert words(error).startswith("This is no product key. A product key consists of 25 letters and digits")


def test_every_refusal_says_what_is_wrong_and_what_to_do() -> None:
    assert set(MESSAGES) == {
        *("empty", "wrong_length", "wrong_character", "more_than_one_n", "n_in_last_place", "two_keys"),
        *("no_key", "placeholder"),
    }
    with translation.override("en"):
        assert all(str(message) and str(advice) for message, advice in MESSAGES.values())
