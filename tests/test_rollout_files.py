"""What stands in the files of a rollout template: MDT, task sequence, scripts, and what stands for a key in them."""

import re

import pytest

from productkeys.domain.answer_file import media, reading, values
from productkeys.domain.answer_file.hiding import Tell, keys_in, with_keys_hidden
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.values import Value
from productkeys.domain.choices import KeyType
from productkeys.domain.rollout import ACTIVATION, INSTALLATION
from productkeys.domain.rollout_files import FileKey, FileKind, fields_in, is_of_use, placeholder, written
from tests.answer_files import ENTERPRISE, ORDINARY, activating, commands, unattend
from tests.made_up_keys import made_up_key
from tests.typed_keys import PRO

GVLK = FileKey(ENTERPRISE, KeyType.GVLK)
MAK = FileKey(made_up_key(5), KeyType.MAK)
RETAIL = FileKey(made_up_key(6), KeyType.RETAIL)
SLMGR = r"cscript //nologo %SystemRoot%\System32\slmgr.vbs"


def _text(kind: FileKind, keys: dict[str, FileKey], kms_host: str = "") -> str:
    data = written(kind, keys, kms_host=kms_host)
    assert data.count(b"\n") == data.count(b"\r\n")
    return data.decode("utf-8-sig")


def _lines(kind: FileKind, keys: dict[str, FileKey], kms_host: str = "") -> list[str]:
    lines = _text(kind, keys, kms_host).split("\r\n")
    return [line for line in lines if line and not line.startswith((";", "rem ", "#", "echo ", "@"))]


def test_mdt_takes_a_mak_as_the_key_that_overrides() -> None:
    assert _lines(FileKind.MDT, {INSTALLATION: GVLK, ACTIVATION: MAK}) == [
        *("[Default]", "SkipProductKey=YES", f"ProductKey={ENTERPRISE}", f"OverrideProductKey={MAK.written}")
    ]
    assert _lines(FileKind.MDT, {ACTIVATION: MAK})[2:] == [f"OverrideProductKey={MAK.written}"]


def test_mdt_has_one_place_for_any_other_key() -> None:
    assert _lines(FileKind.MDT, {INSTALLATION: GVLK})[2:] == [f"ProductKey={ENTERPRISE}"]
    assert _lines(FileKind.MDT, {INSTALLATION: GVLK, ACTIVATION: RETAIL})[2:] == [f"ProductKey={RETAIL.written}"]


def test_without_a_key_mdt_only_skips_the_page_that_asks_for_one() -> None:
    assert _lines(FileKind.MDT, {}) == ["[Default]", "SkipProductKey=YES"]


def test_the_check_of_deployment_files_finds_the_keys_in_the_lines_for_mdt() -> None:
    file = reading.read(written(FileKind.MDT, {INSTALLATION: GVLK, ACTIVATION: placeholder("mak", "7Q4KM")}))
    assert [(place.path, place.held.value) for place in file.places] == [
        ("Default/ProductKey", Value.KEY),
        ("Default/OverrideProductKey", Value.PLACEHOLDER),
    ]
    assert file.kind is media.Kind.CUSTOM_SETTINGS


def test_a_task_sequence_gets_the_key_that_the_machine_is_to_have() -> None:
    assert _text(FileKind.TASK_SEQUENCE, {INSTALLATION: GVLK, ACTIVATION: MAK}) == f"OSDProductKey={MAK.written}\r\n"
    assert _text(FileKind.TASK_SEQUENCE, {INSTALLATION: GVLK}) == f"OSDProductKey={ENTERPRISE}\r\n"


def test_the_scripts_install_the_key_and_activate() -> None:
    assert _lines(FileKind.CMD, {INSTALLATION: GVLK}, "kms.example.com") == [
        "setlocal",
        f"{SLMGR} /ipk {ENTERPRISE}",
        f"{SLMGR} /skms kms.example.com:1688",
        f"{SLMGR} /ato",
        f"{SLMGR} /dlv",
    ]
    for key in (MAK, RETAIL):
        powershell = _text(FileKind.POWERSHELL, {INSTALLATION: GVLK, ACTIVATION: key}, "kms.example.com")
        assert rf"cscript //nologo $env:SystemRoot\System32\slmgr.vbs /ipk {key.written}" in powershell
        assert "/cpky" in powershell
        assert "/skms" not in powershell


