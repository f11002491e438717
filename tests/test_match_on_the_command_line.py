"""Matching for scripts: which keys fit an image, and what a WIM holds. Never more of a key than its last five."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from productkeys.domain import keycode
from tests.factories import MAK, stored
from tests.made_up_keys import made_up_key
from tests.unreachable import no_database
from tests.wims import CORE_SERVER, PRO, made_wim

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str | Path) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def answered(command: str, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code, said = run(command, *arguments, "--json")
    return code, json.loads(said)


@pytest.fixture(scope="module")
def wim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wim")
    return made_wim(folder / "install.wim", {"Windows 11 Pro": PRO, "Server 2022 Core": CORE_SERVER})


@pytest.fixture
def mak() -> str:
    """The whole characters of a stored MAK for Windows 11 Pro."""
    whole = made_up_key(4711)
    stored(MAK, code=keycode.parse(whole), edition="Professional", architecture="any", name="MAK of the head office")
    return whole


IMAGE = ("--build=26100", "--edition=Professional", "--architecture=x64")


def test_the_keys_for_an_image_are_said_in_the_order_of_fitness(mak: str) -> None:
    code, said = answered("match_key", *IMAGE, "--purpose=activation")

    assert code == 0
    assert said["image"]["systems"] == ["windows-11"]
    assert [(key["last_five"], key["verdict"]) for key in said["keys"][:2]] == [("T83GX", "fits"), (mak[-5:], "fits")]
    assert said["keys"][-1]["verdict"] == "does not fit"
    assert {"verdict", "code", "message", "advice", "source"} == set(said["keys"][0]["reasons"][0])
    assert [way["code"] for way in said["without_key"]] == ["volume_media", "firmware_key", "step_up"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*IMAGE,), 0),
        (("--build=26100",), 1),
        (("--system=windows-server-2022", "--edition=ServerStandardEval"), 2),
    ],
)
def test_the_exit_code_says_whether_a_key_fits(arguments: tuple[str, ...], code: int) -> None:
    assert run("match_key", *arguments)[0] == code


def test_a_person_reads_verdict_name_mask_and_reason(mak: str) -> None:
    _code, said = run("match_key", *IMAGE)

    assert "fits: Windows 11 Pro / Windows 10 Pro (GVLK, •••••-•••••-•••••-•••••-T83GX)" in said
    assert f"does not fit: MAK of the head office (MAK, {keycode.mask(mak[-5:])})" in said
    assert "A MAK can be used for activation only." in said
    assert "A rollout works without a key" in said
    assert max(map(len, said.splitlines())) < 300


def test_an_image_of_a_file_is_chosen_by_its_number(wim: Path) -> None:
    assert answered("match_key", wim, "--index=1")[1]["image"]["edition"] == "Professional"
    with pytest.raises(CommandError, match=r"1 \(Windows 11 Pro\), 2 \(Server 2022 Core\)"):
        run("match_key", wim)
    with pytest.raises(CommandError, match="Choose one image"):
        run("match_key", wim, "--index=3")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name an image file"),
        (("--system=windows-95",), "no operating system windows-95"),
        (("/nowhere/install.wim",), "No such file"),
        ((__file__,), "no Windows image"),
    ],
)
def test_what_cannot_be_matched_ends_with_3(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        run("match_key", *arguments)
    assert refused.value.returncode == 3


def test_a_file_is_read_with_the_keys_that_fit_each_image(wim: Path) -> None:
    code, said = answered("read_image", wim)

    assert (code, said["readable"], said["fault"]) == (0, True, None)
    pro, server = said["images"]
    assert (pro["name"], pro["version"], pro["languages"]) == ("Windows 11 Pro", "10.0.26100.1742", ["de-DE", "en-US"])
    assert [key["last_five"] for key in pro["keys"]] == ["T83GX"]
    assert server["keys"] == []
    assert [way["code"] for way in server["without_key"]] == ["evaluation_needs_none"]


def test_a_person_reads_what_the_file_holds(wim: Path) -> None:
    _code, said = run("read_image", wim, "--purpose=activation")

    assert "1: Windows 11 Pro (Professional, 10.0.26100.1742, x64, Client, de-DE en-US)" in said
    assert "2: Server 2022 Core (ServerStandardEval, 10.0.20348.1742, x64, Server Core, de-DE)" in said
    assert "does not fit" not in said


def test_a_file_that_cannot_be_read_ends_with_2_and_says_why() -> None:
    code, said = answered("read_image", __file__)
    assert (code, said["readable"], said["images"]) == (2, False, [])
    assert said["fault"]["code"] == "image_no_wim"

    for path, message in ((__file__, "no Windows image"), ("/nowhere", "No such file")):
        with pytest.raises(CommandError, match=message) as refused:
            run("read_image", path)
        assert refused.value.returncode == 2


@pytest.mark.parametrize("command", ["match_key", "read_image"])
def test_a_portal_that_cannot_be_asked_is_no_verdict(command: str, wim: Path) -> None:
    arguments = [str(wim), *(["--index=1"] if command == "match_key" else [])]

    with connection.execute_wrapper(no_database), pytest.raises(CommandError, match="cannot be used") as refusal:
        call_command(command, *arguments)

    assert refusal.value.returncode == 3


@pytest.mark.parametrize("command", ["match_key", "read_image"])
def test_a_key_in_the_name_of_a_file_is_not_repeated(command: str, tmp_path: Path) -> None:
    key = made_up_key(4712)
    file = tmp_path / f"install {key}.wim"
    file.write_bytes(b"no image")

    for path in (file, tmp_path / f"missing {key}.wim"):
        with pytest.raises(CommandError) as refusal:
            call_command(command, str(path))
        assert key not in str(refusal.value)
    if command == "read_image":
        assert key not in run(command, file, "--json")[1]


def test_no_whole_key_is_ever_said(mak: str, wim: Path) -> None:
    for command in (("match_key", *IMAGE, "--purpose=activation"), ("read_image", wim, "--purpose=activation")):
        for more in ((), ("--json",)):
            _code, said = run(*command, *more)
            assert mak[-5:] in said
            assert mak not in said
            assert mak.replace("-", "") not in said
            assert not keycode.contains_key(said)
