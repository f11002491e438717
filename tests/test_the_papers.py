"""The papers say what is there: the tests that show what they promise, and everything that the audit log records."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from productkeys.models.trail import Action

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


RECORDED = {
    "added": ("keys added", "hinzugefügt"),
    "changed": ("changed, archived", "hinzugefügt, geändert, archiviert"),
    "archived": ("archived", "archiviert"),
    "restored": ("restored", "wiederhergestellt"),
    "compromised": ("marked as compromised", "als kompromittiert markiert"),
    "deleted": ("deleted, loaded with a release", "gelöscht, mit einer Version geladen"),
    "revealed": ("reveals, and", "aufgedeckt;"),
    "loaded": ("loaded with a release", "mit einer Version geladen"),
    "reveal-refused": ("reveals that were refused", "abgelehnt, mit Grund"),
    "reveals-stopped": ("a stop of all reveals", "alle Aufdeckungen angehalten"),
    "reveals-released": ("and its end", "wieder freigegeben"),
    "signed-in": ("sign-ins,", "| angemeldet;"),
    "sign-in-failed": ("failed sign-ins", "fehlgeschlagen, mit Grund"),
    "signed-out": ("sign-outs", "abgemeldet"),
    "reset-asked": ("for whom one was asked by mail", "neues Kennwort per E-Mail angefordert"),
    "factor-added": ("second factors added", "zweiter Faktor hinzugefügt"),
    "factor-removed": ("second factors added and removed", "zweiter Faktor hinzugefügt, entfernt"),
    "codes-renewed": ("new recovery codes", "neue Wiederherstellungscodes"),
    "exported": ("exports of the audit log itself", "ausgeleitet, mit Format und Filtern"),
    "imported": ("| imports, ", "| importiert;"),
    "import-undone": ("imports undone", "Import rückgängig gemacht"),
    "keys-exported": ("exports of product keys", "exportiert, mit Format"),
    "agreement-added": ("agreements added", "Verträge, Rollout Templates | hinzugefügt"),
    "agreement-changed": ("agreements added, changed", "Verträge, Rollout Templates | hinzugefügt, geändert"),
    "agreement-deleted": ("agreements added, changed, deleted", "Templates | hinzugefügt, geändert, gelöscht"),
    "template-added": ("rollout templates added", "Rollout Templates | hinzugefügt"),
    "template-changed": ("rollout templates added, changed", "Rollout Templates | hinzugefügt, geändert"),
    "template-deleted": ("rollout templates added, changed, deleted", "Templates | hinzugefügt, geändert, gelöscht"),
    "pruned": ("old entries removed", "alte Einträge entfernt"),
    "master_key_added": ("a master key added", "| Hauptschlüssel | hinzugefügt"),
    "master_key_replaced": ("in use everywhere", "in Gebrauch"),
    "master_key_removed": ("removed", "entfernt"),
}
"""What docs/audit-log.md and the works agreement, which says that nothing else is recorded, call each kind of entry."""


@pytest.mark.parametrize("action", Action.values)
def test_every_kind_of_entry_is_told_to_administrators_and_to_the_works_council(action: str) -> None:
    papers = ("docs/audit-log.md", "docs/works-agreement.md")
    for paper, words in zip(papers, RECORDED[action], strict=True):
        assert words in Path(settings.BASE_DIR, paper).read_text(), paper
