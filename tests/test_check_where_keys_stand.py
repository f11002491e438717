"""Checking an answer file: keys where Windows reads none, two that differ, and those that would be left behind."""

import pytest
from django.db.models import QuerySet

from productkeys.models import ProductKey
from tests.answer_files import ENTERPRISE, SETUP, activating, commands, component, installing, unattend, windows_pe
from tests.checked_answer_files import MAK, UNKNOWN, Check, checker, codes_of, the_only
from tests.made_up_keys import made_up_key
from tests.typed_keys import PRO


@pytest.fixture
def checked(standard_keys: QuerySet[ProductKey]) -> Check:
    return checker()


# Places.


def test_a_key_only_in_windows_pe_is_a_hint(checked: Check) -> None:
    assert the_only(checked(unattend(installing(PRO)))) == ("only_in_windowspe", "info", 6)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (unattend(windows_pe(f"<ProductKey>{PRO}</ProductKey>"), activating(PRO)), "outside_key"),
        (unattend(activating(f"<Key>{PRO}</Key>")), "within_key"),
        (unattend(activating(PRO).replace("specialize", "oobeSystem")), "place_unread"),
        (unattend(installing(PRO).replace("windowsPE", "specialize")), "place_unread"),
        (unattend(installing(PRO).replace("UserData", "Other")), "place_unread"),
        (
            unattend(
                activating(PRO).replace("<ProductKey>", "<A><ProductKey>").replace("</ProductKey>", "</ProductKey></A>")
            ),
            "place_unread",
        ),
        (unattend(activating(PRO, architecture="wow64")), "wow64"),
    ],
)
def test_a_key_where_windows_reads_none(checked: Check, text: str, code: str) -> None:
    assert codes_of(checked(text)) == [code]


def test_a_pass_that_does_not_exist_is_named(checked: Check) -> None:
    report = checked(unattend(activating(PRO), installing(MAK).replace("windowsPE", "disabled")))
    assert codes_of(report) == ["pass_unknown"]
    assert "“disabled”" in report.findings[0].message


def test_architectures_that_contradict_each_other(checked: Check) -> None:
    both = unattend(activating(PRO, architecture="x86"), activating(ENTERPRISE, architecture="amd64"))
    assert codes_of(checked(both)) == ["architectures_contradict"]
    assert checked(both.replace(ENTERPRISE, PRO)).findings == ()


def test_one_place_twice_with_different_keys(checked: Check) -> None:
    assert codes_of(checked(unattend(activating(PRO), activating(ENTERPRISE)))) == ["repeated_differently"]


def test_the_two_passes_may_differ_which_is_said(checked: Check) -> None:
    published = checked(unattend(installing(PRO), activating(ENTERPRISE)))
    assert the_only(published)[:2] == ("passes_differ", "warning")
    unknown = checked(unattend(installing(UNKNOWN), activating(made_up_key(7))))
    assert codes_of(unknown) == ["unknown_in_windowspe", "unknown_passes_differ"]
    assert checked(unattend(installing(PRO), activating(UNKNOWN))).findings == ()


# Keys elsewhere.


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        (f"<!-- {UNKNOWN} -->", "in_comment"),
        (commands(f"slmgr /ipk {UNKNOWN}"), "in_script"),
        (component(SETUP, "").replace("31bf3856ad364e35", UNKNOWN), "in_other_place"),
        (f"<!-- {MAK} -->", "in_comment"),
        (f"<!-- {UNKNOWN.replace('-', '')} -->", "in_comment"),
        (commands(f"slmgr /ipk {UNKNOWN.replace('-', '')}"), "in_script"),
    ],
)
def test_a_key_that_a_rewrite_would_leave_behind(checked: Check, inner: str, code: str) -> None:
    report = checked(unattend(activating(PRO), inner))
    assert the_only(report)[:2] == (code, "warning")
    assert "rewrite" in report.findings[0].message


def test_a_published_key_elsewhere_is_only_a_hint(checked: Check) -> None:
    assert the_only(checked(unattend(f"<!-- {PRO} -->")))[:2] == ("published_elsewhere", "info")
    assert checked(unattend("<!-- XXXXX-XXXXX-XXXXX-XXXXX-XXXXX -->")).findings == ()
