"""How a file is read and what its columns mean, as people say it in the preview, and keep it for the next file."""

from html import unescape

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.keycode import mask
from productkeys.models import Import, ImportMapping
from productkeys.models.importing import State
from productkeys.services.importing import plan as plans
from productkeys.services.importing import steps
from productkeys.services.origin import Origin
from tests.imports import act, begun, brought, checked_import, page, row, text_of, workbook_of
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db


def _columns(**changes: str) -> dict[str, str]:
    fields = ["name", "code", "key_type", "product", "architecture", "quantity"]
    return {f"column-{number}": changes.get(field, field) for number, field in enumerate(fields)}


def test_a_column_gets_another_meaning(as_manager: Client) -> None:
    imp = brought(as_manager, row(Name="A remark"))
    assert act(as_manager, imp, "columns", _columns(name="comment")).status_code == 302
    imp = checked_import(Import.objects.get())
    assert plans.read(imp).fields[0] == "comment"
    assert imp.state == State.CHECKED


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (_columns(code="ignore"), "No column holds the product keys"),
        (_columns(name="code"), "The column “Name” means the same"),
        (_columns(name="nonsense"), "Select a valid choice"),
        ({}, "This field is required"),
    ],
    ids=["no key", "twice", "nonsense", "nothing"],
)
def test_columns_that_make_no_sense_are_said_beside_them(as_manager: Client, sent: dict[str, str], said: str) -> None:
    imp = brought(as_manager, row())
    answer = act(as_manager, imp, "columns", sent)
    assert said in unescape(answer.content.decode())
    assert Import.objects.get().attempt == imp.attempt


def test_the_file_is_read_in_another_way(as_manager: Client) -> None:
    imp = checked_import(begun(as_manager, "Name;Key\r\nBüro;x\r\n".encode("cp1252")))
    act(as_manager, imp, "defaults", {"key_type": "mak", "existing": "change"})
    act(as_manager, imp, "format", {"encoding": "cp850", "delimiter": ";", "header": "no"})
    imp = checked_import(Import.objects.get())
    assert imp.format["encoding"] == "cp850"
    assert imp.total == 2
    assert plans.read(imp).defaults == {"key_type": "mak"}  # whatever the rows are, it holds for all of them


def test_lines_are_divided_and_put_together_again(as_manager: Client) -> None:
    imp = checked_import(begun(as_manager, f"Nord: {made_up_key(78)}\n".encode()))
    sent = {"encoding": "utf-8", "header": "no"}
    assert "one key per line" in text_of(page(as_manager, imp))
    act(as_manager, imp, "format", sent | {"delimiter": ":"})
    assert plans.read(Import.objects.get()).samples[0] == "Nord"
    act(as_manager, imp, "format", sent | {"delimiter": "none"})
    imp = Import.objects.get()
    assert (imp.format["kind"], len(plans.read(imp).columns)) == ("lines", 1)


def test_another_sheet_is_read_and_no_key_shows_in_the_names_of_sheets(as_manager: Client) -> None:
    key = made_up_key(77)
    imp = checked_import(begun(as_manager, workbook_of(Nord=[row()], **{key: [row(), row()]})))
    html = page(as_manager, imp)
    assert "sheet “Nord”" in text_of(html)
    assert key not in html
    act(as_manager, imp, "format", {"sheet": "1", "header": "yes"})
    imp = checked_import(Import.objects.get())
    assert imp.counts == {"n": 2}
    assert key not in page(as_manager, imp)
    assert key not in str(Import.objects.values().get())
    assert plans.read(imp).sheets == ("Nord", key)


@pytest.mark.parametrize("sheet", ["2", "-1", "Nord", ""])
def test_a_sheet_that_is_not_there_is_not_read(as_manager: Client, sheet: str) -> None:
    imp = checked_import(begun(as_manager, workbook_of(Nord=[row()], Bonn=[row()])))
    act(as_manager, imp, "format", {"sheet": sheet, "header": "yes"})
    assert Import.objects.get().attempt == imp.attempt


