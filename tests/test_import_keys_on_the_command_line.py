"""`manage.py import_keys`: says what would happen, stores when told to, and leaves no key where none belongs."""

import csv
import io
import json
import stat
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook
from pytest_django import Settings

from productkeys.models import Import, ImportChunk, ImportPart, ProductKey, SealedSecret, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL
from tests.bringing import HEADS, line, written
from tests.canary import Canaries
from tests.factories import new_code, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "schluessel.csv"


def _import(file: Path, *arguments: str) -> tuple[str, int]:
    """What the command says, its refusal behind it, and its exit code."""
    said, code = io.StringIO(), 0
    try:
        call_command("import_keys", str(file), *arguments, stdout=said, stderr=said)
    except CommandError as refusal:
        code = refusal.returncode
        said.write(str(refusal))
    return said.getvalue(), code


def _keys() -> int:
    return len(ProductKey.objects.filter(published=False))


def _nothing_waits() -> bool:
    waiting = (Import.objects, ImportPart.objects, ImportChunk.objects, SealedSecret.objects)
    return not any(objects.exists() for objects in waiting)


# What it does


def test_without_commit_it_says_what_would_happen_and_leaves_nothing_behind(file: Path) -> None:
    file.write_bytes(written([line() for _ in range(3)]))
    entries = TrailEntry.objects.count()
    said, code = _import(file)
    assert code == 0
    assert "Read as: semicolon, Windows-1252." in said
    assert "Column “Produktschlüssel”: code." in said
    assert "New: 3, to be stored." in said
    assert "Nothing was stored: --commit stores it." in said
    assert _keys() == 0
    assert _nothing_waits()
    assert TrailEntry.objects.count() == entries


def test_with_commit_it_stores_in_the_name_of_the_portal(file: Path) -> None:
    file.write_bytes(written([line() for _ in range(3)]))
    said, code = _import(file, "--commit")
    assert (code, _keys()) == (0, 3)
    imp = Import.objects.get()
    assert f"Keys stored: 3, as the import {imp.uid}." in said
    entry = TrailEntry.objects.get(action=Action.IMPORTED)
    assert (entry.subject_uid, entry.actor_uid) == (imp.uid, None)
    assert not SealedSecret.objects.exists()


def test_the_same_file_again_changes_nothing_and_is_no_failure(file: Path) -> None:
    file.write_bytes(written([line() for _ in range(3)]))
    _import(file, "--commit")
    said, code = _import(file, "--commit")
    assert (code, _keys()) == (0, 3)
    assert "Already there: 3." in said


def test_refused_rows_are_named_and_the_good_ones_stored(file: Path) -> None:
    file.write_bytes(written([line(), line(Menge="0"), line()]))
    said, code = _import(file, "--commit")
    assert (code, _keys()) == (1, 2)
    assert "Refused: 1." in said
    assert "Line 3: quantity:" in said
    assert said.endswith("Refused rows: 1.")


def test_a_dry_run_warns_of_refused_rows_by_its_exit_code(file: Path) -> None:
    file.write_bytes(written([line(), line(Menge="0")]))
    assert _import(file)[1] == 1
    assert _nothing_waits()


def test_of_many_refused_rows_the_first_are_named_and_the_rest_counted(file: Path) -> None:
    file.write_bytes(written([line(Menge="0") for _ in range(50)]))
    said, _code = _import(file)
    assert said.count("Line ") == 20
    assert "Further rows that are refused: 30" in said


def test_all_or_nothing_stores_nothing_where_a_row_is_refused(file: Path) -> None:
    file.write_bytes(written([line(), line(Menge="0")]))
    said, code = _import(file, "--commit", "--all-or-nothing")
    assert (code, _keys()) == (1, 0)
    assert "it was to be all or nothing" in said
    assert _nothing_waits()
    file.write_bytes(written([line(), line()]))
    assert _import(file, "--commit", "--all-or-nothing")[1] == 0
    assert _keys() == 2


def test_keys_that_are_there_change_unless_they_are_to_be_left(file: Path) -> None:
    key = stored(quantity=100)
    file.write_bytes(written([line(key.code.open())]))
    assert "Already there: 1." in _import(file, "--commit", "--leave-existing")[0]
    key.refresh_from_db()
    assert key.quantity == 100
    assert "Changes a key: 1, to be stored." in _import(file, "--commit")[0]
    key.refresh_from_db()
    assert key.quantity == 150


# What is meant


def test_a_column_is_what_the_command_says(file: Path) -> None:
    file.write_bytes(written([line(Bezeichnung="Ask Anna")]))
    said, code = _import(file, "--commit", "--column", "Bezeichnung=comment")
    assert code == 0
    assert "Column “Bezeichnung”: comment." in said
    assert ProductKey.objects.get(published=False).comment == "Ask Anna"


