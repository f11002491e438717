"""Keys leave the portal as a file: what the list shows or everything, masked unless somebody may have them whole."""

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.listing import export_columns
from productkeys.listing.columns import COLUMNS
from productkeys.listing.key_export import Reader, Wanted, table_of
from productkeys.models import Agreement, Label, OperatingSystem, ProductKey, Scope, TrailEntry, TrailRow
from productkeys.services import exporting, keys, microsoft_count
from productkeys.services.origin import PORTAL
from tests.factories import KMS_HOST, RETAIL, agreement, stored
from tests.made_up_keys import made_up_key
from tests.scoped import of_each_kind, person_in, signed_in

EXPORT = reverse("productkeys:export")
ALL = {"format": "csv", "columns": "everything", "codes": "masked"}
OWN = "?origin=own"
pytestmark = pytest.mark.django_db

Rows = list[dict[str, str]]


def bytes_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    assert answer.streaming, answer.content.decode()
    return b"".join(answer)


def exported(client: Client, query: str = OWN, delimiter: str = ",", **asked: str) -> Rows:
    """The rows of a CSV file."""
    text = bytes_of(client.post(EXPORT + query, ALL | asked)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def _page(client: Client, query: str = OWN) -> str:
    answer = client.get(EXPORT + query)
    assert answer.status_code == 200
    html = answer.content.decode()
    return " ".join(html[html.index('id="content"') :].split())


def test_the_list_leads_to_the_export_of_what_it_shows(as_viewer: Client) -> None:
    stored(), stored(RETAIL)
    html = as_viewer.get(reverse("productkeys:list") + "?type=mak&sort=-name&page=1").content.decode()
    assert f'href="{EXPORT}?type=mak&amp;sort=-name"' in html
    assert "1 key is exported." in _page(as_viewer, "?type=mak&sort=-name")
    assert [row["key_type"] for row in exported(as_viewer, "?type=mak")] == ["mak"]


def test_it_has_the_order_of_the_list(as_viewer: Client) -> None:
    for name in ("Bonn", "Aachen", "Celle"):
        stored(name=name)
    assert [row["name"] for row in exported(as_viewer)] == ["Aachen", "Bonn", "Celle"]
    assert [row["name"] for row in exported(as_viewer, f"{OWN}&sort=-name")] == ["Celle", "Bonn", "Aachen"]


def test_everything_is_written_as_an_import_reads_it(as_viewer: Client, manager: User) -> None:
    agreement = Agreement.objects.create(
        number="V1234567", vendor="Reseller", bought_on=date(2026, 1, 7), valid_until=date(2029, 1, 31), licences=250
    )
    key = stored(by=manager, in_use=118)
    ProductKey.objects.filter(pk=key.pk).update(
        agreement=agreement, microsoft_used=120, microsoft_counted_on=date(2026, 11, 2)
    )
    key.labels.add(*(Label.objects.create(name=name) for name in ("Laptops", "2026")))
    (row,) = exported(as_viewer)
    assert list(row) == [column.head for column in export_columns.EVERYTHING]
    assert row == {
        "name": "Windows 11 Enterprise, head office",
        "code": keycode.mask(key.last_five),
        "key_type": "mak",
        "operating_system": "windows-11",
        "edition": "Enterprise",
        "architecture": "x64",
        "usage": "activation",
        "quantity": "500",
        "in_use": "118",
        "comment": "Contract 2024 to 2027",
        "status": "active",
        "status_before": "",
        "scope": "",
        "shared_with": "",
        "labels": "2026; Laptops",
        "agreement": "V1234567",
        "agreement_vendor": "Reseller",
        "agreement_bought_on": "2026-01-07",
        "agreement_valid_until": "2029-01-31",
        "agreement_licences": "250",
        "agreement_cost_centre": "",
        "agreement_proof": "",
        "agreement_note": "",
        "agreement_scope": "",
        "microsoft_used": "120",
        "microsoft_counted_on": "2026-11-02",
    }


def test_as_the_list_shows_them_are_the_chosen_columns_in_the_words_of_the_reader(
    as_viewer: Client, viewer: User
) -> None:
    stored(KMS_HOST, edition="", in_use=2)
    (row,) = exported(as_viewer, columns="shown")
    assert list(row)[:4] == ["Type", "Name", "Product key", "Operating system"]
    assert (row["Type"], row["Operating system"], row["Edition"]) == (
        "KMS host",
        "Windows Server 2022",
        "all editions",
    )
    assert (row["In use"], row["Quantity"], row["Used for"]) == ("2", "6", "Activation")
    assert list(row)[-1] == "Last 5"
    viewer.columns = ["type", "name", "comment"]
    viewer.language = "de"
    viewer.save()
    (row,) = exported(as_viewer, delimiter=";", columns="shown")  # as German spreadsheets read it
    assert list(row) == ["Typ", "Name", "Produktschlüssel", "Kommentar", "Letzte 5"]
    assert row["Typ"] == "KMS-Host"


def test_labels_and_both_counts_are_exported_as_the_list_shows_them(as_viewer: Client, viewer: User) -> None:
    viewer.columns = ["type", "name", "stock", "microsoft", "labels"]
    viewer.save()
    key = stored(name="compared", in_use=12, labels=frozenset({"Server", "Berlin"}))
    microsoft_count.record(key, 5, date(2026, 1, 31), seen_version=key.version, origin=PORTAL)
    stored(name="never", in_use=12)
    stored(RETAIL, name="retail")
    rows = {row["Name"]: row for row in exported(as_viewer, columns="shown")}
    compared = [rows["compared"][name] for name in ("In use", "At Microsoft", "Counted on", "Difference", "Labels")]
    assert compared == ["12", "5", "31 Jan 2026", "7 less", "Berlin; Server"]
    assert (rows["never"]["At Microsoft"], rows["never"]["Difference"]) == ("", "never compared")
    assert rows["retail"]["At Microsoft"] == rows["retail"]["Difference"] == ""


def test_every_column_of_the_list_can_be_exported() -> None:
    assert set(export_columns.SHOWN) == set(COLUMNS)


def test_archived_keys_come_along_where_somebody_says_so(as_viewer: Client, as_auditor: Client) -> None:
    active, archived, other = stored(), stored(), stored(RETAIL)
    for key in (archived, other):
        keys.set_status(key, "archived", seen_version=1, origin=PORTAL)
    words = re.sub("<[^>]+>", " ", _page(as_viewer, "?type=mak")).split()
    assert "Archived keys as well (1 more key)" in " ".join(words)
    assert "Archived keys as well" not in _page(as_viewer, "?type=mak&status=archived")
    assert {row["status"] for row in exported(as_viewer, "?type=mak")} == {"active"}
    rows = exported(as_viewer, "?type=mak", archived="on")
    assert {row["code"][-5:]: row["status"] for row in rows} == {
        active.last_five: "active",
        archived.last_five: "archived",
    }
    shown = exported(as_viewer, "?type=mak", archived="on", columns="shown")
    assert {row["Status"] for row in shown} == {"Active", "Archived"}
    assert "Active and archived" in as_auditor.get(reverse("productkeys:trail")).content.decode()
    assert {row["status"] for row in exported(as_viewer, "?status=archived", archived="on")} == {"archived"}


def test_a_portal_whose_keys_are_all_archived_exports_them(as_viewer: Client) -> None:
    keys.set_status(stored(), "archived", seen_version=1, origin=PORTAL)
    assert len(exported(as_viewer, archived="on")) == 1
    assert as_viewer.post(EXPORT + OWN, ALL).status_code == 302


def test_the_only_scope_is_named_where_a_file_says_everything(as_viewer: Client) -> None:
    stored(scope_id=Scope.objects.create(name="Berlin").pk)
    (row,) = exported(as_viewer)
    assert row["scope"] == "Berlin"


def test_whoever_sees_one_scope_reads_the_scope_of_an_agreement_there(berlin: Scope, bonn: Scope) -> None:
    paper = agreement("A-1", scope_id=berlin.pk)
    stored(scope_id=berlin.pk, agreement_id=paper.pk)
    (row,) = exported(signed_in(person_in(berlin, "Viewer")), "?type=mak")
    assert (row["scope"], row["agreement"], row["agreement_scope"]) == ("Berlin", "A-1", "Berlin")


def test_a_standard_key_is_whole_in_every_file(as_viewer: Client) -> None:
    for columns, head in (("everything", "code"), ("shown", "Product key")):
        rows = exported(as_viewer, "?origin=standard", columns=columns)
        assert len(rows) == ProductKey.objects.filter(published=True).count()
        assert all(keycode.parse(row[head]) for row in rows)


@pytest.mark.parametrize("columns", ["shown", "everything"])
def test_keys_are_masked_unless_they_are_asked_for(as_admin: Client, columns: str) -> None:
    key = stored()
    for file_format in ("csv", "jsonl"):
        answer = as_admin.post(EXPORT + OWN, ALL | {"columns": columns, "format": file_format})
        content = bytes_of(answer).decode()
        assert key.last_five in content
        assert keycode.mask(key.last_five) in content
        assert key.code.open() not in content
        assert "PLAIN" not in answer["Content-Disposition"]


def test_json_lines_and_a_workbook_say_the_same_as_the_csv(as_viewer: Client) -> None:
    stored(comment="Zeile 1\nZeile 2, ä; „ß“", quantity=7)
    (row,) = exported(as_viewer)
    (line,) = bytes_of(as_viewer.post(EXPORT + OWN, ALL | {"format": "jsonl"})).splitlines()
    assert {name: str("" if value is None else value) for name, value in json.loads(line).items()} == row
    workbook = load_workbook(io.BytesIO(bytes_of(as_viewer.post(EXPORT + OWN, ALL | {"format": "xlsx"}))))
    head, cells = workbook.worksheets[0].iter_rows(values_only=True)
    values = {str(name): "" if value is None else str(value) for name, value in zip(head, cells, strict=True)}
    assert values == row


@pytest.mark.parametrize("text", ["=1+1", "@SUM(1)", "+1", "-1", "\uff1d1"])
def test_no_cell_is_a_formula(as_viewer: Client, text: str) -> None:
    stored(comment=text)
    assert exported(as_viewer)[0]["comment"] == f"'{text}"
    workbook = load_workbook(io.BytesIO(bytes_of(as_viewer.post(EXPORT + OWN, ALL | {"format": "xlsx"}))))
    cells = {str(cell.value): cell.data_type for cell in list(workbook.worksheets[0].iter_rows())[1]}
    assert "f" not in cells.values()


def test_the_file_says_in_its_name_what_it_is_and_nobody_keeps_it(as_viewer: Client) -> None:
    stored()
    answer = as_viewer.post(EXPORT + OWN, ALL | {"format": "xlsx"})
    assert answer["Content-Disposition"].startswith('attachment; filename="keyportal-keys-20')
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert "no-store" in answer["Cache-Control"]


def test_that_it_was_done_is_one_entry_without_rows(as_viewer: Client, as_auditor: Client, viewer: User) -> None:
    stored(), stored(RETAIL)
    before = TrailEntry.objects.count()
    exported(as_viewer, f"{OWN}&type=mak&q=office")
    entry = TrailEntry.objects.latest("id")
    assert TrailEntry.objects.count() == before + 1
    assert not TrailRow.objects.exists()
    assert (entry.action, entry.actor_uid, entry.reason) == ("keys-exported", viewer.uid, "")
    assert entry.after == {
        "format": "csv",
        "columns": "everything",
        "filters": {"type": ["mak"], "origin": ["own"], "text": "office"},
        "plain": False,
        "keys": 1,
    }
    page = as_auditor.get(reverse("productkeys:trail"), {"kind": "keys-exported"}).content.decode()
    for label, value in (("Exported keys", "1"), ("Type", "MAK"), ("Columns", "everything"), ("Search", "office")):
        assert f"{label}:</span> <b>{value}</b>" in " ".join(page.split())


# Nobody exports what they may not see.


@pytest.fixture
def in_scopes(berlin: Scope, bonn: Scope) -> dict[str, ProductKey]:
    return of_each_kind(berlin, bonn)


def test_somebody_in_one_scope_exports_its_keys_the_shared_and_everybodys(
    berlin: Scope, in_scopes: dict[str, ProductKey]
) -> None:
    rows = {row["name"]: row for row in exported(signed_in(person_in(berlin, "Viewer")))}
    assert set(rows) == {"Berlin's", "shared", "everybody's"}
    assert (rows["Berlin's"]["scope"], rows["everybody's"]["scope"]) == ("Berlin", "")
    # Neither the name of another scope, nor a cell that an import would take for "everybody's".
    assert rows["shared"]["scope"] == "shared with you"
    assert rows["shared"]["shared_with"] == "Berlin"


def test_an_agreement_of_another_scope_is_not_named(
    berlin: Scope, bonn: Scope, in_scopes: dict[str, ProductKey]
) -> None:
    agreement = Agreement.objects.create(number="V-BONN", scope=bonn)
    ProductKey.objects.filter(name="shared").update(agreement=agreement)
    rows = {row["name"]: row for row in exported(signed_in(person_in(berlin, "Viewer")))}
    assert rows["shared"]["agreement"] == ""
    rows = {row["name"]: row for row in exported(signed_in(person_in(bonn, "Viewer")))}
    assert rows["shared"]["agreement"] == "V-BONN"


def test_ticked_keys_of_others_are_not_there(berlin: Scope, in_scopes: dict[str, ProductKey]) -> None:
    client = signed_in(person_in(berlin, "Viewer"))
    ticks = [f"{in_scopes[name].pk}:1" for name in ("Berlin's", "Bonn's")]
    content = bytes_of(client.post(EXPORT, ALL | {"key": ticks})).decode()
    assert "Berlin's" in content
    assert "Bonn's" not in content
    assert TrailEntry.objects.latest("id").after["chosen"] is True
    answer = client.post(EXPORT, ALL | {"key": [ticks[1], "no number"]})
    assert answer.status_code == 302


@pytest.mark.parametrize("asked", [{"format": "exe"}, {"columns": ""}, {"codes": "some"}, {"format": ""}])
def test_what_is_not_understood_exports_nothing(as_viewer: Client, asked: dict[str, str]) -> None:
    stored()
    before = TrailEntry.objects.count()
    answer = as_viewer.post(EXPORT + OWN, ALL | asked)
    assert answer.status_code == 200
    assert "One entry needs another look" in answer.content.decode()
    assert TrailEntry.objects.count() == before


def test_without_any_key_there_is_nothing_to_export(as_viewer: Client) -> None:
    for answer in (as_viewer.get(f"{EXPORT}?type=oem"), as_viewer.post(f"{EXPORT}?type=oem", ALL)):
        assert answer["Location"] == f"{reverse('productkeys:list')}?type=oem"
    assert not TrailEntry.objects.filter(action="keys-exported").exists()


def test_keys_are_exported_in_the_same_number_of_queries_however_many(
    as_viewer: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for _number in range(30):
        stored(RETAIL)
    with django_assert_max_num_queries(16):
        assert len(exported(as_viewer)) == 30


def _many(number: int) -> None:
    system = OperatingSystem.objects.get(pk="windows-11")
    keys = []
    for seed in range(number):
        key = ProductKey(name=f"Key {seed}", key_type="retail", operating_system=system, edition="Professional")
        key.architecture, key.usage, key.quantity = "x64", "installation_and_activation", 1
        key.code = keycode.parse(made_up_key(5_000_000 + seed))
        key.prepare_text()
        keys.append(key)
    ProductKey.objects.bulk_create(keys, batch_size=500)


def test_memory_stays_flat_however_many_keys_leave(revealer: User) -> None:
    _many(8_000)

    def peak(keys: Any) -> int:
        tracemalloc.start()
        export = exporting.export_plain(
            keys.order_by("pk"), revealable=Reader(revealer).revealable, reason="audit", what={}, origin=PORTAL
        )
        rows = sum(1 for _row in table_of(export, Wanted.EVERYTHING, Reader(revealer)).rows)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert rows == export.whole == len(export.ids)
        return most

    own = ProductKey.objects.filter(published=False)
    first = own.order_by("pk").values_list("pk", flat=True)[1_000]
    few, many = peak(own.filter(pk__lt=first)), peak(own)
    assert many < few + 500_000
