"""Writing keys into an answer file: the keys are where Windows reads them, and everything else is as it was."""

import re
from typing import Any
from xml.etree.ElementTree import canonicalize
from xml.parsers import expat

import pytest

from productkeys.domain.answer_file.difference import difference
from productkeys.domain.answer_file.places import Purpose
from productkeys.domain.answer_file.reading import AnswerFile, read
from productkeys.domain.answer_file.values import Value
from productkeys.domain.answer_file.writing import Do, NotWritten, Written, new_file, write
from productkeys.domain.keycode import parse
from tests.answer_files import (
    ENTERPRISE,
    ORDINARY,
    SETUP,
    SHELL_SETUP,
    UNATTEND,
    activating,
    commands,
    component,
    installing,
    settings,
    unattend,
    windows_pe,
)
from tests.made_up_keys import made_up_key
from tests.typed_keys import PRO

MAK = made_up_key(300)
GVLK_CODE, MAK_CODE = parse(ENTERPRISE), parse(MAK)


_EMPTIED = (
    r"<ProductKey>.*?</ProductKey>",
    "<UserData></UserData>",
    r"<component [^>]*></component>",
    r"<settings [^>]*></settings>",
)


def _written(text: str | bytes, **wanted: Any) -> Written:
    data = text if isinstance(text, bytes) else text.encode()
    written = write(read(data), **{"installation": GVLK_CODE, "activation": MAK_CODE} | wanted)
    _parsed(written.data)
    return written


def _text(text: str, **wanted: Any) -> str:
    return _written(text, **wanted).data.decode()


def _parsed(data: bytes) -> None:
    """Prove that expat takes it."""
    expat.ParserCreate(namespace_separator=" ").Parse(data, True)


def _keys(file: AnswerFile) -> list[tuple[str, str, str | None]]:
    return [(place.purpose.value, place.architecture, place.held.last_five) for place in file.places]


def _elements(data: str) -> list[str]:
    """Every element in its canonical form, without the product keys and what holds nothing but them."""
    canonical = canonicalize(data, with_comments=True, strip_text=True)
    for emptied in _EMPTIED:
        canonical = re.sub(emptied, "", canonical)
    return re.findall(r"<!--.*?-->|<[^<>]*>|[^<>]+", canonical)


def test_it_works() -> None:
    written = _written(ORDINARY)

    assert _keys(written.file) == [("installation", "amd64", "2YT43"), ("activation", "amd64", MAK[-5:])]
    assert [(change.path, change.line, change.before.last_five, change.after) for change in written.changes] == [
        ("UserData/ProductKey/Key", 6, "T83GX", GVLK_CODE),
        ("ProductKey", 14, "T83GX", MAK_CODE),
    ]


def test_nothing_but_the_keys_changes() -> None:
    head, tail = ORDINARY.split("</Key>")
    assert _text(ORDINARY) == head.replace(PRO, ENTERPRISE) + "</Key>" + tail.replace(PRO, MAK)


STRANGE = unattend(
    "<!-- a comment \t with blanks  -->\n\n",
    installing(f"<!-- Pro -->{PRO}"),
    "\t<!-- another -->",
    activating(PRO),
    commands("echo &quot;a&quot; &amp; b &#228; >", "echo <![CDATA[<&>]]>"),
    "<?keep this?>",
    '<Extensions  xmlns = "urn:x"  b=\'"\'><a/><a></a ></Extensions>',
)


@pytest.mark.parametrize(
    "data",
    [
        STRANGE.encode(),
        b"\xef\xbb\xbf" + STRANGE.encode(),
        STRANGE.replace("\n", "\r\n").encode(),
        STRANGE.replace("\n", "\r").encode(),
        STRANGE.replace("utf-8", "utf-16").encode("utf-16"),
        b"\xfe\xff" + STRANGE.replace("utf-8", "utf-16").encode("utf-16-be"),
        STRANGE.replace("utf-8", "windows-1252").replace("echo", "für").encode("cp1252"),
        STRANGE.replace("utf-8", "iso-8859-1").replace("echo", "für").encode("latin-1"),
        STRANGE.replace("echo", "für 😀 \u2028").encode(),
    ],
    ids=["UTF-8", "BOM", "CRLF", "CR", "UTF-16 LE", "UTF-16 BE", "Windows-1252", "Latin-1", "beyond ASCII"],
)
def test_the_bytes_of_all_else_stay_in_every_encoding(data: bytes) -> None:
    there = _written(data)
    pro = parse(PRO)
    back = write(there.file, installation=pro, activation=pro)
    assert there.data != data
    assert back.data == data


def test_the_canonical_form_differs_in_the_keys_alone() -> None:
    after = canonicalize(_text(STRANGE), with_comments=True)
    assert after.replace(ENTERPRISE, PRO).replace(MAK, PRO) == canonicalize(STRANGE, with_comments=True)


def test_what_is_not_asked_for_stays() -> None:
    assert _text(ORDINARY, installation=Do.KEEP).count(PRO) == 1
    assert _text(ORDINARY, installation=Do.KEEP, activation=Do.KEEP) == ORDINARY
    assert write(read(ORDINARY.encode()), installation=parse(PRO)).changes == ()


