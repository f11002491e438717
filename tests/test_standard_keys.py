"""The keys that Microsoft publishes: there from the start, whole, and never overwriting what people changed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.test import Client
from pytest_django import Settings

from productkeys.domain import keycode
from productkeys.domain.keycode import Check
from productkeys.domain.rules import Declaration, problems_of
from productkeys.models import OperatingSystem, ProductKey, Release, TrailEntry, reference
from productkeys.services import keys
from productkeys.services import standard_keys as shipped
from productkeys.services.keys import KeyValues, Refused
from productkeys.services.origin import Origin
from tests.factories import new_code, stored

FIXTURES = settings.BASE_DIR / "fixtures"


@pytest.fixture(autouse=True)
def _reference_data_is_read_anew(db: None) -> Iterator[None]:
    yield
    reference.forget()


@pytest.fixture
def fixture_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((FIXTURES / shipped.KEYS_FILE).read_text())
    return rows


@pytest.fixture
def release(tmp_path: Path, fixture_rows: list[dict[str, Any]]) -> Path:
    """The folder of a later release that brings one more key: a GVLK that is made up."""
    folder = tmp_path / "fixtures"
    folder.mkdir()
    (folder / shipped.REFERENCE_FILE).write_text((FIXTURES / shipped.REFERENCE_FILE).read_text())
    row = json.loads(json.dumps(fixture_rows[0]))
    row["fields"] |= {"uid": "00000000-0000-4000-8000-000000000001", "name": "New", "code": new_code().open()}
    (folder / shipped.KEYS_FILE).write_text(json.dumps([*fixture_rows, row]))
    return folder


def test_all_of_them_are_there(standard_keys: QuerySet[ProductKey]) -> None:
    assert standard_keys.filter(key_type="gvlk").count() == 82
    assert standard_keys.filter(key_type="avma").count() == 15
    assert not standard_keys.exclude(quantity=None).exists()
    assert not standard_keys.exclude(status="active").exists()


def test_each_is_the_key_that_the_fixture_says(
    standard_keys: QuerySet[ProductKey], fixture_rows: list[dict[str, Any]]
) -> None:
    expected = {row["fields"]["uid"]: row["fields"]["code"] for row in fixture_rows}
    assert {str(key.uid): key.code.open() for key in standard_keys} == expected
    assert len(set(expected.values())) == 97


def test_each_names_its_source_and_its_date(standard_keys: QuerySet[ProductKey]) -> None:
    assert not standard_keys.filter(source="").exists()
    undated = standard_keys.filter(source_date=None)
    assert {key.operating_system_id for key in undated} == {"windows-server-2025"}  # read at second hand
    assert len(undated) == 3


def test_those_with_an_n_have_consistent_check_digits_and_the_others_are_for_older_systems(
    standard_keys: QuerySet[ProductKey],
) -> None:
    checks = {key.pk: keycode.check(keycode.parse(key.code.open())) for key in standard_keys}
    assert set(checks.values()) == {Check.CONSISTENT, Check.OLDER}
    for key in standard_keys.select_related("operating_system"):
        assert (checks[key.pk] is Check.CONSISTENT) == key.operating_system.keys_have_n, key


def test_each_keeps_the_rules(standard_keys: QuerySet[ProductKey]) -> None:
    systems = reference.current().systems
    for key in standard_keys:
        declaration = Declaration(
            key_type=key.key_type,
            usage=key.usage,
            name=key.name,
            edition=key.edition,
            architecture=key.architecture,
            code=keycode.parse(key.code.open()),
            system=systems[key.operating_system_id],
            published=True,
        )
        assert list(problems_of(declaration)) == [], key


@pytest.mark.parametrize(
    ("last_five", "system", "edition"),
    [
        ("T83GX", "windows-11-windows-10", "Professional"),
        ("GCQG9", "windows-11-windows-10", "ProfessionalN"),
        ("2YT43", "windows-11-windows-10", "Enterprise"),
        ("J462D", "windows-enterprise-ltsc-2019-2024", "EnterpriseS"),
        ("GPDD4", "windows-7", "Professional"),
        ("KHKQY", "windows-server-2016", "ServerStandard"),
        ("MDVJX", "windows-server-2012-r2", "ServerStandard"),
        ("DV9BG", "windows-server-2022", "ServerDatacenter"),
    ],
)
def test_each_stands_under_its_product(
    standard_keys: QuerySet[ProductKey], last_five: str, system: str, edition: str
) -> None:
    key = standard_keys.get(last_five=last_five)
    assert (key.operating_system_id, key.edition) == (system, edition)


def test_the_four_windows_8_keys_stand_under_windows_8_with_a_note(
    as_viewer: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    odd = standard_keys.filter(remark="listed_under_server_2012")
    assert {key.last_five for key in odd} == {"27GG4", "GVGGY", "84YXQ", "DYFKP"}
    for key in odd:
        assert key.operating_system_id == "windows-8"
        page = as_viewer.get(key.get_absolute_url()).content.decode()
        assert "Microsoft prints this key under Windows Server 2012, but no such server edition exists" in page


def test_every_remark_has_words(standard_keys: QuerySet[ProductKey]) -> None:
    assert all(key.remark_text for key in standard_keys.exclude(remark=""))


@pytest.mark.django_db
class TestLoading:
    def test_an_empty_database_takes_the_fixtures_as_they_are(self) -> None:
        ProductKey.objects.all().delete()
        OperatingSystem.objects.all().delete()
        reference.forget()
        call_command("loaddata", "operating_systems", "standard_keys", verbosity=0)
        reference.forget()
        assert ProductKey.objects.filter(published=True).count() == 97
        assert Release.objects.count() == 47
        assert keys.find(keycode.parse("W269N-WFGWX-YVC9B-4J6C9-T83GX")) is not None
        assert shipped.load() == 0

    def test_loading_again_adds_nothing(self) -> None:
        before = list(ProductKey.objects.order_by("id").values())
        assert shipped.load() == 0
        assert list(ProductKey.objects.order_by("id").values()) == before

    def test_what_people_changed_stays(self, release: Path) -> None:
        key = ProductKey.objects.get(last_five="T83GX")
        values = KeyValues.of(key, comment="Only for the training rooms")
        keys.change_key(key, values, seen_version=1, origin=Origin())
        keys.set_status(key, "archived", seen_version=2, origin=Origin())
        system = OperatingSystem.objects.get(pk="windows-11")
        system.name = "Windows 11 (house image)"
        system.save()
        assert shipped.load(release) == 1
        key.refresh_from_db()
        assert (key.comment, key.status, key.version) == ("Only for the training rooms", "archived", 3)
        system.refresh_from_db()
        assert system.name == "Windows 11 (house image)"

    def test_a_later_release_brings_its_new_keys(self, release: Path) -> None:
        assert shipped.load(release) == 1
        key = ProductKey.objects.get(name="New")
        assert key.published
        assert TrailEntry.objects.get(subject_uid=key.uid).action == "loaded"
        assert shipped.load(release) == 0

    def test_a_row_that_breaks_the_rules_stops_the_whole_release(self, release: Path) -> None:
        path = release / shipped.KEYS_FILE
        rows = json.loads(path.read_text())
        rows[-1]["fields"] |= {"quantity": 5}
        path.write_text(json.dumps(rows))
        before = ProductKey.objects.count()
        with pytest.raises(shipped.NotLoaded, match="has no quantity"):
            shipped.load(release)
        assert ProductKey.objects.count() == before

    @pytest.mark.parametrize("command", ["load_standard_keys", "prepare"])
    @pytest.mark.parametrize(
        ("changes", "why"),
        [({"quantity": 5}, "has no quantity"), ({"key_type": "retail"}, "only_public_types_are_published")],
    )
    def test_a_release_that_does_not_fit_is_a_sentence(
        self, command: str, changes: dict[str, Any], why: str, release: Path, settings: Settings
    ) -> None:
        path = release / shipped.KEYS_FILE
        rows = json.loads(path.read_text())
        rows[-1]["fields"] |= changes
        path.write_text(json.dumps(rows))
        settings.BASE_DIR = release.parent
        with pytest.raises(CommandError, match=f"^The standard keys of this release cannot be loaded: .*{why}.*$"):
            call_command(command)

    def test_the_command_says_how_many_came(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("load_standard_keys")
        assert capsys.readouterr().out == "0 standard keys added.\n"


@pytest.mark.django_db
class TestAPublishedKeyThatWasTyped:
    """A key that equals a published one is of that type, and contradicting it is refused with what the key is."""

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"key_type": "mak"}, "published_as_other_type"),
            ({"key_type": "gvlk", "quantity": None, "edition": "Enterprise"}, "published_contradicted"),
            (
                {
                    "key_type": "gvlk",
                    "quantity": None,
                    "operating_system_id": "windows-11-windows-10",
                    "edition": "Professional",
                    "architecture": "any",
                },
                "published_already",
            ),
        ],
    )
    def test_it_is_not_added_a_second_time(self, values: dict[str, Any], code: str) -> None:
        typed = keycode.parse("w269n wfgwx-yvc9b–4j6c9 t83gx")
        with pytest.raises(Refused) as refused:
            stored(**values, code=typed)
        assert code in [problem.code for problem in refused.value.problems]
        assert "Windows 11 Pro / Windows 10 Pro" in refused.value.problems[-1].message

    def test_the_avma_key_of_server_2022_is_no_gvlk(self) -> None:
        typed = keycode.parse("W3GNR-8DDXR-2TFRP-H8P33-DV9BG")
        with pytest.raises(Refused) as refused:
            stored(key_type="gvlk", quantity=None, code=typed)
        message = refused.value.problems[-1].message
        assert re.search(r"no GVLK key but the published AVMA of .*Server 2022 Datacenter", message)


def test_a_key_that_somebody_entered_before_a_release_brought_it_stays_theirs(
    standard_keys: QuerySet[ProductKey], caplog: pytest.LogCaptureFixture
) -> None:
    shipped_key = standard_keys.get(last_five="T83GX")
    code = shipped_key.code.open()
    shipped_key.delete()
    own = stored(name="Our own", code=keycode.parse(code), key_type="gvlk", quantity=None)
    assert shipped.load() == 0
    assert [key.name for key in ProductKey.objects.filter(last_five="T83GX")] == ["Our own"]
    assert own.name in caplog.text
    assert code not in caplog.text


def test_an_operating_system_that_somebody_entered_under_the_same_name_stays_theirs(
    standard_keys: QuerySet[ProductKey], caplog: pytest.LogCaptureFixture
) -> None:
    standard_keys.filter(operating_system="windows-8").delete()
    OperatingSystem.objects.filter(pk="windows-8").delete()
    OperatingSystem.objects.create(slug="our-windows-8", name="Windows 8", family="client")
    assert shipped.load() == 0
    assert not OperatingSystem.objects.filter(pk="windows-8").exists()
    assert "Windows 8 is left out" in caplog.text


def test_a_joined_product_comes_without_the_member_that_is_left_out(standard_keys: QuerySet[ProductKey]) -> None:
    systems = ["windows-11-windows-10", "windows-10"]
    standard_keys.filter(operating_system__in=systems).delete()
    OperatingSystem.objects.filter(pk__in=systems).delete()
    OperatingSystem.objects.create(slug="our-windows-10", name="Windows 10", family="client")
    shipped.load()
    assert [system.pk for system in OperatingSystem.objects.get(pk=systems[0]).covers.all()] == ["windows-11"]
