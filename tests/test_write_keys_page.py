"""The page that writes stored keys into an answer file: what it offers, shows before, and asks for a secret key."""

import re
import uuid
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.models import ProductKey, Scope, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import answer_file_keys, reveal_limit, trail
from tests.answer_files import ENTERPRISE, ORDINARY, activating, commands, installing, unattend
from tests.factories import KMS_HOST, MAK, RETAIL, stored
from tests.scoped import person_in, signed_in
from tests.test_answer_files_page import _words
from tests.typed_keys import PRO

pytestmark = pytest.mark.django_db

NEW = "/answer-files/new/"
PRODUCT = "windows-11/Enterprise"


@pytest.fixture
def mak() -> ProductKey:
    return stored(MAK | {"name": "Head office"})


@pytest.fixture
def gvlk() -> ProductKey:
    key: ProductKey = ProductKey.objects.get(last_five="2YT43")
    return key


def _brought(client: Client, text: str | bytes = ORDINARY) -> str:
    file = SimpleUploadedFile("branch.xml", text if isinstance(text, bytes) else text.encode())
    return f"{client.post('/answer-files/', {'file': file})['Location']}write/"


def _at(address: str, **chosen: object) -> str:
    return f"{address}?{urlencode({'product': PRODUCT} | chosen)}"


def _page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _reason(**changes: str) -> dict[str, str]:
    return {"reason": "answer-file", "note": "INC-20418", "once": str(uuid.uuid4())} | changes


def _fieldset(page: str, place: str) -> str:
    return page.split(f'name="{place}" value="keep"')[1].split("</fieldset>", maxsplit=1)[0]


def test_the_product_of_the_file_is_chosen_already(as_viewer: Client) -> None:
    file = unattend(activating(PRO)).replace(
        "</unattend>", '<cpi:offlineImage xmlns:cpi="urn:cpi" cpi:source="wim:c:/i.wim#Windows 11 Pro"/></unattend>'
    )
    page = _page(as_viewer, _brought(as_viewer, file))
    assert '<option value="windows-11/Professional" selected>' in page


def test_only_keys_that_may_stand_there_are_offered(as_revealer: Client, mak: ProductKey, gvlk: ProductKey) -> None:
    host = stored(KMS_HOST)
    other = stored(MAK | {"operating_system_id": "windows-server-2022", "edition": "ServerStandard"})
    page = _page(as_revealer, _at(_brought(as_revealer)))
    installation, activation = _fieldset(page, "installation"), _fieldset(page, "activation")
    assert f'value="{gvlk.pk}"' in installation
    assert f'value="{mak.pk}"' not in installation
    assert f'value="{mak.pk}"' in activation
    for key in (host, other):
        assert f'value="{key.pk}"' not in page


def test_the_difference_is_shown_with_masks_before_anything_leaves(
    as_revealer: Client, mak: ProductKey, gvlk: ProductKey
) -> None:
    file = unattend(installing(PRO), activating(PRO), commands("net user admin Geheim"))
    page = _page(as_revealer, _at(_brought(as_revealer, file), installation=gvlk.pk, activation=mak.pk))
    words = _words(page)
    assert f"…T83GX becomes …{mak.last_five}" in words
    assert "…T83GX becomes …2YT43" in words
    assert "Nothing was found" in words
    assert mak.code.open() not in page
    assert "Geheim" not in page
    assert not TrailEntry.objects.filter(action=Action.REVEALED).exists()


def test_published_keys_are_written_for_everybody_without_a_reason(as_viewer: Client, gvlk: ProductKey) -> None:
    text = ORDINARY.replace("\n", "\r\n").encode("utf-8-sig")
    answer = as_viewer.post(_at(_brought(as_viewer, text), installation=gvlk.pk, activation=gvlk.pk))
    assert answer.content == text.replace(PRO.encode(), ENTERPRISE.encode())
    assert answer["Content-Disposition"] == 'attachment; filename="branch.xml"'
    assert "no-store" in answer["Cache-Control"]
    assert not TrailEntry.objects.filter(action__in=(Action.REVEALED, Action.REVEAL_REFUSED)).exists()


def test_a_mak_is_written_for_a_reason_and_that_is_a_reveal(
    as_revealer: Client, revealer: User, mak: ProductKey
) -> None:
    answer = as_revealer.post(_at(_brought(as_revealer), activation=mak.pk), _reason())
    before, between, after = ORDINARY.split(PRO)
    assert answer.content.decode() == f"{before}{PRO}{between}{mak.code.open()}{after}"
    (entry,) = TrailEntry.objects.filter(action=Action.REVEALED)
    assert (entry.subject_uid, entry.actor_uid, entry.reason) == (mak.uid, revealer.uid, "answer-file: INC-20418")


