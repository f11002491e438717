"""Filtering the list: filters combine, mean "usable for", are counted when opened and can be taken away one by one."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from productkeys.listing.filters import FILTERS
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import KMS_HOST, MAK, RETAIL, agreement, stored
from tests.listed import choices, link, names, page


def _filtered(client: Client, **parameters: Any) -> set[str]:
    return set(names(page(client, **parameters)))


def test_a_type_alone(as_viewer: Client) -> None:
    stored(name="mine")
    assert _filtered(as_viewer, type="mak") == {"mine"}


def test_values_of_one_filter_add_up_and_filters_narrow_each_other(as_viewer: Client) -> None:
    stored(name="mak 11")
    stored(RETAIL, name="retail 11")
    stored(name="mak 10", operating_system_id="windows-10")
    assert _filtered(as_viewer, type=["mak", "retail"]) == {"mak 11", "retail 11", "mak 10"}
    assert _filtered(as_viewer, type=["mak", "retail"], os="windows-11") == {"mak 11", "retail 11"}
    assert _filtered(as_viewer, type="mak", os=["windows-11", "windows-10"]) == {"mak 11", "mak 10"}


def test_windows_11_also_finds_the_keys_of_windows_11_and_windows_10(
    as_viewer: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    found = _filtered(as_viewer, os="windows-11")
    assert "Windows 11 Pro / Windows 10 Pro" in found
    assert len(found) == standard_keys.filter(operating_system="windows-11-windows-10").count()


def test_the_joined_product_does_not_find_keys_of_one_member(as_viewer: Client) -> None:
    stored(name="only 11")
    assert "only 11" not in _filtered(as_viewer, os="windows-11-windows-10")


def test_x64_also_finds_any_where_the_system_has_x64(as_viewer: Client) -> None:
    stored(name="x64 alone")
    stored(name="any", architecture="any")
    stored(RETAIL, name="arm64 alone", architecture="arm64")
    stored(KMS_HOST, name="host for any")
    assert _filtered(as_viewer, architecture="x64", origin="own") == {"x64 alone", "any", "host for any"}
    assert _filtered(as_viewer, architecture="arm64", origin="own") == {"any", "arm64 alone"}
    assert _filtered(as_viewer, architecture="any", origin="own") == {"any", "host for any"}
    assert _filtered(as_viewer, architecture="ia64", origin="own") == set()


def test_x86_does_not_find_any_of_an_edition_that_never_had_x86(as_viewer: Client) -> None:
    stored(name="server", operating_system_id="windows-server-2022", edition="ServerStandard", architecture="any")
    assert _filtered(as_viewer, architecture="x86", origin="own") == set()


def test_an_edition_and_a_usage(as_viewer: Client) -> None:
    stored(name="enterprise")
    stored(RETAIL, name="pro")
    assert _filtered(as_viewer, edition="Professional", origin="own") == {"pro"}
    assert _filtered(as_viewer, usage="installation_and_activation", origin="own") == {"pro"}
    assert _filtered(as_viewer, usage="activation", origin="own") == {"enterprise"}


@pytest.mark.parametrize(
    ("stock", "expected"),
    [
        ("free", {"new", "89 %"}),
        ("short", {"90 %", "99.9 %"}),
        ("gone", {"gone"}),
        ("unlimited", {"no limit"}),
        (["short", "gone"], {"90 %", "99.9 %", "gone"}),
    ],
)
def test_stock(as_viewer: Client, stock: str | list[str], expected: set[str]) -> None:
    for name, in_use in (("new", 0), ("89 %", 899), ("90 %", 900), ("99.9 %", 999), ("gone", 1000)):
        stored(name=name, quantity=1000, in_use=in_use)
    stored(RETAIL, name="no limit", quantity=None)
    assert _filtered(as_viewer, stock=stock, origin="own") == expected


def test_standard_or_own(as_viewer: Client) -> None:
    stored(name="mine")
    assert _filtered(as_viewer, origin="own") == {"mine"}
    assert "97 of 98 keys" in page(as_viewer, origin="standard")


def test_filters_hold_in_the_archive_as_well(as_viewer: Client) -> None:
    kept, gone = stored(name="kept"), stored(name="gone")
    keys.set_status(gone, "archived", seen_version=gone.version, origin=PORTAL)
    assert _filtered(as_viewer, type="mak", status="archived") == {"gone"}
    assert _filtered(as_viewer, type="mak") == {kept.name}


@pytest.mark.parametrize("name", [name for name in FILTERS if name not in ("scope", "label", "import")])
def test_every_filter_finds_as_many_keys_as_it_promises(as_viewer: Client, name: str) -> None:
    stored(MAK), stored(KMS_HOST), stored(RETAIL, in_use=1), stored(MAK, architecture="any", in_use=460)
    stored(MAK, agreement_id=agreement().pk)
    html = page(as_viewer, facet=name)
    by_label = {str(label): choice for choice, label in FILTERS[name].labels(()).items()}
    counted = {label: number for label, number in choices(html).items() if number and label in by_label}
    assert counted
    for label, number in counted.items():
        asked = ProductKey.objects.filter(shelf=0).filter(FILTERS[name].condition([by_label[label]]))
        assert asked.count() == int(number), label


def test_a_filter_is_counted_beside_the_others_and_not_beside_itself(as_viewer: Client) -> None:
    stored(name="11"), stored(name="10", operating_system_id="windows-10")
    found = choices(page(as_viewer, facet="os", os="windows-11", type="mak"))
    assert found["Windows 11"] == "1"
    assert found["Windows 10"] == "1"
    assert "Windows 8" not in found


def test_a_closed_filter_is_a_link_and_counts_nothing(as_viewer: Client) -> None:
    html = page(as_viewer)
    assert "<details open><summary" not in html.split('class="kp-filter"')[1].split("kp-rows")[0]
    assert link(html, "Edition") == "?facet=edition"


def test_too_many_keys_are_offered_without_counts(as_viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("productkeys.listing.counts.COUNTED", 50)
    found = choices(page(as_viewer, facet="os"))
    assert set(found.values()) == {""}
    assert "Windows Server 2025" in found


def test_the_form_of_an_open_filter_keeps_the_rest_of_the_question(as_viewer: Client) -> None:
    html = page(as_viewer, facet="architecture", q="windows", type="gvlk", os="windows-11", sort="-name")
    form = html.split('<form class="kp-facet__menu"')[1].split("</form>")[0]
    for name, value in (("q", "windows"), ("type", "gvlk"), ("os", "windows-11"), ("sort", "-name")):
        assert f'type="hidden" name="{name}" value="{value}"' in form
    assert 'type="hidden" name="architecture"' not in form
    assert 'name="page"' not in form


def test_each_filter_is_a_chip_that_can_be_taken_away(as_viewer: Client) -> None:
    html = page(as_viewer, type="gvlk", os=["windows-11", "windows-7"], page=1)
    assert "<span>Operating system:</span> Windows 11, Windows 7" in html
    assert link(html, "Remove the filter Operating system") == "?type=gvlk"
    assert link(html, "Remove the filter Type") == "?os=windows-11&os=windows-7"


def test_reset_takes_all_of_them_away_and_keeps_the_sort(as_viewer: Client) -> None:
    html = page(as_viewer, type="gvlk", q="windows", sort="-name")
    assert link(html, "Reset") == "?sort=-name"
    assert "Reset" not in page(as_viewer, sort="-name").split("kp-rows")[0]


def test_a_menu_says_how_many_choices_are_set_in_it(as_viewer: Client) -> None:
    assert "Operating system: <b>2</b>" in page(as_viewer, os=["windows-11", "windows-7"])
    assert "More: <b>1</b>" in page(as_viewer, type="avma")
    assert "More: <b>" not in page(as_viewer, type="mak")  # stands beside the menus already


def test_a_long_chip_is_cut(as_viewer: Client) -> None:
    html = page(as_viewer, os=["windows-11", "windows-10", "windows-8", "windows-7", "windows-vista"])
    assert "and 2 more" in html


def test_no_match_offers_to_reset(as_viewer: Client) -> None:
    html = page(as_viewer, type="gvlk", stock="gone")
    assert "No key matches" in html
    assert link(html, "Reset the filters") == "."


def test_a_filter_keeps_the_opened_key(as_viewer: Client) -> None:
    key = stored()
    assert link(page(as_viewer, open=key.pk), "GVLK") == f"?type=gvlk&page=1&open={key.pk}"
