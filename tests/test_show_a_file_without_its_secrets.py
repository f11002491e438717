"""Lines of a deployment file on a page: what is not known to be harmless is an ellipsis, and a key its mask."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productkeys.domain.answer_file.difference import difference
from productkeys.domain.answer_file.reading import read
from productkeys.domain.answer_file.veil import excerpts, veiled
from productkeys.domain.answer_file.writing import write
from productkeys.domain.keycode import parse
from tests.answer_files import ENTERPRISE, ORDINARY, activating, commands, installing, unattend
from tests.canary import pieces_of
from tests.made_up_keys import made_up_key
from tests.test_no_answer_file_breaks_the_reader import FILES, mutated
from tests.typed_keys import OTHER, PRO

MAK = made_up_key(300)
MASK = f"•••••-•••••-•••••-•••••-{MAK[-5:]}"


def _lines(text: str, name: str = "unattend.xml") -> list[str]:
    return list(veiled(read(text.encode(), name), range(1, 10_000)).values())


def _shown(text: str, name: str = "unattend.xml") -> str:
    return "\n".join(_lines(text, name))


def test_a_line_is_shown_with_those_beside_it() -> None:
    file = read(unattend(installing(MAK)).encode())
    lines = excerpts(file, [6])[6]
    assert [(line.number, line.is_meant) for line in lines] == [(5, False), (6, True), (7, False)]
    assert lines[1].text == f"  <ProductKey><Key>{MASK}</Key><WillShowUI>OnError</WillShowUI></ProductKey>"
    assert lines[2].text == "  <AcceptEula>true</AcceptEula>"
    assert excerpts(file, [1])[1][0].text == '<?xml version="1.0" encoding="utf-8"?>'
    assert excerpts(file, [0, 999]) == {}


@pytest.mark.parametrize(
    "secret",
    [
        "<AdministratorPassword><Value>Geheim-1234</Value><PlainText>true</PlainText></AdministratorPassword>",
        "<Password><Value>RwBlAGgAZQBpAG0ALQAxADIAMwA0AA==</Value></Password>",
        "<Credentials><Username>Geheim</Username><Password>Geheim</Password></Credentials>",
        "<Path>net user admin Geheim-1234 /add</Path>",
        "<!-- Kennwort: Geheim-1234 -->",
        "<![CDATA[$password = 'Geheim-1234']]>",
        '<Account password="Geheim-1234"/>',
        '<user name="x" pass="Geheim-1234"/>',
        "<ComputerName>Geheim-1234",  # never closed
        "<Key>Geheim-1234</Key>",
        "Geheim-1234 > &Geheim",
        "<P@ss Geheim-1234>",
        "<?php $password = 'Geheim-1234' ?>",
        "<!-- Geheim-1234",
    ],
)
def test_a_password_is_hidden_wherever_it_stands(secret: str) -> None:
    shown = _shown(unattend(activating(PRO, before=secret)))
    assert "Geheim" not in shown
    assert "RwBl" not in shown


@pytest.mark.parametrize(
    "key",
    [
        f"<!-- {MAK} -->",
        f"<!-- {MAK.replace('-', '')} -->",
        f"<CommandLine>slmgr /ipk {MAK}</CommandLine>",
        f'<Setting value="{MAK}"/>',
        f'<component name="{MAK.replace("-", "")}"/>',
        f'<component name="{MAK}"/>',
        f"<ComputerName>{MAK.lower()}</ComputerName>",
        f"<ComputerName>{MAK.replace('-', ' ')}</ComputerName>",
        f"<Key>{MAK[:-1]}</Key>",
        f"<ProductKey>{MAK}</ProductKey>",
        f"<A{MAK}/>",
        f"%{MAK}%",
    ],
)
def test_a_key_is_hidden_wherever_it_stands(key: str) -> None:
    shown = _shown(unattend(activating(key), installing(key)))
    assert not [piece for piece in pieces_of(MAK) if piece in shown.encode()]


def test_of_a_key_in_a_comment_its_mask_stays() -> None:
    assert f"<!-- … {MASK} -->" in _shown(unattend(activating(PRO, before=f"<!-- ask for {MAK} -->")))


def test_what_is_to_be_filled_in_is_shown() -> None:
    shown = _shown(unattend(installing("{{ product_key }}"), activating("%key%")))
    assert "<Key>{{ product_key }}</Key>" in shown
    assert "<ProductKey>%key%</ProductKey>" in shown


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_key_over_several_lines_moves_no_line(newline: str) -> None:
    text = unattend(activating(f"\n{MAK}\n", before="<!-- a\n\n b -->")).replace("\n", newline)
    shown = _lines(text)
    assert len(shown) == text.count(newline) + 1
    assert shown[-2] == "</unattend>"


def test_of_a_file_in_one_line_the_part_around_the_key_is_shown() -> None:
    text = unattend(commands("net user admin Geheim"), activating(MAK)).replace("\n", " ")
    (line,) = _lines(text)
    assert MASK in line
    assert len(line) < 300
    after = write(read(text.encode()), activation=parse(ENTERPRISE)).file
    told = "".join(line.text for line in difference(read(text.encode()), after))
    assert f"<ProductKey>{MASK}</ProductKey>" in told
    assert "Geheim" not in told


def test_of_custom_settings_names_are_shown_and_values_hidden() -> None:
    text = f"[Settings]\nPriority=Default\n[Default]\nProductKey={MAK}\n; Geheim\nAdminPassword=Geheim\nGeheim\n"
    assert _lines(text, "CustomSettings.ini") == [
        "[Settings]",
        "Priority=Default",
        "[Default]",
        f"ProductKey={MASK}",
        "…",
        "AdminPassword=…",
        "…",
        "",
    ]


def test_of_media_files_the_edition_is_shown() -> None:
    assert _lines("[EditionID]\r\nEnterprise\r\n", "ei.cfg") == ["[EditionID]", "Enterprise", ""]
    assert _lines(f"[PID]\nValue={MAK}", "PID.txt") == ["[PID]", f"Value={MASK}"]


def test_the_difference_of_a_long_file_is_found_at_once() -> None:
    between = "".join(f"<x>{number % 97}</x>\n" for number in range(100_000))
    before = read(unattend(installing(PRO), between, activating(PRO)).encode())
    after = write(before, installation=parse(ENTERPRISE), activation=parse(ENTERPRISE)).file
    began = time.process_time()
    lines = difference(before, after)
    assert time.process_time() - began < 5
    assert [(line.sign, line.number) for line in lines] == [("-", 6), ("+", 6), ("-", 100_014), ("+", 100_014)]


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_the_difference_leads_from_one_file_to_the_other(one: list[str], other: list[str]) -> None:
    """With the lines that go taken out, and those that come put in, the one is the other."""
    before, after = (read("".join(f"<{name}/>\n" for name in names).encode()) for names in (one, other))
    lines = difference(before, after)
    gone = {line.number for line in lines if line.sign == "-"}
    come = {line.number for line in lines if line.sign == "+"}
    left = [name for number, name in enumerate(one, start=1) if number not in gone]
    assert left == [name for number, name in enumerate(other, start=1) if number not in come]


def test_the_difference_names_a_key_that_is_only_spelled_anew() -> None:
    before = read(ORDINARY.replace(PRO, PRO.lower(), 1).encode())
    lines = difference(before, write(before, installation=parse(PRO)).file)
    assert [(line.sign, line.number) for line in lines] == [("-", 6), ("+", 6)]


def test_a_place_that_reaches_into_the_next_is_masked_once() -> None:
    text = unattend(installing(f"<![CDATA[{PRO}]]>")).replace(
        "<ProductKey>", '<ProductKey/a">\n<UserData>\n<ProductKey>'
    )
    assert len(read(text.encode()).places) == 2
    shown = _lines(text)
    assert len(shown) == text.count("\n") + 1
    assert PRO not in "\n".join(shown)


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(mutated())
def test_no_damage_to_a_file_brings_a_key_to_light(data: bytes) -> None:
    file = read(data)
    count = file.text.text.count("\n" if "\n" in file.text.text else "\r") + 1
    shown = veiled(file, range(count + 2))
    assert list(shown) == list(range(1, count + 1))
    told = "\n".join(shown.values())
    told.encode()  # no page can hold half a character
    for key in (OTHER, PRO, ENTERPRISE):
        assert key not in told


def test_the_damaged_files_hold_keys() -> None:
    assert all(any(key in text for key in (OTHER, PRO, ENTERPRISE)) for text in FILES[:3])
