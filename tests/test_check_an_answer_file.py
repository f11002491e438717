"""Checking an answer file: what would make the rollout fail is said before the rollout does."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from django.db.models import QuerySet

from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.findings import FileRule, Finding
from productkeys.domain.answer_file.key_rules import KEY_RULES
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.reading import read
from productkeys.domain.answer_file.structure_rules import STRUCTURE_RULES
from productkeys.domain.systems import SystemFacts
from productkeys.models import ProductKey
from tests.answer_files import (
    ENTERPRISE,
    ORDINARY,
    UNATTEND,
    activating,
    commands,
    component,
    installing,
    installs_from,
    settings,
    unattend,
)
from tests.checked_answer_files import MAK, OF_2012_R2, OF_2016, STORED, UNKNOWN, Check, checker, codes_of, the_only
from tests.typed_keys import PRO


@pytest.fixture
def checked(standard_keys: QuerySet[ProductKey]) -> Check:
    return checker()


def test_it_works(checked: Check) -> None:
    assert checked(ORDINARY).findings == ()
    assert checked(ORDINARY).worst is None


# ACCEPTANCE: what the portal must say.


def test_a_stored_mak_in_windows_pe_is_an_error_and_belongs_in_specialize(checked: Check) -> None:
    report = checked(unattend(installing(MAK), activating(MAK)))

    assert the_only(report) == ("mak_in_windowspe", "error", 6)
    assert "the rollout fails" in report.findings[0].message
    assert "specialize" in report.findings[0].advice
    assert "Shell-Setup" in report.findings[0].source


def test_an_unknown_key_in_windows_pe_is_a_warning_if_this_is_a_mak(checked: Check) -> None:
    report = checked(unattend(installing(UNKNOWN), activating(UNKNOWN)))

    assert the_only(report) == ("unknown_in_windowspe", "warning", 6)
    assert "If this is a MAK, the rollout fails." in report.findings[0].message


def test_a_key_of_server_2012_r2_beside_an_image_of_server_2016_is_an_error(checked: Check) -> None:
    chosen = installs_from("/IMAGE/NAME", "Windows Server 2016 SERVERSTANDARD")
    report = checked(unattend(installing(OF_2012_R2, after=chosen), activating(OF_2012_R2)))

    assert [(finding.code, finding.severity) for finding in report.findings] == [("other_system", "error")] * 2
    assert "Windows Server 2012 R2" in report.findings[0].message
    assert checked(unattend(installing(OF_2016, after=chosen), activating(OF_2016))).findings == ()


def test_pid_txt_with_a_stored_mak_is_an_error_since_it_only_installs(checked: Check) -> None:
    report = checked(f"[PID]\r\nValue={MAK}\r\n", "PID.txt")

    assert codes_of(report) == ["pid_installs", "pid_ignored"]
    assert [finding.severity for finding in report.findings] == ["error", "info"]
    assert "ignores this file where it has an answer file" in report.findings[1].message


def test_an_esu_key_never_belongs_in_an_answer_file(checked: Check) -> None:
    assert the_only(checked(unattend(activating(MAK)), held=replace(STORED, key_type="esu")))[:2] == (
        "esu_key",
        "error",
    )


# The kind of key at its place.


def test_a_mak_in_specialize_is_right(checked: Check) -> None:
    assert checked(unattend(installing(ENTERPRISE), activating(MAK))).findings == ()


@pytest.mark.parametrize(
    ("key_type", "place", "code", "severity"),
    [
        ("kms_host", installing(MAK), "kms_host_key", "error"),
        ("kms_host", activating(MAK), "kms_host_key", "error"),
        ("esu", installing(MAK), "esu_key", "error"),
        ("oem", activating(MAK), "oem_key", "warning"),
    ],
)
def test_a_key_of_another_kind_is_told_by_its_name(
    checked: Check, key_type: str, place: str, code: str, severity: str
) -> None:
    report = checked(unattend(place), held=replace(STORED, key_type=key_type))
    (finding,) = [finding for finding in report.findings if finding.code != "only_in_windowspe"]
    assert (finding.code, finding.severity) == (code, severity)
    assert "“House”" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        unattend(installing(MAK), activating(ENTERPRISE)),
        unattend(installing(ENTERPRISE), activating(ENTERPRISE, before="<!-- our MAK -->")),
        unattend(installing(ENTERPRISE), activating(f"<!-- MAK -->{ENTERPRISE}")),
    ],
)
def test_a_gvlk_where_a_mak_is_meant(checked: Check, text: str) -> None:
    assert "gvlk_for_mak" in codes_of(checked(text))


@pytest.mark.parametrize(
    "text",
    [
        unattend(installing(ENTERPRISE), activating(MAK, before="<!-- KMS client key -->")),
        unattend(installing(ENTERPRISE), activating(MAK), commands("cscript slmgr.vbs /skms kms.example")),
    ],
)
def test_a_mak_where_a_gvlk_is_meant(checked: Check, text: str) -> None:
    assert codes_of(checked(text)) == ["mak_for_gvlk"]


def test_a_comment_that_speaks_of_both_says_nothing(checked: Check) -> None:
    text = unattend(installing(ENTERPRISE), activating(ENTERPRISE, before="<!-- KMS; put a MAK here instead -->"))
    assert checked(text).findings == ()


def test_a_retail_key_beside_skipped_activation(checked: Check) -> None:
    skipped = component("Microsoft-Windows-Security-SPP-UX", "<SkipAutoActivation>true</SkipAutoActivation>")
    retail = replace(STORED, key_type="retail", usage="installation_and_activation")
    both = unattend(installing(MAK), activating(MAK))
    assert checked(both, held=retail).findings == ()
    with_skipped = both.replace("</unattend>", settings("specialize", skipped) + "</unattend>")
    assert codes_of(checked(with_skipped, held=retail)) == ["retail_not_activated"] * 2


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(STORED, status="archived"), "archived"),
        (replace(STORED, status="compromised"), "compromised"),
        (replace(STORED, left=0), "used_up"),
        (replace(STORED, architecture="arm64"), "other_architecture"),
        (replace(STORED, key_type="retail", usage="installation"), "other_usage"),
    ],
)
def test_an_entry_that_may_not_be_used_here(checked: Check, facts: KeyFacts, code: str) -> None:
    assert the_only(checked(unattend(activating(MAK)), held=facts))[:2] == (code, "warning")


# The file itself.


def test_a_fault_is_a_finding_and_the_rest_is_checked(checked: Check) -> None:
    report = checked("<!-- by a generator -->\n" + unattend(installing(MAK), activating(MAK)))
    assert codes_of(report) == ["before_declaration", "mak_in_windowspe"]


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        (ORDINARY.replace("unattend>", "AutoUnattend>").replace("<unattend", "<AutoUnattend"), "root_wrong", "error"),
        (installing(PRO), "root_wrong", "error"),
        (ORDINARY.replace(UNATTEND, "urn:other"), "namespace_wrong", "warning"),
        (ORDINARY.replace(f' xmlns="{UNATTEND}"', ""), "namespace_missing", "warning"),
        (ORDINARY.replace("utf-8", "utf-16").encode("utf-16"), "not_utf_8", "info"),
        ("{% if a & b %}" + ORDINARY, "template_not_rendered", "warning"),
        ("key: value\n", "no_xml", "error"),
        (b"", "no_xml", "error"),
    ],
)
def test_what_is_wrong_with_the_file(checked: Check, text: str | bytes, code: str, severity: str) -> None:
    report = checked(text)
    assert (report.findings[0].code, report.findings[0].severity) == (code, severity)


def test_alternatives_in_a_template_are_no_contradiction(checked: Check) -> None:
    text = unattend("{% if x < y %}", activating(PRO), "{% else %}", activating(ENTERPRISE), "{% endif %}")
    assert codes_of(checked(text)) == ["template_not_rendered"]


# The rules as texts.


@pytest.mark.parametrize("rule", [*STRUCTURE_RULES, *KEY_RULES], ids=lambda rule: rule.code)
def test_every_rule_says_what_is_wrong_what_to_do_and_where_it_comes_from(rule: FileRule) -> None:
    params = dict.fromkeys(("name", "detail", "encoding", "why", "key", "other", "image", "usage", "architecture"), "x")
    finding = Finding(rule, 1, params=params)
    assert finding.message.endswith((".", "x"))
    assert finding.advice.endswith(".")
    assert finding.source


def test_no_two_rules_have_the_same_code() -> None:
    codes = [rule.code for rule in (*STRUCTURE_RULES, *KEY_RULES)]
    assert len(set(codes)) == len(codes)


def test_the_checker_needs_no_database() -> None:
    systems: Mapping[str, SystemFacts] = {}
    report = check(read(ORDINARY.encode()), known=lambda code: None, systems=systems, changes=())
    assert codes_of(report) == ["unknown_in_windowspe"]