def test_two_secret_keys_are_two_reveals(as_revealer: Client, mak: ProductKey) -> None:
    retail = stored(RETAIL | {"edition": "Enterprise", "quantity": 9})
    answer = as_revealer.post(_at(_brought(as_revealer), installation=retail.pk, activation=mak.pk), _reason())
    assert retail.code.open() in answer.content.decode()
    assert mak.code.open() in answer.content.decode()
    assert TrailEntry.objects.filter(action=Action.REVEALED).count() == 2


def test_who_may_not_reveal_is_told_why_and_refused(as_viewer: Client, mak: ProductKey) -> None:
    address = _at(_brought(as_viewer), activation=mak.pk)
    page = _page(as_viewer, address)
    assert "Only those who may reveal this key can write it into a file." in page
    assert re.search(rf'value="{mak.pk}"[^>]* disabled', page)
    assert as_viewer.post(address, _reason()).status_code == 403
    (entry,) = TrailEntry.objects.filter(action=Action.REVEAL_REFUSED)
    assert (entry.subject_uid, entry.reason) == (mak.uid, "no-right")


def test_a_key_of_another_scope_is_not_offered(berlin: Scope, bonn: Scope) -> None:
    key = stored(MAK | {"name": "Zaunkönig", "scope_id": berlin.pk})
    client = signed_in(person_in(bonn, "Revealer"))
    address = _at(NEW, activation=key.pk)
    assert "Zaunkönig" not in _page(client, address)
    assert client.post(address, _reason())["Content-Type"].startswith("text/html")


def test_a_reason_is_needed(as_revealer: Client, mak: ProductKey) -> None:
    answer = as_revealer.post(_at(_brought(as_revealer), activation=mak.pk), _reason(reason=""))
    assert "The reason is missing." in answer.content.decode()
    assert mak.code.open() not in answer.content.decode()


def test_a_key_in_the_reason_is_refused_and_recorded(as_revealer: Client, mak: ProductKey) -> None:
    answer = as_revealer.post(_at(_brought(as_revealer), activation=mak.pk), _reason(note=mak.code.open()))
    assert answer["Content-Type"].startswith("text/html")
    assert TrailEntry.objects.get(action=Action.REVEAL_REFUSED).reason == "key-in-reason"


def test_whoever_signed_in_long_ago_confirms_first(as_revealer: Client, mak: ProductKey, settings: Settings) -> None:
    address = _at(_brought(as_revealer), activation=mak.pk)
    settings.RECENT_SIGN_IN_SECONDS = 1
    session = as_revealer.session
    session["account_authentication_methods"], session["signed_in_at"] = [], 0
    session.save()
    assert "Confirm that it is you before a key leaves the portal." in _page(as_revealer, address)
    answer = as_revealer.post(address, _reason())
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=/answer-files/")
    assert not TrailEntry.objects.filter(action=Action.REVEALED).exists()


def test_the_same_download_sent_twice_is_one_reveal(as_revealer: Client, mak: ProductKey) -> None:
    address, sent = _at(_brought(as_revealer), activation=mak.pk), _reason()
    as_revealer.post(address, sent)
    answer = as_revealer.post(address, sent, follow=True)
    assert "This was sent twice, and written once." in answer.content.decode()
    assert TrailEntry.objects.filter(action=Action.REVEALED).count() == 1


def test_the_limit_of_reveals_holds_here_too(as_revealer: Client, mak: ProductKey, settings: Settings) -> None:
    settings.REVEALS_PER_HOUR = 1
    address = _at(_brought(as_revealer), activation=mak.pk)
    assert as_revealer.post(address, _reason())["Content-Type"] == "application/octet-stream"
    answer = as_revealer.post(address, _reason())
    assert answer.status_code == 429
    assert mak.code.open() not in answer.content.decode()
    assert "Nobody can reveal keys at the moment." in answer.content.decode()
    assert reveal_limit.stop()


def test_without_a_trail_no_key_leaves(as_revealer: Client, mak: ProductKey, monkeypatch: pytest.MonkeyPatch) -> None:
    address = _at(_brought(as_revealer), activation=mak.pk)

    def no_trail(*_entries: TrailEntry) -> None:
        raise DatabaseError

    monkeypatch.setattr(trail, "record", no_trail)
    answer = as_revealer.post(address, _reason())
    assert answer.status_code == 503
    assert mak.code.open() not in answer.content.decode()
    assert "The trail cannot be written, so no key leaves the portal." in answer.content.decode()


def test_a_key_whose_ciphertext_belongs_elsewhere_raises_the_alarm(as_revealer: Client, mak: ProductKey) -> None:
    other = stored(MAK | {"name": "Other"})
    ProductKey.objects.filter(pk=mak.pk).update(code=ProductKey.objects.values_list("code", flat=True).get(pk=other.pk))
    answer = as_revealer.post(_at(_brought(as_revealer), activation=mak.pk), _reason())
    assert answer.status_code == 500
    assert "This key was refused, and an alarm was raised" in answer.content.decode()


