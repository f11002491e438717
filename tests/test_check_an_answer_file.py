"""Checking an answer file: what would make the rollout fail is said before the rollout does."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from django.db.models import QuerySet

from productkeys.domain import keycode
from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.findings import FileRule, Finding
from productkeys.domain.answer_file.key_rules import KEY_RULES
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.product import product_of
from productkeys.domain.answer_file.reading import read
from productkeys.domain.answer_file.report import Report, as_json
from productkeys.domain.answer_file.structure_rules import STRUCTURE_RULES
from productkeys.domain.systems import SystemFacts
from productkeys.models import ProductKey, reference
from productkeys.services.known_keys import known_in
from productkeys.services.published_facts import edition_changes
from tests.answer_files import (
    ENTERPRISE,
    ORDINARY,
    SETUP,
    SHELL_SETUP,
    UNATTEND,
    activating,
    commands,
    component,
    installing,
    installs_from,
    settings,
    unattend,
    windows_pe,
)
from tests.made_up_keys import made_up_key
from tests.typed_keys import OTHER, PRO

MAK, UNKNOWN = made_up_key(100), OTHER
LTSC = "M7XTQ-FN8P6-TTKYV-9D4CC-J462D"
OF_2012_R2, OF_2016 = "D2N9P-3P6X9-2R39C-7RTCD-MDVJX", "WC2BQ-8NRM3-FDDYY-2BFGV-KHKQY"
STORED = KeyFacts("House", "mak", "windows-11", "Enterprise", "any", "activation", "active", 100)

Check = Callable[..., Report]


@pytest.fixture
def checked(standard_keys: QuerySet[ProductKey]) -> Check:
    """A function that checks a text; it knows Microsoft's keys, and the MAK with the facts that are given."""
    published = known_in(ProductKey.objects.all())
    systems = reference.current().systems

    def checked(text: str | bytes, name: str = "unattend.xml", *, held: KeyFacts = STORED) -> Report:
        own = {keycode.parse(MAK): held}
        data = text if isinstance(text, bytes) else text.encode()
        return check(
            read(data, name),
            known=lambda code: own.get(code) or published(code),
            systems=systems,
            changes=edition_changes(),
        )

    return checked


def _codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def _only(report: Report) -> tuple[str, str, int]:
    (finding,) = report.findings
    return finding.code, finding.severity.value, finding.line


def test_it_works(checked: Check) -> None:
    assert checked(ORDINARY).findings == ()
    assert checked(ORDINARY).worst is None


# ACCEPTANCE: what the portal must say.


def test_a_stored_mak_in_windows_pe_is_an_error_and_belongs_in_specialize(checked: Check) -> None:
    report = checked(unattend(installing(MAK), activating(MAK)))

    assert _only(report) == ("mak_in_windowspe", "error", 6)
    assert "the rollout fails" in report.findings[0].message
    assert "specialize" in report.findings[0].advice
    assert "Shell-Setup" in report.findings[0].source


def test_an_unknown_key_in_windows_pe_is_a_warning_if_this_is_a_mak(checked: Check) -> None:
    report = checked(unattend(installing(UNKNOWN), activating(UNKNOWN)))

    assert _only(report) == ("unknown_in_windowspe", "warning", 6)
    assert "If this is a MAK, the rollout fails." in report.findings[0].message


def test_a_key_of_server_2012_r2_beside_an_image_of_server_2016_is_an_error(checked: Check) -> None:
    chosen = installs_from("/IMAGE/NAME", "Windows Server 2016 SERVERSTANDARD")
    report = checked(unattend(installing(OF_2012_R2, after=chosen), activating(OF_2012_R2)))

    assert [(finding.code, finding.severity) for finding in report.findings] == [("other_system", "error")] * 2
    assert "Windows Server 2012 R2" in report.findings[0].message
    assert checked(unattend(installing(OF_2016, after=chosen), activating(OF_2016))).findings == ()


def test_pid_txt_with_a_stored_mak_is_an_error_since_it_only_installs(checked: Check) -> None:
    report = checked(f"[PID]\r\nValue={MAK}\r\n", "PID.txt")

    assert _codes(report) == ["pid_installs", "pid_ignored"]
    assert [finding.severity for finding in report.findings] == ["error", "info"]
    assert "ignores this file where it has an answer file" in report.findings[1].message


def test_an_esu_key_never_belongs_in_an_answer_file(checked: Check) -> None:
    assert _only(checked(unattend(activating(MAK)), held=replace(STORED, key_type="esu")))[:2] == ("esu_key", "error")


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
    assert "gvlk_for_mak" in _codes(checked(text))


