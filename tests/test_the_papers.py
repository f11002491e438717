"""The threat model and the table of ASVS name the tests that show what they say: those tests are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

NAMED = re.compile(r"`(tests/test_\w+\.py)(?:::(\w+))?`")


@cache
def _tests_of(module: str) -> set[str]:
    tree = ast.parse(Path(settings.BASE_DIR, module).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("paper", ["SECURITY.md", "docs/threat-model.md", "docs/asvs.md"])
def test_every_test_that_a_paper_names_is_there(paper: str) -> None:
    text = Path(settings.BASE_DIR, paper).read_text()
    named = NAMED.findall(text)
    assert named
    assert len(named) == text.count("`tests/"), "a name that is not written as one"
    for module, test in named:
        assert Path(settings.BASE_DIR, module).is_file(), module
        assert not test or test in _tests_of(module), f"{module}::{test}"
