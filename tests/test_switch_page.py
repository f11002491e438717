"""Switching machines: to KMS, to a MAK, to another edition; what errors mean, what a KMS host activates."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from keyportal import kms_hosts
from productkeys.domain.choices import Status
from productkeys.domain.kms import to_kms
from productkeys.domain.scripts import as_cmd, as_powershell
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import KMS_HOST, MAK, new_code, stored
from tests.test_identify_a_key import DLI_GERMAN, DLV

pytestmark = pytest.mark.django_db

PAGE = reverse("productkeys:switch")
SCRIPT = reverse("productkeys:switch-script")
GVLK = "W269N-WFGWX-YVC9B-4J6C9-T83GX"
PRO = {"system": "windows-11", "edition": "Professional"}
SERVER_MAK = """
Software licensing service version: 10.0.20348.1
Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, {channel} channel
Partial Product Key: {last_five}
License Status: Initial grace period
Time remaining: 43200 minute(s) (30 day(s))
"""


def read(client: Client, way: str = "switch", **query: Any) -> str:
    answer = client.get(reverse(f"productkeys:{way}"), query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def pasted(client: Client, text: str) -> str:
    answer = client.post(PAGE, {"text": text})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return unescape(answer.content.decode())


def commands(page: str) -> list[str]:
    """The commands of the page, as "copy all" copies them, without the way to slmgr."""
    found = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    return [line.rpartition("slmgr.vbs ")[2] for line in found[1].strip().splitlines()] if found else []


# To KMS, for a product that is chosen


def test_a_product_leads_to_its_gvlk_and_the_commands_in_order(as_viewer: Client) -> None:
    page = read(as_viewer, **PRO)
    assert f'data-copy="{GVLK}"' in page
    assert commands(page) == [f"/ipk {GVLK}", "/ckms", "/ato", "/dlv"]


def test_an_operating_system_alone_lists_the_keys_of_its_editions(as_viewer: Client) -> None:
    page = read(as_viewer, system="windows-server-2022")
    assert "What is known of this Windows leaves several GVLKs." in page
    for last_five in ("VMK7H", "6VM33"):
        assert f"Copy the key {last_five}" in page
    assert "edition=ServerStandard" in page
    assert commands(page) == []


def test_an_edition_without_a_gvlk_says_so(as_viewer: Client) -> None:
    page = read(as_viewer, system="windows-11", edition="Core")
    assert "Microsoft publishes no GVLK for this edition." in page
    assert commands(page) == []


@pytest.mark.parametrize("system", ["", "windows-95", "<script>alert(1)</script>"])
def test_a_product_that_is_none_is_said_beside_the_field(as_viewer: Client, system: str) -> None:
    page = as_viewer.get(PAGE, {"system": system}).content.decode()
    assert 'aria-invalid="true"' in page
    assert "<script>alert" not in page


def test_what_was_a_kms_host_is_no_longer_published(as_viewer: Client) -> None:
    assert commands(read(as_viewer, **PRO, was_host="on"))[0] == "/cdns"


def test_without_a_list_of_the_administrator_machines_ask_dns(as_viewer: Client) -> None:
    page = read(as_viewer, **PRO, host="kms.example.com")
    assert 'name="host"' not in page
    assert "/ckms" in commands(page)


def test_a_host_of_the_administrators_list_is_named(as_viewer: Client, settings: Settings) -> None:
    settings.KMS_HOSTS = ("kms.example.com", "192.0.2.10:1700")
    page = read(as_viewer, **PRO, host="192.0.2.10:1700")
    assert commands(page)[1] == "/skms 192.0.2.10:1700"
    assert "?host=192.0.2.10%3A1700" in page
    assert "-Port 1700" in read(as_viewer, "switch-errors", host="192.0.2.10:1700")


def test_no_other_host_gets_into_a_command(as_viewer: Client, settings: Settings) -> None:
    settings.KMS_HOSTS = ("kms.example.com",)
    assert commands(read(as_viewer, **PRO, host="kms.example.org")) == []
    assert as_viewer.get(SCRIPT, PRO | {"host": "kms.example.org", "as": "cmd"}).status_code == 404
    assert not any(
        "example" in command for command in commands(read(as_viewer, "switch-errors", host="kms.example.org"))
    )


def test_the_list_of_hosts_is_read_from_the_environment() -> None:
    assert kms_hosts.read(" kms.example.com, 192.0.2.10:1700,kms.example.com ,") == (
        "kms.example.com",
        "192.0.2.10:1700",
    )
    assert kms_hosts.read("") == ()


@pytest.mark.parametrize("text", ["kms & calc", "kms:0", "kms.example.com kms2.example.com"])
def test_a_wrong_list_of_hosts_stops_the_start_and_says_what_to_do(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"KEYPORTAL_KMS_HOSTS names .* divided by commas"):
        kms_hosts.read(text)


# To KMS, for what a machine shows


def test_what_a_mak_machine_shows_leads_to_its_gvlk(as_viewer: Client) -> None:
    mak = stored(operating_system_id="windows-server-2022", edition="ServerStandard", architecture="any")
    page = pasted(as_viewer, SERVER_MAK.format(channel="VOLUME_MAK", last_five=mak.last_five))
    assert commands(page)[0].endswith("VMK7H")
    for fact in ("Windows(R), ServerStandard", "VOLUME_MAK", mak.last_five, "in a grace period", "30 days"):
        assert fact in page
    assert f'<a href="{mak.get_absolute_url()}">{mak.name}</a>' in page
    assert (
        "system=windows-server-2022&amp;edition=ServerStandard"
        in as_viewer.post(PAGE, {"text": SERVER_MAK.format(channel="VOLUME_MAK", last_five="7Q4KM")}).content.decode()
    )


def test_what_a_kms_host_shows_stops_its_publishing_first(as_viewer: Client) -> None:
    page = pasted(as_viewer, SERVER_MAK.format(channel="VOLUME_KMS_WS22", last_five="7Q4KM"))
    assert commands(page)[0] == "/cdns"
    assert "none that you may see" in page


def test_what_is_known_goes_along_with_the_choice_among_several(as_viewer: Client) -> None:
    text = SERVER_MAK.format(channel="VOLUME_KMS_WS22", last_five="7Q4KM").replace("version: 10.0.20348.1", "")
    assert "edition=ServerStandard&was_host=on" in pasted(as_viewer, text)


def test_a_machine_that_is_a_kms_client_already_is_told_so(as_viewer: Client) -> None:
    page = pasted(as_viewer, DLV)
    assert "The machine has this GVLK already" in page
    assert "179 days" in page


def test_german_output_whose_version_is_missing_leaves_the_choice_and_explains_its_error(as_viewer: Client) -> None:
    page = pasted(as_viewer, DLI_GERMAN)
    assert "What is known of this Windows leaves several GVLKs." in page
    assert "?code=0xC004F034" in page


def test_a_machine_with_home_is_not_taken_for_windows_8(as_viewer: Client) -> None:
    page = pasted(as_viewer, DLI_GERMAN.replace("ServerStandard", "Core"))
    assert "only one of them has a GVLK in this edition" in page
    assert "Taken for" not in page
    assert commands(page) == []


def test_of_several_machines_the_answer_says_that_it_is_for_the_first(as_viewer: Client) -> None:
    note = "More licences with a key stand in this text; this is the first."
    assert note in pasted(as_viewer, f"PC-001\n{DLV}\nPC-002\n{DLI_GERMAN}")
    assert note not in pasted(as_viewer, f"{DLV}\n{DLV}")


def test_an_evaluation_is_led_to_dism_and_gets_no_commands_that_fail(as_viewer: Client) -> None:
    text = SERVER_MAK.format(channel="TIMEBASED_EVAL", last_five="7Q4KM").replace(
        "ServerStandard", "ServerStandardEval"
    )
    page = pasted(as_viewer, text)
    assert f"{reverse('productkeys:switch-edition')}?system=windows-server-2022" in page
    assert commands(page) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Nothing is here yet"),
        ("Hello", "No licence of Windows was found in this text"),
        ("Name: Office 16, Office16ProPlusVL_KMS_Client edition", "No licence of Windows was found in this text"),
    ],
)
def test_a_text_without_a_licence_is_said_beside_the_field(as_viewer: Client, text: str, message: str) -> None:
    page = pasted(as_viewer, text)
    assert message in page
    assert 'aria-invalid="true"' in page


def test_a_whole_key_in_the_text_does_not_come_back(as_viewer: Client) -> None:
    code = new_code().open()
    for text in (code, f"{DLV}\n{code}", DLV.replace("T83GX", code)):
        assert code[:11] not in pasted(as_viewer, text)


def test_more_keys_take_no_more_queries(as_viewer: Client) -> None:
    def queries(way: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            read(as_viewer, way, system="windows-11")
        return sum('FROM "productkeys_productkey"' in query["sql"] for query in captured)

    stored()
    before = queries("switch"), queries("switch-mak")
    for _number in range(5):
        keys.add_key(keys.KeyValues(**MAK, code=new_code()), origin=PORTAL)
    assert (queries("switch"), queries("switch-mak")) == before


# The commands as files


def test_the_command_script_is_ascii_with_windows_line_ends_in_any_language(as_viewer: Client) -> None:
    answer = as_viewer.get(SCRIPT, PRO | {"as": "cmd"}, HTTP_ACCEPT_LANGUAGE="de")
    assert answer["Content-Disposition"] == 'attachment; filename="switch-to-kms-T83GX.cmd"'
    text = answer.content.decode("ascii")
    assert f"%SystemRoot%\\System32\\slmgr.vbs /ipk {GVLK}\r\n" in text
    assert "\n" not in text.replace("\r\n", "")


def test_the_powershell_script_asks_for_elevation_and_finds_windows_in_its_own_way(as_viewer: Client) -> None:
    answer = as_viewer.get(SCRIPT, PRO | {"as": "ps1"})
    assert answer["Content-Disposition"] == 'attachment; filename="switch-to-kms-T83GX.ps1"'
    assert answer.content.startswith(b"\xef\xbb\xbf#Requires -RunAsAdministrator\r\n")
    text = answer.content.decode("utf-8-sig")
    assert f"cscript //nologo $env:SystemRoot\\System32\\slmgr.vbs /ipk {GVLK}\r\n" in text
    assert "%SystemRoot%" not in text


def test_every_command_is_in_both_scripts() -> None:
    steps = to_kms(GVLK, host="kms.example.com", was_host=True)
    for step in steps:
        assert step.command in as_cmd(steps).decode()
        assert step.command.partition("slmgr.vbs")[2] in as_powershell(steps).decode("utf-8-sig")


@pytest.mark.parametrize(
    "query", [{}, PRO, PRO | {"as": "exe"}, {"system": "windows-11", "as": "cmd"}, {"system": "x", "as": "cmd"}]
)
def test_there_is_no_script_for_what_is_not_one_key(as_viewer: Client, query: dict[str, str]) -> None:
    assert as_viewer.get(SCRIPT, query).status_code == 404


# To a MAK


def test_the_maks_that_activate_the_product_are_named_and_never_shown(as_revealer: Client) -> None:
    fits, archived, other = stored(), stored(name="Old"), stored(name="Elsewhere", operating_system_id="windows-7")
    keys.set_status(archived, Status.ARCHIVED, seen_version=1, origin=PORTAL)
    page = read(as_revealer, "switch-mak", system="windows-11", edition="Enterprise")
    assert commands(page) == ["/ipk <MAK>", "/ckms", "/ato", "/cpky", "/dlv"]
    assert f"{fits.get_absolute_url()}#reveal" in page
    assert archived.get_absolute_url() not in page
    assert other.get_absolute_url() not in page
    assert fits.code.open()[:11] not in page


def test_who_may_not_reveal_is_not_led_to_it(as_viewer: Client) -> None:
    key = stored()
    page = read(as_viewer, "switch-mak", system="windows-11", edition="Enterprise")
    assert key.get_absolute_url() in page
    assert "#reveal" not in page


def test_where_no_mak_fits_the_page_says_so(as_viewer: Client) -> None:
    assert "No MAK that you may see activates this Windows." in read(as_viewer, "switch-mak", system="windows-7")


# To another edition


@pytest.mark.parametrize(
    ("change", "edition", "last_five"),
    [
        ("ServerStandardEval-ServerStandard", "ServerStandard", "VMK7H"),
        ("ServerStandard-ServerDatacenter", "ServerDatacenter", "6VM33"),
    ],
)
def test_an_evaluation_becomes_full_and_standard_datacenter(
    as_viewer: Client, change: str, edition: str, last_five: str
) -> None:
    page = read(as_viewer, "switch-edition", system="windows-server-2022", change=change)
    assert "Never on a domain controller." in page
    (dism,) = [command for command in commands(page) if "Set-Edition" in command]
    assert dism.startswith(f"DISM /Online /Set-Edition:{edition} /ProductKey:")
    assert dism.endswith(f"{last_five} /AcceptEula")


def test_a_change_that_microsoft_does_not_support_is_refused(as_viewer: Client) -> None:
    page = read(as_viewer, "switch-edition", system="windows-server-2022", change="ServerDatacenter-ServerStandard")
    assert 'aria-invalid="true"' in page
    assert commands(page) == []


# When activation fails


def test_what_to_check_begins_with_dns_and_the_port(as_viewer: Client) -> None:
    page = read(as_viewer, "switch-errors")
    first, second, *_rest = commands(page)
    assert "_vlmcs._tcp" in first
    assert "-Port 1688" in second
    assert "25 clients or 5 servers" in page


@pytest.mark.parametrize("typed", ["0xC004F074", " c004f074", "-1073418124"])
def test_an_error_is_explained_however_its_code_is_typed(as_viewer: Client, typed: str) -> None:
    page = read(as_viewer, "switch-errors", code=typed)
    assert '<article class="kp-found" aria-label="0xC004F074">' in page
    assert "Windows SDK" in page


@pytest.mark.parametrize(("code", "message"), [("0xC0000001", "The code 0xC0000001 is not among"), ("x", "no code")])
def test_a_code_that_is_not_known_is_not_guessed_at(as_viewer: Client, code: str, message: str) -> None:
    page = read(as_viewer, "switch-errors", code=code)
    assert message in page
    assert "<article" not in page


def test_all_frequent_errors_stand_on_the_page_under_their_code(as_viewer: Client) -> None:
    page = read(as_viewer, "switch-errors")
    assert page.count('<details class="kp-fold" id="0x') >= 40


# What a KMS host activates


def activated(page: str) -> dict[str, bool]:
    rows = re.findall(r"<tr><td>([^<]*)</td><td><span class=\"([^\"]*)\"", page)
    return {name: "kp-badge--ok" in badge for name, badge in rows}


def test_my_kms_host_key_of_2022_does_not_activate_server_2025(as_viewer: Client) -> None:
    page = read(as_viewer, "switch-hosts", group="windows-server-2022")
    said = activated(page)
    assert said["Windows Server 2025"] is False
    assert said["Windows Server 2022"] is True
    assert said["Windows 11"] is True
    assert "Microsoft Learn: KMS activation planning" in page
    assert "our judgement" in page


def test_windows_7_is_activated_by_the_host_but_not_by_active_directory(as_viewer: Client) -> None:
    page = read(as_viewer, "switch-hosts", group="windows-server-2022")
    assert activated(page)["Windows 7"] is True
    assert "Active Directory-based activation is not possible for Windows 7." in page
    assert "Active Directory-based activation is not possible for Windows 8." not in page


def test_the_page_of_a_kms_host_key_leads_to_what_it_activates(as_viewer: Client) -> None:
    page = as_viewer.get(stored(KMS_HOST).get_absolute_url()).content.decode()
    assert f"{reverse('productkeys:switch-hosts')}?group=windows-server-2022" in page
    assert "switch-to-kms/hosts" not in as_viewer.get(stored().get_absolute_url()).content.decode()


def test_the_page_of_a_gvlk_leads_to_its_commands(as_viewer: Client) -> None:
    for key in ProductKey.objects.filter(published=True, key_type="gvlk"):
        page = as_viewer.get(key.get_absolute_url()).content.decode()
        link = re.search(rf'href="({PAGE}\?[^"]*)"', page)
        assert link
        assert key.public_code in as_viewer.get(unescape(link[1])).content.decode()
