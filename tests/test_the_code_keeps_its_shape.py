"""What import-linter cannot say about the shape of the code; the layers themselves stand in pyproject.toml."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.settings import BASE_DIR

PLAIN_PYTHON = [
    path
    for package in ("domain", "incoming", "tables")
    for path in sorted((BASE_DIR / "productkeys" / package).rglob("*.py"))
]
# Translations, choices, and the type that a translation has until it is shown.
OF_DJANGO = {
    "django.db.models": {"TextChoices"},
    "django.utils.formats": {"date_format", "number_format"},
    "django.utils.functional": {"Promise"},
    "django.utils.text": {"format_lazy"},
    "django.utils.translation": {
        "get_language",
        "gettext",
        "gettext_lazy",
        "ngettext",
        "ngettext_lazy",
        "pgettext_lazy",
    },
}
OPENING_KEYS = {
    "productkeys/domain/answer_file/writing.py",
    "productkeys/domain/keycode.py",  # check digits
    "productkeys/fields.py",  # sealing, fingerprints
    "productkeys/forms/edit.py",  # the sealed draft of what was typed
    "productkeys/listing/key_export.py",  # for whoever may reveal
    "productkeys/services/importing/preview.py",  # published keys
    "productkeys/forms/paste.py",  # lines that are alike, and the sealed ones without a fault
    "productkeys/services/keys.py",  # whether it fits another product
    "productkeys/services/known_keys.py",  # published keys
    "productkeys/services/revealing.py",
    "productkeys/services/rollout_files.py",  # those that were revealed, and published keys
    "productkeys/views/answer_file_keys.py",  # the sealed draft of the wizard
    "productkeys/views/detail.py",  # published keys
}
ALLOWED = {
    # Import and use: a SAML answer is posted by the page of the identity provider.
    "keyportal/people/company/views.py": ["csrf_exempt"] * 2,
    # Work that fails is logged and given up: the next worker would fail at it again.
    "productkeys/services/importing/worker.py": ["except Exception"],
}
OWN_CODE = [
    path
    for package in ("keyportal", "productkeys")
    for path in sorted((BASE_DIR / package).rglob("*.py"))
    if path.parent.name != "migrations"
]
OWN_PAGES = [*(BASE_DIR / "templates").rglob("*.html"), *(BASE_DIR / "static" / "js").glob("*.js"), *OWN_CODE]
# What dresses Django's own admin names Django's classes.
OWN_STYLES = [path for path in (BASE_DIR / "static" / "css").glob("*.css") if not path.name.startswith("admin")]


def _named(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


@pytest.mark.parametrize("path", PLAIN_PYTHON, ids=_named)
def test_the_domain_and_the_tables_take_no_more_of_django_than_words_and_choices(path: Path) -> None:
    taken = {(module, name) for module, name in _imports(path) if module.split(".")[0] == "django"}
    allowed = {(module, name) for module, names in OF_DJANGO.items() for name in names}
    assert taken <= allowed


def test_a_key_is_opened_in_few_places() -> None:
    """The characters of a key come out by `.open()` alone; a new place that calls it is a decision, taken here."""
    opening = {
        _named(path)
        for path in OWN_CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node).endswith(".open()")
    }
    assert opening == OPENING_KEYS


@pytest.mark.parametrize("path", OWN_CODE, ids=_named)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    written = [line for line in path.read_text().splitlines() if line.strip()]
    assert len(written) <= 400


@pytest.mark.parametrize("path", sorted((BASE_DIR / "templates").rglob("*.html")), ids=_named)
def test_a_template_holds_no_script_style_or_event_handler_of_its_own(path: Path) -> None:
    """The content security policy refuses them, so they would be dead without a word."""
    inline = re.findall(r"<style\b|<script(?![^>]*\bsrc=)|\s(?:style|on[a-z]+|hx-on[^=]*)=", path.read_text())
    assert inline == []


@pytest.mark.parametrize("path", OWN_CODE, ids=_named)
def test_no_module_trusts_text_as_markup_or_waits_or_swallows_errors(path: Path) -> None:
    found = re.findall(r"mark_safe|time\.sleep|csrf_exempt|except Exception|except:|# type: ignore$", path.read_text())
    assert found == ALLOWED.get(_named(path), [])


def test_every_style_and_icon_is_worn_by_something() -> None:
    written = "\n".join(path.read_text() for path in OWN_PAGES)
    words = set(re.findall(r"[A-Za-z_][\w-]*", written))
    sheets = "".join(path.read_text() for path in OWN_STYLES)
    rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", sheets, flags=re.DOTALL)
    # Badges name their tint when they are made: kp-badge--{}.
    classes = {
        name for name in re.findall(r"\.([a-z][\w-]*)", rules) if f"{name.partition('--')[0]}--{{" not in written
    }
    assert classes - words == set()
    icons = set(re.findall(r'id="i-([^"]+)"', (BASE_DIR / "static/icons.svg").read_text()))
    assert {name for name in icons if f'"{name}"' not in written and f"#i-{name}" not in written} == set()
