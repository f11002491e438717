"""Reading an answer file: every place for a product key is found, whatever has become of the file."""

import codecs
from time import process_time

import pytest

from productkeys.domain.answer_file.places import Place
from productkeys.domain.answer_file.reading import AnswerFile, read
from productkeys.domain.answer_file.values import Value
from tests.answer_files import (
    ENTERPRISE,
    ORDINARY,
    SETUP,
    SHELL_SETUP,
    UNATTEND,
    WCM,
    activating,
    commands,
    component,
    installing,
    installs_from,
    settings,
    unattend,
    windows_pe,
)
from tests.typed_keys import OTHER, PRO

UNDASHED = OTHER.replace("-", "")

LINE_OF_COMMAND = 1 + ORDINARY[: ORDINARY.index("echo ready")].count("\n")


def _read(text: str) -> AnswerFile:
    return read(text.encode())


def _one(text: str) -> Place:
    (place,) = _read(text).places
    return place


def _faults(text: str | bytes) -> list[tuple[str, int]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(fault.rule.code, fault.line) for fault in read(data).faults]


def test_it_works() -> None:
    file = _read(ORDINARY)

    assert file.is_readable
    assert [
        (place.pass_name, place.component, place.architecture, place.path, place.line) for place in file.places
    ] == [
        ("windowsPE", SETUP, "amd64", "UserData/ProductKey/Key", 6),
        ("specialize", SHELL_SETUP, "amd64", "ProductKey", 14),
    ]
    assert [place.held.last_five for place in file.places] == ["T83GX", "T83GX"]
    assert [ORDINARY[place.start : place.end] for place in file.places] == [PRO, PRO]
    assert file.elsewhere == ()


def test_neither_the_file_nor_its_places_show_a_key() -> None:
    file = _read(unattend(installing(OTHER), f"<!-- {OTHER} -->", activating(f"{OTHER}>")))
    assert OTHER[:23] not in repr(file)
    assert len(file.elsewhere) == 1


# What stands before and around.


@pytest.mark.parametrize(
    "before", ["<!-- made by a generator -->\n", "\n\n", "notes\n", "\ufeff\n", "<!-- a --><!-- b -->"]
)
def test_something_before_the_declaration_is_named_and_reading_goes_on(before: str) -> None:
    text = before + ORDINARY
    assert _faults(text) == [("before_declaration", 1)]
    assert [place.held.last_five for place in _read(text).places] == ["T83GX", "T83GX"]


def test_what_is_wrong_behind_it_is_named_as_well() -> None:
    text = "<!-- a -->\n" + ORDINARY.replace("echo ready", "echo a & b")
    assert _faults(text) == [("before_declaration", 1), ("bare_ampersand", LINE_OF_COMMAND + 1)]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (ORDINARY.replace("echo ready", "echo a & b"), "bare_ampersand"),
        (ORDINARY.replace("echo ready", "a?b=1&c=2"), "bare_ampersand"),
        (ORDINARY.replace("echo ready", "echo &nbsp;"), "entity_undefined"),
        (ORDINARY.replace("  <settings", "  <!-- a -- b -->\n  <settings", 1), "dashes_in_comment"),
        (ORDINARY.replace(f' xmlns:wcm="{WCM}"', ""), "prefix_undefined"),
        (ORDINARY.replace('" processor', '"processor', 1), "attributes_joined"),
        (ORDINARY.replace("echo ready", "<Hidden>"), "tags_crossed"),
        (ORDINARY.replace("echo ready", "für").encode("cp1252"), "byte_of_other_encoding"),
        (ORDINARY.replace("utf-8", "utf-16"), "encoding_wrong"),
        (ORDINARY.replace("utf-8", "klingon"), "encoding_wrong"),
        (ORDINARY.replace("utf-8", "zlib"), "encoding_wrong"),
        (ORDINARY[:-15], "cut_off"),
        (ORDINARY.replace("</unattend>", ""), "cut_off"),
        (ORDINARY + "<more/>", "more_than_one_root"),
        (ORDINARY.replace("<unattend", '<!DOCTYPE unattend [<!ENTITY a "b">]><unattend'), "doctype"),
        (ORDINARY.replace("<unattend", '<!DOCTYPE unattend SYSTEM "http://127.0.0.1/x"><unattend'), "doctype"),
        (ORDINARY.replace("ready", "\x01"), "not_well_formed"),
    ],
)
def test_a_broken_file_is_named_by_its_fault_and_still_read(broken: str | bytes, code: str) -> None:
    data = broken if isinstance(broken, bytes) else broken.encode()
    file = read(data)
    assert [fault.rule.code for fault in file.faults] == [code]
    assert [place.held.last_five for place in file.places] == ["T83GX", "T83GX"]
    assert [place.path for place in file.places] == ["UserData/ProductKey/Key", "ProductKey"]


