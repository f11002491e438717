"""What an import must not do: show a key, share what is not to be shared, change what one may not, lose the file."""

import io
import json
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from django.contrib.auth.models import Permission

from keyportal.people.models import User
from productkeys.domain import invisible
from productkeys.incoming.fields import Field
from productkeys.models import Agreement, Import, ProductKey, Scope, SealedSecret, TrailRow
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps, undoing, worker
from productkeys.services.importing.outcomes import Outcome
from productkeys.services.importing.refused import refused_table
from productkeys.services.importing.undoing import NotUndone, undo
from productkeys.services.origin import PORTAL, Origin
from productkeys.tables.writing import write_workbook
from tests.bringing import HEADS, brought, imported, line
from tests.factories import new_code, stored
from tests.scoped import person_in

pytestmark = pytest.mark.django_db


def test_a_key_among_the_changes_of_a_row_is_masked(manager: User) -> None:
    key, other = stored(quantity=150), new_code()
    row = [*line(key.code.open(), Bezeichnung=f"was {other.open()}"), f"see {other.open()}", f"L {other.open()}"]
    imp = brought([row], manager, heads=(*HEADS, "Comment", "Labels"))
    fields = ("name", "code", "key_type", "operating_system", "edition", "quantity", "comment", "labels")
    steps.change_plan(imp, fields=fields, origin=Origin(manager))
    (shown,) = preview.page(imp).rows
    assert shown.outcome is Outcome.REFUSED
    assert other.open() not in repr(shown)
    assert str(other) in repr(shown.changes)


@pytest.mark.parametrize("field", ["name", "comment", "labels", "agreement"])
@pytest.mark.parametrize("unseen", ["\u200b", "\x1b"], ids=["zero width", "escape"])
def test_a_row_with_a_character_that_nobody_sees_is_refused(manager: User, field: str, unseen: str) -> None:
    good = {"code": new_code().open(), "key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise"}
    row = good | {"name": "Office", "quantity": 5} | {field: f"Off{unseen}ice"}
    imp = steps.begin(json.dumps([row]).encode(), name="keys.json", origin=Origin(manager))
    worker.carry_out(imp)
    (shown,) = preview.page(imp).rows
    assert [problem.message for problem in shown.problems] == [
        f"Character 4 of this text is invisible: {invisible.name_of(unseen)}."
    ]
    steps.mend(imp, 0, {Field(field): "Office"}, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 1}


def test_rows_that_stand_on_one_line_are_told_apart(manager: User) -> None:
    code = new_code().open()
    rows = [
        {"name": "x", "code": code, "key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise"}
        | {"quantity": 5}
    ] * 2
    imp = steps.begin(json.dumps(rows).encode(), name="keys.json", origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 1, "r": 1}


def test_who_may_only_add_changes_no_agreement_either(viewer: User) -> None:
    viewer.user_permissions.add(Permission.objects.get(codename="add_productkey"))
    key = stored(quantity=150)
    rows = [[new_code().open(), "A-1"], [key.code.open(), "A-1"]]
    imp = steps.begin(
        "\n".join(["Key;Agreement", *(";".join(row) for row in rows)]).encode(), name="k.csv", origin=Origin(viewer)
    )
    defaults = {"key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise", "quantity": "5"}
    steps.change_plan(imp, defaults=defaults, origin=Origin(viewer))
    worker.carry_out(imp)
    assert imp.counts == {"n": 1, "r": 1}
    assert imported(imp).stored == 1


def test_new_keys_are_shared_only_by_who_may_share(berlin: Scope, bonn: Scope, manager: User) -> None:
    somebody = person_in(berlin, "Key manager")
    heads, row = (*HEADS, "scope", "shared_with"), [*line(), "Berlin", "Bonn"]
    for scope in (bonn,):
        somebody.scoped_roles.create(role=somebody.scoped_roles.get().role, scope=scope)
    imp = brought([row], User.objects.get(pk=somebody.pk), heads=heads)
    (refused,) = preview.page(imp).rows
    assert [problem.field for problem in refused.problems] == ["shared_with"]
    imp = imported(brought([[*line(), "Berlin", "Bonn; Berlin"]], manager, heads=heads))
    key = ProductKey.objects.get(import_uid=imp.uid)
    assert list(key.shared_with.all()) == [bonn]
    assert TrailRow.objects.get(subject_uid=key.uid).values["shared_with"] == ["Bonn"]


def test_a_scope_that_nobody_knows_can_be_mapped_for_all_rows(berlin: Scope, bonn: Scope, manager: User) -> None:
    imp = brought([[*line(), "BLN"], [*line(), "BLN"]], manager, heads=(*HEADS, "scope"))
    (unknown,) = plans.read(imp).unknown
    assert (unknown.field, unknown.text, unknown.rows) == ("scope", "BLN", 2)
    steps.change_plan(imp, values={"scope": {"BLN": "Berlin"}}, origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 2}


