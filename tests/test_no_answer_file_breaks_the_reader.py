"""Whatever people, editors and generators do to an answer file: reading and checking it never fails."""

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from productkeys.domain import keycode
from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.reading import AnswerFile, read
from productkeys.domain.answer_file.report import as_json
from productkeys.domain.answer_file.writing import NotWritten, write
from tests.answer_files import (
    ENTERPRISE,
    activating,
    commands,
    component,
    installing,
    installs_from,
    unattend,
)
from tests.answer_files import settings as settings_of
from tests.made_up_keys import made_up_key
from tests.typed_keys import OTHER, PRO

MAK = made_up_key(5)
FACTS = KeyFacts("House", "mak", "windows-11", "Enterprise", usage="activation", left=3)

FILES = [
    unattend(
        installing(PRO, after=installs_from("/IMAGE/NAME", "Windows 11 Pro")),
        activating(MAK, before="<!-- MAK -->"),
        commands(f"slmgr /ipk {OTHER}", "cscript slmgr.vbs /skms kms.example"),
        f'<cpi:offlineImage cpi:source="wim:c:/i.wim#Windows 10 Pro {OTHER}" xmlns:cpi="urn:cpi"/>',
    ),
    unattend(
        installing(f"<![CDATA[{ENTERPRISE}]]>", architecture="x86"),
        installing("{{ key }}", architecture="arm64"),
        settings_of("disabled", component("Microsoft-Windows-Shell-Setup", "<ProductKey/>")),
        f"<!-- {MAK} -->",
    ).replace("\n", "\r\n"),
    f"[Settings]\r\nPriority=Default\r\n[Default]\r\nProductKey={PRO} ; comment\r\nOverrideProductKey={MAK}\r\n",
    f"[PID]\nValue={MAK}\n",
]
PIECES = [
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml ",
    "?>",
    "&",
    "&amp;",
    "&#0;",
    "&#x110000;",
    '"',
    "'",
    "\0",
    "\ufeff",
    "\r",
    "ü",
    "😀",
    "\ud800",
    "<!DOCTYPE a [",
    "<Key>",
    "</Key>",
    "<ProductKey>",
    "</ProductKey>",
    "<component>",
    "</component>",
    "<settings>",
    "</settings>",
    "xmlns:wcm=",
    "{% if x %}",
    "%key%",
    "=",
    "[",
    "]",
    "\n[PID]\n",
    "Value=",
    PRO,
    MAK,
    OTHER.lower(),
    "-",
    "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX",
    "n\u0303" * 3,
]
ENCODINGS = ["utf-8", "utf-8", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"]
WORKERS = 4


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real-looking file after a few accidents, as bytes."""
    text = draw(st.sampled_from(FILES))
    for _accident in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text)))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:start] + draw(st.sampled_from(PIECES)) + text[start:]
            case 1:
                text = text[:start] + text[start + draw(st.integers(1, 60)) :]
            case 2:
                end = start + draw(st.integers(1, 400))
                text = text[:end] + text[start:end] + text[end:]
            case 3:
                text = text[:start]
    data = text.encode(draw(st.sampled_from(ENCODINGS)), "replace")
    for _accident in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(st.binary(max_size=3)) + data[start + draw(st.integers(0, 3)) :]
    return data


@pytest.mark.parametrize("part", range(WORKERS))
def test_ten_thousand_damaged_files_are_read_checked_and_written(part: int) -> None:
    """Split, so that the processes of a test run share it."""

    @seed(part)
    @settings(max_examples=10_000 // WORKERS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(mutated(), st.sampled_from(["", "unattend.xml", "CustomSettings.ini", "PID.txt", "ei.cfg"]))
    def each(data: bytes, name: str) -> None:
        file = read(data, name)
        report = check(file, known=lambda code: FACTS if code.last_five == MAK[-5:] else None, systems={}, changes=())
        told = str(as_json(name, report))
        for key in (PRO, MAK, OTHER, ENTERPRISE):
            assert key not in told
        assert file.text.encoded(file.text.text) == data
        for place in file.places:
            written = file.text.text[place.start : place.end]
            if place.held.code and "&" not in written and "<" not in written:
                assert keycode.parse(written) == place.held.code
        _write(file)

    each()


def _write(file: AnswerFile) -> None:
    """What is written can be read, holds the keys, and is not changed by writing them again."""
    wanted = {"installation": keycode.parse(ENTERPRISE), "activation": keycode.parse(MAK)}
    try:
        written = write(file, **wanted)
    except NotWritten:
        return
    assert written.file.is_readable
    assert {place.held.code for place in written.file.places if place.is_read} == set(wanted.values())
    assert write(written.file, **wanted).data == written.data