def test_the_line_of_a_fault_is_told() -> None:
    assert _faults(ORDINARY.replace("echo ready", "\n\na & b")) == [("bare_ampersand", LINE_OF_COMMAND + 2)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"\0",
        b"\xff\xfe",
        b"\xff\xfe<",
        b"<",
        b"<a",
        b"<!--",
        b"<![CDATA[",
        b"<?",
        b"\xef\xbb\xbf",
        b"PK\x03\x04",
        b"</a></b>",
        b"<a b='",
    ],
)
def test_what_is_no_xml_at_all_is_said_to_be_none(data: bytes) -> None:
    file = read(data)
    assert not file.is_readable
    assert file.places == ()


def test_entities_are_never_expanded() -> None:
    bomb = (
        '<!DOCTYPE a [<!ENTITY a "' + "x" * 1000 + '"><!ENTITY b "' + "&a;" * 1000 + '">]><a>' + "&b;" * 1000 + "</a>"
    )
    assert _faults(bomb) == [("doctype", 1)]


def test_a_template_is_no_xml_before_it_is_filled_in() -> None:
    text = ORDINARY.replace("echo ready", "{% if a & b %}x{% endif %}")
    assert _read(text).is_template
    assert not _read(ORDINARY.replace("echo ready", "{{ name }}")).is_template


# Encodings.


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + ORDINARY.encode(),
        ORDINARY.replace("utf-8", "utf-16").encode("utf-16"),
        codecs.BOM_UTF16_LE + ORDINARY.replace("utf-8", "utf-16").encode("utf-16-le"),
        codecs.BOM_UTF16_BE + ORDINARY.replace("utf-8", "utf-16").encode("utf-16-be"),
        ORDINARY.replace("utf-8", "windows-1252").replace("ready", "für").encode("cp1252"),
        ORDINARY.replace("utf-8", "iso-8859-1").replace("ready", "für").encode("latin-1"),
        ORDINARY.replace("\n", "\r\n").encode(),
        ORDINARY.replace("\n", "\r").encode(),
        ORDINARY.replace('<?xml version="1.0" encoding="utf-8"?>', "").encode(),
    ],
    ids=["BOM", "UTF-16", "UTF-16 LE", "UTF-16 BE", "Windows-1252", "Latin-1", "CRLF", "CR", "no declaration"],
)
def test_every_encoding_and_line_end_is_read(data: bytes) -> None:
    file = read(data)
    assert file.is_readable
    assert [place.held.last_five for place in file.places] == ["T83GX", "T83GX"]
    assert [place.line for place in file.places] == [6, 14]


def test_bytes_come_out_as_they_went_in() -> None:
    for data in [
        b"\xff\xfea\0b",
        b"\xff\xfe\0\xd8",
        ORDINARY.encode("utf-16"),
        b"<a>\x80\xff</a>",
        bytes(range(256)),
        b'<?xml version="1.0" encoding="shift_jis"?><a>\x81\x40</a>',
    ]:
        text = read(data).text
        assert text.encoded(text.text) == data


# Where a product key counts.


def test_only_the_key_of_a_product_key_counts() -> None:
    file = _read(unattend(installing(PRO, before=installs_from("/IMAGE/INDEX", "3"))))
    assert [place.path for place in file.places] == ["UserData/ProductKey/Key"]
    assert [(selection.by, selection.value) for selection in file.selections] == [("/IMAGE/INDEX", "3")]


@pytest.mark.parametrize(
    ("product_key", "value"),
    [
        ("<ProductKey><Key></Key></ProductKey>", Value.EMPTY),
        ("<ProductKey><Key/></ProductKey>", Value.EMPTY),
        ("<ProductKey><Key>\n\n   </Key></ProductKey>", Value.EMPTY),
        ("<ProductKey><Key><!-- your key --></Key></ProductKey>", Value.EMPTY),
        ("<ProductKey><WillShowUI>Never</WillShowUI></ProductKey>", Value.MISSING),
        ("<ProductKey></ProductKey>", Value.MISSING),
        ("<ProductKey/>", Value.MISSING),
        (f"<ProductKey><!-- <Key>{PRO}</Key> --></ProductKey>", Value.MISSING),
    ],
)
def test_nothing_where_a_key_belongs_is_told_apart(product_key: str, value: Value) -> None:
    place = _one(unattend(windows_pe(product_key)))
    assert (place.path, place.held.value, place.line) == ("UserData/ProductKey/Key", value, 6)


