"""Checking an answer file: what scripts are told, and that no whole key is among it."""

import pytest
from django.db.models import QuerySet

from productkeys.domain.answer_file.report import as_json
from productkeys.models import ProductKey
from tests.answer_files import SETUP, SHELL_SETUP, activating, installing, installs_from, unattend
from tests.checked_answer_files import MAK, UNKNOWN, Check, checker
from tests.typed_keys import PRO


@pytest.fixture
def checked(standard_keys: QuerySet[ProductKey]) -> Check:
    return checker()


def test_scripts_get_one_object_with_these_keys_and_values(checked: Check) -> None:
    text = unattend(installing(PRO), activating(MAK), f"<!-- {UNKNOWN} -->")
    told = as_json("unattend.xml", checked(text))

    assert told == {
        "file": "unattend.xml",
        "readable": True,
        "fault": None,
        "places": [
            {
                "pass": "windowsPE",
                "component": SETUP,
                "architecture": "amd64",
                "path": "UserData/ProductKey/Key",
                "line": 6,
                "value": "published",
                "last_five": "T83GX",
            },
            {
                "pass": "specialize",
                "component": SHELL_SETUP,
                "architecture": "amd64",
                "path": "ProductKey",
                "line": 14,
                "value": "key",
                "last_five": MAK[-5:],
            },
        ],
        "elsewhere": [{"line": 17, "where": "comment", "value": "key", "last_five": UNKNOWN[-5:]}],
        "findings": [
            {
                "code": "in_comment",
                "severity": "warning",
                "line": 17,
                "message": "A product key stands in a comment. Who gets the file can read it, and a rewrite"
                " leaves it there.",
                "advice": "Take it out before you pass the file on.",
            }
        ],
    }
    assert as_json("x", checked("<a"))["fault"] == {"line": 1, "message": "The file ends in the middle of something."}


def test_a_whole_key_is_told_nowhere(checked: Check) -> None:
    """Not even where somebody put it into a name."""
    hostile = (
        unattend(installing(UNKNOWN), activating(f"{UNKNOWN} {MAK}"))
        .replace("specialize", UNKNOWN)
        .replace("amd64", UNKNOWN)
        .replace("UserData", UNKNOWN)
        .replace("31bf3856ad364e35", UNKNOWN)
        .replace("AcceptEula", UNKNOWN)
    )
    hostile_image = installs_from("/IMAGE/NAME", f"Windows 11 {UNKNOWN}")
    for text in [
        hostile,
        f"<{UNKNOWN}/>",
        f'<unattend><settings pass="{UNKNOWN}"/>',
        f"[{UNKNOWN}]\nProductKey={UNKNOWN}",
        unattend(installing(PRO, after=hostile_image)),
    ]:
        told = str(as_json(f"{UNKNOWN}.xml", checked(text)))
        assert UNKNOWN not in told
        assert UNKNOWN.replace("-", "") not in told
