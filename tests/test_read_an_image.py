"""What a WIM or ESD says of the images in it, and what tools print about them. The files are real ones of wimlib."""

import io
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from productkeys.domain.image import HEADER_BYTES, Image, ImageUnreadable, Place, header, images, listed, read
from productkeys.domain.image.read import MAX_IMAGES
from productkeys.domain.matching import ImageFacts, identify
from productkeys.services import published_facts
from tests.made_up_keys import made_up_key
from tests.wims import CORE_SERVER, PRO, made_wim, run

WINDOWS_11_PRO = Image(
    number=1,
    name="Windows 11 Pro",
    edition="Professional",
    version="10.0.26100.1742",
    architecture="x64",
    languages=("de-DE", "en-US"),
    installation="Client",
)


@pytest.fixture(scope="module")
def wim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wim")
    return made_wim(folder / "install.wim", {"Windows 11 Pro": PRO, "Server 2022 Core": CORE_SERVER, "Captured": {}})


def read_file(path: Path) -> list[Image]:
    with path.open("rb") as file:
        return read(file)


def refusal(content: bytes) -> str:
    with pytest.raises(ImageUnreadable) as refused:
        read(io.BytesIO(content))
    assert refused.value.problem.text
    return str(refused.value)


def without_size(image: Image) -> Image:
    assert image.size == 1050
    return Image(**{name: getattr(image, name) for name in Image.__slots__ if name != "size"})


# Files


def test_every_image_of_a_file_is_read_with_all_that_it_says(wim: Path) -> None:
    pro, server, captured = read_file(wim)

    assert without_size(pro) == WINDOWS_11_PRO
    assert (server.number, server.edition, server.installation) == (2, "ServerStandardEval", "Server Core")
    assert (server.version, server.languages) == ("10.0.20348.1742", ("de-DE",))
    assert captured == Image(number=3, name="Captured", size=1050)


def test_nothing_but_header_and_xml_is_read(wim: Path) -> None:
    class Counted(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            content = super().read(size)
            self.taken += len(content)
            return content

    place = header(wim.read_bytes()[:HEADER_BYTES], file_size=wim.stat().st_size)
    file = Counted(wim.read_bytes())
    read(file)

    assert file.taken == HEADER_BYTES + place.size < wim.stat().st_size


def test_an_image_of_more_than_four_gigabytes_is_read_by_its_places_alone(tmp_path: Path, wim: Path) -> None:
    """A hole of five gigabytes in front of the XML: the file takes hardly any room, and no time."""
    content, five_gigabytes = bytearray(wim.read_bytes()), 5 * 1024**3
    place = header(bytes(content[:HEADER_BYTES]), file_size=len(content))
    struct.pack_into("<Q", content, 80, five_gigabytes)
    huge = tmp_path / "huge.wim"
    with huge.open("wb") as file:
        file.write(content[:HEADER_BYTES])
        file.seek(five_gigabytes)
        file.write(content[place.offset : place.offset + place.size])

    assert [image.name for image in read_file(huge)] == ["Windows 11 Pro", "Server 2022 Core", "Captured"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("install.esd", ["--solid"]),
        ("pipable.wim", ["--pipable"]),
        ("plain.wim", ["--compress=none"]),
        ("checked.wim", ["--check"]),
    ],
)
def test_a_solid_esd_a_pipable_and_an_uncompressed_image_are_read_alike(
    tmp_path: Path, name: str, options: list[str]
) -> None:
    assert without_size(read_file(made_wim(tmp_path / name, {"Windows 11 Pro": PRO}, *options))[0]) == WINDOWS_11_PRO


def test_a_pipable_image_has_its_header_at_the_end(tmp_path: Path) -> None:
    content = made_wim(tmp_path / "pipable.wim", {"Windows 11 Pro": PRO}, "--pipable").read_bytes()

    place = header(content[:HEADER_BYTES], file_size=len(content))

    assert place == Place(len(content) - HEADER_BYTES, HEADER_BYTES, holds_header=True)
    assert refusal(content[:-1]) == "image_cut_off"