def test_a_user_data_without_product_key_is_no_place() -> None:
    assert _read(unattend(windows_pe(""))).places == ()


def test_a_key_straight_in_the_product_key_is_seen() -> None:
    place = _one(unattend(windows_pe(f"<ProductKey>{PRO}\n  <WillShowUI>Never</WillShowUI>\n</ProductKey>")))
    assert (place.path, place.held.value, place.held.last_five) == ("UserData/ProductKey", Value.KEY, "T83GX")
    assert place.held.as_issued


@pytest.mark.parametrize(
    "written",
    [
        f"{PRO[:6]}<!-- Pro -->{PRO[6:]}",
        f"<!-- Pro -->{PRO}",
        f"<![CDATA[{PRO}]]>",
        f"<?editor fold?>{PRO}",
        "&#87;" + PRO[1:],
        "&#x57;" + PRO[1:],
    ],
)
def test_a_key_is_what_a_reader_of_xml_sees(written: str) -> None:
    held = _one(unattend(installing(written))).held
    assert (held.value, held.last_five, held.as_issued) == (Value.KEY, "T83GX", True)


@pytest.mark.parametrize("written", [PRO.lower(), PRO.replace("-", ""), PRO.replace("-", " "), f" {PRO}", f"\n{PRO}\n"])
def test_a_key_in_another_spelling_is_a_key(written: str) -> None:
    held = _one(unattend(installing(written))).held
    assert (held.value, held.last_five, held.as_issued) == (Value.KEY, "T83GX", False)


def test_a_commented_out_key_is_no_place() -> None:
    file = _read(unattend("<!--", installing(OTHER), "-->", activating(PRO)))
    assert [place.pass_name for place in file.places] == ["specialize"]
    assert [(other.where, other.held.last_five) for other in file.elsewhere] == [("comment", OTHER[-5:])]


def test_every_architecture_is_a_place_of_its_own() -> None:
    both = settings(
        "specialize",
        *(
            component(SHELL_SETUP, f"<ProductKey>{PRO}</ProductKey>", name)
            for name in ("x86", "amd64", "arm64", "wow64")
        ),
    )
    assert [place.architecture for place in _read(unattend(both)).places] == ["x86", "amd64", "arm64", "wow64"]


def test_a_pass_spread_over_several_settings_is_read_whole() -> None:
    file = _read(
        unattend(
            activating(PRO),
            activating(PRO),
            settings("disabled", component(SHELL_SETUP, f"<ProductKey>{OTHER}</ProductKey>")),
        )
    )
    assert [(place.pass_name, place.is_read) for place in file.places] == [
        ("specialize", True),
        ("specialize", True),
        ("disabled", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        ORDINARY.replace(f'"{UNATTEND}"', '"urn:example"'),
        ORDINARY.replace(f' xmlns="{UNATTEND}"', ""),
        ORDINARY.replace("unattend ", "AutoUnattend ").replace("/unattend>", "/AutoUnattend>"),
        ORDINARY.replace("<unattend ", "<u:unattend xmlns:u='x' ").replace("</unattend", "</u:unattend"),
        installing(PRO),
    ],
)
def test_a_wrong_root_or_namespace_hides_nothing(text: str) -> None:
    file = _read(text)
    assert file.is_readable
    assert file.places[0].held.last_five == "T83GX"


def test_names_with_a_prefix_are_the_same_names() -> None:
    text = (
        f'<u:unattend xmlns:u="{UNATTEND}"><u:settings pass="specialize"><u:component name="{SHELL_SETUP}"'
        f' processorArchitecture="amd64"><u:ProductKey>{PRO}</u:ProductKey></u:component></u:settings></u:unattend>'
    )
    assert _one(text).held.last_five == "T83GX"
    assert _read(text).namespace == UNATTEND


# Keys elsewhere.