@pytest.mark.parametrize("said", ["everybody's", "für alle"])
def test_a_key_that_is_everybodys_is_so_in_the_words_of_the_list(
    berlin: Scope, bonn: Scope, manager: User, said: str
) -> None:
    key = stored(quantity=150, scope_id=berlin.pk)
    imp = brought([[*line(), said], [*line(key.code.open()), said]], manager, heads=(*HEADS, "scope"))
    assert imp.counts == {"n": 1, "c": 1}
    imported(imp)
    assert set(ProductKey.objects.filter(published=False).values_list("scope", flat=True)) == {None}
    undo(imp, origin=Origin(manager))
    key.refresh_from_db()
    assert key.scope == berlin
    assert brought([[*line(), said]], person_in(berlin, "Key manager"), heads=(*HEADS, "scope")).counts == {"r": 1}
    assert brought([[*line(), said]], manager, heads=(*HEADS, "shared_with")).counts == {"r": 1}


def test_a_new_agreement_of_an_existing_key_belongs_where_the_key_does(
    berlin: Scope, bonn: Scope, manager: User
) -> None:
    key = stored(quantity=150, scope_id=berlin.pk)
    imported(brought([[key.code.open(), "A-7"]], manager, heads=("Key", "Agreement")))
    assert Agreement.objects.get(number="A-7").scope == berlin


def test_what_is_broken_behind_the_first_rows_ends_the_import_with_its_reason(manager: User) -> None:
    workbook = io.BytesIO()
    write_workbook(workbook, ("Key", "Name"), ((new_code().open(), "x") for _ in range(600)))
    broken = _with_sheet(workbook.getvalue(), lambda sheet: sheet[: sheet.rindex(b"<row", 0, len(sheet) - 20_000)])
    imp = steps.begin(broken, name="k.xlsx", origin=Origin(manager))
    worker.carry_out(imp)
    assert (imp.state, bool(imp.fault["code"])) == (Import.State.FAILED, True)
    assert not SealedSecret.objects.filter(pk__in=imp.parts.values("secret")).exists()


def _with_sheet(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook `data` with its sheet changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in package.namelist():
            part = package.read(name)
            changed.writestr(name, change(part) if name.startswith("xl/worksheets/") else part)
    return made.getvalue()


def test_the_comment_of_a_standard_key_comes_along(manager: User, standard_keys: object) -> None:
    code = "W269N-WFGWX-YVC9B-4J6C9-T83GX"
    heads = ("Key", "Comment", "Labels")
    imp = imported(brought([[code, "for loan devices", "Pool"]], manager, heads=heads))
    key = ProductKey.objects.get(published=True, last_five="T83GX")
    assert (imp.counts, key.comment) == ({"c": 1}, "for loan devices")
    assert [label.name for label in key.labels.all()] == ["Pool"]
    assert brought([[code, "for loan devices", "Pool"]], manager, heads=heads).counts == {"p": 1}
    undo(imp, origin=Origin(manager))
    key.refresh_from_db()
    assert key.comment == ""


def test_an_undo_stops_where_somebody_was_faster(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    imp = imported(brought([line(), line()], manager))
    looked = undoing._require_untouched

    def look_and_be_overtaken(*arguments: object) -> None:
        looked(*arguments)  # type: ignore[arg-type]
        ProductKey.objects.filter(import_uid=imp.uid).update(version=2)

    monkeypatch.setattr(undoing, "_require_untouched", look_and_be_overtaken)
    with pytest.raises(NotUndone):
        undo(imp, origin=PORTAL)
    assert ProductKey.objects.filter(import_uid=imp.uid).count() == 2


def test_a_row_with_details_of_an_agreement_without_its_number_says_so(manager: User) -> None:
    imp = brought([[*line(), "4711"], [*line(), ""]], manager, heads=(*HEADS, "Kostenstelle"))
    assert imp.counts == {"n": 1, "r": 1}


def test_refused_rows_that_are_brought_again_keep_no_reason(manager: User) -> None:
    first = brought([line(Menge="0")], manager)
    columns, rows = refused_table(first)
    again = brought([[cell if cell != "0" else "7" for cell in row] for row in rows], manager, heads=columns)
    assert imported(again).stored == 1
    assert ProductKey.objects.get(import_uid=again.uid).comment == ""


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("utf-16", "\n"), ("cp1252", "\r")])
def test_nobody_waits_until_the_rows_of_very_many_lines_are_counted(manager: User, encoding: str, end: str) -> None:
    rows = end.join(["Key;Name", *(f"{new_code().open()};Büro" for _ in range(501))])
    imp = steps.begin((rows + end * 150_000).encode(encoding), name="keys.csv", origin=Origin(manager))
    assert (imp.state, imp.checked, imp.total) == (Import.State.CHECKING, 500, None)
    worker.carry_out(imp)
    assert (imp.state, imp.total) == (Import.State.CHECKED, 501)


def test_the_sheet_with_the_keys_is_the_one_that_is_meant(manager: User) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Alt", 0).append(["Name", "Key"])
    cover = book.create_sheet("Deckblatt")
    for text in ("Lizenzen 2026", "Stand: November", "von: Einkauf"):
        cover.append([text])
    keys = book.create_sheet("Schlüssel")
    keys.append(HEADS)
    keys.append(line())
    file = io.BytesIO()
    book.save(file)
    imp = steps.begin(file.getvalue(), name="keys.xlsx", origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 1}