def test_a_file_that_is_no_image_is_refused() -> None:
    assert refusal(b"") == "image_no_wim"
    assert refusal(b"MZ" + bytes(1000)) == "image_no_wim"
    assert refusal("<WIM></WIM>".encode("utf-16")) == "image_no_wim"


def test_an_image_that_is_cut_off_is_refused(wim: Path) -> None:
    content = wim.read_bytes()
    for length in (8, 100, HEADER_BYTES, len(content) // 2, len(content) - 1):
        assert refusal(content[:length]) == "image_cut_off"


def test_a_split_image_is_refused_by_its_part(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    for number in range(3):
        (content / f"{number}").write_bytes(bytes([number]) * 2_000_000)
    run("wimcapture", content, tmp_path / "whole.wim", "Whole", "--compress=none")
    run("wimsplit", tmp_path / "whole.wim", tmp_path / "part.swm", "3")

    with (tmp_path / "part.swm").open("rb") as file, pytest.raises(ImageUnreadable) as refused:
        read(file)
    assert refused.value.problem.message == "This is part 1 of 3 of a split image."


def test_an_encrypted_image_is_refused(tmp_path: Path, wim: Path) -> None:
    xml = '<WIM><ESD><ENCRYPTED><KEY/></ENCRYPTED></ESD><IMAGE INDEX="1"/></WIM>'
    assert refusal(with_xml(wim, xml)) == "image_encrypted"


def with_xml(wim: Path, xml: str) -> bytes:
    """A real file with another XML at its end."""
    packed, content = xml.encode("utf-16"), bytearray(wim.read_bytes())
    struct.pack_into("<QQQ", content, 72, len(packed) | 2 << 56, len(content), len(packed))
    return bytes(content + packed)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("", "image_unfinished"),
        ("<WIM>", "image_xml_broken"),
        ("<html/>", "image_xml_broken"),
        ("<WIM/>", "image_none"),
        ("<!DOCTYPE WIM><WIM/>", "image_xml_broken"),
        ('<!DOCTYPE WIM [<!ENTITY a "b">]><WIM>&a;</WIM>', "image_xml_broken"),
        ("<WIM>" + "<A>" * 100_000, "image_xml_broken"),
        ("<WIM>" + "<A>" * 100_000 + "</A>" * 100_000 + "</WIM>", "image_none"),
    ],
)
def test_an_image_whose_xml_tells_nothing_is_refused(wim: Path, xml: str, code: str) -> None:
    if not xml:
        content = bytearray(wim.read_bytes())
        struct.pack_into("<QQQ", content, 72, 0, 0, 0)
        assert refusal(bytes(content)) == code
    else:
        assert refusal(with_xml(wim, xml)) == code


@pytest.mark.parametrize(
    ("field", "place", "value", "code"),
    [
        ("<Q", 80, 2**63, "image_cut_off"),
        ("<Q", 88, 2**63, "image_cut_off"),
        ("<I", 8, 148, "image_damaged"),
        ("<I", 12, 1, "image_damaged"),
        ("<H", 40, 0, "image_damaged"),
    ],
)
def test_numbers_beyond_the_file_are_refused(wim: Path, field: str, place: int, value: int, code: str) -> None:
    content = bytearray(wim.read_bytes())
    struct.pack_into(field, content, place, value)
    assert refusal(bytes(content)) == code


def test_an_xml_of_gigabytes_is_never_read(wim: Path) -> None:
    content = bytearray(wim.read_bytes()[:HEADER_BYTES])
    struct.pack_into("<QQQ", content, 72, 2**32 | 2 << 56, 208, 2**32)
    with pytest.raises(ImageUnreadable, match="image_damaged"):
        header(bytes(content), file_size=2**40)


