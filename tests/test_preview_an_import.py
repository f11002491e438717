"""The preview of an import: what every row becomes, and what people say so that more of them become something."""

import csv
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from keyportal.people.models import User
from productkeys.domain.keycode import mask
from productkeys.forms.import_plan import ValuesForm
from productkeys.models import Import, ImportMapping, ProductKey, Scope
from productkeys.models.importing import State
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, staging, steps
from productkeys.services.importing.plan import Plan, Unknown
from productkeys.services.origin import Origin
from tests.factories import stored
from tests.imports import GOOD, HEADS, act, bring, brought, checked_import, csv_of, page, row, workbook_of
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db


def _texts(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html))


def _values_of(html: str, text: str) -> str:
    """The name of the field in which one says what `text` means."""
    found = re.search(rf'name="(\w+)" aria-label="What “{re.escape(text)}” means"', html)
    assert found
    return found[1]


# Rows


def test_every_row_says_what_becomes_of_it(as_manager: Client) -> None:
    known, same = stored(name="Kiel", quantity=10), stored(name="Branch Kiel", quantity=150)
    standard = ProductKey.objects.filter(published=True).first()
    assert standard
    imp = brought(
        as_manager,
        row(),
        row(Product_key=known.code.open(), Quantity="20"),
        row(Product_key=same.code.open()),
        row(Product_key=str(standard.public_code)),
        row(Product="Office LTSC 2021 Professional Plus"),
        row(Quantity="0"),
    )
    assert imp.counts == {"n": 1, "c": 1, "s": 1, "p": 1, "x": 1, "r": 1}
    words = " ".join(_texts(page(as_manager, imp)).split())
    for said in ("All 6", "New 1", "Changes a key 1", "Already there 1", "Standard key 1", "Not for Windows 1"):
        assert said in words
    assert "Quantity: 10 → 20" in words
    assert "Import 2 ready rows" in words
    assert f'href="{known.get_absolute_url()}"' in page(as_manager, imp)
    assert str(standard.public_code)[:-5] in words


def test_a_refused_row_says_why_and_what_to_do(as_manager: Client) -> None:
    imp = brought(as_manager, row(Architecture="x86"))
    words = " ".join(_texts(page(as_manager, imp)).split())
    assert "Architecture: Windows 11 was not made for x86 in this edition. Choose one of" in words
    assert "No row would be new or changed" in words


def test_rows_are_shown_by_outcome_and_page_after_page(as_manager: Client) -> None:
    rows = [row(Name=f"Good {number:03}") for number in range(60)]
    imp = brought(as_manager, *rows, row(Name="Bad one", Quantity="-4"))
    first = page(as_manager, imp)
    assert "Good 049" in first
    assert "Good 050" not in first
    assert 'href="?start=50#preview"' in first
    second = page(as_manager, imp, start=50)
    assert "Good 050" in second
    assert "Good 049" not in second
    refused = page(as_manager, imp, outcome="r")
    assert "Bad one" in refused
    assert "Good 0" not in refused.replace("Good 000</td>", "")


@pytest.mark.parametrize("query", [{"start": "x"}, {"start": "9" * 30}, {"start": "-1"}, {"outcome": "zzz"}])
def test_an_address_that_makes_no_sense_shows_what_there_is(as_manager: Client, query: dict[str, str]) -> None:
    assert 'id="preview"' in page(as_manager, brought(as_manager, row()), **query)


def test_ten_thousand_errors_are_a_page_like_any_other(as_manager: Client) -> None:
    bad = row(Quantity="none of that")
    imp = checked_import(_brought(as_manager, csv_of([bad] * 10_000)))
    assert imp.counts == {"r": 10_000}
    html = page(as_manager, imp, outcome="r", start=9_000)
    assert len(html) < 250_000
    assert html.count(">Mend<") == 50
    assert "10,000" in html


