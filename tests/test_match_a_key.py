"""Which key fits which image, and why not: the certain examples, and what a match says."""

from dataclasses import replace
from typing import Any

import pytest

from productkeys.domain.choices import KeyType, Status, Usage
from productkeys.domain.matching import Answer, Catalogue, ImageFacts, KeyFacts, Verdict, answer, hosts, match
from productkeys.domain.rule import Problem
from productkeys.models import ProductKey
from productkeys.services import matching as service
from productkeys.services import published_facts
from tests.factories import KMS_HOST, MAK, stored
from tests.matched import (
    A_MAK,
    ACTIVATION,
    DATACENTER,
    DOES_NOT_FIT,
    FITS,
    INSTALLATION,
    LTSC,
    PRO,
    PRO_N,
    SAC,
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


def text(problem: Problem | None) -> str:
    assert problem is not None
    return problem.text


# The certain examples


@pytest.mark.parametrize("purpose", [INSTALLATION, ACTIVATION])
def test_a_mak_is_for_activation_only(windows: Catalogue, purpose: Usage) -> None:
    found = match(PRO, A_MAK, purpose, windows)

    assert found.verdict == (FITS if purpose == ACTIVATION else DOES_NOT_FIT)
    if purpose == INSTALLATION:
        assert "activation only" in found.reasons[0].message


def test_the_avma_key_of_server_2022_datacenter_is_for_a_guest(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    key = published["DV9BG"]
    assert (key.key_type, key.system, key.edition) == (KeyType.AVMA, "windows-server-2022", "ServerDatacenter")

    found = match(DATACENTER, key, ACTIVATION, windows)
    assert found.verdict == WARNING
    assert "virtual machine" in found.reasons[0].message
    assert match(DATACENTER, key, INSTALLATION, windows).verdict == DOES_NOT_FIT


@pytest.mark.parametrize(
    ("build", "edition", "key", "verdict"),
    [
        (18363, "ServerDatacenterACor", "WMBMW", WARNING),  # version 1909, by the key of Server 2019
        (17763, "ServerStandardACor", "4GF74", WARNING),
        (17134, "ServerDatacenterACor", "CWG3J", WARNING),  # version 1803, by the key of Server 2016
        (16299, "ServerStandardACor", "4RHYD", WARNING),
        (18363, "", "WMBMW", WARNING),
        (19042, "ServerDatacenterACor", "WMBMW", DOES_NOT_FIT),  # Microsoft's list ends with 1909
        (18363, "ServerDatacenterACor", "4GF74", DOES_NOT_FIT),
        (18363, "ServerDatacenterACor", "CWG3J", DOES_NOT_FIT),
        (18363, "ServerDatacenterACor", "DV9BG", DOES_NOT_FIT),
    ],
)
def test_the_avma_keys_of_two_servers_are_for_guests_of_the_semi_annual_channel_as_well(
    windows: Catalogue, published: dict[str, KeyFacts], build: int, edition: str, key: str, verdict: Verdict
) -> None:
    found = match(replace(SAC, build=build, edition=edition), published[key], ACTIVATION, windows)

    assert found.verdict == verdict
    if verdict == WARNING and edition:
        assert "avma_needs_host" in codes_of(found)
        assert "made_for" in codes_of(found)


def test_an_n_edition_takes_the_key_of_the_n_edition(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    assert match(PRO_N, published["GCQG9"], INSTALLATION, windows).verdict == FITS
    assert match(PRO_N, published["T83GX"], INSTALLATION, windows).verdict == DOES_NOT_FIT


def test_enterprise_s_takes_the_key_of_ltsc(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    for purpose in (INSTALLATION, ACTIVATION):
        assert match(LTSC, published["J462D"], purpose, windows).verdict == FITS
        found = match(LTSC, published["2YT43"], purpose, windows)
        assert found.verdict == DOES_NOT_FIT
        assert "Windows 11 Enterprise LTSC 2024 (build 26100)" in found.reasons[0].message


def test_a_kms_host_key_of_server_2022_does_not_activate_server_2025(windows: Catalogue) -> None:
    problem = hosts.problem_of_client("windows-server-2022", "windows-server-2025", windows)

    assert text(problem).startswith(
        "A KMS host with the key of Windows Server 2022 does not activate Windows Server 2025."
    )
    assert hosts.problem_of_client("windows-server-2025", "windows-server-2022", windows) is None


def test_a_seventh_host_is_refused_with_the_way_to_the_activation_centre() -> None:
    problem = hosts.problem_of_another_host(6, 6, active_before=False)

    assert "activation centre" in text(problem)
    assert hosts.problem_of_another_host(6, 5, active_before=False) is None


def test_reactivating_the_first_host_leaves_the_count_at_six() -> None:
    assert hosts.problem_of_another_host(6, 6, active_before=True) is None
    assert hosts.in_use_after(6, active_before=True) == 6
    assert hosts.in_use_after(5, active_before=False) == 6


def test_windows_7_and_active_directory_based_activation_do_not_go_together(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    assert "KMS or a MAK" in text(hosts.problem_of_directory(windows.systems["windows-7"]))
    assert hosts.problem_of_directory(windows.systems["windows-8"]) is None

    found = match(ImageFacts(build=7601, edition="Professional"), published["GPDD4"], ACTIVATION, windows)
    assert found.verdict == FITS
    assert "gvlk_needs_kms_alone" in codes_of(found)


@pytest.mark.parametrize("purpose", [INSTALLATION, ACTIVATION])
def test_an_esu_key_is_never_offered_for_a_rollout(windows: Catalogue, purpose: Usage) -> None:
    esu = KeyFacts("esu", "windows-10", "", "any", Usage.ACTIVATION, left=100)
    image = ImageFacts(build=19045, edition="Enterprise", architecture="x64")
    assert match(image, esu, purpose, windows).verdict == DOES_NOT_FIT

    on_ltsc = match(replace(image, build=19044, edition="EnterpriseS"), esu, purpose, windows)
    assert codes_of(on_ltsc)[:2] == ["esu_never", "other_system"]


# What a match says


def test_the_reason_names_what_key_and_image_are(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    found = match(replace(DATACENTER, build=26100), published["6VM33"], INSTALLATION, windows)

    assert found.verdict == DOES_NOT_FIT
    assert found.reasons[0].message == ("Made for Windows Server 2022; the image is Windows Server 2025 (build 26100).")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"left": 0}, "none_left"),
        ({"status": Status.ARCHIVED}, "key_archived"),
        ({"status": Status.COMPROMISED}, "key_compromised"),
        ({"architecture": "x86"}, "other_architecture"),
        ({"key_type": "retail", "usage": Usage.INSTALLATION}, "not_meant_for"),
        ({"key_type": "kms_host", "edition": ""}, "kms_host_never"),
    ],
)
def test_a_key_that_does_not_fit_says_why(windows: Catalogue, change: dict[str, Any], code: str) -> None:
    found = match(PRO, replace(A_MAK, **change), ACTIVATION, windows)

    assert found.verdict == DOES_NOT_FIT
    assert code in codes_of(found)
    assert all(reason.message and reason.source for reason in found.reasons)


def test_a_used_up_key_does_not_install_either_since_windows_activates_with_it_afterwards(windows: Catalogue) -> None:
    retail = replace(A_MAK, key_type="retail", usage=Usage.BOTH, left=1)
    assert match(PRO, retail, INSTALLATION, windows).verdict == FITS

    used_up = match(PRO, replace(retail, left=0), INSTALLATION, windows)

    assert (used_up.verdict, codes_of(used_up)) == (DOES_NOT_FIT, ["none_left"])


def test_any_architecture_serves_every_one(windows: Catalogue) -> None:
    assert match(replace(PRO, architecture="arm64"), A_MAK, ACTIVATION, windows).verdict == FITS
    assert (
        match(replace(PRO, architecture=""), replace(A_MAK, architecture="x64"), ACTIVATION, windows).verdict == WARNING
    )


def test_keys_stand_in_the_order_of_fitness(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    fuller = replace(A_MAK, left=80, name="Fuller")
    oem = replace(A_MAK, key_type="oem", usage=Usage.BOTH, left=1)
    keys = [published["MY832"], oem, published["2YT43"], A_MAK, fuller, published["T83GX"]]

    found = answer(PRO, keys, ACTIVATION, windows).matches

    assert [matched.key for matched in found] == [
        published["T83GX"],
        fuller,
        A_MAK,
        published["2YT43"],
        oem,
        published["MY832"],
    ]
    assert [matched.verdict for matched in found] == [FITS] * 3 + [WARNING] * 2 + [DOES_NOT_FIT]


def test_stored_keys_are_matched_without_being_opened(windows: Catalogue) -> None:
    mak = stored(MAK, quantity=3, in_use=1)
    stored(KMS_HOST)

    found = service.answer_for(
        replace(PRO, edition="Enterprise"), ProductKey.objects.filter(published=False), ACTIVATION
    )

    assert [(matched.key.key_type, matched.verdict) for matched in found.matches] == [
        ("mak", FITS),
        ("kms_host", DOES_NOT_FIT),
    ]
    assert (found.matches[0].key.id, found.matches[0].key.left) == (mak.pk, 2)


# No key needed


def keyless(found: Answer) -> list[str]:
    return [problem.code for problem in found.without_key]


@pytest.mark.parametrize(
    ("image", "purpose", "expected"),
    [
        (PRO, INSTALLATION, ["rollout_without_key", "volume_media", "firmware_key", "step_up"]),
        (PRO, ACTIVATION, ["volume_media", "firmware_key", "step_up"]),
        (LTSC, ACTIVATION, ["volume_only"]),
        (DATACENTER, ACTIVATION, ["volume_media", "avma_guest", "azure"]),
        (replace(PRO, edition="Core"), ACTIVATION, ["firmware_key"]),
        (replace(DATACENTER, edition="ServerStandardEval"), ACTIVATION, ["evaluation_needs_none"]),
        (ImageFacts(), INSTALLATION, ["rollout_without_key", "volume_media", "avma_guest"]),
        (SAC, ACTIVATION, ["volume_media", "avma_guest", "azure"]),
        (replace(SAC, build=19042), ACTIVATION, ["volume_media", "azure"]),  # no AVMA key is listed
    ],
)
def test_no_key_needed_is_an_answer_of_its_own(
    windows: Catalogue, image: ImageFacts, purpose: Usage, expected: list[str]
) -> None:
    found = answer(image, [], purpose, windows)

    assert keyless(found) == expected
    assert all(problem.text and problem.rule.source for problem in found.without_key)