def test_a_kms_host_without_a_key_is_named_and_asked() -> None:
    lines = _lines(FileKind.CMD, {}, "kms.example.com")
    assert [line.split(".vbs ")[1] for line in lines[1:]] == ["/skms kms.example.com:1688", "/ato", "/dlv"]


def test_no_script_puts_a_key_into_the_log_of_the_rollout_by_repeating_its_commands() -> None:
    assert "echo cscript" not in _text(FileKind.CMD, {ACTIVATION: MAK})


def test_no_script_waits_for_somebody() -> None:
    assert "pause" not in _text(FileKind.CMD, {INSTALLATION: GVLK})


@pytest.mark.parametrize(
    ("keys", "kms_host", "kinds"),
    [
        ({}, "", {FileKind.MDT}),
        ({}, "kms", {FileKind.MDT, FileKind.CMD, FileKind.POWERSHELL}),
        ({ACTIVATION: "mak"}, "", set(FileKind)),
    ],
)
def test_only_files_that_say_something_are_made(keys: dict[str, str], kms_host: str, kinds: set[FileKind]) -> None:
    assert {kind for kind in FileKind if is_of_use(kind, keys, kms_host=kms_host)} == kinds


def test_only_an_answer_file_and_mdt_take_both_keys() -> None:
    both = {INSTALLATION: "gvlk", ACTIVATION: "mak"}
    taken = {kind for kind in FileKind if fields_in(kind, both) == (INSTALLATION, ACTIVATION)}
    assert taken == {FileKind.ANSWER_FILE, FileKind.MDT}


PLACEHOLDERS = [placeholder(), placeholder("", "7Q4KM"), *(placeholder(one, "7Q4KM") for one in KeyType.values)]


@pytest.mark.parametrize("key", PLACEHOLDERS, ids=lambda key: key.written)
def test_a_placeholder_is_read_as_one_and_safe_in_every_file(key: FileKey) -> None:
    assert values.held(key.written).value is Value.PLACEHOLDER
    assert re.fullmatch(r"\[[A-Za-z ]+(?: \.\.\.[A-Z0-9]{5})?: see KeyPortal\]", key.written)
    file = reading.read(unattend(activating(key.written)).encode())
    assert file.faults == ()
    assert [place.held.value for place in file.places if place.held.value is not Value.MISSING] == [Value.PLACEHOLDER]
    for kind in (FileKind.CMD, FileKind.POWERSHELL):
        assert f'/ipk "{key.written}"\r\n' in _text(kind, {ACTIVATION: key})


def _hidden(text: str, tell: Tell) -> AnswerFile:
    file = reading.read(text.encode())
    return with_keys_hidden(file, keys_in(file), tell)


def test_keys_are_hidden_wherever_they_stand_and_the_rest_stays() -> None:
    secret = made_up_key(7)
    text = unattend(activating(secret), commands(f"slmgr /ipk {secret}", "net user admin Geheim"), f"<!-- {secret} -->")
    file = _hidden(text, lambda held: f"[MAK ...{held.last_five}: see KeyPortal]")
    assert file.text.text == text.replace(secret, f"[MAK ...{secret[-5:]}: see KeyPortal]")
    assert file.faults == ()


def test_a_key_that_may_stay_stays() -> None:
    file = _hidden(ORDINARY, lambda _held: None)
    assert file.text.text == ORDINARY
    assert PRO in file.text.text


def test_more_keys_than_a_reader_lists_are_hidden() -> None:
    text = unattend(commands(*(f"slmgr /ipk {made_up_key(1000 + number)}" for number in range(1100))))
    hidden = _hidden(text, lambda _held: "[key: see KeyPortal]")
    assert hidden.text.text.count("[key: see KeyPortal]") == 1100
