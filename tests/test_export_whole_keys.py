"""Whole keys leave the portal with those who may reveal them: for a reason, and after the trail has each of them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from keyportal.people.models import ScopedRole, User
from productkeys.domain import keycode
from productkeys.models import ProductKey, Scope, TrailEntry, TrailRow
from productkeys.services import reveal_limit, trail
from productkeys.services.origin import PORTAL
from productkeys.services.verifying import verify
from tests.factories import KMS_HOST, RETAIL, new_code, stored
from tests.scoped import of_each_kind, person_in, signed_in
from tests.test_export_keys import ALL, EXPORT, OWN, bytes_of, exported

WHOLE = ALL | {"codes": "plain", "reason": "audit", "note": "Inventory 2026"}
CONFIRM = reverse("account_reauthenticate")
STOPPED = "Nobody can reveal keys at the moment."
pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> ProductKey:
    return stored()


def _post(client: Client, query: str = OWN, **asked: str) -> Any:
    return client.post(EXPORT + query, WHOLE | asked)


def _codes(client: Client, query: str = OWN) -> dict[str, str]:
    return {row["name"]: row["code"] for row in exported(client, query, **WHOLE)}


def _is_refused(answer: Any, key: ProductKey) -> bool:
    return not answer.streaming and key.code.open() not in answer.content.decode()


def test_who_may_reveal_keys_exports_them_whole(as_revealer: Client, key: ProductKey) -> None:
    assert _codes(as_revealer) == {key.name: key.code.open()}
    content = bytes_of(_post(as_revealer, format="jsonl", columns="shown")).decode()
    assert key.code.open() in content


def test_the_name_of_the_file_says_so_and_nobody_keeps_it(as_revealer: Client, key: ProductKey) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        answer = _post(as_revealer)
        today = timezone.localdate().isoformat()
    assert answer["Content-Disposition"] == f'attachment; filename="keyportal-keys-PLAIN-{today}.csv"'
    assert "no-store" in answer["Cache-Control"]


def test_the_trail_has_the_reason_and_each_key_before_the_first_byte_leaves(
    as_revealer: Client, revealer: User, key: ProductKey
) -> None:
    host = stored(KMS_HOST)
    answer = _post(as_revealer, "?type=mak&type=kms_host")
    entry = TrailEntry.objects.latest("id")  # nothing of the answer has been taken yet
    assert (entry.action, entry.actor_uid, entry.reason) == ("keys-exported", revealer.uid, "audit: Inventory 2026")
    assert (entry.after["plain"], entry.after["keys"], entry.after["rows"]) == (True, 2, 2)
    rows = TrailRow.objects.filter(entry_uid=entry.uid).order_by("id")
    assert {row.subject_uid: row.subject_name for row in rows} == {key.uid: key.name, host.uid: host.name}
    assert bytes_of(answer)
    assert verify().is_whole


def test_standard_keys_are_no_rows(as_revealer: Client, key: ProductKey) -> None:
    bytes_of(_post(as_revealer, ""))
    entry = TrailEntry.objects.latest("id")
    assert entry.after["keys"] == ProductKey.objects.count()
    assert TrailRow.objects.count() == 1


def test_without_the_trail_no_key_leaves(as_revealer: Client, key: ProductKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_entries: TrailEntry) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(trail, "record", broken)
    answer = _post(as_revealer)
    assert answer.status_code == 503
    assert _is_refused(answer, key)
    assert "nothing was exported" in answer.content.decode()
    assert not TrailRow.objects.exists()


def test_a_key_that_came_meanwhile_stays_masked(as_revealer: Client, key: ProductKey) -> None:
    """The file is made while it is sent: what the trail does not have, it does not open."""
    answer = _post(as_revealer)
    ProductKey.objects.filter(pk=key.pk).update(uid="5f1f2c5c-e15b-4d6b-b9b0-a3a0c9d0d7aa")
    assert key.code.open() not in bytes_of(answer).decode()


# Who, and what of it


def test_who_may_not_reveal_keys_gets_none_and_the_trail_has_the_attempt(as_viewer: Client, key: ProductKey) -> None:
    page = as_viewer.get(EXPORT + OWN).content.decode()
    assert 'value="plain"' not in page
    assert "your account may not reveal them" in page
    assert _post(as_viewer).status_code == 403
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason) == ("reveal-refused", "no-right")


def test_keys_of_a_scope_where_somebody_may_not_reveal_stay_masked_and_the_page_says_how_many(
    berlin: Scope, bonn: Scope
) -> None:
    keys = of_each_kind(berlin, bonn)
    person = person_in(berlin, "Revealer")
    ScopedRole.objects.create(person=person, role=Group.objects.get(name="Viewer"), scope=bonn)
    client = signed_in(person)
    page = " ".join(client.get(EXPORT + OWN).content.decode().split())
    assert "4 keys are exported." in page
    assert "3 keys would leave whole. 1 stays masked: you may not reveal it." in page
    codes = _codes(client)
    assert codes.pop("Bonn's") == keycode.mask(keys["Bonn's"].last_five)
    assert codes == {name: keys[name].code.open() for name in ("Berlin's", "shared", "everybody's")}
    assert TrailRow.objects.count() == 3


# What is asked before


def test_the_reason_has_to_be_given(as_revealer: Client, key: ProductKey, settings: Settings) -> None:
    settings.REVEAL_REASON_IS_NEEDED = False  # for one key; a file of them always has one
    answer = _post(as_revealer, reason="")
    assert _is_refused(answer, key)
    assert "Choose why whole keys leave the portal." in answer.content.decode()


def test_where_reveals_need_a_ticket_so_does_the_export(
    as_revealer: Client, key: ProductKey, settings: Settings
) -> None:
    settings.REVEAL_TICKET = r"INC-\d+"
    answer = _post(as_revealer)
    assert _is_refused(answer, key)
    assert "This is no ticket number." in answer.content.decode()
    assert _post(as_revealer, note="INC-20418").streaming
    assert len(exported(as_revealer)) == 1  # masked: no ticket


def test_a_reason_with_a_key_in_it_is_refused_and_the_key_goes_nowhere(as_revealer: Client, key: ProductKey) -> None:
    typed = new_code().open()
    answer = _post(as_revealer, reason="other", note=f"ask for {typed}")
    assert _is_refused(answer, key)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.reason) == ("reveal-refused", "key-in-reason")
    assert typed not in str(list(TrailEntry.objects.values()))


def test_five_minutes_after_signing_in_they_confirm_first(as_revealer: Client, key: ProductKey) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        assert _post(as_revealer).streaming
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        page = as_revealer.get(EXPORT + OWN).content.decode()
        answer = _post(as_revealer)
        masked = as_revealer.post(EXPORT + OWN, ALL)
    assert f"{CONFIRM}?next=/product-keys/export/%3Forigin%3Down" in page
    assert "Why are whole keys exported?" not in page
    assert answer["Location"] == f"{CONFIRM}?next=/product-keys/export/%3Forigin%3Down"
    assert masked.streaming


# Together with reveals


def test_an_export_counts_as_one_reveal_of_the_hour(as_revealer: Client, key: ProductKey, settings: Settings) -> None:
    settings.REVEALS_PER_HOUR = 2
    stored(RETAIL), stored(KMS_HOST)
    for _time in range(2):
        assert _post(as_revealer).streaming
        exported(as_revealer)  # masked ones count for nothing
    mail.outbox.clear()
    answer = _post(as_revealer)
    assert answer.status_code == 429
    assert _is_refused(answer, key)
    assert reveal_limit.stop()
    assert [entry.action for entry in TrailEntry.objects.order_by("-id")[:2]] == ["reveal-refused", "reveals-stopped"]
    assert as_revealer.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "device"}).status_code == 429


def test_while_reveals_are_stopped_no_whole_key_leaves(as_revealer: Client, as_admin: Client, key: ProductKey) -> None:
    trail.record(trail.entry(TrailEntry.Action.REVEALS_STOPPED, origin=PORTAL))
    for client in (as_revealer, as_admin):
        assert STOPPED in client.get(EXPORT + OWN).content.decode()
        answer = _post(client)
        assert answer.status_code == 429
        assert _is_refused(answer, key)
    assert len(exported(as_revealer)) == 1


def test_the_same_page_sent_twice_exports_once(as_revealer: Client, key: ProductKey) -> None:
    once = as_revealer.get(EXPORT + OWN).context["form"]["once"].value()
    assert _post(as_revealer, once=once).streaming
    assert _post(as_revealer, once=once)["Location"] == EXPORT + OWN
    assert TrailEntry.objects.filter(action="keys-exported").count() == 1


def test_the_auditors_get_a_letter(
    as_revealer: Client, as_auditor: Client, auditor: User, revealer: User, key: ProductKey
) -> None:
    User.objects.filter(pk=auditor.pk).update(email="anna@example.com", language="en")
    bytes_of(_post(as_revealer))
    exported(as_revealer)
    (letter,) = mail.outbox
    assert letter.to == ["anna@example.com"]
    assert letter.subject == "KeyPortal: whole product keys were exported"
    assert "rolf.revealer exported 1 whole product key as a file." in letter.body
    assert "/audit-log/?kind=keys-exported" in letter.body
    assert key.last_five not in letter.body


# Afterwards


def test_the_history_of_the_key_and_the_keys_that_somebody_has_seen_have_it(
    as_revealer: Client, as_auditor: Client, revealer: User, key: ProductKey
) -> None:
    bytes_of(_post(as_revealer))
    assert "Exported whole" in as_revealer.get(key.get_absolute_url()).content.decode()
    seen = as_auditor.get(reverse("productkeys:seen-by", args=[revealer.uid])).content.decode()
    assert key.name in seen
    page = " ".join(as_auditor.get(reverse("productkeys:trail"), {"kind": "keys-exported"}).content.decode().split())
    assert "Whole keys among them:</span> <b>1</b>" in page
    assert "Licence audit, Inventory 2026" in page


def test_a_ciphertext_that_somebody_moved_raises_the_alarm_and_stays_masked(
    as_revealer: Client, key: ProductKey, caplog: pytest.LogCaptureFixture
) -> None:
    other = stored(RETAIL)
    ProductKey.objects.filter(pk=key.pk).update(code=other.code)
    codes = _codes(as_revealer)
    assert codes == {other.name: other.code.open(), key.name: keycode.mask(key.last_five)}
    assert "ALARM" in caplog.text
