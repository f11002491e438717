"""The page that checks a deployment file: what it says, what it never shows, and how long the file is kept."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase

from keyportal.people.models import User
from productkeys.domain.answer_file.key_rules import KEY_RULES
from productkeys.domain.answer_file.structure_rules import STRUCTURE_RULES
from productkeys.listing import sources
from productkeys.models import CheckedFile, Scope, SealedSecret, TrailEntry
from productkeys.services import answer_files
from tests.answer_files import (
    ENTERPRISE,
    ORDINARY,
    activating,
    commands,
    component,
    installing,
    installs_from,
    unattend,
    windows_pe,
)
from tests.canary import pieces_of
from tests.factories import new_code, stored
from tests.made_up_keys import made_up_key
from tests.scoped import person_in
from tests.test_no_answer_file_breaks_the_reader import mutated
from tests.typed_keys import PRO

pytestmark = pytest.mark.django_db

BRING = "/answer-files/"


def _brought(client: Client, data: str | bytes, name: str = "unattend.xml") -> str:
    """Bring a file; returns the address of its page."""
    file = SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())
    answer = client.post(BRING, {"file": file})
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer["Location"])


def _page(client: Client, data: str | bytes, name: str = "unattend.xml") -> str:
    answer = client.get(_brought(client, data, name))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return str(answer.content.decode())


def _words(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_mak_in_windows_pe_makes_the_rollout_fail(as_viewer: Client) -> None:
    mak = stored(name="Windows 11 Enterprise, head office")
    page = _page(as_viewer, unattend(installing(mak.code.open()), commands("echo ready")))
    words = _words(page)
    assert "With this file, the rollout fails" in words
    assert "1 error and 1 hint in 21 lines." in words
    assert "“Windows 11 Enterprise, head office” is a MAK and stands in the pass windowsPE" in words
    place = "windowsPE, Microsoft-Windows-Setup (amd64), UserData, ProductKey, Key"
    assert place in words.replace(" \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ", ", ")
    assert "Line 6" in words
    assert "Remedy: Move it to the pass specialize" in words
    assert "Source: Microsoft Learn: Unattended Windows Setup Reference" in words
    assert f'href="{mak.get_absolute_url()}"' in page
    assert f"<Key>•••••-•••••-•••••-•••••-{mak.last_five}</Key>".replace("<", "&lt;").replace(">", "&gt;") in page


def test_an_unknown_key_there_may_make_it_fail(as_viewer: Client) -> None:
    words = _words(_page(as_viewer, unattend(installing(made_up_key(17)))))
    assert "With this file, the rollout may fail" in words
    assert "If this is a MAK, the rollout fails" in words


def test_a_finding_names_the_key_that_it_is_about_and_no_other_of_its_line(as_viewer: Client) -> None:
    first, second = stored(name="Head office"), stored(name="Branch")

    rows = _rows(_page(as_viewer, f"slmgr /ipk {first.code.open()} or {PRO} or {second.code.open()}"))

    named = [[name for name in (first.name, "Windows 11 Pro", second.name) if name in row] for row in rows]
    assert "holds no XML" in rows[0]
    assert named == [[], [first.name], ["Windows 11 Pro"], [second.name]]


def _rows(page: str) -> list[str]:
    """What the page says of each finding, from its title to its remedy."""
    return [part.partition("Remedy:")[0] for part in re.split(r"(?:Error|Warning|Hint) Line \d+", _words(page))[1:]]


def test_a_file_without_a_finding_is_never_called_right(as_viewer: Client) -> None:
    words = _words(_page(as_viewer, ORDINARY))
    assert "Nothing was found" in words
    assert "This is no promise that the rollout succeeds" in words
    assert "valid" not in words.lower()


def test_findings_stand_in_the_order_of_the_file_and_are_counted_per_pass(as_viewer: Client) -> None:
    file = unattend(windows_pe("<ProductKey><Key/></ProductKey>"), activating(""), commands(f"slmgr /ipk {PRO}"))
    page = _page(as_viewer, file)
    words = _words(page)
    assert words.index("Line 6") < words.index("Line 14") < words.index("Line 21")
    outline = _words(page[page.index('id="places"') :])
    assert outline.startswith('id="places">Places in the file windowsPE 1 warning specialize 1 error oobeSystem 1 hint')


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("CustomSettings.ini", "[Default]\r\nProductKey={mak}\r\nAdminPassword=Geheim\r\n", "ProductKey also installs"),
        ("PID.txt", "[PID]\nValue={mak}\n", "PID.txt only installs"),
        ("ei.cfg", "[EditionID]\nEnterprise\n", "Nothing was found"),
    ],
)
def test_the_other_files_are_checked_as_well(as_viewer: Client, name: str, text: str, said: str) -> None:
    page = _page(as_viewer, text.format(mak=stored().code.open()), name)
    assert said in _words(page)
    assert f"<dd>{name}</dd>" in page
    assert "Geheim" not in page


def test_a_pasted_text_is_checked_like_a_file(as_viewer: Client) -> None:
    answer = as_viewer.post(BRING, {"text": unattend(installing(stored().code.open()))}, follow=True)
    words = _words(answer.content.decode())
    assert "Pasted text" in words
    assert "the rollout fails" in words


def test_the_page_shows_no_key_and_no_password(as_viewer: Client) -> None:
    known, unknown = stored(), made_up_key(99)
    secrets = "<Password><Value>RwBlAGgAZQBpAG0A</Value></Password><!-- Geheim -->"
    key = known.code.open()
    file = unattend(installing(key, before=secrets), activating(unknown, before=secrets), commands(f"x {key} Geheim"))
    page = _page(as_viewer, file, f"unattend {unknown}.xml")
    for secret in (key, unknown):
        assert not [piece for piece in pieces_of(secret) if piece in page.encode()]
    assert "Geheim" not in page
    assert "RwBl" not in page


def test_a_key_of_another_scope_is_not_known_to_this_person(berlin: Scope, bonn: Scope) -> None:
    key = stored(name="Zaunkönig", scope_id=berlin.pk)
    client = Client()
    client.force_login(person_in(bonn, "Viewer"))
    words = _words(_page(client, unattend(installing(key.code.open()))))
    assert "Zaunkönig" not in words
    assert "The portal does not know this product key" in words


def test_what_the_correction_changes_is_said_beside_it(as_viewer: Client) -> None:
    mak = stored()
    words = _words(_page(as_viewer, unattend(installing(mak.code.open()), activating(""))))
    assert f"Line 6 windowsPE …{mak.last_five} becomes …2YT43" in words
    assert f"Line 14 specialize gets …{mak.last_five}" in words
    words = _words(_page(as_viewer, unattend(installing(mak.code.open())).replace("</unattend>", "")))
    assert "The file is broken, so nothing is written into it." in words


def test_the_correction_shows_the_difference_and_is_downloaded(as_viewer: Client) -> None:
    mak = stored()
    text = unattend(installing(mak.code.open(), before="<!-- Geheim -->"), activating("")).replace("\n", "\r\n")
    address = _brought(as_viewer, text.encode("utf-8-sig"), '../müller\'s "file".xml')
    page = as_viewer.get(f"{address}corrected/").content.decode()
    assert "- &lt;ProductKey&gt;&lt;Key&gt;•••••-" in _words(page)
    assert mak.code.open() not in page
    assert "Geheim" not in page

    answer = as_viewer.post(f"{address}corrected/")
    assert answer["Content-Disposition"] == 'attachment; filename="m-ller-s-file.xml"'
    assert "no-store" in answer["Cache-Control"]
    before, after = text.encode("utf-8-sig").decode().split("\r\n"), answer.content.decode().split("\r\n")
    changed = [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        (changed[0][0], changed[0][0].replace(mak.code.open(), ENTERPRISE)),
        ("<ProductKey></ProductKey>", f"<ProductKey>{mak.code.open()}</ProductKey>"),
    ]


def test_a_correction_of_brought_keys_is_no_reveal(as_viewer: Client) -> None:
    address = _brought(as_viewer, unattend(installing(stored().code.open())))
    entries = TrailEntry.objects.count()
    as_viewer.post(f"{address}corrected/")
    assert TrailEntry.objects.count() == entries


def test_what_cannot_be_corrected_leads_back_to_the_findings(as_viewer: Client) -> None:
    address = _brought(as_viewer, unattend(installing(PRO)) + "&")
    answer = as_viewer.post(f"{address}corrected/", follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert "The file is broken, so nothing is written into it." in answer.content.decode()


def test_what_the_file_tells_of_itself_is_shown(as_viewer: Client) -> None:
    text = unattend(installing(PRO, after=installs_from("/IMAGE/NAME", "Windows 11 Pro")))
    words = _words(_page(as_viewer, text.replace("\n", "\r\n").encode("utf-8-sig")))
    assert "Checked for Windows 11, Pro" in words
    assert "UTF-8, with byte order mark, CRLF (Windows)" in words
    assert "amd64 (x64)" in words


@pytest.mark.parametrize("sent", [{}, {"text": "  \n"}], ids=["nothing", "blanks"])
def test_nothing_is_refused_beside_the_field(as_viewer: Client, sent: dict[str, str]) -> None:
    answer = as_viewer.post(BRING, sent)
    assert "Choose a file, or paste its text below." in answer.content.decode()


def test_a_file_that_is_too_large_is_refused_with_the_limit(as_viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_files, "MAX_MB", 0)
    answer = as_viewer.post(BRING, {"file": SimpleUploadedFile("unattend.xml", b"x")})
    assert "an answer file has at most 0 MB" in answer.content.decode()
    assert not CheckedFile.objects.exists()


def test_a_refused_text_does_not_come_back(as_viewer: Client) -> None:
    key = made_up_key(7)
    file = SimpleUploadedFile("unattend.xml", ORDINARY.encode())
    answer = as_viewer.post(BRING, {"file": file, "text": f"<Key>{key}</Key>"})
    assert "one at a time" in answer.content.decode()
    assert key not in answer.content.decode()


def test_the_file_waits_sealed_and_named_without_its_key(as_viewer: Client) -> None:
    key = made_up_key(8)
    _brought(as_viewer, unattend(installing(key)), f"{key}.xml")
    (kept,), (secret,) = CheckedFile.objects.all(), SealedSecret.objects.all()
    assert kept.name == f"•••••-•••••-•••••-•••••-{key[-5:]}.xml"
    assert answer_files.data_of(kept).decode() == unattend(installing(key))
    assert key not in secret.sealed


def test_nobody_else_reaches_a_file(as_viewer: Client, as_admin: Client) -> None:
    address = _brought(as_viewer, ORDINARY)
    gone = as_admin.get(address.replace(address.split("/")[-2], "6f3f0cf6-3b6c-4f0e-9a3e-4f0e9a3e0cf6"), follow=True)
    others = as_admin.get(address, follow=True)
    assert others.redirect_chain == gone.redirect_chain == [(BRING, 302)]
    as_admin.post(f"{address}forget/")
    assert as_viewer.get(address).status_code == 200


def test_a_file_is_gone_after_an_hour(as_viewer: Client) -> None:
    address = _brought(as_viewer, ORDINARY)
    CheckedFile.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    answer = as_viewer.get(address, follow=True)
    assert "This file is not kept any more. Bring it again." in answer.content.decode()
    call_command("work", once=True)
    assert not CheckedFile.objects.exists()
    assert not SealedSecret.objects.exists()


def test_a_file_that_is_a_minute_old_stays(as_viewer: Client) -> None:
    address = _brought(as_viewer, ORDINARY)
    call_command("work", once=True)
    assert as_viewer.get(address).status_code == 200


def test_a_file_is_forgotten_at_once(as_viewer: Client) -> None:
    address = _brought(as_viewer, ORDINARY)
    answer = as_viewer.post(f"{address}forget/", follow=True)
    assert "The file is forgotten." in answer.content.decode()
    assert not SealedSecret.objects.exists()
    assert as_viewer.get(address).status_code == 302


def test_of_many_files_the_newest_five_are_kept(as_viewer: Client) -> None:
    first, *_others = [_brought(as_viewer, ORDINARY, f"{number}.xml") for number in range(6)]
    assert CheckedFile.objects.count() == SealedSecret.objects.count() == 5
    assert as_viewer.get(first).status_code == 302
    page = as_viewer.get(BRING).content.decode()
    assert ">5.xml</a>" in page
    assert ">0.xml</a>" not in page


def test_a_file_that_somebody_changed_in_the_database_is_not_shown(as_viewer: Client) -> None:
    address, other = _brought(as_viewer, ORDINARY), _brought(as_viewer, unattend(activating(PRO)))
    one, two = SealedSecret.objects.order_by("pk")
    SealedSecret.objects.filter(pk=one.pk).update(sealed=two.sealed)
    assert {as_viewer.get(address).status_code, as_viewer.get(other).status_code} == {200, 302}


def test_a_file_with_many_keys_is_checked_with_as_many_queries(as_viewer: Client) -> None:
    def queries(keys: int) -> int:
        several = [installing(stored(code=new_code()).code.open()) for _ in range(keys)]
        address = _brought(as_viewer, unattend(*several))
        as_viewer.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_viewer.get(address)
        return len([query for query in captured if '"productkeys_productkey"' in query["sql"]])

    assert queries(2) == queries(12)


def test_a_file_of_three_megabytes_is_checked(as_viewer: Client) -> None:
    file = unattend(installing(PRO), *[component("x", "y")] * 15_000)
    assert len(file) > 3_000_000
    assert "Nothing was found" in _page(as_viewer, file)


class TestDamagedFiles(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(mutated())
    def test_the_page_of_a_damaged_file_opens(self, data: bytes) -> None:
        if not data:
            return
        client = Client()
        client.force_login(User.objects.create_superuser(f"damaged.{User.objects.count()}"))
        page = _page(client, data)
        assert made_up_key(5) not in page


def test_a_source_without_a_title_is_named_in_the_reader_s_language() -> None:
    titled = ("Microsoft ", "W3C: ", "KeyPortal")
    untitled = {rule.source for rule in (*KEY_RULES, *STRUCTURE_RULES) if not rule.source.startswith(titled)}
    assert untitled <= sources.OWN.keys()
