"""Which key fits which image, and why not: the certain examples, and what follows from Microsoft's own tables."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.domain.matching import (
    Answer,
    Catalogue,
    ImageFacts,
    KeyFacts,
    Match,
    Verdict,
    answer,
    hosts,
    identify,
    match,
    named,
)
from productkeys.domain.rule import Problem
from productkeys.models import ProductKey
from productkeys.services import matching as service
from productkeys.services import published_facts
from tests.factories import KMS_HOST, MAK, stored

pytestmark = pytest.mark.django_db

INSTALLATION, ACTIVATION = Usage.INSTALLATION, Usage.ACTIVATION
FITS, WARNING, DOES_NOT_FIT = Verdict.FITS, Verdict.WARNING, Verdict.DOES_NOT_FIT

PRO = ImageFacts(build=26100, installation="Client", edition="Professional", architecture="x64")
PRO_N = replace(PRO, build=22631, edition="ProfessionalN")
LTSC = replace(PRO, edition="EnterpriseS")
DATACENTER = ImageFacts(build=20348, installation="Server", edition="ServerDatacenter", architecture="x64")
SAC = ImageFacts(build=18363, installation="Server Core", edition="ServerDatacenterACor", architecture="x64")
A_MAK = KeyFacts("mak", "windows-11", "Professional", "any", Usage.ACTIVATION, left=50, name="MAK of the head office")


@pytest.fixture
def windows() -> Catalogue:
    return published_facts.catalogue()


@pytest.fixture
def published() -> dict[str, KeyFacts]:
    """Microsoft's published keys by their last five characters."""
    return {key.last_five: key for key in service.facts_of(ProductKey.objects.filter(published=True))}


def codes(found: Match) -> list[str]:
    return [reason.code for reason in found.reasons]


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
        assert "avma_needs_host" in codes(found)
        assert "made_for" in codes(found)


