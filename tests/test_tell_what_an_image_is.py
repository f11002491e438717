"""What an image is: edition and installation type decide, or its name, and what nobody knows excludes no key."""

from dataclasses import replace

import pytest

from productkeys.domain.choices import KeyType
from productkeys.domain.matching import Catalogue, ImageFacts, KeyFacts, answer, identify, match, named
from productkeys.services import published_facts
from tests.matched import DATACENTER, DOES_NOT_FIT, FITS, INSTALLATION, PRO, WARNING, codes_of, published_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def windows() -> Catalogue:
    return published_facts.catalogue()


@pytest.fixture
def published() -> dict[str, KeyFacts]:
    return published_keys()


# What decides


@pytest.mark.parametrize(
    ("image", "systems"),
    [
        (ImageFacts(build=26100, edition="Professional"), {"windows-11"}),
        (ImageFacts(build=26100, edition="EnterpriseS"), {"windows-11-enterprise-ltsc-2024"}),
        (ImageFacts(build=26100, edition="IoTEnterpriseS"), {"windows-11-iot-enterprise-ltsc-2024"}),
        (ImageFacts(build=26100, installation="Server"), {"windows-server-2025"}),
        (ImageFacts(build=26100, edition="ServerStandard"), {"windows-server-2025"}),
        (ImageFacts(build=17763, edition="serverstandard"), {"windows-server-2019"}),
        (ImageFacts(build=17763, edition="ServerStandardACor"), {"windows-server-sac-1809-20h2"}),
        (ImageFacts(build=17763, edition="EnterpriseS"), {"windows-10-enterprise-ltsc-2019"}),
        (ImageFacts(build=14393, installation="Client", edition="Enterprise"), {"windows-10"}),
        (ImageFacts(build=14393, installation="Server Core"), {"windows-server-2016"}),
        (ImageFacts(build=19042, edition="ServerRdsh"), {"windows-10"}),
        (ImageFacts(system="windows-11-windows-10", build=22631), {"windows-11"}),
        (ImageFacts(system="windows-11-windows-10"), {"windows-11", "windows-10"}),
        (ImageFacts(build=29999, edition="Professional"), {"windows-11"}),
    ],
)
def test_edition_and_installation_type_decide_never_the_build_alone(
    windows: Catalogue, image: ImageFacts, systems: set[str]
) -> None:
    assert identify(image, windows).systems == systems


def test_a_build_alone_is_not_certain(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    for last_five in ("MY832", "T83GX", "J462D"):
        found = match(ImageFacts(build=26100), published[last_five], INSTALLATION, windows)
        assert found.verdict == WARNING
        assert "system_uncertain" in codes_of(found)


def test_a_release_that_came_after_the_reference_data_is_not_blocked(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    found = match(replace(PRO, build=29999), published["T83GX"], INSTALLATION, windows)

    assert (found.verdict, codes_of(found)) == (WARNING, ["build_unknown"])
    assert "Build 29999" in found.reasons[0].message


def test_a_fact_that_would_leave_nothing_over_is_not_used(windows: Catalogue) -> None:
    """A new edition, or an architecture that is new for a system, never hides what the build tells."""
    new = ImageFacts(build=20348, edition="ServerBrandNew", architecture="arm64")
    assert identify(new, windows).systems == {"windows-server-2022"}


def test_a_missing_edition_never_excludes_a_key(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    found = match(replace(PRO, edition=""), published["T83GX"], INSTALLATION, windows)

    assert found.verdict == WARNING
    assert "edition_missing" in codes_of(found)


def test_nothing_known_of_an_image_excludes_no_product(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    found = answer(ImageFacts(), published.values(), INSTALLATION, windows)

    assert {matched.verdict for matched in found.matches if matched.key.key_type == KeyType.GVLK} == {WARNING}


@pytest.mark.parametrize(
    "edition",
    ["ServerStandardCor", "ServerStandardCore", "serverstandardcor", "ServerStandard"],
)
def test_a_core_installation_takes_the_same_key(
    windows: Catalogue, published: dict[str, KeyFacts], edition: str
) -> None:
    image = replace(DATACENTER, edition=edition, installation="Server Core")
    assert match(image, published["VMK7H"], INSTALLATION, windows).verdict == FITS


def test_home_is_no_core_installation(windows: Catalogue) -> None:
    assert identify(replace(PRO, edition="Core"), windows).core is False


# What a name tells


@pytest.mark.parametrize(
    ("name", "system", "edition", "installation", "evaluation"),
    [
        ("Windows Server 2016 SERVERSTANDARD", "windows-server-2016", "ServerStandard", "Server", False),
        ("Windows Server 2019 SERVERDATACENTERCORE", "windows-server-2019", "ServerDatacenter", "Server Core", False),
        ("Windows Server 2008 R2 SERVERENTERPRISE", "windows-server-2008-r2", "ServerEnterprise", "Server", False),
        (
            "Windows Server 2022 Standard Evaluation (Desktop Experience)",
            "windows-server-2022",
            "ServerStandard",
            "Server",
            True,
        ),
        ("Windows Server 2022 Datacenter: Azure Edition", "windows-server-2022", "ServerTurbine", "Server", False),
        ("Windows 11 Pro", "windows-11", "Professional", "Client", False),
        ("Windows 11 Pro N", "windows-11", "ProfessionalN", "Client", False),
        ("Windows 10 Pro N for Workstations", "windows-10", "ProfessionalWorkstationN", "Client", False),
        ("Windows 10 Home", "windows-10", "Core", "Client", False),
        ("Windows 7 PROFESSIONAL", "windows-7", "Professional", "Client", False),
        (
            "Windows 10 Enterprise LTSC 2021",
            "windows-10-enterprise-ltsc-2021",
            "EnterpriseS",
            "Client",
            False,
        ),
        (
            "Windows 10 Enterprise N LTSC 2021",
            "windows-10-enterprise-ltsc-2021",
            "EnterpriseSN",
            "Client",
            False,
        ),
        ("Windows 8.1", "windows-8-1", "", "Client", False),
        ("Golden image, room 3", "", "", "", False),
        ("", "", "", "", False),
    ],
)
def test_the_name_of_an_image_tells_what_it_is(
    windows: Catalogue, name: str, system: str, edition: str, installation: str, evaluation: bool
) -> None:
    facts = named(name, windows)
    assert (facts.system, facts.edition, facts.installation, facts.evaluation) == (
        system,
        edition,
        installation,
        evaluation,
    )


def test_the_key_of_server_2012_r2_does_not_fit_an_image_named_server_2016(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    image = named("Windows Server 2016 SERVERSTANDARD", windows)
    assert match(image, published["MDVJX"], INSTALLATION, windows).verdict == DOES_NOT_FIT
    assert match(image, published["KHKQY"], INSTALLATION, windows).verdict == FITS
