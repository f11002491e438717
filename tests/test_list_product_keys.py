"""Listing product keys: who may, what a row says, in which order, and page by page."""

import re

import pytest
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from keyportal.people.models import PAGE_SIZES, User
from productkeys.listing import paging, sorting
from productkeys.listing.query import ListQuery
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import KMS_HOST, RETAIL, stored
from tests.listed import link, names, page


def test_it_shows_the_standard_keys_whole_with_a_button_that_copies_them(
    as_viewer: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    html = page(as_viewer) + page(as_viewer, page=2)
    assert html.count("data-copy=") == standard_keys.count() == 97
    assert 'data-copy="W269N-WFGWX-YVC9B-4J6C9-T83GX"' in html


def test_a_key_that_is_not_public_shows_its_last_five_alone(as_viewer: Client) -> None:
    key = stored()
    html = page(as_viewer)
    assert f"•••••-•••••-•••••-•••••-<b>{key.last_five}</b>" in html
    for group in key.code.open().split("-")[:4]:
        assert group not in html


def test_a_row_says_what_the_key_is_for_and_how_much_is_left(as_viewer: Client) -> None:
    key = stored(in_use=487)
    html = page(as_viewer)
    row = html[html.index(f'id="key-{key.pk}"') :].split("</tr>")[0]
    for text in ("MAK", "Windows 11", "Enterprise", "x64", "Activation", "487 / 500", "13 left", f'"{key.pk}:1"'):
        assert text in row
    assert f'href="/product-keys/{key.pk}/"' in row
    assert "is-short" in row


def test_own_keys_come_first_then_those_of_microsoft_by_name(as_viewer: Client) -> None:
    stored(name="zebra")
    stored(name="Ärger in the lab")
    stored(name="arid rooms")
    found = names(page(as_viewer))
    assert found[:3] == ["Ärger in the lab", "arid rooms", "zebra"]
    assert found[3].startswith("Windows 10 Enterprise LTSB 2015")


@pytest.mark.parametrize("name", [sort for sort in sorting.SORTS if sort])
def test_every_sort_orders_the_rows_and_is_said_in_the_head(as_viewer: Client, name: str) -> None:
    html = page(as_viewer, sort=name)
    assert len(names(html)) == 50
    if name.lstrip("-") not in ("last_five", "changed"):
        assert f'aria-sort="{"descending" if name.startswith("-") else "ascending"}"' in html


def test_sorting_by_name_goes_both_ways(as_viewer: Client) -> None:
    stored(name="aaa"), stored(name="zzz")
    assert names(page(as_viewer, sort="name"))[0] == "aaa"
    assert names(page(as_viewer, sort="-name"))[0] == "zzz"


def test_keys_without_a_limit_stand_last_when_sorted_by_stock_either_way(as_viewer: Client) -> None:
    stored(name="full", in_use=500), stored(name="empty", in_use=0)
    assert names(page(as_viewer, sort="stock"))[:2] == ["empty", "full"]
    assert names(page(as_viewer, sort="-stock"))[:2] == ["full", "empty"]


def test_a_head_turns_the_order_round_and_then_returns_to_the_usual_one(as_viewer: Client) -> None:
    first = link(page(as_viewer), "Name and key")
    second = link(page(as_viewer, first), "Name and key")
    third = link(page(as_viewer, second), "Name and key")
    assert (first, second, third) == ("?sort=name", "?sort=-name", ".")


def test_the_fixed_page_size_is_the_persons_own(as_viewer: Client, viewer: User) -> None:
    viewer.page_size = 25
    viewer.save()
    html = page(as_viewer)
    assert len(names(html)) == 25
    assert "1 to 25 of 97" in html


def test_a_page_behind_the_last_is_the_last(as_viewer: Client) -> None:
    html = page(as_viewer, page=999)
    assert "51 to 97 of 97" in html
    assert names(html) == names(page(as_viewer, page=2))


@pytest.mark.parametrize("number", ["0", "-3", "x", "²", "9" * 40, "1.5", ""])
def test_a_page_number_that_is_none_leads_to_the_first(as_viewer: Client, number: str) -> None:
    assert "1 to 50 of 97" in page(as_viewer, page=number)


@pytest.mark.parametrize(
    "parameter",
    ["status", "sort", "type", "os", "edition", "architecture", "usage", "stock", "origin", "facet", "after"],
)
@pytest.mark.parametrize("value", ["nonsense", "' OR 1=1 --", "\x00", "%", "ä" * 300])
def test_an_unknown_value_is_left_out_and_the_page_says_so(as_viewer: Client, parameter: str, value: str) -> None:
    html = page(as_viewer, **{parameter: value})
    assert f"not understood and was left out: {parameter}." in html
    assert len(names(html)) == 50


def test_an_unknown_parameter_does_not_matter(as_viewer: Client) -> None:
    assert "was left out" not in page(as_viewer, utm_source="mail")


def test_archived_keys_stand_in_the_archive_alone(as_viewer: Client) -> None:
    key = stored(name="old contract")
    keys.set_status(key, "archived", seen_version=key.version, origin=PORTAL)
    assert "old contract" not in names(page(as_viewer))
    assert names(page(as_viewer, status="archived")) == ["old contract"]
    assert 'Active<span class="n">97</span>' in page(as_viewer)
    assert 'Archive<span class="n">1</span>' in page(as_viewer)


def test_a_compromised_key_stays_in_the_list_and_is_marked(as_viewer: Client) -> None:
    key = stored(name="leaked")
    keys.set_status(key, "compromised", seen_version=key.version, origin=PORTAL)
    assert names(page(as_viewer))[0] == "leaked"
    assert names(page(as_viewer, status="compromised")) == ["leaked"]
    row = page(as_viewer).split(f'id="key-{key.pk}"')[1].split("</tr>")[0]
    assert "Compromised" in row


def test_the_counts_of_a_small_house_stand_beside_types_and_in_the_navigation(as_viewer: Client) -> None:
    stored(), stored(KMS_HOST), stored(RETAIL)
    html = page(as_viewer)
    for label, number in (("All", 100), ("GVLK", 82), ("MAK", 1), ("KMS host", 1), ("Retail", 1)):
        assert re.search(rf'>{label} <span class="n">{number}</span>', html)
    assert 'Product keys<span class="n">100</span>' in html


def test_a_big_house_is_not_counted(as_viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("productkeys.listing.counts.SMALL_HOUSE", 50)
    monkeypatch.setattr("productkeys.listing.paging.COUNTED", 60)
    html = page(as_viewer)
    assert '<span class="n">' not in html
    assert "1 to 50 of more than" in html


def test_behind_the_counted_rows_a_signed_address_goes_on_to_the_end(
    as_viewer: Client, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("productkeys.listing.paging.COUNTED", 50)
    viewer.page_size = 25
    viewer.save()
    for number in range(60):
        stored(name=f"site {number % 7}")
    for sort in sorting.SORTS:
        expected = [
            str(name)
            for name in ProductKey.objects.filter(shelf=0)
            .order_by(*sorting.SORTS[sort].order)
            .values_list("name", flat=True)
        ]
        html, seen = page(as_viewer, sort=sort), []
        while True:
            seen += names(html)
            if 'aria-label="Next page"' not in html:
                break
            html = page(as_viewer, link(html, "Next page"))
        assert seen == expected, sort


@pytest.mark.parametrize("cursor", ["x", "WyIiLDFd:1abc:2def", "a:b:c"])
def test_a_cursor_that_was_not_signed_here_leads_to_the_first_page(as_viewer: Client, cursor: str) -> None:
    assert "1 to 50 of 97" in page(as_viewer, after=cursor)


def test_a_cursor_of_another_sort_leads_to_the_first_page(as_viewer: Client) -> None:
    cursor = sorting.Cursor("-name", 50, ("x", 1)).sign()
    html = page(as_viewer, after=cursor, sort="name")
    assert "left out: after" in html
    assert "1 to 50 of 97" in html


def test_an_opened_key_stands_beside_the_list_and_its_row_is_marked(as_viewer: Client) -> None:
    key = stored()
    html = page(as_viewer, open=key.pk)
    assert f'id="key-{key.pk}" role="row" class="is-open"' in html
    pane = html[html.index('id="pane"') :].split("</aside>")[0]
    for text in (key.name, "Contract 2024 to 2027", key.last_five, "specialize", "Enterprise"):
        assert text in pane


def test_without_a_page_in_the_address_the_opened_key_is_on_the_page_that_is_shown(as_viewer: Client) -> None:
    for number in range(60):
        stored(name=f"a {number:03}")
    key = stored(name="b, just added")
    html = page(as_viewer, open=key.pk)
    assert "51 to 100 of 158" in html
    assert f'id="key-{key.pk}" role="row" class="is-open"' in html
    assert key.name not in names(page(as_viewer, open=key.pk, page=1))


@pytest.mark.parametrize("opened", ["0", "999999", "9" * 30, "x", "-1"])
def test_opening_a_key_that_is_not_there_opens_nothing(as_viewer: Client, opened: str) -> None:
    assert 'id="pane" aria-label="Opened key" hidden' in page(as_viewer, open=opened)


def test_the_answer_file_note_follows_the_use(as_viewer: Client, standard_keys: QuerySet[ProductKey]) -> None:
    gvlk = standard_keys.get(last_five="T83GX")
    assert "<code>windowsPE</code> and <code>specialize</code>" in page(as_viewer, open=gvlk.pk)
    assert "never belongs in the answer file of a client" in page(as_viewer, open=stored(KMS_HOST).pk)


def test_verbs_are_dimmed_and_say_why_until_a_key_is_opened(as_admin: Client) -> None:
    assert page(as_admin).count('aria-disabled="true" title="Open a key first"') == 4
    key = stored()
    html = page(as_admin, open=key.pk)
    assert 'aria-disabled="true"' not in html
    for view in ("edit", "duplicate", "archive"):
        assert f'href="{reverse(f"productkeys:{view}", args=[key.pk])}"' in html


def test_only_the_verbs_that_the_person_may_use_are_there(
    as_viewer: Client, as_manager: Client, as_revealer: Client
) -> None:
    key = stored()
    ribbon = page(as_viewer, open=key.pk).split('id="ribbon"')[1].split('class="kp-work"')[0]
    assert "<a " not in ribbon
    assert "Actions for the selected keys" not in page(as_viewer)
    assert "Reveal" not in page(as_manager, open=key.pk)
    assert "Reveal" in page(as_revealer, open=key.pk)
    assert f"/product-keys/{key.pk}/edit/" not in page(as_revealer, open=key.pk)


def test_the_bar_for_ticked_rows_posts_id_and_version(as_manager: Client) -> None:
    key = stored()
    html = page(as_manager)
    assert f'<form class="kp-rows" id="keys" method="post" action="{reverse("productkeys:bulk")}">' in html
    assert f'name="key" value="{key.pk}:{key.version}"' in html
    for verb in ("edit", "archive", "compromise", "delete"):
        assert f'name="do" value="{verb}"' in html
    assert 'value="restore"' not in html


def test_what_people_typed_is_escaped(as_viewer: Client) -> None:
    key = stored(name='<b>"quoted" & bold</b>', comment="<i>slanted</i>")
    html = page(as_viewer, open=key.pk)
    assert "<b>&quot;" not in html
    assert "<i>slanted" not in html
    assert "&lt;b&gt;&quot;quoted&quot; &amp; bold&lt;/b&gt;" in html


def test_the_empty_list_of_a_type_says_what_is_missing(as_manager: Client, as_viewer: Client) -> None:
    html = page(as_manager, type="mak")
    assert "No MAK key yet" in html
    assert names(html) == []
    assert reverse("productkeys:add") in html.split('class="kp-empty"')[1]
    assert reverse("productkeys:add") not in page(as_viewer, type="mak")


def test_the_empty_archive_says_that_nothing_is_lost(as_viewer: Client) -> None:
    assert "The archive is empty" in page(as_viewer, status="archived")


@pytest.mark.parametrize("view", ["list", "search", "columns"])
def test_somebody_without_the_right_to_see_keys_is_refused(client: Client, db: None, view: str) -> None:
    client.force_login(User.objects.create_user("sam.stranger"))
    ask = client.get if view == "list" else client.post
    response = ask(reverse(f"productkeys:{view}"))
    assert response.status_code == 403
    assert b"Your account does not allow this" in response.content


def test_nobody_is_listed_anything_before_sign_in(client: Client, db: None) -> None:
    assert client.get(reverse("productkeys:list"))["Location"].startswith("/accounts/login/")


def test_the_list_is_read_only(as_viewer: Client) -> None:
    assert as_viewer.post(reverse("productkeys:list")).status_code == 405


def test_the_list_speaks_german(as_viewer: Client, viewer: User) -> None:
    viewer.language = "de"
    viewer.save()
    stored(in_use=1, quantity=2000)
    html = page(as_viewer)
    assert '<html lang="de"' in html
    assert "1 / 2.000" in html


def test_reading_an_address_and_writing_it_again_gives_the_same(db: None) -> None:
    text = "q=head+office&type=mak&type=retail&os=windows-11&stock=free&sort=-stock&page=3&open=7"
    query = ListQuery.read(QueryDict(text), ())
    assert query.ignored == ()
    assert ListQuery.read(QueryDict(query.address(page=query.page)[1:]), ()) == query


@pytest.mark.parametrize("size", PAGE_SIZES)
def test_the_last_page_that_is_numbered_is_a_full_one(size: int) -> None:
    assert paging.COUNTED % size == 0
