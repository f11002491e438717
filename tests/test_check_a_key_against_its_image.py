"""Checking an answer file: whether its keys fit the image that it installs."""

import pytest
from django.db.models import QuerySet

from productkeys.domain.answer_file.product import product_of
from productkeys.models import ProductKey, reference
from tests.answer_files import ENTERPRISE, activating, installing, installs_from, unattend, windows_pe
from tests.checked_answer_files import LTSC, OF_2012_R2, OF_2016, Check, checker, codes_of, the_only
from tests.typed_keys import PRO


@pytest.fixture
def checked(standard_keys: QuerySet[ProductKey]) -> Check:
    return checker()


@pytest.mark.parametrize(
    ("image", "key", "codes"),
    [
        ("Windows 10 Pro", PRO, []),
        ("Windows 11 Pro", PRO, []),
        ("Windows 11 Enterprise", PRO, ["other_edition"] * 2),
        ("Windows 10 Pro N", PRO, ["other_edition"] * 2),
        ("Windows 10 Enterprise LTSC", ENTERPRISE, ["other_system"] * 2),
        ("Windows 10 Enterprise LTSC 2021", LTSC, []),
        ("Windows 11 Enterprise LTSC 2024", LTSC, []),
        ("Windows Server 2012 R2 SERVERSTANDARDCORE", OF_2012_R2, []),
        ("Windows Server 2016 Standard (Desktop Experience)", OF_2016, []),
        ("Windows Server 2016 SERVERDATACENTER", OF_2016, ["other_edition"] * 2),
        ("Windows 8.1 Pro", PRO, ["other_system"] * 2),
        ("Company image 7", PRO, []),
        ("Windows 10 for the front desk", PRO, []),
    ],
)
def test_a_key_that_does_not_fit_the_image(checked: Check, image: str, key: str, codes: list[str]) -> None:
    text = unattend(installing(key, after=installs_from("/IMAGE/NAME", image)), activating(key))
    assert codes_of(checked(text)) == codes


def test_a_key_that_changes_the_edition_afterwards_is_a_warning(checked: Check) -> None:
    chosen = installs_from("/IMAGE/NAME", "Windows 11 Pro")
    report = checked(unattend(windows_pe("", after=chosen), activating(ENTERPRISE)))
    assert the_only(report)[:2] == ("edition_changes", "warning")


@pytest.mark.parametrize(
    ("by", "image"),
    [
        ("/IMAGE/NAME", "Windows Server 2016 Standard Evaluation (Desktop Experience)"),
        ("/IMAGE/NAME", "Windows Server 2016 SERVERSTANDARDEVAL"),
        ("IMAGE/WINDOWS/EDITIONID", "ServerStandardEval"),
    ],
)
def test_an_evaluation_is_installed_without_a_key(checked: Check, by: str, image: str) -> None:
    text = unattend(installing(OF_2016, after=installs_from(by, image)), activating(OF_2016))
    report = checked(text)
    assert codes_of(report) == ["evaluation_takes_none"] * 2
    assert report.findings[0].severity.value == "warning"
    assert checked(unattend(windows_pe("", after=installs_from(by, image)))).findings == ()


def test_an_index_alone_names_no_product(checked: Check) -> None:
    text = unattend(installing(PRO, after=installs_from("/IMAGE/INDEX", "2")), activating(PRO))
    assert checked(text).findings == ()


def test_each_architecture_is_compared_with_its_own_image(checked: Check) -> None:
    chosen = {"x86": "Windows 10 Enterprise", "amd64": "Windows 10 Pro"}
    places = [
        installing(key, after=installs_from("/IMAGE/NAME", chosen[name]), architecture=name)
        for name, key in (("x86", ENTERPRISE), ("amd64", PRO))
    ]
    assert set(codes_of(checked(unattend(*places)))) == {"architectures_contradict", "only_in_windowspe"}


def test_an_edition_id_chooses_as_well(checked: Check) -> None:
    chosen = installs_from("IMAGE/WINDOWS/EDITIONID", "Enterprise")
    assert codes_of(checked(unattend(installing(PRO, after=chosen), activating(ENTERPRISE)))) == [
        "other_edition",
        "passes_differ",
    ]


@pytest.mark.parametrize(
    "source",
    ["wim:c:/images/install.wim#Windows 10 Enterprise", "catalog:d:/sources/install_windows 10 enterprise.clg"],
)
def test_what_the_file_was_made_for_is_a_warning(checked: Check, source: str) -> None:
    made_for = f'<cpi:offlineImage cpi:source="{source}" xmlns:cpi="urn:schemas-microsoft-com:cpi"/>'
    assert codes_of(checked(unattend(activating(PRO), made_for))) == ["made_for_other"]
    assert checked(unattend(activating(ENTERPRISE), made_for)).findings == ()


@pytest.mark.parametrize(
    ("name", "systems", "edition"),
    [
        ("Windows 11 Pro", {"windows-11"}, "Professional"),
        ("windows 7 PROFESSIONAL", {"windows-7"}, "Professional"),
        ("Windows 10 Pro for Workstations N", {"windows-10"}, "ProfessionalWorkstationN"),
        ("Windows 10 Pro N for Workstations", {"windows-10"}, "ProfessionalWorkstationN"),
        ("Windows Server 2022 SERVERDATACENTER", {"windows-server-2022"}, "ServerDatacenter"),
        ("Windows Server 2022 Datacenter Evaluation (Desktop Experience)", {"windows-server-2022"}, "ServerDatacenter"),
        ("Windows Server 2012R2 SERVERSTANDARD", {"windows-server-2012-r2"}, "ServerStandard"),
        ("Windows 10 Enterprise N LTSC 2021", {"windows-10-enterprise-ltsc-2021"}, "EnterpriseSN"),
        ("Windows 11 Enterprise LTSC", {"windows-11-enterprise-ltsc-2024"}, "EnterpriseS"),
        ("Windows 10 Enterprise LTSC 2016", {"windows-10-enterprise-ltsb-2016"}, "EnterpriseS"),
        ("Windows 11 IoT Enterprise LTSC 2024", {"windows-11-iot-enterprise-ltsc-2024"}, "IoTEnterpriseS"),
        ("Windows 10", {"windows-10"}, ""),
    ],
)
def test_the_name_of_an_image_tells_the_product(
    standard_keys: QuerySet[ProductKey], name: str, systems: set[str], edition: str
) -> None:
    product = product_of(name, reference.current().systems)
    assert product is not None
    assert (set(product.systems), product.edition) == (systems, edition)
