"""Which edition becomes another by a key, and which never does."""

from dataclasses import replace

import pytest
from django.utils.translation import override

from productkeys.domain.matching import Catalogue, ImageFacts, KeyFacts, match
from productkeys.services import published_facts
from tests.matched import (
    ACTIVATION,
    DATACENTER,
    DOES_NOT_FIT,
    INSTALLATION,
    LTSC,
    PRO,
    PRO_N,
    WARNING,
    codes_of,
    published_keys,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def windows() -> Catalogue:
    return published_facts.catalogue()


@pytest.fixture
def published() -> dict[str, KeyFacts]:
    return published_keys()


def test_pro_becomes_enterprise_by_a_key_afterwards_but_installs_with_its_own(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    afterwards = match(PRO, published["2YT43"], ACTIVATION, windows)
    assert (afterwards.verdict, codes_of(afterwards)[0]) == (WARNING, "edition_upgrade")
    assert afterwards.reasons[0].source == "Microsoft Learn: Windows edition upgrade"

    installing = match(PRO, published["2YT43"], INSTALLATION, windows)
    assert (installing.verdict, codes_of(installing)[0]) == (DOES_NOT_FIT, "key_selects_image")


@pytest.mark.parametrize(
    ("image", "key"),
    [
        (PRO_N, "2YT43"),  # N to non-N
        (PRO_N, "T83GX"),
        (PRO, "KHJW4"),  # non-N to N
        (LTSC, "2YT43"),  # LTSC to Enterprise
        (replace(PRO, edition="Enterprise"), "J462D"),
        (replace(PRO, edition="Enterprise"), "T83GX"),  # back again
    ],
)
def test_ltsc_and_n_are_no_such_upgrade(
    windows: Catalogue, published: dict[str, KeyFacts], image: ImageFacts, key: str
) -> None:
    assert match(image, published[key], ACTIVATION, windows).verdict == DOES_NOT_FIT


def test_an_evaluation_of_datacenter_becomes_only_datacenter(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    image = replace(DATACENTER, edition="ServerDatacenterEval")

    standard = match(image, published["VMK7H"], ACTIVATION, windows)
    assert standard.verdict == DOES_NOT_FIT
    assert standard.reasons[0].advice == (
        "It can only become Datacenter, by DISM /Set-Edition and never on a domain controller."
    )
    datacenter = match(image, published["6VM33"], ACTIVATION, windows)
    assert (datacenter.verdict, codes_of(datacenter)[0]) == (WARNING, "set_edition")
    assert datacenter.reasons[0].message == (
        "The evaluation of Datacenter becomes Datacenter by DISM /Set-Edition, not by installing this key."
    )
    assert "/Set-Edition:ServerDatacenter" in datacenter.reasons[0].advice
    assert match(image, published["6VM33"], INSTALLATION, windows).verdict == DOES_NOT_FIT


def test_a_core_evaluation_of_standard_becomes_datacenter_alone(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    image = replace(DATACENTER, edition="ServerStandardEvalCor")
    assert match(image, published["VMK7H"], ACTIVATION, windows).verdict == DOES_NOT_FIT
    assert match(image, published["6VM33"], ACTIVATION, windows).verdict == WARNING


def test_an_evaluation_of_essentials_becomes_full_by_its_key(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    image = ImageFacts(system="windows-server-2019", edition="ServerSolutionEval", architecture="x64")
    found = match(image, published["YY726"], ACTIVATION, windows)
    assert found.reasons[0].message == (
        "Installing this key turns the evaluation of Essentials into Essentials, which Microsoft supports."
    )


def test_an_evaluation_of_a_client_stays_one(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    found = match(replace(PRO, edition="EnterpriseEval"), published["2YT43"], ACTIVATION, windows)
    assert (found.verdict, codes_of(found)[0]) == (DOES_NOT_FIT, "evaluation_stays")


def test_standard_becomes_datacenter_by_dism(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    found = match(replace(DATACENTER, edition="ServerStandard"), published["6VM33"], ACTIVATION, windows)
    assert (found.verdict, codes_of(found)[0]) == (WARNING, "set_edition")


def test_reasons_name_editions_in_the_language_of_the_page(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    image = replace(PRO, edition="CoreCountrySpecific")
    with override("de"):
        found = match(image, published["2YT43"], ACTIVATION, windows)
        assert found.reasons[0].problem.params["image"] == "Home (nur China)"

    found = match(image, published["2YT43"], ACTIVATION, windows)
    assert found.reasons[0].problem.params["image"] == "Home China"


def test_the_iot_key_turns_ltsc_2021_into_iot_from_its_revision_on(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    image = ImageFacts(build=19044, edition="EnterpriseS", architecture="x64")
    assert match(replace(image, revision=2965), published["PDQGT"], ACTIVATION, windows).verdict == WARNING
    assert match(replace(image, revision=1288), published["PDQGT"], ACTIVATION, windows).verdict == DOES_NOT_FIT
    assert "revision_unknown" in codes_of(match(image, published["PDQGT"], ACTIVATION, windows))
