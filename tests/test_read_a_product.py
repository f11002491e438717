"""Which Windows and which edition a text names, what could be several is not guessed, and what is no Windows at all."""

import json

import pytest

from productkeys.incoming import values
from productkeys.incoming.catalogue import catalogue_of
from tests.known_systems import SYSTEMS
from tests.settings import BASE_DIR

STANDARD_KEYS = json.loads((BASE_DIR / "fixtures" / "standard_keys.json").read_text())
OFFERINGS = [(system, offering) for system in SYSTEMS.values() for offering in system.offerings.values()]


@pytest.mark.parametrize(
    ("text", "system", "edition"),
    [
        ("Windows 11 Enterprise", "windows-11", "Enterprise"),
        ("Win11 Ent", "windows-11", "Enterprise"),
        ("Microsoft® Windows® 11 Pro", "windows-11", "Professional"),
        ("WIN10PRO", "windows-10", "Professional"),
        ("windows_11_enterprise", "windows-11", "Enterprise"),
        ("W11 Pro N", "windows-11", "ProfessionalN"),
        ("Windows 11 Pro N for Workstations", "windows-11", "ProfessionalWorkstationN"),
        ("Windows 11, 24H2, Pro", "windows-11", "Professional"),
        ("WIN 11 PRO 64BIT ALL LANG PK LIC ONLINE DWNLD NR", "windows-11", "Professional"),
        ("Windows 11 Home SL", "windows-11", "CoreSingleLanguage"),
        ("Windows 11 Enterprise (mehrere Sitzungen)", "windows-11", "ServerRdsh"),
        ("Windows 10 Professional N 64 Bit deutsch", "windows-10", "ProfessionalN"),
        ("Windows 10 S", "windows-10", "Cloud"),
        ("Windows 10/11 Pro", "windows-11-windows-10", "Professional"),
        ("Win 11 und Win 10 Ent", "windows-11-windows-10", "Enterprise"),
        ("Windows 10 Enterprise LTSC 2021", "windows-10-enterprise-ltsc-2021", "EnterpriseS"),
        ("Windows 10 Enterprise 2016 LTSB", "windows-10-enterprise-ltsb-2016", "EnterpriseS"),
        ("Win10 LTSC 1809", "windows-10-enterprise-ltsc-2019", "EnterpriseS"),
        ("W11 Ent N LTSC", "windows-11-enterprise-ltsc-2024", "EnterpriseSN"),
        ("Windows IoT Enterprise LTSC 2021", "windows-10-iot-enterprise-ltsc-2021", "IoTEnterpriseS"),
        ("Windows 8.1", "windows-8-1", "Core"),
        ("Windows(R) 7, Enterprise edition", "windows-7", "Enterprise"),
        ("Windows 7 Prof. SP1", "windows-7", "Professional"),
        ("Windows Server 2022 Standard", "windows-server-2022", "ServerStandard"),
        ("Windows Server 2022 Datacenter Core", "windows-server-2022", "ServerDatacenter"),
        ("Windows Server 2022 Standard, 16 Core License Pack", "windows-server-2022", "ServerStandard"),
        ("WinSrv 2019 DC", "windows-server-2019", "ServerDatacenter"),
        ("WS2016 Std", "windows-server-2016", "ServerStandard"),
        ("W2K12R2 Std", "windows-server-2012-r2", "ServerStandard"),
        ("Windows 2016 Datacenter", "windows-server-2016", "ServerDatacenter"),
        ("Server 2019 Essentials", "windows-server-2019", "ServerSolution"),
        ("Windows Server 2025 Azure Edition", "windows-server-2025", "ServerTurbine"),
        ("Windows Server 2008 R2 für Itanium-basierte Systeme", "windows-server-2008-r2", "ServerEnterpriseIA64"),
        ("Windows Server, version 1909, Datacenter", "windows-server-sac-1809-20h2", "ServerDatacenterACor"),
        ("Windows Srv 2019 DataCtr/Std KMS", "windows-server-2019", ""),
        ("Windows Srv 2012R2 DataCtr/Std KMS for Windows 10", "windows-server-2012-r2", ""),
        ("Windows 10 ESU Year 1", "windows-10", ""),
        ("windows-8-1", "windows-8-1", ""),
        ("windows-8-1/ProfessionalN", "windows-8-1", "ProfessionalN"),
    ],
)
def test_a_product_in_one_text(text: str, system: str, edition: str) -> None:
    product = values.read_product(text, SYSTEMS)
    assert (product.system, product.edition) == (system, edition)
    assert product.certainty >= 0.5


