"""What stands in files of others is printed by commands, and commands no terminal: it could hide or fake a line."""

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.db import connections

from tests.answer_files import ORDINARY
from tests.made_up_keys import made_up_key
from tests.wims import PRO, made_wim

pytestmark = pytest.mark.django_db

CLEAR, TITLE = "\x1b[2J", "\x1b]0;all is well\x07"


@pytest.fixture(autouse=True)
def _the_connection_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that was run on the command line closes it at its end, and with it the transaction of the test."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


def _printed(capsys: pytest.CaptureFixture[str], command: str, *arguments: str) -> str:
    """What somebody sees who runs the command, its errors among it."""
    with suppress(SystemExit):
        load_command_class("productkeys", command).run_from_argv(["manage.py", command, *arguments])
    printed = "".join(capsys.readouterr())
    assert [sign for sign in printed if sign != "\n" and not sign.isprintable()] == []
    return printed


def test_heads_and_cells_of_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "keys.jsonl"
    file.write_text(json.dumps({f"Name{CLEAR}": f"Office{TITLE}", "Key": f"x{CLEAR}", "Type": f"M{TITLE}AK"}))
    assert "Column “Name\\x1b[2J”" in _printed(capsys, "import_keys", str(file))


def test_the_name_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / f"un{TITLE}attend.xml"
    file.write_text(ORDINARY)
    assert "un\\x1b]0;all is well\\x07attend.xml: nothing found." in _printed(capsys, "check_answer_file", str(file))
    file = tmp_path / "\x9b2Jun\rattend.xml"
    assert "\\x9b2Jun\\rattend.xml" in _printed(capsys, "read_image", str(file))


def test_the_name_of_an_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = made_wim(tmp_path / "install.wim", {"Windows \x9b2J11\u202e": PRO})
    assert "Windows \\x9b2J11\\u202e" in _printed(capsys, "read_image", str(file))


def test_a_name_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Linux takes any bytes for a name, such as those that an old archive made of an umlaut."""
    file = tmp_path / os.fsdecode(b"schl\xfcssel.csv")
    file.write_text(f"Name;Key;Type\nOffice;{made_up_key(7)};Retail\n")
    assert "Nothing was stored: --commit stores it." in _printed(capsys, "import_keys", str(file))
    assert "schl\\udcfcssel.csv:1: error:" in _printed(capsys, "check_answer_file", str(file))
