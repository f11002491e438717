"""A key that is to activate a Windows is judged alike where keys are matched and where an answer file is checked."""

import pytest
from django.db.models import QuerySet

from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.reading import read
from productkeys.domain.answer_file.report import Report
from productkeys.domain.choices import Usage
from productkeys.domain.matching import ImageFacts, Verdict, match
from productkeys.models import ProductKey
from productkeys.services import published_facts
from productkeys.services.known_keys import known_in
from productkeys.services.matching import facts_of
from tests.answer_files import activating, installing, installs_from, unattend, windows_pe

pytestmark = pytest.mark.django_db

ENTERPRISE, PRO, EDUCATION = "2YT43", "T83GX", "VCFB2"
LTSC, LTSC_N, IOT_LTSC = "J462D", "7CG2H", "PDQGT"

CHANGES = [
    ("windows-11", "Windows 11 Home", "Core", PRO),
    ("windows-11", "Windows 11 Pro", "Professional", ENTERPRISE),
    ("windows-10", "Windows 10 Pro", "Professional", EDUCATION),
    ("windows-10", "Windows 10 Enterprise", "Enterprise", EDUCATION),
    ("windows-10-enterprise-ltsc-2021", "Windows 10 Enterprise LTSC 2021", "EnterpriseS", IOT_LTSC),
]
NO_CHANGES = [
    ("windows-11", "Windows 11 Home", "Core", ENTERPRISE),
    ("windows-11", "Windows 11 Home N", "CoreN", PRO),
    ("windows-11", "Windows 11 Pro N", "ProfessionalN", ENTERPRISE),
    ("windows-11", "Windows 11 Enterprise", "Enterprise", PRO),
    ("windows-11", "Windows 11 Education", "Education", ENTERPRISE),
    ("windows-7", "Windows 7 Professional", "Professional", "HVTHH"),
    ("windows-8-1", "Windows 8.1 Pro", "Professional", "MKKG7"),
    ("windows-11-enterprise-ltsc-2024", "Windows 11 Enterprise LTSC 2024", "EnterpriseS", LTSC_N),
    ("windows-10-enterprise-ltsc-2021", "Windows 10 Enterprise LTSC 2021", "EnterpriseS", LTSC_N),
    ("windows-10-enterprise-ltsc-2021", "Windows 10 Enterprise N LTSC 2021", "EnterpriseSN", LTSC),
]


@pytest.mark.parametrize(("system", "name", "edition", "key"), CHANGES)
def test_a_key_that_changes_the_edition_is_a_warning(
    standard_keys: QuerySet[ProductKey], system: str, name: str, edition: str, key: str
) -> None:
    stored = standard_keys.get(last_five=key)
    assert _matched(stored, system, edition) == (Verdict.WARNING, "edition_upgrade")
    assert _checked(stored, "/IMAGE/NAME", name) == [("edition_changes", "warning")]


@pytest.mark.parametrize(("system", "name", "edition", "key"), NO_CHANGES)
def test_a_key_of_an_edition_that_windows_does_not_change_into_does_not_fit(
    standard_keys: QuerySet[ProductKey], system: str, name: str, edition: str, key: str
) -> None:
    stored = standard_keys.get(last_five=key)
    assert _matched(stored, system, edition) == (Verdict.DOES_NOT_FIT, "other_edition")
    assert _checked(stored, "/IMAGE/NAME", name) == [("other_edition", "error")]


@pytest.mark.parametrize(
    ("edition", "key", "found"),
    [
        ("core", PRO, ("edition_changes", "warning")),
        ("Core", ENTERPRISE, ("other_edition", "error")),
        ("PROFESSIONAL", ENTERPRISE, ("edition_changes", "warning")),
    ],
)
def test_an_edition_that_the_file_names_by_its_id_is_judged_alike(
    standard_keys: QuerySet[ProductKey], edition: str, key: str, found: tuple[str, str]
) -> None:
    assert _checked(standard_keys.get(last_five=key), "IMAGE/WINDOWS/EDITIONID", edition) == [found]


def test_a_finding_names_the_source_of_the_place(standard_keys: QuerySet[ProductKey]) -> None:
    """Setup chooses no image by the key in specialize, so what says that of windowsPE is no source for it."""
    key = standard_keys.get(last_five=ENTERPRISE).code.open()
    chosen = installs_from("/IMAGE/NAME", "Windows 11 Home")

    report = _report(unattend(installing(key, after=chosen), activating(key)))

    found = {finding.place.pass_name: finding.source for finding in report.findings if finding.place}
    assert [finding.code for finding in report.findings] == ["other_edition"] * 2
    assert "2796988" in found["windowsPE"]
    assert "Microsoft-Windows-Shell-Setup" in found["specialize"]


def _matched(key: ProductKey, system: str, edition: str) -> tuple[Verdict, str]:
    (facts,) = facts_of(ProductKey.objects.filter(pk=key.pk))
    image = ImageFacts(system=system, edition=edition)
    found = match(image, facts, Usage.ACTIVATION, published_facts.catalogue())
    return found.verdict, found.reasons[0].code.removesuffix("_restarts")


def _checked(key: ProductKey, by: str, image: str) -> list[tuple[str, str]]:
    """What is found of `key` in specialize where InstallFrom chooses `image`."""
    file = unattend(windows_pe("", after=installs_from(by, image)), activating(key.code.open()))
    return [(finding.code, finding.severity.value) for finding in _report(file).findings]


def _report(file: str) -> Report:
    windows = published_facts.catalogue()
    known = known_in(ProductKey.objects.all())
    return check(read(file.encode()), known=known, systems=windows.systems, changes=windows.changes)