def test_a_default_stands_in_for_what_the_file_does_not_say(file: Path) -> None:
    file.write_text(f"{new_code().open()}\n{new_code().open()}\n")
    assert _import(file)[1] == 1
    said = ("key_type=MAK", "operating_system=Windows 11", "edition=Enterprise", "quantity=50")
    assert _import(file, "--commit", *(f"--default={text}" for text in said))[1] == 0
    assert set(ProductKey.objects.filter(published=False).values_list("quantity", flat=True)) == {50}


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--column=Nummer=name", "The file has no column Nummer."),
        ("--column=Menge=number", "There is no field number."),
        ("--column=Menge=name", "means the same"),
        ("--column=Produktschlüssel=ignore", "No column holds the product keys"),
        ("--default=number=1", "No default can be given for number."),
        ("--default=code=x", "No default can be given for code."),
        ("--sheet=Keys", "This file has no sheet to choose."),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(file: Path, argument: str, said: str) -> None:
    file.write_bytes(written([line()]))
    refusal, code = _import(file, "--commit", argument)
    assert code == 2
    assert said in refusal
    assert _keys() == 0
    assert _nothing_waits()


def test_encoding_and_delimiter_can_be_said(file: Path) -> None:
    file.write_bytes("\n".join("|".join(cells) for cells in [HEADS, line(Bezeichnung="Büro")]).encode("cp850"))
    _import(file, "--commit", "--encoding", "cp850", "--delimiter", "bar")
    assert ProductKey.objects.get(published=False).name == "Büro"


def test_the_first_row_can_be_a_row_like_the_others(file: Path) -> None:
    file.write_bytes(written([line() for _ in range(5)]))
    said, _code = _import(file, "--no-header")
    assert "Column “Column 2”: code." in said
    assert "Line 1: code:" in said


def test_another_sheet_can_be_said(tmp_path: Path) -> None:
    book = Workbook()
    for cells in (HEADS, line()):
        book.active.append(cells)  # type: ignore[union-attr]
    for cells in (HEADS, line(), line()):
        (book["Archiv"] if "Archiv" in book.sheetnames else book.create_sheet("Archiv")).append(cells)
    book.save(file := tmp_path / "keys.xlsx")
    said, _code = _import(file)
    assert "Read as: Excel workbook, sheet “Sheet”, 1 more sheet." in said
    assert "New: 1, to be stored." in said
    assert "New: 2, to be stored." in _import(file, "--sheet", "Archiv")[0]
    said, code = _import(file, "--sheet", "Nowhere")
    assert code == 2
    assert "Sheet: Select a valid choice" in said
    assert _nothing_waits()


# What cannot be brought


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "nothing in it"), (written([]), "no rows"), (b"%PDF-1.7 ...", "no table")],
    ids=["empty", "header only", "no table"],
)
def test_what_is_no_table_cannot_be_brought(file: Path, data: bytes, said: str) -> None:
    file.write_bytes(data)
    refusal, code = _import(file, "--commit")
    assert code == 2
    assert said in refusal
    assert _nothing_waits()


def test_a_file_that_breaks_off_cannot_be_brought(file: Path) -> None:
    good = json.dumps({"code": new_code().open(), "key_type": "mak"})
    file.write_text(f"<keys><key>{new_code().open()}</key><key>{good}")
    assert _import(file, "--commit")[1] == 2
    assert _nothing_waits()


def test_a_file_that_is_not_there_cannot_be_brought(file: Path) -> None:
    refusal, code = _import(file)
    assert (refusal, code) == (f"{file} cannot be read: No such file or directory.", 2)


def test_a_file_beyond_the_limit_is_refused_with_the_limit_named(file: Path, settings: Settings) -> None:
    settings.IMPORT_MAX_MB = 1
    file.write_bytes(b"x" * (2**20 + 1))
    refusal, code = _import(file)
    assert code == 2
    assert "more than 1 MB (KEYPORTAL_IMPORT_MAX_MB)" in refusal


# Taking it back


def _undo(uid: object, *arguments: str) -> tuple[str, int]:
    said, code = io.StringIO(), 0
    try:
        call_command("import_keys", "--undo", str(uid), *arguments, stdout=said, stderr=said)
    except CommandError as refusal:
        code = refusal.returncode
        said.write(str(refusal))
    return said.getvalue(), code


@pytest.fixture
def imp(file: Path) -> Import:
    """An import of the command line: two new keys, a changed one, and an agreement that came along."""
    known = stored(name="alt", quantity=100)
    heads = (*HEADS, "Vertrag")
    file.write_bytes(written([[*line(), "V-1"], [*line(), "V-1"], [*line(known.code.open()), ""]], heads))
    said, _code = _import(file, "--commit")
    imp = Import.objects.get()
    assert f"as the import {imp.uid}. --undo takes them back." in said
    return imp


