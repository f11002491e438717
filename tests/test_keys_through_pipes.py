"""Commands as parts of scripts: keys come and go by pipes, and what goes wrong ends with a sentence and a code."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from productkeys.management.commands import import_keys
from productkeys.models import Import, ProductKey
from tests.bringing import line, written
from tests.factories import stored
from tests.machine import Machines, started

pytestmark = pytest.mark.django_db

Said = tuple[str, int]


def _imported(file: str | Path, *arguments: str) -> Said:
    """What the command says, and its exit code."""
    said = io.StringIO()
    try:
        call_command("import_keys", str(file), *arguments, stdout=said)
    except CommandError as refusal:
        return f"{said.getvalue()}{refusal}", refusal.returncode
    return said.getvalue(), 0


def _reading(data: bytes) -> TextIO:
    return io.TextIOWrapper(io.BytesIO(data))


# In


def test_keys_come_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _reading(written([line(), line()])))
    said, code = _imported("-", "--commit")
    assert (code, ProductKey.objects.filter(published=False).count()) == (0, 2)
    assert "Keys stored: 2" in said
    assert Import.objects.get().name == "stdin"


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_a_pipe_without_anything_brings_nothing(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", _reading(data))
    said, code = _imported("-", "--commit")
    assert code == import_keys.NOT_IMPORTED
    assert "There is nothing in it" in said


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    said, code = _imported(tmp_path)
    assert (said, code) == (f"{tmp_path} cannot be read: Is a directory.", import_keys.NOT_IMPORTED)


# Out


@pytest.mark.parametrize("options", [{}, {"output": Path("-")}])
def test_keys_leave_by_standard_output(
    capsysbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Path],
) -> None:
    monkeypatch.chdir(tmp_path)
    key = stored()
    call_command("export_keys", **options)
    assert key.name in capsysbinary.readouterr().out.decode()
    assert not any(tmp_path.iterdir())


def test_a_workbook_does_not_go_to_standard_output() -> None:
    with pytest.raises(CommandError, match="give --output FILE"):
        call_command("export_keys", format="xlsx", output=Path("-"))


def test_a_reader_that_leaves_ends_the_export_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    reading_end, writing_end = os.pipe()
    os.close(reading_end)
    with os.fdopen(writing_end, "w") as left:
        monkeypatch.setattr(sys, "stdout", left)
        with pytest.raises(CommandError, match=r"Standard output does not have all of it: Broken pipe\.") as refused:
            call_command("export_keys")
    assert refused.value.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_disk_that_is_full_ends_the_export_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(CommandError, match="No space left on device"):
            call_command("export_keys")


# Where the portal is not there


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (lambda file: call_command("import_keys", str(file)), import_keys.NOT_IMPORTED),
        (lambda file: call_command("export_keys", output=file.with_suffix(".out")), 1),
    ],
    ids=["import", "export"],
)
def test_without_a_database_they_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[[Path], None], code: int
) -> None:
    file = tmp_path / "keys.csv"
    file.write_bytes(written([line()]))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE productkeys_productkey RENAME TO gone")
    with pytest.raises(CommandError, match="The database cannot be used") as refused:
        command(file)
    assert refused.value.returncode == code
    assert [path.name for path in tmp_path.iterdir()] == ["keys.csv"]


def test_a_terminal_of_another_encoding_stops_no_command(new_machine: Machines) -> None:
    says = "import sys, manage; sys.argv = ['manage.py', 'version']; manage.main(); print('\u201cSchlüssel\u201d')"
    with started(new_machine() | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}, "-c", says) as process:
        assert process.stdout
        said = process.stdout.read()
    assert process.returncode == 0
    assert said.splitlines()[-1] == "?Schl?ssel?"