def test_every_repetition_for_an_architecture_gets_the_key() -> None:
    names = ("x86", "amd64", "arm64")
    inner = [component(SHELL_SETUP, f"      <ProductKey>{PRO}</ProductKey>", name) for name in names]
    bare = [
        component(SHELL_SETUP, "      <ComputerName>*</ComputerName>", "arm64"),
        component(SHELL_SETUP, "", "wow64"),
    ]
    written = _written(unattend(settings("specialize", *inner[:2], *bare)), installation=Do.KEEP)
    assert _keys(written.file) == [("activation", name, MAK[-5:]) for name in names]


@pytest.mark.parametrize(
    "product_key",
    [
        "<ProductKey><Key/></ProductKey>",
        "<ProductKey><Key /></ProductKey>",
        "<ProductKey><Key></Key></ProductKey>",
        "<ProductKey><Key>\n   </Key><WillShowUI>Never</WillShowUI></ProductKey>",
        "<ProductKey/>",
        "<ProductKey></ProductKey>",
        "<ProductKey>\n          <WillShowUI>Never</WillShowUI>\n        </ProductKey>",
        f"<ProductKey>{PRO}</ProductKey>",
        f"<ProductKey>{PRO}<WillShowUI>Never</WillShowUI></ProductKey>",
        "<ProductKey><Key><![CDATA[XXXXX]]></Key></ProductKey>",
        f"<ProductKey><Key>{PRO[:6]}<!-- Pro -->{PRO[6:]}</Key></ProductKey>",
        f"<ProductKey><!-- <Key>{PRO}</Key> --><Key>{{{{ key }}}}</Key></ProductKey>",
        f"<ProductKey><!-- <Key>{PRO}</Key> --></ProductKey>",
        f"<ProductKey><Key>{PRO}</Key><Key>{PRO}</Key></ProductKey>",
        "",
    ],
)
def test_the_key_gets_its_place_whatever_stood_there(product_key: str) -> None:
    text = unattend(windows_pe(product_key), activating(PRO))
    after = _text(text, activation=Do.KEEP)
    assert {place.held.last_five for place in read(after.encode()).places if place.purpose == "installation"} == {
        "2YT43"
    }
    assert _elements(after) == _elements(text)
    assert after.count("<!--") == text.count("<!--")
    assert after.count("WillShowUI") == text.count("WillShowUI")


@pytest.mark.parametrize("inner", ["", "XXXXX", f"<Key>{PRO}</Key>", f"<!-- Pro -->{PRO}", "\n"])
def test_the_key_that_activates_stands_in_product_key_itself(inner: str) -> None:
    after = _text(unattend(activating(inner)), installation=Do.KEEP)
    (place,) = read(after.encode()).places
    assert (place.path, place.held.last_five, place.held.as_issued) == ("ProductKey", MAK[-5:], True)


def test_what_is_missing_is_made_and_indented_as_its_neighbours() -> None:
    text = unattend(settings("specialize", component("Microsoft-Windows-Deployment", "      <A/>")))
    after = _text(text)

    assert after == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<unattend xmlns="{UNATTEND}">\n'
        '  <settings pass="windowsPE">\n'
        f'    <component name="{SETUP}" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35"'
        ' language="neutral" versionScope="nonSxS">\n'
        "      <UserData>\n"
        "        <ProductKey>\n"
        f"          <Key>{ENTERPRISE}</Key>\n"
        "        </ProductKey>\n"
        "      </UserData>\n"
        "    </component>\n"
        "  </settings>\n"
        '  <settings pass="specialize">\n'
        f"{component('Microsoft-Windows-Deployment', '      <A/>')}"
        f'    <component name="{SHELL_SETUP}" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35"'
        ' language="neutral" versionScope="nonSxS">\n'
        f"      <ProductKey>{MAK}</ProductKey>\n"
        "    </component>\n"
        "  </settings>\n"
        "</unattend>\n"
    )
    assert _elements(after) == _elements(text)


@pytest.mark.parametrize(
    "text",
    [
        unattend(settings("windowsPE", component(SETUP, "      <DiskConfiguration/>"))),
        unattend(settings("specialize")),
        unattend('<settings pass="specialize"/>'),
        unattend(
            f'<settings pass="specialize"><component name="{SHELL_SETUP}" processorArchitecture="arm64"/></settings>'
        ),
        unattend(),
        f'<unattend xmlns="{UNATTEND}"/>',
        f'<unattend xmlns="{UNATTEND}"></unattend>',
        f'<u:unattend xmlns:u="{UNATTEND}"><u:settings pass="oobeSystem"/></u:unattend>',
        ORDINARY.replace("\n", "\r\n"),
        ORDINARY.replace("  ", "\t"),
        ORDINARY.replace("\n", ""),
    ],
)
def test_a_place_is_made_wherever_it_is_missing(text: str) -> None:
    after = _text(text)
    file = read(after.encode())
    assert {place.held.last_five for place in file.places if place.purpose is Purpose.INSTALLATION} == {"2YT43"}
    assert {place.held.last_five for place in file.places if place.purpose is Purpose.ACTIVATION} == {MAK[-5:]}
    assert ("\r\n" in after) == ("\r\n" in text)
    assert "\n" not in after.replace("\r\n", "") or "\r\n" not in text


