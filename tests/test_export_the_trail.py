"""The audit log as a file: CSV and JSON lines of what the filters find, and no cell that a spreadsheet would run."""

import csv
import io
import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import sealing, trail
from productkeys.services.origin import PORTAL
from tests.auditing import TRAIL, busy_days, many, table_of

EXPORT = reverse("productkeys:trail-export")
pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(manager: User, revealer: User) -> dict[str, ProductKey]:
    return busy_days(manager, revealer)


def _exported(client: Client, file_format: str, **asked: str) -> str:
    answer = client.post(EXPORT, {"format": file_format} | asked)
    assert answer.status_code == 200
    assert answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    return b"".join(answer).decode()


def test_the_csv_holds_what_the_filters_find(as_auditor: Client, busy: dict[str, ProductKey]) -> None:
    sealing.seal()
    text = _exported(as_auditor, "csv", person="mara.manager")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["subject_name"] for row in rows] == ["Second", "First"]
    assert rows[0]["at"] == "2026-03-03T12:00:00+00:00"
    assert json.loads(rows[1]["after"])["quantity"] == 500
    assert int(rows[0]["sequence"]) == int(rows[1]["sequence"]) + 1


def test_the_json_lines_hold_every_entry_however_many(as_auditor: Client) -> None:
    many(1200)
    lines = [json.loads(line) for line in _exported(as_auditor, "jsonl").splitlines()]
    assert len(lines) == TrailEntry.objects.count() - 1  # all but the entry of the export itself
    assert [line["id"] for line in lines] == sorted((line["id"] for line in lines), reverse=True)


def test_an_export_is_in_the_trail_with_what_was_asked_for(
    as_auditor: Client, auditor: User, busy: dict[str, ProductKey]
) -> None:
    _exported(as_auditor, "csv", person="mara.manager", kind="added")
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.actor_uid) == ("exported", auditor.uid)
    assert entry.after == {"format": "csv", "person": "mara.manager", "kind": "added"}
    table = table_of(as_auditor, kind="exported")
    assert "Kind:</span> <b>Added</b>" in table
    assert "Person:</span> <b>mara.manager</b>" in table


@pytest.mark.parametrize("asked", [{}, {"format": "xlsx"}, {"format": "csv", "since": "never"}])
def test_an_export_that_is_not_understood_exports_nothing(as_auditor: Client, asked: dict[str, str]) -> None:
    before = TrailEntry.objects.count()
    assert as_auditor.post(EXPORT, asked)["Location"] == TRAIL
    assert TrailEntry.objects.count() == before


def test_an_export_is_asked_for_by_post(as_auditor: Client) -> None:
    assert as_auditor.get(EXPORT).status_code == 405


@pytest.mark.parametrize(
    "text",
    ["=1+1", "==HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "  =1", "\u00a0=1", "\uff1d1\uff0b1", "\n=1"],
)
def test_no_cell_is_a_formula(as_auditor: Client, text: str) -> None:
    trail.record(trail.entry(Action.CHANGED, origin=PORTAL, reason=text))
    exported = _exported(as_auditor, "csv", kind="changed").removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(exported, newline="")))
    assert rows[0]["reason"] == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ticket 4711", "a=b", "2001:db8::7", "{}"])
def test_any_other_cell_stays_as_it_is(as_auditor: Client, text: str) -> None:
    trail.record(trail.entry(Action.CHANGED, origin=PORTAL, reason=text))
    exported = _exported(as_auditor, "csv", kind="changed").removeprefix("\ufeff")
    assert next(csv.DictReader(io.StringIO(exported, newline="")))["reason"] == text


def test_the_things_that_an_entry_was_about_follow_it_each_on_a_line_of_its_own(as_auditor: Client) -> None:
    entry = trail.entry(Action.IMPORTED, origin=PORTAL, after={"file": "keys.csv"})
    uid = uuid4()
    trail.record_batch(entry, [(uid, "=Head office", {"quantity": 5}), (uuid4(), "Branch", {})])
    lines = [json.loads(line) for line in _exported(as_auditor, "jsonl", kind="imported").splitlines()]
    assert [line["subject_name"] for line in lines] == ["", "=Head office", "Branch"]
    assert lines[1]["row_of"] == lines[0]["uid"] == str(entry.uid)
    assert (lines[1]["subject_uid"], lines[1]["after"]) == (str(uid), {"quantity": 5})
    text = _exported(as_auditor, "csv", kind="imported").removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert (rows[1]["subject_name"], rows[1]["row_of"]) == ("'=Head office", str(entry.uid))
    assert json.loads(rows[1]["after"]) == {"quantity": 5}
