"""Acting on all keys that a query finds, however many: what was shown is what happens, or nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import bulk_edit, selection
from productkeys.services.bulk_edit import Changes
from productkeys.services.origin import Origin
from productkeys.services.selection import Selection
from tests.bulk import BULK_PAGES, choices
from tests.factories import KMS_HOST, RETAIL, new_code, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(params=BULK_PAGES)
def page(request: pytest.FixtureRequest, as_manager: Client) -> Any:
    """The page in the workspace and in the admin, as (client, address)."""
    return as_manager, reverse(request.param)


def _post(page: tuple[Client, str], query: str, step: str, **more: Any) -> Any:
    client, address = page
    return client.post(
        address,
        {"do": "edit", "select_across": "1", "query": query, "step": step, **choices(architecture="any"), **more},
    )


def _shown(answer: Any) -> dict[str, str]:
    """What the page carries to the next one."""
    names = ("digest", "seen_at", "count")
    return {name: str(answer.context[name]) for name in names}


def test_it_works(page: Any) -> None:
    maks, retail = [stored(), stored()], stored(RETAIL)
    preview = _post(page, "type=mak", "preview")
    assert "2 keys would change" in preview.content.decode()
    assert _post(page, "type=mak", "apply", **_shown(preview)).status_code == 302
    assert [ProductKey.objects.get(pk=key.pk).architecture for key in maks] == ["any", "any"]
    retail.refresh_from_db()
    assert retail.architecture == "x64"


def test_the_query_means_what_it_means_in_the_list(page: Any) -> None:
    found, _other = stored(name="Lab bench"), stored(name="Front desk")
    preview = _post(page, "q=lab&os=windows-11", "preview")
    assert [row.key for row in preview.context["preview"].rows] == [found]


def test_a_key_that_was_changed_meanwhile_holds_back_all(page: Any, admin_user: User) -> None:
    first, second = stored(), stored()
    shown = _shown(_post(page, "type=mak", "preview"))
    ProductKey.objects.filter(pk=first.pk).update(
        name="Renamed", version=2, changed_by=admin_user, changed_at=timezone.now()
    )
    answer = _post(page, "type=mak", "apply", **shown)
    assert answer.status_code == 409
    assert "“Renamed”, changed by admin" in answer.content.decode()
    second.refresh_from_db()
    assert second.architecture == "x64"
    assert _post(page, "type=mak", "apply", **_shown(answer)).status_code == 302


def test_a_key_that_came_meanwhile_holds_back_all(page: Any) -> None:
    stored()
    shown = _shown(_post(page, "type=mak", "preview"))
    stored()
    answer = _post(page, "type=mak", "apply", **shown)
    assert answer.status_code == 409
    assert "Number of keys then: 1, now: 2." in answer.content.decode()
    assert not TrailEntry.objects.filter(action="changed").exists()


def test_a_key_that_went_meanwhile_holds_back_all(page: Any) -> None:
    stored()
    gone = stored()
    shown = _shown(_post(page, "type=mak", "preview"))
    gone.delete()
    assert _post(page, "type=mak", "apply", **shown).status_code == 409


def test_without_the_digest_of_what_was_shown_nothing_happens(page: Any) -> None:
    stored()
    assert _post(page, "type=mak", "apply").status_code == 409
    assert not TrailEntry.objects.filter(action="changed").exists()


def test_a_query_that_finds_nothing_leads_back(page: Any) -> None:
    client, address = page
    values = {"do": "edit", "select_across": "1", "query": "q=nothing+like+this"}
    assert "No key is selected." in client.post(address, values, follow=True).content.decode()


def test_too_many_keys_are_not_changed_at_once(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("productkeys.views.bulk.AT_MOST", 1)
    stored()
    stored()
    client, address = page
    values = {"do": "edit", "select_across": "1", "query": "type=mak"}
    assert "More than 1 keys match." in client.post(address, values, follow=True).content.decode()


def _list(client: Client, query: str) -> str:
    return client.get(f"{reverse('productkeys:list')}?{query}").content.decode()


def test_the_list_offers_all_that_match_where_they_are_more_than_its_page(
    as_manager: Client, as_viewer: Client
) -> None:
    for _number in range(52):
        stored()
    for page in (1, 2):
        html = _list(as_manager, f"type=mak&page={page}")
        assert "Select all 52 that match" in html
        assert f'name="query" value="type=mak&amp;page={page}"' in html
    assert "select_across" not in _list(as_manager, "type=avma")
    assert "select_across" not in _list(as_viewer, "type=mak")


def test_the_list_offers_all_that_match_where_nobody_counted_them(
    as_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("productkeys.listing.counts.totals", lambda *_question: (None, None))
    assert "Select all that match" in _list(as_manager, "type=gvlk")


def test_the_list_does_not_offer_more_than_can_be_changed_at_once(
    as_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("productkeys.listing.paging.COUNTED", 60)
    assert "select_across" not in _list(as_manager, "type=gvlk")


def test_what_the_list_sends_with_all_that_match_goes_before_the_ticked_rows(as_manager: Client) -> None:
    keys = [stored(), stored(), stored(RETAIL)]
    answer = as_manager.post(
        reverse("productkeys:bulk"),
        {
            "do": "archive",
            "select_across": "1",
            "query": "type=mak",
            "key": f"{keys[2].pk}:1",
            "next": "/product-keys/?type=mak",
        },
    )
    assert "2 keys would be archived" in answer.content.decode()
    assert answer.context["back"] == "/product-keys/?type=mak"


def test_the_list_of_the_admin_offers_all_that_match(as_manager: Client) -> None:
    for _number in range(52):
        stored()
    stored(RETAIL)
    answer = as_manager.post(
        reverse("admin:productkeys_productkey_changelist") + "?type=mak",
        {"action": "edit_selected", "index": "0", "select_across": "1", "_selected_action": ["1"]},
    )
    assert "What is to change on 52 keys" in answer.content.decode()
    assert answer.context["asked"]["query"] == "type=mak"


def test_the_digest_tells_ids_and_versions_apart() -> None:
    digests = {
        Selection.of_pairs(pairs).digest for pairs in ([(1, 1)], [(1, 2)], [(11, 1)], [(1, 11)], [(1, 1), (2, 1)], [])
    }
    assert len(digests) == 6
    assert Selection.of_pairs([(2, 1), (1, 1)]).digest == Selection.of_pairs([(1, 1), (2, 1)]).digest


def test_many_keys_take_few_statements(manager: User, django_assert_max_num_queries: Any) -> None:
    """Ten thousand keys take seconds, not minutes, as long as no step asks the database once per key."""
    keys = [ProductKey(**KMS_HOST, code=new_code()) for _number in range(1_200)]
    for key in keys:
        key.prepare_text()
    ProductKey.objects.bulk_create(keys)
    everything = ProductKey.objects.visible_to(manager).filter(published=False)
    changes = Changes(
        {"operating_system_id": "windows-server-2019", "quantity": 8, "status": "archived"}, comment_line="Moved"
    )
    with django_assert_max_num_queries(60):
        chosen = Selection.of(everything, at_most=selection.AT_MOST)
        count = bulk_edit.apply_changes(chosen, changes, among=everything, origin=Origin(manager))
    assert count == 1_200
    assert TrailEntry.objects.filter(action="changed", after__quantity=8).count() == 1_200
    moved = ProductKey.objects.filter(version=2, quantity=8, comment__endswith="\nMoved", status="archived")
    assert moved.filter(search_text__contains="\nmoved\n").count() == 1_200