def test_a_file_with_thousands_of_images_gives_the_first_ones() -> None:
    xml = "<WIM>" + "<IMAGE><NAME>x</NAME></IMAGE>" * 5000 + "</WIM>"
    assert [image.number for image in images(xml.encode("utf-16"))] == list(range(1, MAX_IMAGES + 1))


# Output of tools


DISM = r"""
Deployment Image Servicing and Management tool
Version: 10.0.26100.1

Details for image : D:\sources\install.wim

Index : 6
Name : Windows 11 Pro
Description : Windows 11 Pro
Size : 16,479,089,353 bytes
WIM Bootable : No
Architecture : x64
Hal : <undefined>
Version : 10.0.26100
ServicePack Build : 1742
ServicePack Level : 0
Edition : Professional
Installation : Client
ProductType : WinNT
Languages :
        de-DE (Default)
        en-US

The operation completed successfully.
"""
DISM_GERMAN = r"""
Tool zur Imageverwaltung für die Bereitstellung
Version: 10.0.26100.5074

Details für Abbild: "D:\sources\install.wim"

Index: "6"
Name: "Windows 11 Pro"
Beschreibung: "<nicht definiert>"
Größe: 16.479.089.353 Bytes
Architektur: x64
Hal: "<nicht definiert>"
Version: 10.0.26100
Service Pack-Build: 1742
Edition: "Professional"
Installation: "Client"
Sprachen:
        de-DE (Standard)
        en-US

Der Vorgang wurde erfolgreich beendet.
"""
DISM_FRENCH = """
Outil Gestion et maintenance des images de déploiement
Version : 10.0.26100.1

Détails pour l'image : D:\\sources\\install.wim

Index : 6
Nom : Windows 11 Pro
Description : <non défini>
Taille : 16\u202f479\u202f089\u202f353 octets
Architecture : x64
Hal : <non défini>
Version : 10.0.26100
Build du Service Pack : 1742
Édition : Professional
Installation : Client
Langues :
        de-DE (par défaut)
        en-US

L'opération a réussi.
"""
GET_WINDOWS_IMAGE = r"""
PS C:\> Get-WindowsImage -ImagePath D:\sources\install.wim -Index 6

ImageIndex       : 6
ImageName        : Windows 11 Pro
ImageDescription : Windows 11 Pro
ImageSize        : 16,479,089,353 bytes
WIMBoot          : False
Architecture     : x64
Hal              :
Version          : 10.0.26100.1742
SPBuild          : 1742
SPLevel          : 0
EditionId        : Professional
InstallationType : Client
CreatedTime      : 25/09/2022 02:47:30
Languages        : {de-DE, en-US}
"""


@pytest.mark.parametrize("text", [DISM, DISM_GERMAN, DISM_FRENCH, GET_WINDOWS_IMAGE])
@pytest.mark.parametrize(
    "spoilt", [str, lambda text: text.replace("\n", "\r\n\r\n"), lambda text: text.replace("\n", "\n## ")]
)
def test_what_a_tool_prints_is_read_in_three_languages(text: str, spoilt: type[str]) -> None:
    (image,) = listed(spoilt(text))

    assert image == Image(
        number=6,
        name="Windows 11 Pro",
        edition="Professional",
        version="10.0.26100.1742",
        architecture="x64",
        languages=("de-DE", "en-US"),
        installation="Client",
        size=16_479_089_353,
    )


def test_what_wiminfo_prints_says_the_same_as_the_file(wim: Path) -> None:
    assert listed(run("wiminfo", wim)) == read_file(wim)


def test_the_xml_of_an_image_can_be_pasted_as_well(tmp_path: Path, wim: Path) -> None:
    run("wiminfo", wim, f"--extract-xml={tmp_path / 'xml'}")
    assert listed((tmp_path / "xml").read_text(encoding="utf-16")) == read_file(wim)


def test_a_key_in_the_name_of_an_image_is_masked(tmp_path: Path) -> None:
    key = made_up_key(4713)
    path = made_wim(tmp_path / "captured.wim", {f"Reference, {key}": {"WINDOWS/EDITIONID": f"MAK {key}"}})
    (image,) = read_file(path)
    assert key not in repr(image)
    assert image.name == f"Reference, •••••-•••••-•••••-•••••-{key[-5:]}"
    (pasted,) = listed(run("wiminfo", path))
    assert key not in repr(pasted)