@pytest.mark.parametrize(
    "text",
    [
        unattend(installing(ENTERPRISE), activating(MAK, before="<!-- KMS client key -->")),
        unattend(installing(ENTERPRISE), activating(MAK), commands("cscript slmgr.vbs /skms kms.example")),
    ],
)
def test_a_mak_where_a_gvlk_is_meant(checked: Check, text: str) -> None:
    assert _codes(checked(text)) == ["mak_for_gvlk"]


def test_a_comment_that_speaks_of_both_says_nothing(checked: Check) -> None:
    text = unattend(installing(ENTERPRISE), activating(ENTERPRISE, before="<!-- KMS; put a MAK here instead -->"))
    assert checked(text).findings == ()


def test_a_retail_key_beside_skipped_activation(checked: Check) -> None:
    skipped = component("Microsoft-Windows-Security-SPP-UX", "<SkipAutoActivation>true</SkipAutoActivation>")
    retail = replace(STORED, key_type="retail", usage="installation_and_activation")
    both = unattend(installing(MAK), activating(MAK))
    assert checked(both, held=retail).findings == ()
    with_skipped = both.replace("</unattend>", settings("specialize", skipped) + "</unattend>")
    assert _codes(checked(with_skipped, held=retail)) == ["retail_not_activated"] * 2


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
    assert _only(checked(unattend(activating(MAK)), held=facts))[:2] == (code, "warning")


# The key and the image.


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
    assert _codes(checked(text)) == codes


def test_a_key_that_changes_the_edition_afterwards_is_a_warning(checked: Check) -> None:
    chosen = installs_from("/IMAGE/NAME", "Windows 11 Pro")
    report = checked(unattend(windows_pe("", after=chosen), activating(ENTERPRISE)))
    assert _only(report)[:2] == ("edition_changes", "warning")


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
    assert _codes(report) == ["evaluation_takes_none"] * 2
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
    assert set(_codes(checked(unattend(*places)))) == {"architectures_contradict", "only_in_windowspe"}


def test_an_edition_id_chooses_as_well(checked: Check) -> None:
    chosen = installs_from("IMAGE/WINDOWS/EDITIONID", "Enterprise")
    assert _codes(checked(unattend(installing(PRO, after=chosen), activating(ENTERPRISE)))) == [
        "other_edition",
        "passes_differ",
    ]


@pytest.mark.parametrize(
    "source",
    ["wim:c:/images/install.wim#Windows 10 Enterprise", "catalog:d:/sources/install_windows 10 enterprise.clg"],
)
def test_what_the_file_was_made_for_is_a_warning(checked: Check, source: str) -> None:
    made_for = f'<cpi:offlineImage cpi:source="{source}" xmlns:cpi="urn:schemas-microsoft-com:cpi"/>'
    assert _codes(checked(unattend(activating(PRO), made_for))) == ["made_for_other"]
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


# What stands there instead of a key.


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
    assert _only(checked(unattend(activating(written))))[:2] == ("redacted", "warning")


def test_a_redaction_that_breaks_the_xml_is_read_as_one(checked: Check) -> None:
    report = checked(unattend(installing("<Hidden>"), activating(PRO)))
    assert _codes(report) == ["tags_crossed", "redacted"]
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
    assert _only(report)[:2] == (code, "error")


@pytest.mark.parametrize("written", [PRO.lower(), PRO.replace("-", ""), f" {PRO}\n"])
def test_a_key_that_is_not_written_as_issued_is_a_warning(checked: Check, written: str) -> None:
    assert _only(checked(unattend(activating(written))))[:2] == ("not_as_issued", "warning")


def test_a_typing_error_is_a_possible_one_and_never_called_invalid(checked: Check) -> None:
    report = checked(unattend(activating(PRO[:-1] + "Y")))
    assert _only(report)[:2] == ("typing_error", "warning")
    assert report.findings[0].message.startswith("Possible typing error")


def test_an_empty_element_is_an_error_in_shell_setup_and_a_warning_in_windows_pe(checked: Check) -> None:
    report = checked(unattend(installing(""), activating("\n")))
    assert [(finding.code, finding.severity) for finding in report.findings] == [
        ("empty_in_windowspe", "warning"),
        ("empty_in_shell_setup", "error"),
    ]


def test_a_product_key_without_key_is_nothing_to_say(checked: Check) -> None:
    assert checked(unattend(windows_pe("<ProductKey><WillShowUI>Never</WillShowUI></ProductKey>"))).findings == ()


# Places.