@pytest.mark.parametrize(
    ("inner", "where"),
    [
        (f"<!-- {OTHER} -->", "comment"),
        (f"<!-- https://generator.example/?mode=custom&ProductKey={OTHER}&x=1 -->", "comment"),
        (commands(f"cscript slmgr.vbs /ipk {OTHER}"), "script"),
        (
            f'<Extensions xmlns="urn:x"><File path="a.cmd"><![CDATA[\r\nslmgr {OTHER}\r\n]]></File></Extensions>',
            "script",
        ),
        (f'<Extensions xmlns="urn:x"><Note>run powershell Set-X {OTHER}</Note></Extensions>', "script"),
        (component(SETUP, "").replace("31bf3856ad364e35", OTHER), "attribute"),
        (component(SETUP, f"<Description>the key {OTHER} of the house</Description>"), "text"),
        (f"<ProductKey>{OTHER}</ProductKey>", "text"),
    ],
)
def test_a_key_elsewhere_is_listed(inner: str, where: str) -> None:
    file = _read(unattend(inner))
    assert [(other.where, other.held.value, other.held.last_five) for other in file.elsewhere] == [
        (where, Value.KEY, OTHER[-5:])
    ]
    assert file.places == ()


@pytest.mark.parametrize(
    ("inner", "where"),
    [
        (f"<!-- key={UNDASHED} -->", "comment"),
        (f"<!-- {UNDASHED.lower()}, of the house -->", "comment"),
        (commands(f"cscript slmgr.vbs /ipk {UNDASHED}"), "script"),
        (
            f'<Extensions xmlns="urn:x"><File path="a.cmd"><![CDATA[slmgr -ipk "{UNDASHED}"]]></File></Extensions>',
            "script",
        ),
        (component(SETUP, f"<Description>{UNDASHED}</Description>"), "text"),
        (component(SETUP, "").replace("31bf3856ad364e35", UNDASHED), "attribute"),
    ],
)
def test_a_key_without_dashes_is_listed_as_well(inner: str, where: str) -> None:
    file = _read(unattend(inner, f"<!-- {PRO} -->"))
    assert [(other.where, other.held.value, other.held.last_five) for other in file.elsewhere] == [
        (where, Value.KEY, OTHER[-5:]),
        ("comment", Value.KEY, PRO[-5:]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        UNDASHED + "B",
        f"B{UNDASHED}",
        f"{UNDASHED}==",  # the end of something in base64
        f"+{UNDASHED}",
        f"{UNDASHED}/{UNDASHED}",
        f"{UNDASHED[:-1]}A",
        UNDASHED[:5].lower() + UNDASHED[5:],
        "NN" + UNDASHED[:23],
        "X" * 25,
        "b" * 25,
        f"{UNDASHED}ß",
    ],
)
def test_what_is_no_key_without_dashes_is_not_listed(text: str) -> None:
    assert _read(unattend(f"<!-- {text} -->")).elsewhere == ()


@pytest.mark.parametrize(
    "text", ["12345678-ABCD-ABCD-ABCD-123456789012", f"{OTHER}-{OTHER[:5]}", "AAAA-BBBBB-CCCCC-DDDDD-FFFFF"]
)
def test_what_is_no_key_is_not_listed(text: str) -> None:
    assert _read(unattend(f"<!-- {text} -->")).elsewhere == ()


# Large files.


def test_a_file_of_20_megabytes_is_read() -> None:
    command = commands(f"slmgr /ipk {OTHER}")
    filler = "<Extensions>" + "<a b='c'>text &amp; text</a><!-- comment -->" * 460_000 + "</Extensions>"
    file = _read(unattend(installing(PRO), filler, command, activating(ENTERPRISE)))
    assert file.is_readable
    assert [place.held.last_five for place in file.places] == ["T83GX", "2YT43"]
    assert [other.held.last_five for other in file.elsewhere] == [OTHER[-5:]]


def test_a_file_of_more_than_any_answer_file_is_refused() -> None:
    assert _faults(b"<a>" + b"x" * (32 * 1024 * 1024)) == [("too_large", 1)]


@pytest.mark.parametrize(
    "unit",
    [
        "<!--",
        "<![CDATA[",
        "<?",
        "<a>",
        "</a>",
        "<component>",
        "<ProductKey>",
        "<Key>",
        "<a b='",
        '<a b="',
        "&",
        f"{OTHER}\n",
        "-ABCDE-ABCDE-ABCDE-",
        "<component><ProductKey>",
        "<InstallFrom><MetaData><Key>",
    ],
)
def test_hostile_files_take_no_longer_than_others(unit: str) -> None:
    """Without bounds, some of these take minutes."""
    start = process_time()
    read((unit * (2_000_000 // len(unit))).encode())
    assert process_time() - start < 15
