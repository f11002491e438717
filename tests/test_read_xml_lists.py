"""Lists of product keys in XML become tables, whatever their elements are called; nothing in them reaches out."""

import time
from itertools import pairwise

import pytest

from productkeys.tables.reading import Unreadable, recognise
from tests.tables import KEY, OTHER_KEY, THIRD_KEY, cells_of, refusal_of, rows_of

VISUAL_STUDIO = f"""<?xml version="1.0" encoding="utf-8"?>
<root>
  <YourKey>
    <Product_Key Name="Windows 11 Pro" KeyRetrievalNote="">
      <Key ID="7" Type="Retail" ClaimedDate="2026-03-01">{KEY}</Key>
      <Key ID="8" Type="MAK">{OTHER_KEY}</Key>
    </Product_Key>
    <Product_Key Name="SQL Server">
      <Key ID="9" Type="Not Applicable">This product does not require a key to install.</Key>
    </Product_Key>
  </YourKey>
</root>
""".replace("<root>\n  ", "").replace("\n</root>", "")


def test_the_keys_of_a_visual_studio_subscription_are_read() -> None:
    assert recognise(VISUAL_STUDIO.encode()).kind == "visual_studio"
    assert cells_of(VISUAL_STUDIO) == [
        ("Name", "KeyRetrievalNote", "ID", "Type", "ClaimedDate", "Key"),
        ("Windows 11 Pro", "", "7", "Retail", "2026-03-01", KEY),
        ("Windows 11 Pro", "", "8", "MAK", "", OTHER_KEY),
        ("SQL Server", "", "9", "Not Applicable", "", "This product does not require a key to install."),
    ]
    assert [row.number for row in rows_of(VISUAL_STUDIO)] == [4, 5, 8]


def test_any_other_list_is_read_by_where_its_keys_stand() -> None:
    """Made up after the way VAMT's lists are built; no real one was at hand."""
    text = f"""<l:List xmlns:l="urn:x" Version="3"><l:Keys>
      <l:Item id="1"><l:KeyValue>{KEY}</l:KeyValue><l:Edition>Pro</l:Edition>
        <l:Remaining of="50">17</l:Remaining></l:Item>
      <l:Item id="2"><l:KeyValue>{OTHER_KEY}</l:KeyValue><l:Edition/><l:Label>a</l:Label><l:Label>b</l:Label></l:Item>
      <l:Item id="3"><l:Edition>no key</l:Edition></l:Item>
    </l:Keys></l:List>"""
    assert recognise(text.encode()).kind == "xml"
    assert cells_of(text) == [
        ("id", "KeyValue", "Edition", "of", "Remaining", "Label"),
        ("1", KEY, "Pro", "50", "17", ""),
        ("2", OTHER_KEY, "", "", "", "a, b"),
        ("3", "", "no key", "", "", ""),
    ]


def test_keys_in_attributes_and_in_several_places_are_all_found() -> None:
    text = f'<r><a><k v="{KEY}" v2="x"/><k v="{OTHER_KEY}"/></a><b name="B"><k v="{THIRD_KEY}"/></b></r>'
    found = [cell for row in cells_of(text)[1:] for cell in row]
    assert {KEY, OTHER_KEY, THIRD_KEY, "B"} <= set(found)


def test_a_list_without_keys_is_read_by_what_repeats() -> None:
    assert cells_of("<r><i n='1'>a</i><i n='2'>b</i></r>") == [("n", "i"), ("1", "a"), ("2", "b")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_xml_is_read_in_the_encoding_that_it_names(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><r><i><n>Büro</n><k>{KEY}</k></i><i><k>{KEY}</k></i></r>'
    assert cells_of(text.encode(encoding))[1] == ("Büro", KEY)


def test_pasted_xml_is_read_whatever_encoding_it_once_had() -> None:
    text = f'\n\n<?xml version="1.0" encoding="utf-16"?>\n<r><i><n>Büro</n><k>{KEY}</k></i><i><k>{KEY}</k></i></r>'
    assert [row.number for row in rows_of(text)] == [4, 4]


def test_a_key_in_angle_brackets_is_no_xml() -> None:
    assert recognise(f"<{KEY}>\n<{OTHER_KEY}>\n".encode()).kind == "lines"


BILLION_LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghi"))
    + "]>"
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{BILLION_LAUGHS}<r><k>&i;</k></r>", "xml_with_doctype"),
        (
            '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><k>&x;</k></r>',
            "xml_with_doctype",
        ),
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1/r.dtd"><r/>', "xml_with_doctype"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "file_web_page"),
        ('<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><r/>', "xml_with_doctype"),
        ("<r><k>&nbsp;</k></r>", "xml_broken"),
        ("<r><k></r>", "xml_broken"),
        ('<?xml version="1.0" encoding="klingon"?><r></r>', "xml_without_rows"),
        ("<r/>", "xml_without_rows"),
        ("<r>" * 5000 + "</r>" * 5000, "xml_too_deep"),
        ("<r>" + "".join(f"<e{n}/>" for n in range(5000)) + "</r>", "xml_too_deep"),
        ("<r>" + ("<i " + " ".join(f'a{n}="x"' for n in range(300)) + "/>") * 2 + "</r>", "file_too_many_columns"),
    ],
)
def test_what_cannot_or_may_not_be_read_is_refused_with_a_reason(text: str, code: str) -> None:
    start = time.process_time()
    assert refusal_of(text) == code
    assert time.process_time() - start < 5


def test_a_refusal_says_at_which_line_the_xml_is_broken() -> None:
    with pytest.raises(Unreadable) as refused:
        recognise(b"\n<r>\n<k>a & b</k>\n</r>")
    assert "3" in refused.value.problem.message
