"""Django's admin exports the ticked keys and those of the present filter, on the same page as the workspace."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from productkeys.models import TrailEntry
from tests.admin_keys import LIST
from tests.factories import KMS_HOST, RETAIL, stored
from tests.test_export_keys import ALL, bytes_of

EXPORT = reverse("admin:productkeys_productkey_export")
pytestmark = pytest.mark.django_db


def _names(answer: Any) -> list[str]:
    text = bytes_of(answer).decode("utf-8-sig")
    return [row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def _page(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_list_exports_what_its_filters_find(as_admin: Client) -> None:
    stored(name="Ours"), stored(RETAIL)
    html = as_admin.get(f"{LIST}?type=mak").content.decode()
    assert f'href="{EXPORT}?type=mak"' in html
    assert "1 key is exported." in _page(as_admin.get(f"{EXPORT}?type=mak"))
    assert _names(as_admin.post(f"{EXPORT}?type=mak", ALL)) == ["Ours"]


def test_ticked_keys_are_exported_and_no_others(as_admin: Client) -> None:
    first, second, _third = stored(name="First"), stored(RETAIL, name="Second"), stored(KMS_HOST)
    ticked = {"action": "export_selected", "_selected_action": [first.pk, second.pk], "index": "0"}
    html = _page(as_admin.post(LIST, ticked))
    assert "2 keys are exported." in html
    ticks = [f"{key.pk}:1" for key in (first, second)]
    assert all(f'name="key" value="{tick}"' in html for tick in ticks)
    assert _names(as_admin.post(EXPORT, ALL | {"key": ticks})) == ["First", "Second"]
    assert TrailEntry.objects.latest("id").after["chosen"] is True


def test_all_that_match_are_exported_by_what_the_address_asks_for(as_admin: Client) -> None:
    first = stored(name="First")
    stored(name="Second"), stored(RETAIL)
    ticked = {"action": "export_selected", "_selected_action": [first.pk], "select_across": "1", "index": "0"}
    html = _page(as_admin.post(f"{LIST}?type=mak", ticked))
    assert "2 keys are exported." in html
    assert f'action="{EXPORT}?type=mak"' in html


def test_whole_keys_ask_for_the_same_as_in_the_workspace(as_admin: Client) -> None:
    key = stored()
    sent = ALL | {"key": [f"{key.pk}:1"], "codes": "plain"}
    assert "Choose why whole keys leave the portal." in _page(as_admin.post(EXPORT, sent))
    answer = as_admin.post(EXPORT, sent | {"reason": "audit"})
    assert "PLAIN" in answer["Content-Disposition"]
    assert key.code.open() in bytes_of(answer).decode()