def test_what_columns_mean_is_kept_and_offered_again(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    act(as_manager, imp, "columns", _columns(name="comment"))
    checked_import(Import.objects.get())
    assert act(as_manager, imp, "keep-mapping", {"name": "Lists from Kiel"}).status_code == 302
    act(as_manager, imp, "columns", _columns())
    assert "Lists from Kiel" in page(as_manager, imp)
    mapping = ImportMapping.objects.get()
    act(as_manager, imp, "use-mapping", {"mapping": mapping.pk})
    assert plans.read(Import.objects.get()).fields[0] == "comment"


def test_nothing_that_was_kept_is_taken_over_unless_somebody_says_so(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    act(as_manager, imp, "columns", _columns(name="comment"))
    act(as_manager, Import.objects.get(), "keep-mapping", {"name": "Lists from Kiel"})
    again = brought(as_manager, row())
    assert plans.read(again).fields[0] == "name"
    html = page(as_manager, again)
    assert f'<option value="{ImportMapping.objects.get().pk}">Lists from Kiel</option>' in html


def test_what_others_may_not_know_is_not_kept(as_manager: Client, manager: User) -> None:
    imp = brought(as_manager, row())
    said = {name: {"Kiel": "x"} for name in ("scope", "shared_with", "agreement", "labels", "status", "key_type")}
    steps.change_plan(imp, values=said, defaults={"agreement": "A-1", "labels": "x"}, origin=Origin(manager))
    act(as_manager, imp, "keep-mapping", {"name": "Lists from Kiel"})
    kept = ImportMapping.objects.values("values", "fields", "columns").get()
    assert kept["values"] == {"key_type": {"Kiel": "x"}}
    assert "A-1" not in str(kept)


def test_columns_without_names_are_not_kept_and_nothing_is_offered_for_them(as_manager: Client) -> None:
    codes = [row()["Product key"] for _ in range(4)]
    imp = checked_import(begun(as_manager, f"Kiel Nord;{codes[0]}\nBonn Mitte;{codes[1]}\n".encode()))
    assert "Keep these columns" not in page(as_manager, imp)
    answer = act(as_manager, imp, "keep-mapping", {"name": "Mine"})
    assert "have no names" in answer.content.decode()
    heads = plans.read(imp).columns
    ImportMapping.objects.create(name="Made up", columns=heads, fields=["code", "name"])
    assert "Made up" not in page(as_manager, imp)


def test_what_one_person_has_kept_nobody_else_replaces(as_manager: Client, as_admin: Client, manager: User) -> None:
    act(as_manager, brought(as_manager, row()), "keep-mapping", {"name": "Lists"})
    answer = act(as_admin, brought(as_admin, row()), "keep-mapping", {"name": "Lists"})
    assert "Somebody else has kept columns under this name" in answer.content.decode()
    assert ImportMapping.objects.get().created_by == manager
    assert act(as_manager, brought(as_manager, row()), "keep-mapping", {"name": "Lists"}).status_code == 302


def test_a_mapping_that_does_not_fit_is_not_taken(as_manager: Client) -> None:
    other = ImportMapping.objects.create(name="Other", columns=["A"], fields=["name"])
    imp = brought(as_manager, row())
    for chosen in (other.pk, "x", "9" * 40, ""):
        assert act(as_manager, imp, "use-mapping", {"mapping": chosen}).status_code == 302
    assert Import.objects.get().attempt == imp.attempt


def test_a_key_in_the_name_of_a_mapping_is_refused(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    answer = act(as_manager, imp, "keep-mapping", {"name": made_up_key(9)})
    assert "A product key stands in this name" in answer.content.decode()
    assert made_up_key(9)[:17] not in answer.content.decode()
    assert mask(made_up_key(9)[-5:]) in answer.content.decode()
    assert not ImportMapping.objects.exists()
