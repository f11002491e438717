"""Switching to KMS, to a MAK, to another edition: the right GVLK, the commands in order, and what to check."""

import re

import pytest

from productkeys.domain import kms
from productkeys.domain.kms import (
    Step,
    checks,
    error_code,
    gvlks_for,
    problem_of_gvlks,
    problem_of_host,
    to_edition,
    to_kms,
    to_mak,
)
from productkeys.domain.matching import ImageFacts
from productkeys.domain.slmgr import read
from productkeys.models import ProductKey
from productkeys.services import matching, published_facts

GVLK = "W269N-WFGWX-YVC9B-4J6C9-T83GX"
MASK = "•••••-•••••-•••••-•••••-7Q4KM"


def commands(steps: list[Step]) -> list[str]:
    """The commands without the way to slmgr; each step is explained."""
    assert all(str(step.explanation) for step in steps)
    return [step.command.rpartition("slmgr.vbs ")[2] for step in steps]


# The right GVLK


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("image", "found"),
    [
        (ImageFacts(system="windows-11", edition="Professional"), ["T83GX"]),
        (ImageFacts(system="windows-11-windows-10", edition="EnterpriseN"), ["KHJW4"]),
        (ImageFacts(build=19044, edition="EnterpriseS"), ["J462D"]),
        (ImageFacts(build=14393, edition="EnterpriseS"), ["QJ4BJ"]),
        (ImageFacts(system="windows-server-2022", edition="ServerDatacenterCor"), ["6VM33"]),
        (ImageFacts(edition="Professional", build=29999), ["T83GX"]),  # a release that is not known yet
        (ImageFacts(edition="Core", build=26100), []),
    ],
)
def test_a_product_has_one_right_gvlk_or_none(image: ImageFacts, found: list[str]) -> None:
    keys = matching.facts_of(ProductKey.objects.all())

    matches = gvlks_for(image, keys, published_facts.catalogue())

    assert [match.key.last_five for match in matches] == found
    problem = problem_of_gvlks(matches)
    assert problem is None if found else problem is not None and problem.code == "gvlk_unknown"


@pytest.mark.django_db
@pytest.mark.parametrize("edition", ["Core", "CoreN", "CoreSingleLanguage", "ServerMultiPointPremium"])
def test_a_gvlk_of_one_windows_is_not_taken_for_that_of_another_one_without_any(edition: str) -> None:
    """Windows 8 has a GVLK for its edition Core; the Home of Windows 10 and 11 is called so as well, and has none."""
    keys = matching.facts_of(ProductKey.objects.all())

    matches = gvlks_for(ImageFacts(edition=edition), keys, published_facts.catalogue())

    assert len(matches) == 1
    problem = problem_of_gvlks(matches)
    assert problem is not None
    assert problem.code == "gvlk_of_one_system"


@pytest.mark.django_db
def test_a_server_whose_version_is_unknown_leaves_several() -> None:
    keys = matching.facts_of(ProductKey.objects.all())
    matches = gvlks_for(ImageFacts(edition="ServerStandard"), keys, published_facts.catalogue())

    assert {"MY832", "VMK7H", "J464C"} <= {match.key.last_five for match in matches}
    problem = problem_of_gvlks(matches)
    assert problem is not None
    assert problem.code == "several_gvlks"


@pytest.mark.django_db
def test_the_output_of_a_mak_machine_leads_to_its_gvlk() -> None:
    catalogue = published_facts.catalogue()
    (licence,) = read(
        "Software licensing service version: 10.0.20348.1\nName: Windows(R), ServerStandard edition\n"
        "Description: Windows(R) Operating System, VOLUME_MAK channel\nPartial Product Key: 7Q4KM"
    )

    (match,) = gvlks_for(licence.facts(catalogue), matching.facts_of(ProductKey.objects.all()), catalogue)

    assert match.key.last_five == "VMK7H"


# The commands


def test_a_machine_becomes_a_kms_client_that_asks_dns() -> None:
    assert commands(to_kms(GVLK)) == [f"/ipk {GVLK}", "/ckms", "/ato", "/dlv"]


@pytest.mark.parametrize(("host", "named"), [("kms", "kms:1688"), ("kms.example.com:1700", "kms.example.com:1700")])
def test_a_machine_becomes_a_kms_client_of_a_named_host(host: str, named: str) -> None:
    assert commands(to_kms(GVLK, host=host)) == [f"/ipk {GVLK}", f"/skms {named}", "/ato", "/dlv"]


