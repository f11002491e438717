"""Which key is this? What slmgr prints, in English and German, and what other tools show of a key."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from productkeys.domain import slmgr
from productkeys.domain.matching import ImageFacts
from productkeys.domain.slmgr import MAX_FOUND, Licence, PartialKey, key_type_of, partial_keys, read
from productkeys.models import ProductKey
from productkeys.services import matching, published_facts
from tests.factories import stored
from tests.made_up_keys import made_up_key

DLV = """
Software licensing service version: 10.0.19041.3996

Name: Windows(R), Professional edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Activation ID: 2de67392-b7a7-462a-b1ca-108dd189f588
Application ID: 55c92734-d682-4d71-983e-d6ec3f16059f
Extended PID: 03612-03308-000-000001-03-1031-19041.0000-1002023
Product Key Channel: Volume:GVLK
Installation ID: 020650770493837252929082195773527024195725809211989214
Use License URL: https://activation-v2.sls.microsoft.com/SLActivateProduct/SLActivateProduct.
asmx?configextension=Retail
Partial Product Key: T83GX
License Status: Licensed
Volume activation expiration: 258112 minute(s) (180 day(s))
Remaining Windows rearm count: 1001
Trusted time: 11/26/2026 9:58:33 AM
Configured Activation Type: All

Most recent activation information:
Key Management Service client information
    Client Machine ID (CMID): 5c2d4b4f-61f6-4e1b-9a2e-93a2f9a3c0aa
    Registered KMS machine name: kms.example.com:1688
    KMS machine IP address: 192.0.2.10
    KMS host caching is enabled
"""
DLI_GERMAN = """
Microsoft (R) Windows Script Host, Version 5.812
Copyright (C) Microsoft Corporation. Alle Rechte vorbehalten.