def test_a_product_with_architecture_and_type() -> None:
    product = values.read_product("Win11 Ent x64 MAK", SYSTEMS)
    assert product == ("windows-11", "Enterprise", "x64", "mak", 1.0)


@pytest.mark.parametrize("entry", STANDARD_KEYS, ids=lambda entry: entry["fields"]["name"])
def test_every_name_in_microsofts_list(entry: dict[str, dict[str, str]]) -> None:
    fields = entry["fields"]
    product = values.read_product(fields["name"], SYSTEMS)
    assert (product.system, product.edition) == (fields["operating_system"], fields["edition"])


@pytest.mark.parametrize(
    "spelled",
    ["{system.name} {offering.label}", "{system.slug}/{offering.edition}", "{system.name} {offering.edition}"],
)
def test_every_edition_of_every_system(spelled: str) -> None:
    for system, offering in OFFERINGS:
        product = values.read_product(spelled.format(system=system, offering=offering), SYSTEMS)
        assert product == (system.slug, offering.edition, None, None, 1.0) or product.architecture == "ia64"


def test_every_edition_in_a_column_of_its_own() -> None:
    for system, offering in OFFERINGS:
        for text in (offering.edition, offering.label, offering.label_de):
            assert catalogue_of(SYSTEMS).edition(text, system.slug) == offering.edition


@pytest.mark.parametrize(
    "text",
    [
        "Windows Server 2022 Standard Evaluation",
        "Windows Server 2022 Datacenter Eval",
        "Windows 11 Pro for Worksations",
        "Windows Server 2008 R2 Std and Ent",
        "Windows 10 Pro KN",
        "Windows 10 Enterprise 2016",
        "Windows 10 LTSC",
        "Windows(R), Enterprise edition",
        "Windows XP Professional",
        "Windows Server 2003 Standard",
        "Windows Storage Server 2016 Standard",
        "Windows Embedded 8.1 Industry Pro",
        "Windows Server 2022/2025 Standard",
        "Windows 10 Pro Upgrade von Windows 7",
        "Windows 11/12 Pro",
        "Enterprise",
        "Invoice 2022",
        "Office Standard 2019",
        "Room 11",
        "",
    ],
)
def test_a_product_that_could_be_several_or_none_is_not_guessed(text: str) -> None:
    product = values.read_product(text, SYSTEMS)
    assert product.certainty < 0.5
    assert not (product.system and product.edition)


def test_the_edition_is_named_where_the_windows_is_not() -> None:
    assert values.read_product("Windows(R), Enterprise edition", SYSTEMS).edition == "Enterprise"
    assert values.read_product("Windows Server(R), ServerStandard edition", SYSTEMS).edition == "ServerStandard"


@pytest.mark.parametrize(
    "text",
    [
        "Office Professional Plus 2021",
        "Microsoft 365 Apps",
        "Visio LTSC Professional 2021",
        "Project Standard 2019",
        "SQL Server 2019 Standard",
        "SQL Server on Windows Server 2022",
        "Exchange Server 2019 Enterprise",
        "Visual Studio Enterprise 2022",
        "System Center Datacenter 2019",
        "SharePoint Server 2019",
        "Skype for Business Server 2019",
        "Windows Server 2022 CAL",
        "Windows Server 2022 - 1 User CAL",
        "Windows Server 2022 Remote Desktop Services",
        "Windows Server 2019 External Connector",
        "Adobe Acrobat Pro",
    ],
)
def test_rows_about_something_else(text: str) -> None:
    assert values.is_not_ours(text)


@pytest.mark.parametrize("entry", STANDARD_KEYS, ids=lambda entry: entry["fields"]["name"])
def test_windows_is_never_something_else(entry: dict[str, dict[str, str]]) -> None:
    assert not values.is_not_ours(entry["fields"]["name"])


@pytest.mark.parametrize(
    "text",
    [
        "Windows 11 Enterprise, Office Köln",
        "Windows Vista Business",
        "Head office",
        "Windows Server 2022 für SQL",
        "Windows Server 2022 Standard + 5 CAL",
        "Windows Server 2019 Essentials inkl. 10 User CALs",
        "Local",
        "",
    ],
)
def test_rows_that_are_ours_though_other_words_stand_in_them(text: str) -> None:
    assert not values.is_not_ours(text)
