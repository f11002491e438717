"""Product keys in texts that everybody may read: they are found, and what looks like one is left alone."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productkeys.domain.keycode import KeyCode, KeyFormatError, contains_key, looks_like_key, parse, redact
from productkeys.domain.keycode_text import fold
from tests.typed_keys import MASKED_PRO, OTHER, PRO, WIDE, many, pasted, read, refusal, words


@pytest.mark.parametrize(
    "text",
    [
        f"Key is {PRO}, do not share",
        f"key is {PRO.lower().replace('-', '')} for berlin",
        f"Schlüssel: {PRO.replace('-', ' ')}!",
        f"Werk{PRO}Nord",
        f"a_{PRO}_b",
        f"{PRO}/{OTHER}",
        PRO.replace("-", "–"),
        PRO.replace("-", "."),
        PRO.replace("-", " / "),
        "W269-NWFGW-XYVC9-B4J6C-9T83GX",
        PRO.translate(WIDE),
        "with an error: W269O-WFGWX-YVC9B-4J6C9-T83GX",
        f"/product-keys/?q={PRO.replace('-', '%20')}&page=2",
        f"/product-keys/?q=%22{PRO.replace('-', '+')}%22",
        f"/product-keys/?q=%22{PRO.replace('-', '')}%22",
        f"XXXXX XXXXX XXXXX XXXXX XXXXX {PRO}",
        f"Lager-Halle-Norde-About-House-{PRO}",
    ],
)
def test_a_key_is_found_in_a_text(text: str) -> None:
    assert contains_key(text)
    assert looks_like_key(text)
    assert "YVC9B" not in redact(text).upper()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Für die Rechner im Werk Nord. Bitte nur zur Aktivierung benutzen, siehe Ticket INC0012345 vom 12.03.2026.",
        "These seven words might never count under their shape: first, third, sixth, eight.",
        "north-south-green-black-white",
        "550e8400-e29b-41d4-a716-446655440000",
        "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}",
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "507f1f77bcf86cd799439011",
        "https://learn.microsoft.com/en-us/windows-server/get-started/kms-client-activation-keys?tabs=server2025",
        "https://portal.example/2024-apple-grape-melon-lemon-peach/",
        "Windows Product ID 00330-80000-00000-AA535",
        "Geräte PC234 PC236 PC237 PC238 PC239 und PC243",
        "Bestellungen 23478 34862 48297 62938 74926",
        "Format XXXXX-XXXXX-XXXXX-XXXXX-XXXXX",
        f"saved as {MASKED_PRO}",
        "S-1-5-21-3623811015-3361044348-30300820-1013",
        "T83GX",
        "windows server 2022 standard",
        "Donaudampfschifffahrtsges",
        "pilot haupt werke linie 22345",
        "2026-11-24 10:22:33,444 INFO GET /product-keys/ 200",
    ],
)
def test_ordinary_text_holds_no_key(text: str) -> None:
    assert not contains_key(text)
    assert not looks_like_key(text)
    assert redact(text) == text


@pytest.mark.parametrize(
    "typed",
    [
        "W269O-WFGWX-YVC9B-4J6C9-T83GX",
        "w269n wfgwx yvc9b 4j6c9 t83g",
        "W269N WFGWX YVC9B 4J6C99 T83GX",
        "W269NWFGWXYVC9B4J6C9T83G",
        "w269nwfgwxyvc9b4j6c9t83g0",
        "W2 69 NW FG WX YV C9 B4 J6 C9 T8 3G X",
        "W269\u0435 WFGWX YVC9B 4J6C9 T83GX",
    ],
)
def test_a_mistyped_key_in_the_search_box_still_looks_like_one(typed: str) -> None:
    assert looks_like_key(typed)


def test_redacting_keeps_the_last_five_and_everything_around() -> None:
    assert redact(f"(ä) key={PRO}&x=1\n") == f"(ä) key={MASKED_PRO}&x=1\n"
    assert redact(f"?q={PRO.replace('-', '%2D')}&x=1") == f"?q={MASKED_PRO}&x=1"
    assert redact(f"{PRO} {PRO.lower()}") == f"{MASKED_PRO} {MASKED_PRO}"
    assert redact(f"\u3164{PRO.translate(WIDE)}\u200b.") == f"\u3164{MASKED_PRO}\u200b."


_pieces = [
    *["W269N", "wfgwx", "YVC9B", "4J6C9", "T83GX", "BBBBB", "W269O", "X", "0"],
    *["-", " ", "\u2013", "%2D", "_", "{", "}"],
]
_texts = st.lists(st.sampled_from(_pieces) | st.text(max_size=8), max_size=10).map("".join)


@many
@given(_texts)
def test_any_text_ends_in_a_key_or_in_words_and_is_redacted_where_it_holds_one(text: str) -> None:
    match read(text):
        case KeyCode() as key:
            assert parse(key.open()) == key
        case KeyFormatError() as error:
            assert words(error)
    assert (redact(text) != text) is contains_key(text)


@many
@given(before=_texts, case=pasted(), after=_texts)
def test_no_surrounding_hides_a_key(before: str, case: tuple[str, str], after: str) -> None:
    key, decorated = case
    text = f"{before}\n: {decorated} ;\n{after}"

    assert contains_key(text)
    left = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", redact(text)).upper()))
    assert key[:17].replace("-", "") not in left


def test_a_ligature_that_unfolds_to_many_characters_does_not_fill_the_memory() -> None:
    assert len(fold("\ufdfa" * 1000).text) == 1000


@pytest.mark.parametrize(
    "piece",
    [
        *[
            "W",
            "WWWWW-",
            "WWWW2 ",
            "W269N:",
            f"{PRO} ",
            f"{PRO[:-1]} ",
            "WWWW2-WWWW2-WWWW2-WWWW2-W",
            "ABCDE-",
            "ABCDE ",
        ],
        *[
            " ",
            "-",
            ".",
            ": ",
            "=",
            '"',
            "{",
            "_",
            "<",
            "%22",
            "%22WWWW2",
            "a-b-c ",
            "\u200b",
            "\0",
            "ﬃ",
            "\ufdfa",
            "ä",
        ],
    ],
)
def test_a_huge_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = piece * (50_000 // len(piece)) + "!"
    start = time.process_time()
    for search in (contains_key, looks_like_key, redact, refusal):
        search(text)

    assert time.process_time() - start < 3  # a fifth of a second is usual, and a square of the length takes over ten