Name: Windows(R), ServerStandard edition
Beschreibung: Windows(R) Operating System, VOLUME_MAK channel
Teil-Product Key: 7Q4KM
Lizenzstatus: Benachrichtigung
Benachrichtigungsgrund: 0xC004F034.
"""
KMS_CLIENT = Licence(
    name="Windows(R), Professional",
    edition="Professional",
    channel="Volume:GVLK",
    last_five="T83GX",
    licensed=True,
    kms_host="kms.example.com:1688",
    version="10.0.19041.3996",
    status="licensed",
    minutes_left=258_112,
)
MAK_SERVER = Licence(
    name="Windows(R), ServerStandard",
    edition="ServerStandard",
    channel="VOLUME_MAK",
    last_five="7Q4KM",
    licensed=False,
    errors=("0xC004F034",),
    status="notification",
)


def wrapped(text: str) -> str:
    """As a narrow window breaks it between two words."""
    return text.replace(": ", ":\n  ").replace(", ", ",\n")


def double_spaced(text: str) -> str:
    return text.replace("\n", "\r\n\r\n")


def quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.splitlines())


# What slmgr prints


@pytest.mark.parametrize("spoilt", [str, double_spaced, quoted, wrapped])
def test_the_output_of_slmgr_tells_product_channel_key_and_host(spoilt: Any) -> None:
    assert read(spoilt(DLV)) == [KMS_CLIENT]


@pytest.mark.parametrize("spoilt", [str, double_spaced, quoted, wrapped])
def test_german_output_is_read_as_well_with_its_error(spoilt: Any) -> None:
    assert read(spoilt(DLI_GERMAN)) == [MAK_SERVER]


def test_the_outputs_of_many_machines_are_kept_apart() -> None:
    assert read(DLV + DLI_GERMAN + DLV) == [KMS_CLIENT, MAK_SERVER, KMS_CLIENT]


def test_older_windows_names_its_product_and_its_error() -> None:
    (licence,) = read(
        "Name: Windows(R) 7, Enterprise edition\n"
        "Description: Windows Operating System - Windows(R) 7, VOLUME_KMSCLIENT channel\n"
        "Partial Product Key: HVTHH\nLicense Status: Notification\nNotification Reason: 0xc004f200 (non-genuine)."
    )
    assert (licence.edition, licence.channel, licence.errors) == ("Enterprise", "VOLUME_KMSCLIENT", ("0xC004F200",))


def test_office_is_no_edition_of_windows() -> None:
    (licence,) = read(
        "LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition\n"
        "LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel\nLast 5 characters of installed product key: WFG99"
    )
    assert (licence.edition, licence.last_five) == ("", "WFG99")


@pytest.mark.parametrize(
    "host",
    [
        "KMS machine name from DNS: kms.example.com:1688",
        "Registrierter KMS-Computername: kms.example.com:1688",
        "KMS-Computername von DNS: kms.example.com:1688",
    ],
)
def test_the_kms_host_is_read_however_the_machine_found_it(host: str) -> None:
    assert read(f"Name: Windows(R), Professional edition\n{host}")[0].kms_host == "kms.example.com:1688"


def test_a_host_that_was_not_found_is_none() -> None:
    text = "Name: Windows(R), Professional edition\nDNS auto-discovery: KMS name not available"
    assert read(text)[0].kms_host == ""


@pytest.mark.parametrize(
    ("line", "status", "licensed"),
    [
        ("License Status: Licensed", "licensed", True),
        ("Lizenzstatus: Lizenziert", "licensed", True),
        ("License Status: Unlicensed", "unlicensed", False),
        ("Lizenzstatus: Nicht lizenziert", "unlicensed", False),
        ("License Status: Initial grace period", "grace", False),
        ("License Status: Non-genuine grace period.", "grace", False),
        ("Lizenzstatus: Zusätzlicher Toleranzzeitraum (KMS-Lizenz abgelaufen)", "grace", False),
        ("Lizenzstatus: Benachrichtigung", "notification", False),
        ("License Status: Something new", "", False),
        ("Description: nothing of it", "", None),
    ],
)
def test_the_status_is_read_in_both_languages(line: str, status: str, licensed: bool | None) -> None:
    (licence,) = read(f"Name: Windows(R), Professional edition\n{line}\nRemaining Windows rearm count: 1001")
    assert (licence.status, licence.licensed) == (status, licensed)


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("Volume activation expiration: 258112 minute(s) (180 day(s))", 258_112),
        ("Time remaining: 43200 minute(s) (30 day(s))", 43_200),
        ("Ablauf der Volumenaktivierung: 258112 Minute(n) (180 Tag(e))", 258_112),
        ("Verbleibende Zeit: 43200 Minute(n) (30 Tag(e))", 43_200),
        ("Renewal Interval: 10080 minutes", None),
    ],
)
def test_the_time_that_is_left_is_read_in_both_languages(line: str, minutes: int | None) -> None:
    (licence,) = read(f"Name: Windows(R), Professional edition\n{line}")
    assert licence.minutes_left == minutes


@pytest.mark.parametrize(
    ("channel", "key_type"),
    [
        ("VOLUME_KMSCLIENT", "gvlk"),
        ("Volume:GVLK", "gvlk"),
        ("VOLUME_MAK", "mak"),
        ("VOLUME_KMS_WS22", "kms_host"),
        ("VOLUME_KMS_WS31", "kms_host"),
        ("Volume:CSVLK", "kms_host"),
        ("VIRTUAL_MACHINE_ACTIVATION", "avma"),
        ("OEM_DM", "oem"),
        ("RETAIL", "retail"),
        ("TIMEBASED_EVAL", ""),
        ("NEVER_SEEN", ""),
    ],
)
def test_a_channel_tells_the_type_of_the_key(channel: str, key_type: str) -> None:
    assert key_type_of(channel, published_facts.channels()) == key_type


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("licence", "facts"),
    [
        (KMS_CLIENT, ImageFacts(build=19041, edition="Professional")),
        (
            Licence(name="Windows(R) 7, Enterprise", edition="Enterprise"),
            ImageFacts(system="windows-7", edition="Enterprise"),
        ),
        # LTSC 2021 has the licensing service of version 2004.
        (Licence(edition="EnterpriseS", version="10.0.19041.1"), ImageFacts(build=19044, edition="EnterpriseS")),
        (Licence(), ImageFacts()),
    ],
)
def test_matching_learns_from_it_what_windows_it_is(licence: Licence, facts: ImageFacts) -> None:
    assert licence.facts(published_facts.catalogue()) == facts


# Partial keys


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (DLV + DLI_GERMAN, ["T83GX", "7Q4KM"]),
        ("XXXXX-XXXXX-XXXXX-XXXXX-T83GX", ["T83GX"]),
        ("•••••-•••••-•••••-•••••-7Q4KM", ["7Q4KM"]),
        ("*****-*****-*****-*****-7Q4KM", ["7Q4KM"]),
        ("t83gx, 7q4km\n2YT43", ["T83GX", "7Q4KM", "2YT43"]),
        ("PC0815;T83GX;26100\nPC0816;2YT43;26100", ["T83GX", "2YT43"]),
        ("It shows T83GX twice: T83GX", ["T83GX"]),
        ("22222", ["22222"]),
        ("CRYPT is a word, and so is pygmy", ["CRYPT"]),
        ("", []),
        ("Nothing here but 22222 and 10.0.26100", []),
        ("T83GN", []),
    ],
)
def test_every_partial_key_of_a_text_is_found_once(text: str, found: list[str]) -> None:
    assert [partial.last_five for partial in partial_keys(text)] == found


@pytest.mark.parametrize("above", [DLV, "•••••-•••••-•••••-•••••-T83GX"])
def test_a_list_below_something_else_is_read_as_well(above: str) -> None:
    found = partial_keys(f"{above}\nand of the others\n2yt43 GCQG9\n\nVCFB2\n22222\nABCDE")
    assert [partial.last_five for partial in found] == ["T83GX", "2YT43", "GCQG9", "VCFB2"]


@pytest.mark.parametrize(
    "rest",
    [
        "On PC-002 it is 2YT43, and VCFB2 on PC-003.",
        "PC-002;Windows 11;Volume:MAK;2YT43;Licensed\nPC-003;Windows 11;Retail;VCFB2;Licensed",
        '"PC-002"\t"2YT43"\r\n"PC-003"\t"VCFB2"',
    ],
)
def test_partial_keys_beside_the_output_of_a_machine_are_not_lost(rest: str) -> None:
    for text in (f"{DLV}\n{rest}", f"{rest}\n{DLV}"):
        assert {partial.last_five for partial in partial_keys(text)} == {"T83GX", "2YT43", "VCFB2"}


def test_of_the_output_itself_nothing_else_is_taken_for_a_key() -> None:
    text = f"{DLV}\nRemark: CRYPT\nRemark:\tCRYPT\n{DLI_GERMAN}"
    assert [partial.last_five for partial in partial_keys(text)] == ["T83GX", "7Q4KM"]


PROFESSIONAL = "Name              : Windows(R), Professional edition"
OF_ENTERPRISE = "Name              : Windows(R), Enterprise edition"


@pytest.mark.parametrize(
    "properties",
    [
        [PROFESSIONAL, "PartialProductKey : T83GX", OF_ENTERPRISE, "PartialProductKey : 7Q4KM"],
        ["PartialProductKey : T83GX", PROFESSIONAL, "PartialProductKey : 7Q4KM", OF_ENTERPRISE],
        ["PartialProductKey : T83GX", PROFESSIONAL, "", "PartialProductKey : 7Q4KM", OF_ENTERPRISE, ""],
    ],
)
def test_powershell_names_the_properties_in_any_order(properties: list[str]) -> None:
    found = read("\n".join(properties))
    assert [(licence.last_five, licence.edition) for licence in found] == [
        ("T83GX", "Professional"),
        ("7Q4KM", "Enterprise"),
    ]


def test_powershell_tells_the_channel_of_the_key() -> None:
    (licence,) = read(f"{PROFESSIONAL}\nProductKeyChannel : Volume:GVLK\nPartialProductKey : T83GX")
    assert licence.channel == "Volume:GVLK"


def test_how_often_a_partial_key_stands_there_is_counted() -> None:
    assert partial_keys("T83GX\n7Q4KM\nT83GX") == {PartialKey("T83GX"): 2, PartialKey("7Q4KM"): 1}


def test_of_a_whole_key_no_more_than_the_end_is_taken() -> None:
    key = made_up_key(7)
    assert partial_keys(f"The key is {key}.") == {PartialKey(key[-5:]): 1}


def test_what_the_text_tells_of_the_product_comes_along() -> None:
    assert partial_keys(DLI_GERMAN) == {PartialKey("7Q4KM", "Windows(R), ServerStandard", "VOLUME_MAK"): 1}


@pytest.mark.django_db
def test_the_entry_that_a_machine_belongs_to_is_found_or_none() -> None:
    mak = stored()
    gvlk = ProductKey.objects.get(published=True, last_five="T83GX")

    found = matching.identify_keys(f"{mak.last_five} T83GX BBBBB", ProductKey.objects.all())

    assert [(one.partial.last_five, one.keys) for one in found] == [
        (mak.last_five, (mak,)),
        ("T83GX", (gvlk,)),
        ("BBBBB", ()),
    ]


@pytest.mark.django_db
def test_what_machines_show_is_read_once_even_where_no_key_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []

    def counted(text: str) -> list[Licence]:
        texts.append(text)
        return read(text)

    monkeypatch.setattr(slmgr, "read", counted)
    (found,) = matching.identify_keys(DLV.replace("T83GX", "BBBBB"), ProductKey.objects.all())

    assert found.shown == matching.ShownProduct("gvlk", "windows-10", "Professional")
    assert len(texts) == 1


# Whatever comes


_LINES = st.sampled_from([*DLV.splitlines(), *DLI_GERMAN.splitlines(), "T83GX", "Name:", "KMS machine name:", "\x85"])


@settings(max_examples=1000, deadline=None)
@given(lines=st.lists(_LINES | st.text(max_size=60), max_size=40))
def test_any_text_is_read_without_an_error(lines: list[str]) -> None:
    text = "\n".join(lines)
    read(text)
    for partial in partial_keys(text):
        assert len(partial.last_five) == 5


@pytest.mark.parametrize(
    "piece", ["Name: ", "Name: \n", "T83GX ", "version ", "key: ", "0xC", "XXXXX-", "KMS machine name: a.", " ", "A_"]
)
def test_a_huge_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    start = time.process_time()
    assert len(read(text)) <= MAX_FOUND
    assert len(partial_keys(text)) <= MAX_FOUND
    assert time.process_time() - start < 5
