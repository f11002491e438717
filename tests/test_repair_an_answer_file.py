"""Repairing an answer file: the wrong places are cleaned, so that what the check said is gone."""

from dataclasses import replace

import pytest
from django.db.models import QuerySet

from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.reading import read
from productkeys.domain.answer_file.repairing import repair
from productkeys.domain.answer_file.report import Report
from productkeys.domain.keycode import parse
from productkeys.models import ProductKey, reference
from productkeys.services.known_keys import gvlk_in, known_in
from productkeys.services.published_facts import edition_changes
from tests.answer_files import ENTERPRISE, activating, installing, installs_from, unattend, windows_pe
from tests.made_up_keys import made_up_key
from tests.typed_keys import PRO

pytestmark = pytest.mark.django_db

MAK, OTHER_MAK = made_up_key(400), made_up_key(401)
HELD = KeyFacts("House", "mak", "windows-11", "Enterprise", usage="activation")


def _report(text: str | bytes, held: KeyFacts = HELD) -> Report:
    published = known_in(ProductKey.objects.all())
    own = {parse(MAK): held, parse(OTHER_MAK): held}
    data = text if isinstance(text, bytes) else text.encode()
    return check(
        read(data),
        known=lambda code: own.get(code) or published(code),
        systems=reference.current().systems,
        changes=edition_changes(),
    )


def _repaired(text: str, held: KeyFacts = HELD) -> str:
    systems = reference.current().systems
    return repair(_report(text, held), gvlk_of=gvlk_in(ProductKey.objects.all()), systems=systems).data.decode()


def test_a_mak_in_windows_pe_gives_way_to_the_gvlk_of_its_edition(standard_keys: QuerySet[ProductKey]) -> None:
    repaired = _repaired(unattend(installing(MAK), activating(MAK)))

    assert repaired == unattend(installing(ENTERPRISE), activating(MAK))
    assert _report(repaired).findings == ()


def test_where_install_from_chooses_the_image_the_element_goes(standard_keys: QuerySet[ProductKey]) -> None:
    chosen = installs_from("/IMAGE/INDEX", "3")
    repaired = _repaired(unattend(installing(MAK, after=chosen), activating(MAK)))
    without = "<ProductKey><WillShowUI>OnError</WillShowUI></ProductKey>"
    assert repaired == unattend(windows_pe(without, after=chosen), activating(MAK))


@pytest.mark.parametrize("there", ["", "XXXXX", ENTERPRISE, MAK.lower(), OTHER_MAK])
def test_specialize_gets_the_mak_unless_it_stands_there(standard_keys: QuerySet[ProductKey], there: str) -> None:
    repaired = _repaired(unattend(installing(MAK), activating(there)))
    assert repaired == unattend(installing(ENTERPRISE), activating(MAK))


def test_specialize_is_made_for_the_mak(standard_keys: QuerySet[ProductKey]) -> None:
    report = _report(_repaired(unattend(installing(MAK, architecture="arm64"))))
    assert report.findings == ()
    assert [(place.architecture, place.held.last_five) for place in report.file.places] == [
        ("arm64", "2YT43"),
        ("arm64", MAK[-5:]),
    ]


def test_each_architecture_keeps_its_own_mak(standard_keys: QuerySet[ProductKey]) -> None:
    names = (("x86", MAK), ("amd64", OTHER_MAK))
    text = unattend(
        *(installing(key, architecture=name) for name, key in names),
        *(activating("", architecture=name) for name, _key in names),
    )
    assert _repaired(text) == unattend(
        *(installing(ENTERPRISE, architecture=name) for name, _key in names),
        *(activating(key, architecture=name) for name, key in names),
    )


def test_an_architecture_that_installs_with_another_key_does_not_get_the_mak(
    standard_keys: QuerySet[ProductKey],
) -> None:
    text = unattend(installing(MAK), installing(PRO, architecture="x86"), activating(PRO, architecture="x86"))
    report = _report(_repaired(text))
    assert [(place.pass_name, place.architecture, place.held.last_five) for place in report.file.places] == [
        ("windowsPE", "amd64", "2YT43"),
        ("windowsPE", "x86", "T83GX"),
        ("specialize", "x86", "T83GX"),
        ("specialize", "amd64", MAK[-5:]),
    ]


def test_a_component_for_wow64_bears_no_key_any_more(standard_keys: QuerySet[ProductKey]) -> None:
    report = _report(_repaired(unattend(installing(MAK, architecture="wow64"), activating(MAK))))
    assert report.findings == ()
    assert [place.held.last_five for place in report.file.places if place.held.code] == [MAK[-5:]]


def test_the_image_that_the_file_was_made_for_tells_the_edition(standard_keys: QuerySet[ProductKey]) -> None:
    made_for = '<cpi:offlineImage cpi:source="wim:c:/i.wim#Windows 11 Pro" xmlns:cpi="urn:schemas-microsoft-com:cpi"/>'
    text = unattend(installing(MAK), activating(MAK), made_for)
    assert _repaired(text) == unattend(installing(PRO), activating(MAK), made_for)


def test_without_such_a_gvlk_the_element_goes(standard_keys: QuerySet[ProductKey]) -> None:
    repaired = _repaired(unattend(installing(MAK), activating(MAK)), replace(HELD, edition="Core"))
    assert "<Key>" not in repaired


@pytest.mark.parametrize("key_type", ["kms_host", "esu"])
def test_a_key_that_no_client_carries_goes_everywhere(standard_keys: QuerySet[ProductKey], key_type: str) -> None:
    held = replace(HELD, key_type=key_type, edition="")
    assert MAK not in _repaired(unattend(installing(MAK), activating(MAK)), held)


def test_empty_elements_go_and_keys_are_written_as_issued(standard_keys: QuerySet[ProductKey]) -> None:
    assert "ProductKey" not in _repaired(unattend(windows_pe("<ProductKey><Key/></ProductKey>"), activating("")))
    assert _repaired(unattend(installing(f"{PRO}>"), activating(PRO.lower()))) == unattend(
        installing(PRO), activating(PRO)
    )


def test_a_clean_file_stays_as_it_is(standard_keys: QuerySet[ProductKey]) -> None:
    text = unattend(installing(PRO), activating(MAK), f"<!-- {MAK} -->")
    assert _repaired(text) == text