def test_a_key_only_in_windows_pe_is_a_hint(checked: Check) -> None:
    assert _only(checked(unattend(installing(PRO)))) == ("only_in_windowspe", "info", 6)


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
    assert _codes(checked(text)) == [code]


def test_a_pass_that_does_not_exist_is_named(checked: Check) -> None:
    report = checked(unattend(activating(PRO), installing(MAK).replace("windowsPE", "disabled")))
    assert _codes(report) == ["pass_unknown"]
    assert "“disabled”" in report.findings[0].message


def test_architectures_that_contradict_each_other(checked: Check) -> None:
    both = unattend(activating(PRO, architecture="x86"), activating(ENTERPRISE, architecture="amd64"))
    assert _codes(checked(both)) == ["architectures_contradict"]
    assert checked(both.replace(ENTERPRISE, PRO)).findings == ()


def test_one_place_twice_with_different_keys(checked: Check) -> None:
    assert _codes(checked(unattend(activating(PRO), activating(ENTERPRISE)))) == ["repeated_differently"]


def test_the_two_passes_may_differ_which_is_said(checked: Check) -> None:
    published = checked(unattend(installing(PRO), activating(ENTERPRISE)))
    assert _only(published)[:2] == ("passes_differ", "warning")
    unknown = checked(unattend(installing(UNKNOWN), activating(made_up_key(7))))
    assert _codes(unknown) == ["unknown_in_windowspe", "unknown_passes_differ"]
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
    assert _only(report)[:2] == (code, "warning")
    assert "rewrite" in report.findings[0].message


def test_a_published_key_elsewhere_is_only_a_hint(checked: Check) -> None:
    assert _only(checked(unattend(f"<!-- {PRO} -->")))[:2] == ("published_elsewhere", "info")
    assert checked(unattend("<!-- XXXXX-XXXXX-XXXXX-XXXXX-XXXXX -->")).findings == ()


# The file itself.


def test_a_fault_is_a_finding_and_the_rest_is_checked(checked: Check) -> None:
    report = checked("<!-- by a generator -->\n" + unattend(installing(MAK), activating(MAK)))
    assert _codes(report) == ["before_declaration", "mak_in_windowspe"]


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
    assert _codes(checked(text)) == ["template_not_rendered"]


# What scripts are told.


def test_scripts_get_one_object_with_these_keys_and_values(checked: Check) -> None:
    text = unattend(installing(PRO), activating(MAK), f"<!-- {UNKNOWN} -->")
    told = as_json("unattend.xml", checked(text))

    assert told == {
        "file": "unattend.xml",
        "readable": True,
        "fault": None,
        "places": [
            {
                "pass": "windowsPE",
                "component": SETUP,
                "architecture": "amd64",
                "path": "UserData/ProductKey/Key",
                "line": 6,
                "value": "published",
                "last_five": "T83GX",
            },
            {
                "pass": "specialize",
                "component": SHELL_SETUP,
                "architecture": "amd64",
                "path": "ProductKey",
                "line": 14,
                "value": "key",
                "last_five": MAK[-5:],
            },
        ],
        "elsewhere": [{"line": 17, "where": "comment", "value": "key", "last_five": UNKNOWN[-5:]}],
        "findings": [
            {
                "code": "in_comment",
                "severity": "warning",
                "line": 17,
                "message": "A product key stands in a comment. Who gets the file can read it, and a rewrite"
                " leaves it there.",
                "advice": "Take it out before you pass the file on.",
            }
        ],
    }
    assert as_json("x", checked("<a"))["fault"] == {"line": 1, "message": "The file ends in the middle of something."}


def test_a_whole_key_is_told_nowhere(checked: Check) -> None:
    """Not even where somebody put it into a name."""
    hostile = (
        unattend(installing(UNKNOWN), activating(f"{UNKNOWN} {MAK}"))
        .replace("specialize", UNKNOWN)
        .replace("amd64", UNKNOWN)
        .replace("UserData", UNKNOWN)
        .replace("31bf3856ad364e35", UNKNOWN)
        .replace("AcceptEula", UNKNOWN)
    )
    hostile_image = installs_from("/IMAGE/NAME", f"Windows 11 {UNKNOWN}")
    for text in [
        hostile,
        f"<{UNKNOWN}/>",
        f'<unattend><settings pass="{UNKNOWN}"/>',
        f"[{UNKNOWN}]\nProductKey={UNKNOWN}",
        unattend(installing(PRO, after=hostile_image)),
    ]:
        told = str(as_json(f"{UNKNOWN}.xml", checked(text)))
        assert UNKNOWN not in told
        assert UNKNOWN.replace("-", "") not in told


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
    assert _codes(report) == ["unknown_in_windowspe"]
