"""Reading an image on its page: the XML that the browser takes out of a file, or what a tool prints about it."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from productkeys.domain.image import HEADER_BYTES, MAX_XML_BYTES, header
from productkeys.domain.image.read import MAX_IMAGES
from productkeys.forms.images import MAX_TEXT
from tests.factories import MAK, stored
from tests.made_up_keys import made_up_key
from tests.scoped import person_in, scopes, signed_in
from tests.test_read_an_image import DISM, DISM_GERMAN
from tests.wims import CORE_SERVER, PRO, made_wim, run

pytestmark = pytest.mark.django_db

ADDRESS = reverse("productkeys:images")
IMAGES = {"Windows 11 Pro": PRO, "Server 2022 Core": CORE_SERVER, "Captured": {}}


@pytest.fixture(scope="module")
def wim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_wim(tmp_path_factory.mktemp("wim") / "install.wim", IMAGES)


def xml_of(wim: Path) -> bytes:
    """The bytes that a browser takes out of a file."""
    content = wim.read_bytes()
    place = header(content[:HEADER_BYTES], file_size=len(content))
    return content[place.offset : place.offset + place.size]


def sent(client: Client, *, xml: bytes = b"", text: str = "") -> str:
    """The page that answers this XML or this text."""
    posted = {"text": text} | ({"xml": SimpleUploadedFile("image.xml", xml)} if xml else {})
    answer = client.post(ADDRESS, posted)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return " ".join(answer.content.decode().split())


def section(html: str, name: str) -> str:
    """What the page says of the image of this name."""
    return next(part for part in html.split("<section")[1:] if f">{name}</h2>" in part)


def test_it_asks_for_a_file_that_it_never_sends_or_for_a_text(as_viewer: Client) -> None:
    html = as_viewer.get(ADDRESS).content.decode()

    chosen = re.search(r'<input[^>]*id="image-file"[^>]*>', html)
    assert chosen is not None
    assert "name=" not in chosen[0]
    assert '<textarea name="text"' in html
    assert "DISM /Get-WimInfo" in html


def test_every_image_of_a_real_file_is_shown_with_the_keys_to_take(as_viewer: Client, wim: Path) -> None:
    html = sent(as_viewer, xml=xml_of(wim))

    assert "3 images were found." in html
    pro = section(html, "Windows 11 Pro")
    for fact in ("Pro (Professional)", "10.0.26100.1742", "x64", "de-DE, en-US", "client", "1.0"):
        assert f"{fact}" in pro
    assert "One key fits: take …T83GX." in pro
    assert 'data-copy="W269N-WFGWX-YVC9B-4J6C9-T83GX"' in pro
    server = section(html, "Server 2022 Core")
    assert "ServerStandardEval" in server
    assert "No key fits, and none is needed to install." in server
    assert "VMK7H" not in server


def test_an_image_that_says_nothing_leads_to_the_question_what_it_was(as_viewer: Client, wim: Path) -> None:
    captured = section(sent(as_viewer, xml=xml_of(wim)), "Captured")
    assert "The image does not say what it is" in captured
    assert f'href="{reverse("productkeys:match")}"' in captured


def test_each_image_leads_to_all_its_keys(as_viewer: Client, wim: Path) -> None:
    pro = section(sent(as_viewer, xml=xml_of(wim)), "Windows 11 Pro")
    addresses = [address.replace("&amp;", "&") for address in re.findall(r'href="(/match/[^"]*)"', pro)]

    assert [parse_qs(urlsplit(address).query)["purpose"] for address in addresses] == [["installation"], ["activation"]]
    assert parse_qs(urlsplit(addresses[0]).query)["image"] == ["26100.1742"]
    for address in addresses:
        html = as_viewer.get(address).content.decode()
        assert 'id="answer"' in html
        assert "Windows 11, Pro, build 26100, x64, client" in html


def test_the_keys_are_those_of_the_person(wim: Path) -> None:
    berlin, cologne = scopes("Berlin", "Cologne")
    key = stored(MAK, name="Zaunkönig", scope_id=berlin.pk, edition="Professional")

    assert key.name in sent(signed_in(person_in(berlin, "Viewer")), xml=xml_of(wim))
    assert key.name not in sent(signed_in(person_in(cologne, "Viewer")), xml=xml_of(wim))


@pytest.mark.parametrize("printed", [DISM, DISM_GERMAN])
def test_what_dism_prints_says_the_same_in_english_and_german(as_viewer: Client, printed: str) -> None:
    html = sent(as_viewer, text=printed)

    assert "One image was found." in html
    assert "One key fits: take …T83GX." in section(html, "Windows 11 Pro")


def test_what_wiminfo_prints_says_the_same(as_viewer: Client, wim: Path) -> None:
    of_file, of_text = sent(as_viewer, xml=xml_of(wim)), sent(as_viewer, text=run("wiminfo", wim))
    assert of_text.split("<main")[1] == of_file.split("<main")[1]


def test_a_list_that_names_the_images_alone_is_understood_by_their_names(as_viewer: Client) -> None:
    html = sent(as_viewer, text="Index : 1\nName : Windows 11 Pro\n\nIndex : 2\nName : Windows Server 2022 Standard\n")
    assert "take …T83GX" in section(html, "Windows 11 Pro")
    assert "take …VMK7H" in section(html, "Windows Server 2022 Standard")


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (b"<WIM>", "The part of this image that describes it cannot be read."),
        ("<WIM/>".encode("utf-16"), "There is no image in this file."),
        ("<WIM><ESD><ENCRYPTED/></ESD></WIM>".encode("utf-16"), "This image is encrypted"),
        ("<!DOCTYPE WIM><WIM/>".encode("utf-16"), "cannot be read"),
        (b"x" * (MAX_XML_BYTES + 1), "This is no description of images: it is far too large."),
    ],
)
def test_an_xml_that_tells_nothing_is_refused_in_a_sentence(as_viewer: Client, xml: bytes, text: str) -> None:
    html = sent(as_viewer, xml=xml)
    assert text in html.split("<template")[0]
    assert 'role="alert"' in html


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("", "Paste what DISM or wiminfo prints about the image."),
        ("Error: 2\n", "This text describes no image."),
        ("x" * (MAX_TEXT + 1), "This is far more than such a command prints."),
    ],
)
def test_a_text_that_tells_nothing_is_refused_in_a_sentence(as_viewer: Client, printed: str, text: str) -> None:
    assert text in sent(as_viewer, text=printed)


def test_a_key_in_a_text_or_a_name_is_never_repeated(as_viewer: Client) -> None:
    code = made_up_key(4711)
    for text in (f"no image {code}", DISM.replace("Windows 11 Pro", code), DISM.replace("Professional", code)):
        html = sent(as_viewer, text=text)
        assert code not in html
        assert code[-5:] in html
    whole = code.replace("-", "")
    assert whole not in sent(as_viewer, text=DISM.replace("Professional", whole))


def test_a_page_of_very_many_images_costs_no_more_queries(
    as_viewer: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    one = "Index : {}\nName : x\nVersion : 10.0.{}\nEdition : Professional\nArchitecture : x64\n"
    sent(as_viewer, text=one.format(1, 26100))
    with django_assert_max_num_queries(8) as of_one:
        sent(as_viewer, text=one.format(1, 26100))
    with django_assert_num_queries(len(of_one)):
        html = sent(as_viewer, text="\n".join(one.format(number, 26000 + number) for number in range(1, 300)))
    assert f"{MAX_IMAGES} images were found." in html
