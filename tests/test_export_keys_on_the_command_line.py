"""`manage.py export_keys` writes a new file for its owner alone, in the name of the portal itself."""

import csv
import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import ProductKey, Scope, TrailEntry, TrailRow
from productkeys.services import keys, trail
from productkeys.services.origin import PORTAL
from tests.factories import RETAIL, new_code, stored
from tests.scoped import of_each_kind

OWN = {"filter": "origin=own"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def _export(**options: Any) -> str:
    said = StringIO()
    call_command("export_keys", stderr=said, **(OWN | options))
    return said.getvalue()


def _rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(file.read_text("utf-8-sig"), newline="")))


def test_it_writes_all_masked_to_a_file_for_its_owner_alone(file: Path) -> None:
    key = stored()
    assert _export(output=file) == "Keys exported: 1, whole ones that are not public: 0.\n"
    (row,) = _rows(file)
    assert (row["name"], row["code"]) == (key.name, keycode.mask(key.last_five))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.actor_uid, entry.address) == ("keys-exported", None, None)


def test_whole_keys_need_a_reason_and_are_rows_of_the_trail(file: Path, auditor: User) -> None:
    User.objects.filter(pk=auditor.pk).update(email="anna@example.com")
    key = stored()
    with pytest.raises(CommandError, match="give --reason TEXT"):
        _export(output=file, plain=True)
    assert not file.exists()
    _export(output=file, plain=True, reason="Move to the new portal")
    assert _rows(file)[0]["code"] == key.code.open()
    assert TrailEntry.objects.latest("id").reason == "Move to the new portal"
    assert TrailRow.objects.get().subject_uid == key.uid
    (letter,) = mail.outbox
    assert "manage.py export_keys exported 1 whole product key" in letter.body


def test_it_has_the_keys_of_all_scopes_with_their_names(file: Path, berlin: Scope, bonn: Scope) -> None:
    of_each_kind(berlin, bonn)
    _export(output=file)
    assert {row["name"]: (row["scope"], row["shared_with"]) for row in _rows(file)} == {
        "Berlin's": ("Berlin", ""),
        "Bonn's": ("Bonn", ""),
        "shared": ("Bonn", "Berlin"),
        "everybody's": ("", ""),
    }


def test_it_filters_as_the_list_does(file: Path) -> None:
    stored(name="Head office"), stored(RETAIL)
    _export(output=file, filter="?type=mak&status=active&origin=own&q=head")
    assert [row["name"] for row in _rows(file)] == ["Head office"]


@pytest.mark.parametrize("asked", ["typ=mak", "type=mak2", "page=3", "status=gone"])
def test_a_filter_that_is_not_understood_exports_nothing(file: Path, asked: str) -> None:
    with pytest.raises(CommandError, match="Not understood in --filter"):
        _export(output=file, filter=asked)
    assert not file.exists()


def test_other_formats(file: Path) -> None:
    stored()
    _export(format="xlsx", output=file)
    with file.open("rb") as opened:
        assert load_workbook(opened).worksheets[0]["A2"].value == stored().name
    with pytest.raises(CommandError, match="give --output FILE"):
        _export(format="xlsx")


def test_without_a_file_it_writes_to_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    key = stored()
    _export(format="jsonl")
    assert json.loads(capsysbinary.readouterr().out)["name"] == key.name


def test_it_never_writes_over_a_file(file: Path) -> None:
    stored()
    file.write_text("of somebody")
    with pytest.raises(CommandError, match="exists already"):
        _export(output=file)
    assert file.read_text() == "of somebody"
    assert not TrailEntry.objects.filter(action="keys-exported").exists()


def test_what_is_refused_leaves_no_file(file: Path) -> None:
    stored()
    typed = new_code().open()
    with pytest.raises(CommandError) as refused:
        _export(output=file, plain=True, reason=f"ask for {typed}")
    assert typed not in str(refused.value)
    with pytest.raises(CommandError) as refused:
        _export(output=file, filter=f"q={typed}")
    assert typed not in str(refused.value)
    trail.record(trail.entry(TrailEntry.Action.REVEALS_STOPPED, origin=PORTAL))
    with pytest.raises(CommandError, match="Reveals are stopped"):
        _export(output=file, plain=True, reason="Move")
    assert not file.exists()
    assert ProductKey.objects.filter(published=False).count() == 1


def test_archived_keys_come_along_where_it_says_so(file: Path) -> None:
    keys.set_status(stored(), "archived", seen_version=1, origin=PORTAL)
    with pytest.raises(CommandError, match="contradict each other"):
        _export(output=file, filter="status=archived", with_archive=True)
    _export(output=file, with_archive=True)
    assert [row["status"] for row in _rows(file)] == ["archived"]