def test_a_list_without_index_names_the_images_alone() -> None:
    """DISM tells edition and version only with /Index; the version above the list is the tool's own."""
    several = "\n\n".join(
        f"Index : {number}\nName : {name}\nDescription : {name}\nSize : 14.834.229.350 bytes"
        for number, name in enumerate(["Windows 11 Home", "Windows 11 Pro"], start=1)
    )
    banner = "Deployment Image Servicing and Management tool\nVersion: 10.0.19041.844\n\n"

    found = listed(f"{banner}{several}\n\nThe operation completed successfully.\n\n{banner}{several}")

    assert [(image.number, image.name, image.version, image.edition) for image in found] == [
        (1, "Windows 11 Home", "", ""),
        (2, "Windows 11 Pro", "", ""),
    ] * 2


@pytest.mark.parametrize("text", ["", "Error: 2", "Index : none", "Name : Windows", "<WIM", "Index: \u00b2", "\ufeff"])
def test_a_text_that_describes_no_image_is_refused(text: str) -> None:
    with pytest.raises(ImageUnreadable) as refused:
        listed(text)
    assert refused.value.problem.advice


# What matching makes of it


@pytest.mark.django_db
def test_an_image_without_build_and_edition_is_known_by_its_name() -> None:
    catalogue = published_facts.catalogue()

    assert Image(1, "Windows Server 2022 SERVERSTANDARD").facts(catalogue) == ImageFacts(
        system="windows-server-2022", edition="ServerStandard", installation="Server"
    )
    assert Image(1, "Windows 7", version="10.0.26100.1").facts(catalogue) == ImageFacts(build=26100, revision=1)


@pytest.mark.django_db
def test_a_real_image_is_what_it_was_made_from(wim: Path) -> None:
    catalogue = published_facts.catalogue()
    pro, server, _captured = (identify(image.facts(catalogue), catalogue) for image in read_file(wim))

    assert (*pro.systems, pro.edition) == ("windows-11", "Professional")
    assert (*server.systems, server.edition) == ("windows-server-2022", "ServerStandard")
    assert (server.core, server.evaluation) == (True, True)


# Whatever comes


@settings(max_examples=1000, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_file_raises_anything_but_a_refusal(data: st.DataObject, wim: Path) -> None:
    content = bytearray(wim.read_bytes())
    for _time in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, 131) | st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(len(content) // 2, len(content)))
    with suppress(ImageUnreadable):
        assert read(io.BytesIO(bytes(content[:length])))


@settings(max_examples=1000, deadline=None)
@given(data=st.binary(max_size=400) | st.text().map(lambda text: f"<WIM>{text}</WIM>".encode("utf-16", "replace")))
def test_no_xml_raises_anything_but_a_refusal(data: bytes) -> None:
    with suppress(ImageUnreadable):
        assert images(data)


_PIECES = st.sampled_from(
    [*DISM.splitlines(), *DISM_GERMAN.splitlines(), *GET_WINDOWS_IMAGE.splitlines(), "Index : 1", "Languages :", "\x0c"]
)


@settings(max_examples=1000, deadline=None)
@given(lines=st.lists(_PIECES | st.text(max_size=40), max_size=30))
def test_no_text_raises_anything_but_a_refusal(lines: list[str]) -> None:
    with suppress(ImageUnreadable):
        assert 1 <= len(listed("\n".join(lines))) <= MAX_IMAGES


@pytest.mark.parametrize("piece", [" ", "Index : 1\n", "a:", "Languages :\n", "de-DE ", "#", "x" * 39 + ":\n", "-"])
def test_a_huge_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = "Index : 1\nLanguages :\n" + piece * (1_000_000 // len(piece))
    assert listed(text)
