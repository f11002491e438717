"""The list of the keys that one import brought: the page of the import leads to it."""

import csv
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from keyportal.people.models import User
from productkeys.models import Import, TrailEntry
from productkeys.models.trail import Action
from tests.factories import stored
from tests.imports import HEADS, act, bring, brought, checked_import, csv_of, row
from tests.imports import page as page_of
from tests.listed import link, names, page

pytestmark = pytest.mark.django_db


def _done(client: Client, *rows: dict[str, str]) -> Import:
    imp = brought(client, *rows)
    act(client, imp, "start", {"mode": "good-rows"})
    return checked_import(Import.objects.get(pk=imp.pk))


def _keys_of(client: Client, imp: Import, **asked: str) -> str:
    return page(client, f"?{urlencode({'import': imp.pk, **asked})}")


@pytest.fixture
def imp(as_manager: Client) -> Import:
    stored(name="of somebody else")
    _done(as_manager, row(Name="of another import"))
    return _done(as_manager, row(Name="one"), row(Name="two"))


def test_the_result_leads_to_the_keys_that_were_added(as_manager: Client, imp: Import) -> None:
    address = link(page_of(as_manager, imp), "See the imported keys")
    assert address == f"{reverse('productkeys:list')}?import={imp.pk}"
    assert sorted(names(_keys_of(as_manager, imp))) == ["one", "two"]


def test_keys_that_came_to_the_archive_are_looked_for_there(as_manager: Client) -> None:
    bring(as_manager, csv_of([row(Name="old") | {"Status": "archived"}], (*HEADS, "Status")))
    imp = checked_import(Import.objects.get())
    act(as_manager, imp, "start", {"mode": "good-rows"})
    checked_import(Import.objects.get())
    address = link(page_of(as_manager, imp), "See the imported keys")
    assert names(as_manager.get(address).content.decode()) == ["old"]


def test_an_import_that_only_changed_keys_leads_to_the_last_changes(as_manager: Client) -> None:
    known = stored(quantity=10)
    imp = _done(as_manager, row(Product_key=known.code.open()))
    assert link(page_of(as_manager, imp), "To the product keys").endswith("?sort=-changed")


def test_the_filter_is_a_chip_with_the_moment_that_can_be_taken_away(as_viewer: Client, imp: Import) -> None:
    html = _keys_of(as_viewer, imp)
    assert imp.finished_at
    assert (
        f"<span>Imported on:</span> {date_format(timezone.localtime(imp.finished_at), 'SHORT_DATETIME_FORMAT')}" in html
    )
    assert imp.name not in html  # the file is its person's own business
    assert link(html, "Remove the filter Imported on") == "."


def test_it_combines_with_other_filters_and_stays_when_they_change(as_viewer: Client, imp: Import) -> None:
    assert names(_keys_of(as_viewer, imp, type="retail")) == []
    assert f'name="import" value="{imp.pk}"' in _keys_of(as_viewer, imp, facet="os")


def test_of_an_import_that_nobody_knows_there_are_no_keys(as_viewer: Client, imp: Import) -> None:
    html = page(as_viewer, "?import=2c0a8a4e-0000-4000-8000-000000000000")
    assert names(html) == []
    assert "<span>Imported on:</span> unknown" in html


@pytest.mark.parametrize("nonsense", ["x", "0", "{2c0a8a4e-0000-4000-8000-000000000000}"])
def test_what_names_no_import_is_said_to_be_left_out(as_viewer: Client, imp: Import, nonsense: str) -> None:
    html = page(as_viewer, f"?import={nonsense}")
    assert "Part of this address is not understood and was left out: import." in html


def test_the_keys_of_an_import_are_exported_and_the_trail_says_which(as_manager: Client, imp: Import) -> None:
    address = f"{reverse('productkeys:export')}?import={imp.pk}"
    answer: Any = as_manager.post(address, {"format": "csv", "columns": "everything", "codes": "masked"})
    head, *rows = csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines())
    assert sorted(line[head.index("name")] for line in rows) == ["one", "two"]
    entry = TrailEntry.objects.get(action=Action.KEYS_EXPORTED)
    assert len(entry.after["filters"]["import"]) == 1


def test_the_keys_of_an_import_are_changed_together(as_manager: Client, manager: User, imp: Import) -> None:
    sent = {"do": "archive", "step": "preview", "select_across": "1", "query": f"import={imp.pk}"}
    assert "2 keys would be archived" in as_manager.post(reverse("productkeys:bulk"), sent).content.decode()


def test_the_administration_understands_the_same_address(as_manager: Client, imp: Import) -> None:
    answer = as_manager.get("/admin/productkeys/productkey/", {"import": str(imp.pk)})
    assert sorted(key.name for key in answer.context["cl"].queryset) == ["one", "two"]
