"""The German catalogue: complete, with every placeholder, and in the words that the suite and Microsoft use."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]  # carries no types
import pytest
from django.conf import settings
from django.utils import translation

CATALOGUES = sorted((settings.BASE_DIR / "locale/de").rglob("*.po"))
_WORDS_IN_BRACES = "{last five}"
"""What people type in the pattern of a name: in their own language."""
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+[^>]*>")


def _texts(entry: polib.POEntry) -> list[str]:
    """What a German reader may get to see of an entry."""
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def _entries() -> Iterator[polib.POEntry]:
    for path in CATALOGUES:
        yield from polib.pofile(str(path))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_the_catalogue_is_complete(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert len(catalogue) > 0
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []
    assert not catalogue.metadata_is_fuzzy
    assert catalogue.metadata["Language"] == "de"


def test_a_translation_has_the_placeholders_and_tags_of_its_text() -> None:
    wrong = []
    for entry in _entries():
        if _WORDS_IN_BRACES in entry.msgid:
            continue
        wanted = Counter(_PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for form, text in enumerate(_texts(entry)):
            found = Counter(_PLACEHOLDER.findall(text))
            # The form for one may leave the figure out, where English does so too.
            if found != wanted and not (form == 0 and found == Counter(_PLACEHOLDER.findall(entry.msgid))):
                wrong.append((entry.msgid, text))
    assert wrong == []


TERMS = {
    r"product keys?\b": r"Produktschlüssel|Schlüssel",
    r"KMS host keys?\b": r"KMS-Hostschlüssel",
    r"KMS hosts?\b(?! key| and ESU)": r"KMS-Host",
    r"answer file": r"Antwortdatei",
    r"quantity": r"Menge",
    r"operating systems?\b": r"Betriebssystem",
    r"\barchitectures?\b": r"Architektur",
    r"\beditions?\b": r"Edition",
    r"\bno limit\b": r"[Kk]ein Kontingent",
    r"\ball editions\b": r"[Aa]llen? Editionen",
    r"\bleft$": r"frei$",
    r"^used for$": r"^[Ww]ird benutzt für$",
    r"^next$": r"^Weiter$",
    r"^back$": r"^Zurück$",
    r"^finish$": r"^Fertig$",
    r"^stock$": r"^Verfügbarkeit$",
    r"\btyping error": r"Tippfehler",
    r"rollout templates?": r"Rollout Templates?",
    r"volume licence agreement": r"Volumenlizenzvertrag",
    r"\b(the trail|audit log)\b": r"Audit-Protokoll",
    r"\brecorded\b": r"werden protokolliert",
    r"\breveal(ed)?\b": r"[Aa]n(ge)?zeigt?|anzeigen",
    r"\bHide\b": r"[Vv]erbergen",
    r"\bActive Directory\b": r"Active Directory",
    r"makes the rollout fail": r"[Ww]ird (er|ein MAK) für die Installation benutzt, schlägt der Rollout fehl",
}


@pytest.mark.parametrize(("english", "german"), TERMS.items(), ids=TERMS)
def test_a_term_is_said_as_the_suite_and_microsoft_say_it(english: str, german: str) -> None:
    entries = [
        entry for entry in _entries() if re.search(english, _PLACEHOLDER.sub("", entry.msgid).strip(), re.IGNORECASE)
    ]
    assert entries
    assert [(entry.msgid, text) for entry in entries for text in _texts(entry) if not re.search(german, text)] == []


WORDS_TO_AVOID = {
    r"\b(un)?gültig|\becht\b": "nobody can know that of a key",
    r"\b(du|dein|deine|dich)\b": "people are addressed with Sie",
    r"Passwort|Passwörter|\bSichern\b|Geschichte": "Windows says Kennwort, Speichern, Verlauf",
    r"kommt? ins Protokoll|bleibt weg": "werden protokolliert, entfällt",
    r"(?<!Buchstaben )\bohne N\b": "that reads as an edition",
    r"Lizenzschlüssel|Produkt-Schlüssel|Product Key": "Produktschlüssel",
    r"\bMAC\b|KMS Host|KMS-Host-Schlüssel|KMS Client": "compounds are joined",
    r'"|\'|\.\.\.': "quotation marks are „ “, an ellipsis is …",
}


@pytest.mark.parametrize(("avoided", "why"), WORDS_TO_AVOID.items(), ids=WORDS_TO_AVOID)
def test_a_word_that_misleads_is_avoided(avoided: str, why: str) -> None:
    texts = [text for entry in _entries() for text in _texts(entry)]
    # Names of files and attributes keep the quotation marks of the code they stand in.
    plain = [re.sub(r"<[^>]*>", "", text) for text in texts]
    assert [text for text in plain if re.search(avoided, text)] == [], why


def test_notes_of_shipped_releases_have_a_translation() -> None:
    fixture = json.loads((settings.BASE_DIR / "fixtures/operating_systems.json").read_text())
    notes = {row["fields"]["notes"] for row in fixture if row["fields"].get("notes")}
    assert notes
    with translation.override("de"):
        assert [note for note in notes if translation.gettext(note) == note] == []