def test_what_was_a_kms_host_stops_being_published_first() -> None:
    assert commands(to_kms(GVLK, was_host=True))[0] == "/cdns"


def test_a_kms_client_gets_a_mak_that_does_not_stay_in_the_registry() -> None:
    assert commands(to_mak(MASK)) == [f"/ipk {MASK}", "/ckms", "/ato", "/cpky", "/dlv"]


def test_an_evaluation_becomes_full_and_standard_datacenter_by_dism_never_on_a_domain_controller() -> None:
    steps = to_edition("ServerDatacenter", GVLK)

    assert "domain controller" in str(steps[0].explanation)
    assert commands(steps) == [
        "",
        "DISM /Online /Get-CurrentEdition",
        "DISM /Online /Get-TargetEditions",
        f"DISM /Online /Set-Edition:ServerDatacenter /ProductKey:{GVLK} /AcceptEula",
        "/ato",
        "/dlv",
    ]


@pytest.mark.parametrize(
    "host", ["", "kms", "kms.example.com", "KMS-01.example.com:1688", "192.0.2.10", "192.0.2.10:1"]
)
def test_a_kms_host_is_a_name_or_an_address(host: str) -> None:
    assert problem_of_host(host) is None


@pytest.mark.parametrize(
    "host",
    [
        "kms & calc",
        "kms;calc",
        "kms\ncalc",
        "kms:0",
        "kms:70000",
        "kms:",
        "http://kms",
        "-kms",
        '"kms"',
        "$(calc)",
        "a" * 300,
        "a" * 60 + "!",
        "a-" * 100 + "!",
        "a." * 40_000,
        "\u212ams",  # the sign for kelvin: a K for who ignores case
        "kms:\u0661",
        "%TEMP%",
        " kms",
        "kms|calc",
        "kms^",
        "kms\n",
    ],
)
def test_nothing_else_goes_into_a_command(host: str) -> None:
    problem = problem_of_host(host)
    assert problem is not None
    assert problem.code == "kms_host_malformed"
    with pytest.raises(ValueError, match="no name"):
        to_kms(GVLK, host=host)
    with pytest.raises(ValueError, match="no name"):
        checks(host)


# When activation fails


def test_the_checks_begin_with_dns_and_the_port_and_name_the_count() -> None:
    steps = checks("kms.example.com:1700")

    assert "_vlmcs._tcp" in steps[0].command
    assert "Test-NetConnection kms.example.com -Port 1700" in steps[1].command
    assert "25" in str(steps[2].explanation)
    assert "-Port 1688" in checks()[1].command


@pytest.mark.parametrize("code", ["0xC004F074", "0xC004F038", "0xC004F042", "0x8007232B", "0xC004C003", "0xC004F069"])
def test_the_frequent_errors_are_explained_by_their_code(code: str) -> None:
    error = published_facts.activation_errors()[code]
    assert error.meaning
    assert error.meaning_de
    assert error.advice
    assert error.advice_de
    assert error.source


@pytest.mark.parametrize(
    "typed",
    [
        *("0xC004F074", "c004f074", " 0xc004f074 ", "0XC004F074", "C004 F074", "Error: 0xC004F074."),
        *("-1073418124", "3221549172", "xC004F074"),
    ],
)
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert error_code(typed) == "0xC004F074"


@pytest.mark.parametrize("typed", ["", "hello", "0xC004F07", "0xC004F0744", "12288", "1073418124", "\u0661" * 10])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert error_code(typed) == ""


def test_every_error_is_complete_and_names_its_source() -> None:
    for code, error in published_facts.activation_errors().items():
        assert re.fullmatch(r"0x[0-9A-F]{8}", code)
        assert set(error.concerns) <= {"kms", "mak", "retail", "host", "network"}
        assert all([error.meaning, error.meaning_de, error.advice, error.advice_de, error.source])


def test_every_rule_of_switching_says_what_to_do() -> None:
    for rule in (kms.GVLK_UNKNOWN, kms.SEVERAL_GVLKS, kms.HOST_MALFORMED):
        assert rule.broken().advice
        assert rule.source