def test_a_missing_component_is_made_for_each_architecture_of_the_file() -> None:
    text = unattend(settings("oobeSystem", component(SHELL_SETUP, "", "x86"), component(SHELL_SETUP, "", "amd64")))
    assert _keys(_written(text).file) == [
        ("installation", "x86", "2YT43"),
        ("installation", "amd64", "2YT43"),
        ("activation", "x86", MAK[-5:]),
        ("activation", "amd64", MAK[-5:]),
    ]


# Taking keys out.


@pytest.mark.parametrize(
    ("product_key", "left"),
    [
        (f"<ProductKey><Key>{PRO}</Key><WillShowUI>Never</WillShowUI></ProductKey>", "<WillShowUI>Never</WillShowUI>"),
        (f"<ProductKey><Key>{PRO}</Key></ProductKey>", ""),
        ("<ProductKey><Key/></ProductKey>", ""),
        (f"<ProductKey>\n          <Key>{PRO}</Key>\n        </ProductKey>", ""),
        (f"<ProductKey><Key><!-- Pro -->{PRO}</Key></ProductKey>", "<!-- Pro -->"),
    ],
)
def test_an_element_goes_with_what_holds_nothing_else(product_key: str, left: str) -> None:
    text = unattend(windows_pe(product_key))
    after = _text(text, installation=Do.REMOVE, activation=Do.KEEP)
    assert PRO not in after
    assert left in after
    assert ("ProductKey" in after) == ("WillShowUI" in left)
    assert "<AcceptEula>true</AcceptEula>" in after
    assert not re.search(r"\n\s*\n", after)


def test_a_line_goes_with_its_element() -> None:
    text = unattend(activating(PRO))
    assert _text(text, installation=Do.KEEP, activation=Do.REMOVE) == text.replace(
        f"      <ProductKey>{PRO}</ProductKey>\n", ""
    )


# A file that is not there yet.


def test_the_smallest_correct_file_is_made() -> None:
    written = new_file(installation=GVLK_CODE, activation=MAK_CODE, architectures=("amd64", "arm64"))
    _parsed(written.data)
    file = written.file
    assert file.is_readable
    assert file.namespace == UNATTEND
    assert _keys(file) == [
        ("installation", "amd64", "2YT43"),
        ("installation", "arm64", "2YT43"),
        ("activation", "amd64", MAK[-5:]),
        ("activation", "arm64", MAK[-5:]),
    ]
    assert written.data.decode().count("\n") == 27


def test_a_new_file_has_only_the_passes_it_needs() -> None:
    assert b"windowsPE" not in new_file(activation=MAK_CODE).data


# What is not written.


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_answer_file"),
        (b"[PID]\nValue=\n", "no_answer_file"),
        (b"<!-- a -->\n" + ORDINARY.encode(), "mend_first"),
        (ORDINARY.replace("echo", "&").encode(), "mend_first"),
        (b"<other/>", "mend_first"),
        (settings("oobeSystem").encode(), "mend_first"),
    ],
)
def test_a_broken_file_is_not_written(data: bytes, code: str) -> None:
    with pytest.raises(NotWritten) as refused:
        write(read(data), installation=GVLK_CODE, activation=MAK_CODE)
    assert refused.value.rule.code == code


def test_a_place_that_cannot_be_served_is_said() -> None:
    text = unattend(windows_pe(f"<ProductKey><WillShowUI>Never</WillShowUI>{PRO}</ProductKey>"))
    with pytest.raises(NotWritten) as refused:
        write(read(text.encode()), installation=GVLK_CODE)
    assert refused.value.rule.code == "not_writable"


# The difference.


def test_the_difference_shows_masked_keys_and_nothing_else() -> None:
    text = ORDINARY.replace("echo ready", "net user admin Geheim-1234")
    before = read(text.encode())
    lines = difference(before, write(before, installation=GVLK_CODE, activation=MAK_CODE).file)
    assert [(line.sign, line.number) for line in lines] == [("-", 6), ("+", 6), ("-", 14), ("+", 14)]
    shown = "\n".join(line.text for line in lines)
    assert "•••••-•••••-•••••-•••••-T83GX" in shown
    assert f"•••••-{MAK[-5:]}" in shown
    assert "Geheim" not in shown
    for key in (PRO, ENTERPRISE, MAK):
        assert key not in shown


def test_new_lines_are_part_of_the_difference() -> None:
    before = read(unattend(settings("specialize", component(SHELL_SETUP, "      <A/>"))).encode())
    lines = difference(before, write(before, activation=MAK_CODE).file)
    assert [(line.sign, line.number) for line in lines] == [("+", 5)]


def test_what_was_written_reads_as_keys_alone() -> None:
    file = _written(unattend(installing("%key%"), activating("X"))).file
    assert [place.held.value for place in file.places] == [Value.KEY, Value.KEY]