def test_wrong_places_are_cleaned_on_request(as_revealer: Client, mak: ProductKey) -> None:
    file = unattend(installing(mak.code.open()), activating(""))
    address = _brought(as_revealer, file)
    as_it_is = as_revealer.post(_at(address, activation=mak.pk), _reason()).content.decode()
    cleaned = as_revealer.post(_at(address, activation=mak.pk, tidy="on"), _reason()).content.decode()
    assert as_it_is.count(mak.code.open()) == 2
    assert cleaned.count(mak.code.open()) == 1
    assert f"<Key>{ENTERPRISE}</Key>" in cleaned
    assert f"<ProductKey>{mak.code.open()}</ProductKey>" in cleaned


def test_of_a_place_that_is_cleaned_and_written_one_line_says_what_becomes_of_it(
    as_revealer: Client, mak: ProductKey
) -> None:
    brought = stored(MAK | {"name": "Brought"})
    address = _brought(as_revealer, unattend(installing(brought.code.open()), activating("")))
    words = _words(_page(as_revealer, _at(address, activation=mak.pk, tidy="on")))
    assert words.count("specialize gets") == 1
    assert f"Line 14 specialize gets …{mak.last_five}" in words


def test_a_key_is_taken_out(as_viewer: Client) -> None:
    answer = as_viewer.post(_at(_brought(as_viewer), installation="remove", activation="remove"))
    assert PRO not in answer.content.decode()
    assert "AcceptEula" in answer.content.decode()


def test_what_the_check_says_of_the_result_stands_beside_the_download(as_revealer: Client, mak: ProductKey) -> None:
    file = unattend(installing(mak.code.open()))
    words = _words(_page(as_revealer, _at(_brought(as_revealer, file), activation=mak.pk)))
    assert "With this file, the rollout fails" in words
    assert "“Head office” is a MAK and stands in the pass windowsPE" in words


def test_the_gvlk_that_takes_the_place_of_a_mak_is_known(as_viewer: Client, mak: ProductKey) -> None:
    address = _brought(as_viewer, unattend(installing(mak.code.open())))
    page = _page(as_viewer, address)
    assert "becomes …2YT43" in page
    assert "does not know" not in page


def test_a_broken_file_is_not_written_into(as_viewer: Client, gvlk: ProductKey) -> None:
    address = _at(_brought(as_viewer, ORDINARY + "&"), installation=gvlk.pk)
    assert "The file is broken, so nothing is written into it." in _page(as_viewer, address)
    assert as_viewer.post(address)["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("chosen", ["999999", "x", "-1"])
def test_what_is_not_offered_leaves_the_place_as_it_is(as_viewer: Client, chosen: str) -> None:
    answer = as_viewer.post(_at(_brought(as_viewer), installation=chosen))
    assert answer.content.decode() == ORDINARY


def test_an_unknown_product_is_refused_beside_the_field(as_viewer: Client) -> None:
    page = _page(as_viewer, f"{_brought(as_viewer)}?product=windows-99/Any")
    assert "This product is not on offer." in page


def test_without_a_file_there_is_a_new_one(as_viewer: Client, gvlk: ProductKey) -> None:
    assert "Choose a product, then the keys." in _page(as_viewer, NEW)
    address = f"{_at(NEW, installation=gvlk.pk, activation=gvlk.pk)}&architectures=amd64&architectures=arm64"
    page = _page(as_viewer, address)
    assert "+ &lt;unattend" in _words(page)
    answer = as_viewer.post(address)
    assert answer["Content-Disposition"] == 'attachment; filename="unattend.xml"'
    text = answer.content.decode()
    assert text.count(ENTERPRISE) == 4
    assert text.count('processorArchitecture="arm64"') == 2


def test_a_new_file_without_a_key_is_none(as_viewer: Client) -> None:
    assert as_viewer.post(_at(NEW))["Content-Type"].startswith("text/html")


def test_of_very_many_keys_the_best_are_on_offer_and_the_others_counted(
    as_revealer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_file_keys, "MOST_OFFERED", 3)
    for number in range(5):
        stored(name=f"Branch {number}", quantity=number + 1)

    fieldset = _fieldset(_page(as_revealer, _at(NEW)), "activation")

    # The GVLK comes first, then what has most left.
    assert [f"Branch {number}" in fieldset for number in range(5)] == [False, False, False, True, True]
    assert "4 more keys fit and are not on offer here." in fieldset  # the GVLK of Education among them
    assert "A rollout template takes any of them" in fieldset


def test_many_keys_are_offered_with_as_many_queries(as_revealer: Client, mak: ProductKey) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            _page(as_revealer, _at(NEW))
        return len([query for query in captured if '"productkeys_productkey"' in query["sql"]])

    few = queries()
    for number in range(12):
        stored(MAK | {"name": f"Branch {number}"})
    assert queries() == few