def _brought(client: Client, data: bytes) -> Import:
    assert bring(client, data).status_code == 302
    return Import.objects.latest("created_at")


def test_the_first_key_of_its_column_looks_like_every_masked_key(as_manager: Client) -> None:
    first = row()
    html = page(as_manager, brought(as_manager, first))
    assert f"<b>{first['Product key'][-5:]}</b></span></td></tr>" in html[: html.index('id="values"')]


def test_a_column_shows_what_stands_in_it_first_also_where_the_first_row_says_nothing(as_manager: Client) -> None:
    heads = (*HEADS, "Room")
    html = page(as_manager, _brought(as_manager, csv_of([row(), row() | {"Room": "R 100"}], heads)))
    assert '<td role="cell" class="kp-muted">R 100</td>' in html


def test_what_a_new_key_brings_along_stands_in_a_line_of_its_own(as_manager: Client) -> None:
    heads = (*HEADS, "Labels")
    html = page(as_manager, _brought(as_manager, csv_of([row() | {"Labels": "Kiel"}], heads)))
    assert '<li class="kp-also">Labels: Kiel</li>' in html


def test_no_key_is_on_the_page_wherever_it_stood_in_the_file(as_manager: Client) -> None:
    keys = [made_up_key(4_000 + number) for number in range(4)]
    heads = (*HEADS, keys[0])
    data = csv_of([row(Name=f"ask for {keys[1]}", Type=keys[2]) | {"Product key": keys[3], keys[0]: keys[0]}], heads)
    imp = checked_import(_brought(as_manager, data))
    act(as_manager, imp, "format", {"encoding": "utf-8", "delimiter": ";", "header": "yes"})
    imp = checked_import(Import.objects.get())
    assert keys[0] in plans.read(imp).columns
    for address in ("import", "imports"):
        arguments = [imp.pk] if address == "import" else []
        answer = as_manager.get(reverse(f"productkeys:{address}", args=arguments))
        for key in keys:
            assert key[:17] not in unescape(answer.content.decode()), address
    answer = as_manager.get(reverse("productkeys:import-row", args=[imp.pk, 0]))
    assert not any(key[:17] in unescape(answer.content.decode()) for key in keys)
    assert "no-store" in answer["Cache-Control"]


# Columns


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
    imp = checked_import(_brought(as_manager, "Name;Key\r\nBüro;x\r\n".encode("cp1252")))
    act(as_manager, imp, "defaults", {"key_type": "mak", "existing": "change"})
    act(as_manager, imp, "format", {"encoding": "cp850", "delimiter": ";", "header": "no"})
    imp = checked_import(Import.objects.get())
    assert imp.format["encoding"] == "cp850"
    assert imp.total == 2
    assert plans.read(imp).defaults == {"key_type": "mak"}  # whatever the rows are, it holds for all of them


def test_lines_are_divided_and_put_together_again(as_manager: Client) -> None:
    imp = checked_import(_brought(as_manager, f"Nord: {made_up_key(78)}\n".encode()))
    sent = {"encoding": "utf-8", "header": "no"}
    assert "one key per line" in _texts(page(as_manager, imp))
    act(as_manager, imp, "format", sent | {"delimiter": ":"})
    assert plans.read(Import.objects.get()).samples[0] == "Nord"
    act(as_manager, imp, "format", sent | {"delimiter": "none"})
    imp = Import.objects.get()
    assert (imp.format["kind"], len(plans.read(imp).columns)) == ("lines", 1)


def test_another_sheet_is_read_and_no_key_shows_in_the_names_of_sheets(as_manager: Client) -> None:
    key = made_up_key(77)
    imp = checked_import(_brought(as_manager, workbook_of(Nord=[row()], **{key: [row(), row()]})))
    html = page(as_manager, imp)
    assert "sheet “Nord”" in _texts(html)
    assert key not in html
    act(as_manager, imp, "format", {"sheet": "1", "header": "yes"})
    imp = checked_import(Import.objects.get())
    assert imp.counts == {"n": 2}
    assert key not in page(as_manager, imp)
    assert key not in str(Import.objects.values().get())
    assert plans.read(imp).sheets == ("Nord", key)