def test_an_import_of_the_command_line_is_undone_there(imp: Import) -> None:
    said, code = _undo(imp.uid, "--commit")
    assert (said, code) == ("Keys removed: 2, changed back: 1, agreements removed: 1.\n", 0)
    key = ProductKey.objects.get(published=False)
    assert (key.name, key.quantity) == ("alt", 100)
    assert Import.objects.get().state == Import.State.UNDONE
    entry = TrailEntry.objects.get(action=Action.IMPORT_UNDONE)
    assert (entry.actor_uid, entry.subject_uid) == (None, imp.uid)


def test_without_commit_it_says_what_would_go_and_nothing_goes(imp: Import) -> None:
    entries = TrailEntry.objects.count()
    said, code = _undo(imp.uid)
    assert code == 0
    assert said == ("Keys removed: 2, changed back: 1, agreements removed: 1.\nNothing was undone: --commit does it.\n")
    assert (_keys(), TrailEntry.objects.count()) == (3, entries)
    assert Import.objects.get().state == Import.State.DONE


@pytest.mark.parametrize("arguments", [(), ("--commit",)])
def test_an_import_whose_keys_were_touched_stays_and_says_which(imp: Import, arguments: tuple[str, ...]) -> None:
    key = ProductKey.objects.filter(import_uid=imp.uid).earliest("pk")
    keys.change_key(key, KeyValues.of(key, name="berührt"), seen_version=1, origin=PORTAL)
    said, code = _undo(imp.uid, *arguments)
    assert code == 2
    assert "Nothing was undone: keys of this import were changed since" in said
    assert "Changed: berührt." in said
    assert _keys() == 3


def test_what_is_undone_or_never_was_cannot_be_undone(imp: Import) -> None:
    _undo(imp.uid, "--commit")
    for uid in (imp.uid, uuid4()):
        said, code = _undo(uid, "--commit")
        assert (said, code) == (f"There is no import {uid} that is done and not undone.", 2)


def test_it_is_either_a_file_or_an_import_to_undo(file: Path) -> None:
    with pytest.raises(CommandError, match="not allowed with argument"):
        call_command("import_keys", str(file), "--undo", str(uuid4()))
    with pytest.raises(CommandError, match="one of the arguments"):
        call_command("import_keys")


# Where the keys are


def test_refused_rows_go_into_a_new_file_for_its_owner_alone(file: Path, tmp_path: Path) -> None:
    bad = new_code()
    file.write_bytes(written([line(), line(bad, Menge="0")]))
    rest = tmp_path / "refused.csv"
    said, _code = _import(file, "--commit", "--refused", str(rest))
    assert f"The refused rows stand in {rest}, with their keys." in said
    assert stat.S_IMODE(rest.stat().st_mode) == 0o600
    (row,) = csv.DictReader(io.StringIO(rest.read_text("utf-8-sig")))
    assert row["Produktschlüssel"] == bad.open()
    assert row["Why refused"]


def test_a_file_that_is_there_is_never_written_over(file: Path, tmp_path: Path) -> None:
    file.write_bytes(written([line(), line(Menge="0")]))
    rest = tmp_path / "refused.csv"
    rest.write_text("of somebody")
    said, code = _import(file, "--commit", "--refused", str(rest))
    assert code == 2
    assert f"{rest} was not written: File exists." in said
    assert rest.read_text() == "of somebody"
    assert _keys() == 0
    assert _nothing_waits()


def test_no_key_is_in_what_it_says_wherever_it_stood(file: Path) -> None:
    codes = [new_code().open() for _ in range(6)]
    heads = (*HEADS, codes[0])
    rows = [
        [*line(codes[1], Bezeichnung=f"ask for {codes[2]}", Typ=codes[3]), codes[4]],
        [*line(codes[5][:-1]), ""],
        [*line(codes[1]), ""],
    ]
    file.write_bytes(written(rows, heads))
    canaries = Canaries(codes)
    for arguments in (
        [],
        ["--commit"],
        [f"--column={codes[0]}={codes[1]}"],
        [f"--column={codes[1]}=name"],
        [f"--column={codes[1]}"],
        [f"--default=labels={codes[1]}"],
        [f"--default={codes[1]}=x"],
    ):
        said, _code = _import(file, *arguments)
        assert said
        canaries.search(f"said with {[argument[:10] for argument in arguments]}", said)
    assert canaries.sightings == []


@pytest.mark.parametrize("argument", ["--column=Menge", "--encoding=latin", "--delimiter=x", "--default==x"])
def test_an_argument_that_is_none_is_refused(file: Path, argument: str) -> None:
    file.write_bytes(written([line()]))
    said, code = _import(file, argument)
    assert code
    assert "argument" in said
    assert not Import.objects.exists()