def test_an_n_edition_takes_the_key_of_the_n_edition(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    assert match(PRO_N, published["GCQG9"], INSTALLATION, windows).verdict == FITS
    assert match(PRO_N, published["T83GX"], INSTALLATION, windows).verdict == DOES_NOT_FIT


def test_enterprise_s_takes_the_key_of_ltsc(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    for purpose in (INSTALLATION, ACTIVATION):
        assert match(LTSC, published["J462D"], purpose, windows).verdict == FITS
        found = match(LTSC, published["2YT43"], purpose, windows)
        assert found.verdict == DOES_NOT_FIT
        assert "Windows 11 Enterprise LTSC 2024 (build 26100)" in found.reasons[0].message


def test_pro_becomes_enterprise_by_a_key_afterwards_but_installs_with_its_own(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    afterwards = match(PRO, published["2YT43"], ACTIVATION, windows)
    assert (afterwards.verdict, codes(afterwards)[0]) == (WARNING, "edition_upgrade")
    assert afterwards.reasons[0].source == "Microsoft Learn: Windows edition upgrade"

    installing = match(PRO, published["2YT43"], INSTALLATION, windows)
    assert (installing.verdict, codes(installing)[0]) == (DOES_NOT_FIT, "key_selects_image")


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
    assert (datacenter.verdict, codes(datacenter)[0]) == (WARNING, "set_edition")
    assert datacenter.reasons[0].message == (
        "The evaluation of Datacenter becomes Datacenter by DISM /Set-Edition, not by installing this key."
    )
    assert "/Set-Edition:ServerDatacenter" in datacenter.reasons[0].advice
    assert match(image, published["6VM33"], INSTALLATION, windows).verdict == DOES_NOT_FIT


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
    assert "gvlk_needs_kms_alone" in codes(found)


@pytest.mark.parametrize("purpose", [INSTALLATION, ACTIVATION])
def test_an_esu_key_is_never_offered_for_a_rollout(windows: Catalogue, purpose: Usage) -> None:
    esu = KeyFacts("esu", "windows-10", "", "any", Usage.ACTIVATION, left=100)
    image = ImageFacts(build=19045, edition="Enterprise", architecture="x64")
    assert match(image, esu, purpose, windows).verdict == DOES_NOT_FIT

    on_ltsc = match(replace(image, build=19044, edition="EnterpriseS"), esu, purpose, windows)
    assert codes(on_ltsc)[:2] == ["esu_never", "other_system"]


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
        assert "system_uncertain" in codes(found)


def test_a_release_that_came_after_the_reference_data_is_not_blocked(
    windows: Catalogue, published: dict[str, KeyFacts]
) -> None:
    found = match(replace(PRO, build=29999), published["T83GX"], INSTALLATION, windows)

    assert (found.verdict, codes(found)) == (WARNING, ["build_unknown"])
    assert "Build 29999" in found.reasons[0].message


def test_a_fact_that_would_leave_nothing_over_is_not_used(windows: Catalogue) -> None:
    """A new edition, or an architecture that is new for a system, never hides what the build tells."""
    new = ImageFacts(build=20348, edition="ServerBrandNew", architecture="arm64")
    assert identify(new, windows).systems == {"windows-server-2022"}


def test_a_missing_edition_never_excludes_a_key(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    found = match(replace(PRO, edition=""), published["T83GX"], INSTALLATION, windows)

    assert found.verdict == WARNING
    assert "edition_missing" in codes(found)


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
    assert (found.verdict, codes(found)[0]) == (DOES_NOT_FIT, "evaluation_stays")


def test_standard_becomes_datacenter_by_dism(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    found = match(replace(DATACENTER, edition="ServerStandard"), published["6VM33"], ACTIVATION, windows)
    assert (found.verdict, codes(found)[0]) == (WARNING, "set_edition")


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
    assert "revision_unknown" in codes(match(image, published["PDQGT"], ACTIVATION, windows))


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
    assert code in codes(found)
    assert all(reason.message and reason.source for reason in found.reasons)


def test_a_used_up_key_does_not_install_either_since_windows_activates_with_it_afterwards(windows: Catalogue) -> None:
    retail = replace(A_MAK, key_type="retail", usage=Usage.BOTH, left=1)
    assert match(PRO, retail, INSTALLATION, windows).verdict == FITS

    used_up = match(PRO, replace(retail, left=0), INSTALLATION, windows)

    assert (used_up.verdict, codes(used_up)) == (DOES_NOT_FIT, ["none_left"])


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


# Whatever an image says


SYSTEMS = st.sampled_from(["", "windows-11", "windows-11-windows-10", "windows-server-2022", "windows-7", "gone"])
EDITIONS = st.sampled_from(
    ["", "Professional", "ServerStandardEval", "ServerStandardCor", "EnterpriseS", "New", "Core"]
)
ARCHITECTURES = st.sampled_from(Architecture.values)
IMAGES = st.builds(
    ImageFacts,
    system=SYSTEMS,
    build=st.none() | st.sampled_from([7601, 14393, 19044, 20348, 26100]) | st.integers(0, 99999),
    revision=st.none() | st.integers(0, 9999),
    installation=st.sampled_from(["", "Client", "Server", "Server Core"]),
    edition=EDITIONS,
    architecture=st.just("") | ARCHITECTURES,
    evaluation=st.booleans(),
)
KEYS = st.builds(
    KeyFacts,
    key_type=st.sampled_from(KeyType.values),
    system=SYSTEMS,
    edition=EDITIONS,
    architecture=ARCHITECTURES,
    usage=st.sampled_from(Usage.values),
    left=st.none() | st.integers(0, 3),
    status=st.sampled_from(Status.values),
    remark=st.sampled_from(["", "needs_19044_2905"]),
)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(image=IMAGES, key=KEYS, purpose=st.sampled_from([INSTALLATION, ACTIVATION]))
def test_every_verdict_has_its_reasons_the_gravest_first(
    windows: Catalogue, image: ImageFacts, key: KeyFacts, purpose: Usage
) -> None:
    found = match(image, key, purpose, windows)

    assert found.verdict == found.reasons[0].verdict
    assert found.verdict != DOES_NOT_FIT or all(reason.verdict != FITS for reason in found.reasons)
    assert all(reason.message and "%(" not in reason.message + reason.advice for reason in found.reasons)
    if key.key_type in (KeyType.ESU, KeyType.KMS_HOST) or (key.key_type == KeyType.MAK and purpose == INSTALLATION):
        assert found.verdict == DOES_NOT_FIT


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text() | st.sampled_from(["Windows Server 2016", "Windows 10"]).flatmap(lambda w: st.text().map(w.__add__))
)
def test_any_name_can_be_read(windows: Catalogue, name: str) -> None:
    facts = named(name, windows)
    assert facts.system in {"", *windows.systems}


# Published data


def test_what_is_published_names_only_what_there_is(windows: Catalogue) -> None:
    assert windows.changes
    for change in windows.changes:
        image = ImageFacts(edition=change.before, system=change.system_before)
        assert identify(image, windows).edition.casefold() in windows.editions
        assert change.after.casefold() in windows.editions
        assert change.source
    for group in windows.hosts:
        assert {group.system, *group.activates} <= set(windows.systems)
        assert group.system in group.activates


def test_every_published_key_fits_the_image_it_is_for(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    for release in windows.releases:
        for edition in windows.systems[release.system].offerings:
            image = ImageFacts(build=release.first_build, edition=edition, revision=9999)
            keys = answer(image, published.values(), INSTALLATION, windows).matches
            fitting = [matched.key for matched in keys if matched.verdict == FITS]
            assert len(fitting) <= 1, (release.name, edition)
            for key in fitting:
                assert key.edition == edition
                assert release.system in windows.members(key.system)


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
