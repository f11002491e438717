"""`manage.py check_answer_file` for scripts and pipelines: what it prints, and how it ends."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from productkeys.models import ProductKey
from tests.answer_files import ORDINARY, activating, installing, unattend
from tests.factories import KMS_HOST, RETAIL, stored
from tests.typed_keys import OTHER, PRO
from tests.unreachable import no_database

pytestmark = pytest.mark.django_db

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A function that writes files of these texts and checks them; gives the exit code and what was printed."""

    def run(*texts: str, name: str = "unattend.xml", options: tuple[str, ...] = ()) -> tuple[int, str]:
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / str(number) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
            paths.append(str(path))
        printed = io.StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("check_answer_file", *paths, *options, stdout=printed)
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.getvalue()

    return run


def _open(key: ProductKey) -> str:
    return key.code.open()


def test_a_clean_file_ends_with_0(run: Run) -> None:
    code, printed = run(ORDINARY)
    assert code == 0
    assert printed.endswith("unattend.xml: nothing found.\n")


def test_a_hint_ends_with_0_as_well(run: Run) -> None:
    code, printed = run(unattend(installing(PRO)))
    assert code == 0
    assert "unattend.xml:6: info: The product key stands in the pass windowsPE only" in printed


def test_a_warning_ends_with_1(run: Run) -> None:
    code, printed = run(unattend(installing(OTHER), activating(OTHER)))
    assert code == 1
    assert "unattend.xml:6: warning: The portal does not know this product key. If this is a MAK" in printed


def test_an_error_ends_with_2_and_names_the_stored_key(run: Run) -> None:
    mak = _open(stored())
    code, printed = run(unattend(installing(mak), activating(mak)))
    assert code == 2
    assert "unattend.xml:6: error: “Windows 11 Enterprise, head office” is a MAK" in printed
    assert "[mak_in_windowspe; " in printed
    assert mak not in printed


def test_the_worst_of_several_files_counts(run: Run) -> None:
    code, printed = run(ORDINARY, unattend(activating("")), unattend(activating(OTHER.lower())))
    assert code == 2
    assert len(printed.splitlines()) == 3


def test_scripts_get_one_object_for_each_file(run: Run) -> None:
    code, printed = run(ORDINARY, "<a", options=("--json",))
    clean, broken = map(json.loads, printed.splitlines())
    assert code == 2
    assert set(clean) == {"file", "readable", "fault", "places", "elsewhere", "findings"}
    assert [place["value"] for place in clean["places"]] == ["published", "published"]
    assert (broken["readable"], broken["fault"]["line"]) == (False, 1)


@pytest.mark.parametrize(
    ("values", "changes", "finding"),
    [
        (RETAIL, {}, "other_edition"),
        (KMS_HOST, {}, "kms_host_key"),
    ],
)
def test_what_the_portal_knows_of_a_key_is_used(
    run: Run, values: dict[str, Any], changes: dict[str, Any], finding: str
) -> None:
    key = _open(stored(values, **changes))
    chosen = "<ImageInstall><OSImage><InstallFrom><MetaData><Key>/IMAGE/NAME</Key><Value>Windows 11 Education</Value></MetaData></InstallFrom></OSImage></ImageInstall>"  # noqa: E501
    _code, printed = run(unattend(installing(key, after=chosen), activating(key)), options=("--json",))
    assert finding in [found["code"] for found in json.loads(printed)["findings"]]


def test_a_used_up_key_is_told(run: Run) -> None:
    key = _open(stored(quantity=5, in_use=5))
    assert "no activations left" in run(unattend(activating(key)))[1]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    printed = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_answer_file", str(tmp_path / "none.xml"), stdout=printed)
    assert ended.value.code == 2
    assert "none.xml:1: error: The file cannot be opened (No such file or directory)." in printed.getvalue()


# The other files that carry keys.


def test_a_portal_that_cannot_be_asked_ends_with_3_and_not_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "unattend.xml"
    path.write_text(ORDINARY)

    with connection.execute_wrapper(no_database), pytest.raises(CommandError, match="cannot be used") as refusal:
        call_command("check_answer_file", str(path))

    assert refusal.value.returncode == 3


CUSTOM_SETTINGS = """[Settings]
Priority=MACAddress, Default

[Default]
AdminPassword=Geheim-1234
; Windows 11 Pro: {key}
ProductKey = {key}
OverRideProductKey={override}
SkipProductKey=YES

[00:15:5D:01:02:03]
ProductKey=%OSKey%
"""


def test_custom_settings_are_read_by_section(run: Run) -> None:
    text = "\ufeff" + CUSTOM_SETTINGS.format(key=PRO, override=OTHER)
    code, printed = run(text, name="CustomSettings.ini", options=("--json",))
    told = json.loads(printed)
    assert [(place["path"], place["line"], place["value"]) for place in told["places"]] == [
        ("Default/ProductKey", 7, "published"),
        ("Default/OverRideProductKey", 8, "key"),
        ("00:15:5D:01:02:03/ProductKey", 12, "placeholder"),
    ]
    assert [(other["line"], other["where"]) for other in told["elsewhere"]] == [(6, "comment")]
    assert [found["code"] for found in told["findings"]] == ["published_elsewhere", "placeholder"]
    assert code == 1


def test_what_else_stands_in_custom_settings_is_never_repeated(run: Run) -> None:
    for options in ((), ("--json",)):
        assert "Geheim" not in run(CUSTOM_SETTINGS, name="CustomSettings.ini", options=options)[1]


def test_a_mak_in_custom_settings_belongs_in_the_override(run: Run) -> None:
    mak = _open(stored())
    code, printed = run(CUSTOM_SETTINGS.format(key=mak, override=PRO), name="CustomSettings.ini")
    assert code == 1
    assert "[mak_as_product_key; " in printed
    assert "[gvlk_for_mak; " in printed
    assert "[in_comment; " in printed


def test_ei_cfg_is_read_and_its_channel_not_judged(run: Run) -> None:
    text = "[EditionID]\r\n\r\n[Channel]\r\n_Default\r\n[VL]\r\n0"
    assert run(text, name="ei.cfg")[0] == 0
    assert run(text, name="copy of it")[0] == 0


def test_pid_txt_with_a_gvlk_is_right(run: Run) -> None:
    code, printed = run(f"[PID]\nValue={PRO}", name="PID.txt")
    assert code == 0
    assert "[pid_ignored; " in printed


def test_a_file_of_another_name_is_known_by_what_stands_in_it(run: Run) -> None:
    assert "[pid_ignored; " in run(f"[PID]\nValue={PRO}", name="key.txt")[1]
    assert "nothing found" in run("[Settings]\nPriority=Default\n[Default]\nProductKey=\n", name="rules.txt")[1]
