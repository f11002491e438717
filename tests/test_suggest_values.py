"""Suggestions for texts of a list that nobody understood, each of them a value that is understood."""

import pytest

from productkeys.incoming.fields import Field
from productkeys.incoming.suggesting import known_values, suggest
from productkeys.incoming.values import read_architecture, read_product, read_status, read_type, read_usage
from tests.known_systems import SYSTEMS


@pytest.mark.parametrize(
    ("text", "field", "closest"),
    [
        ("Windows 11 Pro for Worksations", Field.PRODUCT, "windows-11/ProfessionalWorkstation"),
        ("Win 11 Enterprize", Field.PRODUCT, "windows-11/Enterprise"),
        ("Windows Server 2022 Standart", Field.PRODUCT, "windows-server-2022/ServerStandard"),
        ("Winows 11", Field.OPERATING_SYSTEM, "windows-11"),
        ("Server 2022 Data", Field.OPERATING_SYSTEM, "windows-server-2022"),
        ("Enterprize", Field.EDITION, "Enterprise"),
        ("Pro Workst.", Field.EDITION, "ProfessionalWorkstation"),
        ("retial", Field.KEY_TYPE, "retail"),
        ("KMS hots", Field.KEY_TYPE, "kms_host"),
        ("x 64", Field.ARCHITECTURE, "x64"),
        ("Aktiv?", Field.STATUS, "active"),
        ("Instalation", Field.USAGE, "installation"),
    ],
)
def test_the_closest_value_comes_first(text: str, field: Field, closest: str) -> None:
    suggestions = suggest(text, field, SYSTEMS)
    assert suggestions[0].value == closest
    similarities = [suggestion.similarity for suggestion in suggestions]
    assert similarities == sorted(similarities, reverse=True)


def test_a_text_without_a_year_may_mean_each_of_several_years() -> None:
    systems = {
        suggestion.value.partition("/")[0] for suggestion in suggest("Windows 10 LTSC", Field.PRODUCT, SYSTEMS, limit=6)
    }
    assert systems == {slug for slug in SYSTEMS if slug.startswith("windows-10-enterprise-lts")}


def test_a_windows_without_an_edition_may_mean_its_usual_ones() -> None:
    values = {suggestion.value for suggestion in suggest("Win11", Field.PRODUCT, SYSTEMS)}
    assert values == {"windows-11/Professional", "windows-11/Enterprise"}


def test_there_are_no_more_than_asked_for() -> None:
    assert len(suggest("Windows", Field.OPERATING_SYSTEM, SYSTEMS, limit=1)) == 1


@pytest.mark.parametrize("field", Field)
def test_what_is_like_nothing_has_no_suggestion(field: Field) -> None:
    assert suggest("zzqqzzqq", field, SYSTEMS) == []


def test_every_known_value_is_understood() -> None:
    readers = {
        Field.KEY_TYPE: read_type,
        Field.ARCHITECTURE: read_architecture,
        Field.USAGE: read_usage,
        Field.STATUS: read_status,
        Field.STATUS_BEFORE: read_status,
    }
    for field, read in readers.items():
        values = [value for value, _label in known_values(field, SYSTEMS)]
        assert values
        assert [read(value) for value in values] == values
    for value, _label in known_values(Field.PRODUCT, SYSTEMS):
        product = read_product(value, SYSTEMS)
        assert f"{product.system}/{product.edition}".rstrip("/") == value


def test_every_known_value_can_be_told_apart() -> None:
    for field in (Field.PRODUCT, Field.OPERATING_SYSTEM, Field.EDITION):
        labels = [str(label) for _value, label in known_values(field, SYSTEMS)]
        assert len(labels) == len(set(labels))


def test_fields_that_hold_any_text_have_no_known_values() -> None:
    assert known_values(Field.SCOPE, SYSTEMS) == []


def test_a_kms_host_key_needs_no_edition() -> None:
    assert suggest("Widows Server 2022 KMS", Field.PRODUCT, SYSTEMS, limit=1)[0].value == "windows-server-2022"


def test_editions_are_called_what_people_call_them() -> None:
    labels = {value: str(label) for value, label in known_values(Field.EDITION, SYSTEMS)}
    assert labels["Core"] == "Home"
    assert len(set(labels.values())) == len(labels)
    assert not any(f"({value})" in label for value, label in labels.items())
