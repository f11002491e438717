"""Checking an answer file: what stands where a key belongs, be it a placeholder, half a key or nothing."""

import pytest
from django.db.models import QuerySet

from productkeys.models import ProductKey
from tests.answer_files import activating, installing, unattend, windows_pe
from tests.checked_answer_files import Check, checker, codes_of, the_only
from tests.typed_keys import PRO


@pytest.fixture
def checked(standard_keys: QuerySet[ProductKey]) -> Check:
    return checker()


def test_a_text_that_is_no_key_is_called_so_once(checked: Check) -> None:
    (finding,) = checked(unattend(installing("Windows 10 Pro"))).findings
    assert finding.message.count("This is no product key.") == 1
    assert "five groups of five" in finding.message


@pytest.mark.parametrize(
    "written",
    [
        "{ProductKey}",
        "[KEY]",
        "%key%",
        "%PRODUCT_KEY%",
        "${product_key}",
        "{{ key }}",
        "{{ windows_key | default('') }}",
        "$(Key)",
        "$ProductKey",
        "#TABLE:KEYS.WIN10#",
        "1ProductID",
        "YOUR_PRODUCT_KEY",
        "enter key here",
        "productkey",
        "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY",
        "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX",
        "TTTTT-TTTTT-TTTTT-TTTTT-TTTTT",
        "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx",
        "00000-00000-00000-00000-00000",
        "11111-22222-33333-44444-55555",
        "XXXXX-XXXXX-XXXXX-XXXXX",
        "&lt;key&gt;",
        "@@KEY@@",
        "__KEY__",
        "%{key}",
    ],
)
def test_a_placeholder_is_called_one_and_no_typing_error(checked: Check, written: str) -> None:
    report = checked(unattend(installing(written), activating(written)))
    assert [(finding.code, finding.severity) for finding in report.findings] == [("placeholder", "warning")] * 2


@pytest.mark.parametrize(
    "written",
    [
        "*SENSITIVE*DATA*DELETED*",
        "Sensitive*Data*Deleted",
        "*****-*****-*****-*****-*****",
        "&lt;Hidden&gt;",
        "[redacted]",
        "•••••-•••••-•••••-•••••-T83GX",
    ],
)
def test_a_key_that_somebody_took_out_is_said_to_be_missing(checked: Check, written: str) -> None:
    assert the_only(checked(unattend(activating(written))))[:2] == ("redacted", "warning")


def test_a_redaction_that_breaks_the_xml_is_read_as_one(checked: Check) -> None:
    report = checked(unattend(installing("<Hidden>"), activating(PRO)))
    assert codes_of(report) == ["tags_crossed", "redacted"]
    assert not report.file.is_readable


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (PRO[:-1], "malformed"),
        (PRO + "G", "malformed"),
        (PRO[:23], "malformed"),
        (f"{PRO}-T83GX", "malformed"),
        (f"{PRO}>", "more_than_a_key"),
        (f"Key: {PRO}", "more_than_a_key"),
        ("Windows 10 Pro", "malformed"),
        (".", "malformed"),
        ("W269N-WFGWX-YVC9B-4J6C9-T83GO", "malformed"),
        ("W269N-WFGWX-YVC9B-4J6C9-T83GN", "malformed"),
    ],
)
def test_what_is_no_key_is_an_error(checked: Check, written: str, code: str) -> None:
    report = checked(unattend(activating(written)))
    assert the_only(report)[:2] == (code, "error")


@pytest.mark.parametrize("written", [PRO.lower(), PRO.replace("-", ""), f" {PRO}\n"])
def test_a_key_that_is_not_written_as_issued_is_a_warning(checked: Check, written: str) -> None:
    assert the_only(checked(unattend(activating(written))))[:2] == ("not_as_issued", "warning")


def test_a_typing_error_is_a_possible_one_and_never_called_invalid(checked: Check) -> None:
    report = checked(unattend(activating(PRO[:-1] + "Y")))
    assert the_only(report)[:2] == ("typing_error", "warning")
    assert report.findings[0].message.startswith("Possible typing error")


def test_an_empty_element_is_an_error_in_shell_setup_and_a_warning_in_windows_pe(checked: Check) -> None:
    report = checked(unattend(installing(""), activating("\n")))
    assert [(finding.code, finding.severity) for finding in report.findings] == [
        ("empty_in_windowspe", "warning"),
        ("empty_in_shell_setup", "error"),
    ]


def test_a_product_key_without_key_is_nothing_to_say(checked: Check) -> None:
    assert checked(unattend(windows_pe("<ProductKey><WillShowUI>Never</WillShowUI></ProductKey>"))).findings == ()