@pytest.mark.parametrize("sheet", ["2", "-1", "Nord", ""])
def test_a_sheet_that_is_not_there_is_not_read(as_manager: Client, sheet: str) -> None:
    imp = checked_import(_brought(as_manager, workbook_of(Nord=[row()], Bonn=[row()])))
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
    imp = checked_import(_brought(as_manager, f"Kiel Nord;{codes[0]}\nBonn Mitte;{codes[1]}\n".encode()))
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


# Texts and defaults


def test_a_text_that_nobody_understood_is_said_once_for_all_rows(as_manager: Client) -> None:
    imp = brought(as_manager, *(row(Type="Multi Lizenz") for _ in range(3)))
    html = page(as_manager, imp)
    assert "Type · 3 rows" in _texts(html)
    act(as_manager, imp, "values", {_values_of(html, "Multi Lizenz"): "mak"})
    imp = checked_import(Import.objects.get())
    assert imp.counts == {"n": 3}
    html = page(as_manager, imp)
    assert "decided by you" in html
    act(as_manager, imp, "values", {_values_of(html, "Multi Lizenz"): ""})
    assert checked_import(Import.objects.get()).counts == {"r": 3}


def test_of_many_unknown_texts_those_in_most_rows_come_first_and_the_page_stays_small(as_manager: Client) -> None:
    rows = [row(Product=f"Fenster {number} Enterprise", Type=f"Volume {number}") for number in range(99)]
    imp = brought(as_manager, *rows, *(row(Type="Multi Lizenz") for _ in range(3)))
    html = page(as_manager, imp)
    assert html.count('aria-label="What “') == ValuesForm.AT_ONCE
    assert "Type · 3 rows" in _texts(html)
    assert "169 more texts wait" in html
    assert len(html) < 450_000
    act(as_manager, imp, "values", {_values_of(html, "Multi Lizenz"): "mak"})
    html = page(as_manager, checked_import(Import.objects.get()))
    assert "168 more texts wait" in html
    assert "decided by you" in html


def test_who_waits_for_the_check_asks_for_what_changes_alone(as_manager: Client) -> None:
    imp = brought(as_manager, *(row(Type=f"Volume {number}") for number in range(40)))
    address, asked = reverse("productkeys:import", args=[imp.pk]), {"HX-Request": "true"}
    Import.objects.update(state=State.CHECKING)
    html = as_manager.get(address, {"seen": "checking"}, headers=asked).content.decode()
    assert "<form" not in html
    assert "<select" not in html
    for part in ("import-progress", "preview-tabs", "preview-rows", "values", "decide", "import-actions"):
        assert f'id="{part}"' in html
    Import.objects.update(state=State.CHECKED)
    html = as_manager.get(address, {"seen": "checking"}, headers=asked).content.decode()
    assert html.count('aria-label="What “Volume') == ValuesForm.AT_ONCE
    assert 'id="columns"' not in html


def test_a_key_among_the_texts_is_masked(manager: User) -> None:
    key = made_up_key(12)
    plan = Plan(unknown=(Unknown("key_type", key, 3),), values={"name": {f"x {key}": "y"}})
    form = ValuesForm(plan=plan, origin=Origin(manager))
    assert key[:5] not in str(form)
    assert len(form.fields) == 2


def test_what_a_text_may_mean_comes_first(as_manager: Client) -> None:
    html = page(as_manager, brought(as_manager, row(Product="Windows 11 Enterprse")))
    choices = html[html.index('label="Suggestions"') :]
    assert choices.index("Windows 11 Enterprise") < choices.index('label="All"')


