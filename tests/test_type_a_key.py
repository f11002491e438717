"""Typing or pasting a product key: what is read as one."""

import pytest
from hypothesis import given

from productkeys.domain.keycode import Check, check, contains_key, looks_like_key, parse
from tests.typed_keys import PRO, STANDARD_KEYS, WIDE, many, pasted


@pytest.mark.parametrize(
    "typed",
    [
        PRO,
        PRO.lower(),
        PRO.replace("-", ""),
        PRO.replace("-", " "),
        PRO.replace("-", "\n"),
        PRO.replace("-", "–"),
        PRO.replace("-", " — "),
        PRO.replace("-", "\u2011"),
        PRO.replace("-", "\u00a0"),
        PRO.replace("-", "−"),
        "w269n wfgwx-yvc9b 4j6c9 t83gx",
        "W269N-WFGWX-YVC\n9B-4J6C9-T83GX",
        "W2 69 NW FG WX YV C9 B4 J6 C9 T8 3G X",
        PRO.translate(WIDE),
        "\ufeff\u202a" + "\u200b".join(PRO) + "\u202c",
        "\u00ad".join(PRO),
        "\0".join(PRO),
        "\u3164".join(PRO),
        f"  {PRO}\r\n",
        f'"{PRO}"',
        f"„{PRO}“",
        f"»{PRO}«,",
        f"{PRO}>",
        f"<Key>{PRO}</Key>",
        f"Product key: {PRO}",
        f"Produktschlüssel - {PRO.lower()}.",
        f"Windows 11 Pro\t{PRO}\t250 activations",
        f"CRYPT {PRO}".replace("-", " - "),
        f"these {PRO.replace('-', ' ')} for all",
        f"slmgr.vbs /ipk {PRO}",
        f"Format XXXXX-XXXXX-XXXXX-XXXXX-XXXXX: {PRO}",
    ],
)
def test_it_does_not_matter_how_a_key_is_pasted(typed: str) -> None:
    assert parse(typed).open() == PRO


@pytest.mark.parametrize("code", STANDARD_KEYS, ids=lambda code: code[-5:])
def test_every_standard_key_is_read_and_has_no_typing_error(code: str) -> None:
    key = parse(code)

    assert key.open() == code
    assert check(key) is (Check.CONSISTENT if "N" in code else Check.OLDER)


@many
@given(pasted())
def test_a_decorated_key_is_the_same_key(case: tuple[str, str]) -> None:
    key, text = case
    assert parse(text).open() == key
    assert parse(text) == parse(key)
    assert contains_key(text)
    assert looks_like_key(text)