def test_what_the_file_does_not_say_is_said_for_all_rows(as_manager: Client) -> None:
    as_manager.post(reverse("productkeys:import-new"), {"text": "\n".join(row()["Product key"] for _ in range(2))})
    imp = checked_import(Import.objects.get())
    assert imp.counts == {"r": 2}
    said = {"key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise", "architecture": "x64"}
    act(as_manager, imp, "defaults", said | {"quantity": "50", "existing": "change"})
    assert checked_import(Import.objects.get()).counts == {"n": 2}


def test_keys_that_are_there_can_be_left_alone(as_manager: Client) -> None:
    known = stored(quantity=10)
    imp = brought(as_manager, row(Product_key=known.code.open()))
    assert imp.counts == {"c": 1}
    act(as_manager, imp, "defaults", {"existing": "leave"})
    assert checked_import(Import.objects.get()).counts == {"s": 1, "remarked": 1}
    assert "The file says 150, the portal has 10. Not changed" in _texts(page(as_manager, Import.objects.get()))


def test_a_default_holds_no_key(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    answer = act(as_manager, imp, "defaults", {"existing": "change", "labels": made_up_key(5)})
    assert "A product key stands here" in answer.content.decode()
    assert made_up_key(5)[:17] not in answer.content.decode()
    answer = act(as_manager, imp, "defaults", {"existing": made_up_key(5), "key_type": made_up_key(6)})
    assert "Select a valid choice" in answer.content.decode()
    assert not any(key[:17] in answer.content.decode() for key in (made_up_key(5), made_up_key(6)))


def test_columns_that_are_only_kept_are_not_recognised(as_manager: Client) -> None:
    data = csv_of([row() | {"Colour": "red"}], (*HEADS, "Colour"))
    html = page(as_manager, checked_import(_brought(as_manager, data)))
    assert "6 of 7 recognised" in html


def test_a_row_is_a_line_where_the_file_has_lines(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    assert ">Line</th>" in page(as_manager, imp)
    assert "Mend line 2" in page(as_manager, imp)
    imp = checked_import(_brought(as_manager, workbook_of(Nord=[row(Quantity="many")])))
    assert ">Row</th>" in page(as_manager, imp)
    assert "Mend row 2" in page(as_manager, imp)


# One row


def test_a_row_is_mended_and_its_key_stays(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    html = unescape(as_manager.get(address).content.decode())
    assert "Leave it empty to keep the key of the file: •••••" in html
    form = {"name": "Branch Kiel", "key_type": "mak", "product": "windows-11/Enterprise", "architecture": "x64"}
    answer = as_manager.post(address, form | {"quantity": "20"})
    assert answer.status_code == 302
    assert staging.rows_of(imp.chunks.get())[0].mended == {"quantity": "20"}
    assert checked_import(Import.objects.get()).counts == {"n": 1}


def test_a_row_with_a_typing_error_is_mended_or_insisted_on(as_manager: Client) -> None:
    key = made_up_key(31)
    wrong = key[:-1] + ("B" if key[-1] != "B" else "C")
    imp = brought(as_manager, row(Product_key=wrong))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    html = as_manager.get(address).content.decode()
    assert "typing_confirmed" in html
    form = {"name": "Branch Kiel", "key_type": "mak", "product": "windows-11/Enterprise", "architecture": "x64"}
    as_manager.post(address, form | {"quantity": "150", "typing_confirmed": "on"})
    assert checked_import(Import.objects.get()).counts == {"n": 1}


def test_labels_of_several_columns_are_mended_together(as_manager: Client) -> None:
    heads = (*HEADS, "Labels", "Tags")
    bring(as_manager, csv_of([row(Quantity="0", Labels="Laptops", Tags="2026; old")], heads))
    imp = checked_import(Import.objects.get())
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    sent = {field.name: field.value() or "" for field in as_manager.get(address).context["form"]}
    assert sent["labels"] == "Laptops; 2026; old"
    as_manager.post(address, sent | {"quantity": "20", "labels": "Laptops; 2026"})
    (mended,) = preview.page(imp).rows
    assert mended.values["labels"] == ["Laptops", "2026"]


def test_a_key_in_a_comment_is_masked_where_the_row_is_mended_and_can_be_taken_out(as_manager: Client) -> None:
    other = made_up_key(79)
    data = csv_of([row(Comment=f"instead of {other}"), *(row(Comment="x") for _ in range(2))], (*HEADS, "Comment"))
    imp = checked_import(_brought(as_manager, data))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    answer = as_manager.get(address)
    assert other not in answer.content.decode()
    sent = {field.name: field.value() or "" for field in answer.context["form"]}
    assert sent["comment"] == f"instead of {mask(other[-5:])}"
    as_manager.post(address, sent | {"comment": ""})
    assert checked_import(Import.objects.get()).counts == {"n": 3}


def test_a_row_that_is_still_refused_says_so_again(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    address = reverse("productkeys:import-row", args=[imp.pk, 0])
    form = {"name": "Branch Kiel", "key_type": "mak", "product": "windows-11/Enterprise", "architecture": "x64"}
    answer: Any = as_manager.post(address, form | {"quantity": "0"}, follow=True)
    assert answer.redirect_chain[-1][0] == address
    assert "Quantity:" in answer.content.decode()


@pytest.mark.parametrize("index", [1, 10**8])
def test_a_row_that_is_not_there_is_not_found(as_manager: Client, index: int) -> None:
    imp = brought(as_manager, row())
    assert as_manager.get(reverse("productkeys:import-row", args=[imp.pk, index])).status_code == 404


def test_refused_rows_go_home_as_a_file_that_says_why(as_manager: Client) -> None:
    bad = row(Quantity="many")
    imp = brought(as_manager, row(), bad)
    answer: Any = act(as_manager, imp, "refused")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "no-store" in answer["Cache-Control"]
    assert bad["Product key"] in text
    assert "many" in text.splitlines()[1]
    assert len(text.splitlines()) == 2


def test_what_was_mended_without_a_column_goes_home_too_and_is_understood_when_it_comes_again(
    as_manager: Client, manager: User
) -> None:
    heads = ("Name", "Product key", "Product", "Quantity")
    bad, other = row(Quantity="many"), row(Quantity="none")
    imp = checked_import(
        _brought(as_manager, csv_of([{head: cells[head] for head in heads} for cells in (bad, other)], heads))
    )
    steps.mend(imp, 0, {"key_type": "mak", "operating_system": "windows-10", "edition": "Pro"}, origin=Origin(manager))
    imp = checked_import(Import.objects.get())
    answer: Any = act(as_manager, imp, "refused")
    data = b"".join(answer.streaming_content)
    head, first, second = csv.reader(data.decode("utf-8-sig").splitlines())
    assert head == [*heads, "key_type", "operating_system", "edition", "Why refused"]
    assert first[2:7] == ["", "many", "mak", "windows-10", "Pro"]
    assert second[2:7] == [GOOD["Product"], "none", "", "", ""]
    assert plans.read(_brought(as_manager, data)).fields[4:7] == ("key_type", "operating_system", "edition")


def test_refused_rows_are_a_file_that_the_readers_excel_opens(as_manager: Client, manager: User) -> None:
    User.objects.filter(pk=manager.pk).update(language="de")
    with translation.override("de"):
        answer: Any = act(as_manager, brought(as_manager, row(Quantity="many")), "refused")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.startswith('"Name";"Product key";')


# Scopes


def test_a_scope_is_offered_as_what_holds_for_all_rows_and_only_ones_own(
    as_manager: Client, berlin: Scope, bonn: Scope
) -> None:
    html = page(as_manager, brought(as_manager, row()))
    scopes = html[html.index('id="id_scope"') :]
    assert {berlin.name, bonn.name} <= set(re.findall(r">([^<]+)</option>", scopes[: scopes.index("</select>")]))
