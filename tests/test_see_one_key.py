"""Seeing one key: everything about it but the key itself."""

import pytest
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from keyportal.people.models import User
from productkeys.models import ProductKey
from productkeys.services import keys, revealing
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin
from tests.factories import KMS_HOST, MAK, RETAIL, stored


def _page(client: Client, key: ProductKey) -> str:
    response = client.get(key.get_absolute_url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_it_says_everything_but_the_key(as_viewer: Client, manager: User) -> None:
    manager.first_name, manager.last_name = "Mara", "Lindner"
    manager.save()
    key = stored(by=manager, in_use=487)
    page = _page(as_viewer, key)
    for text in ("MAK", "Windows 11", "Enterprise", "x64", "Contract 2024 to 2027", "Mara Lindner", key.last_five):
        assert text in page
    assert "<strong>13</strong>" in page
    assert "of 500 left" in page
    for group in key.code.open().split("-")[:4]:
        assert group not in page


def test_a_published_key_stands_there_whole_with_a_button_that_copies_it(
    as_viewer: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    key = standard_keys.get(last_five="T83GX")
    page = _page(as_viewer, key)
    assert f"&lt;ProductKey&gt;{key.public_code}&lt;/ProductKey&gt;" in page
    assert 'data-copy="W269N-WFGWX-YVC9B-4J6C9-T83GX"' in page
    assert "Microsoft Learn: KMS client activation keys, 25 Jun 2025" in page
    assert "Windows 11, Windows 10" in page
    assert "reveal/" not in page


def test_no_page_with_a_key_is_kept_by_the_browser(as_viewer: Client) -> None:
    assert "no-store" in as_viewer.get(stored().get_absolute_url())["Cache-Control"]


def test_it_says_why_a_mak_is_not_for_installation(as_viewer: Client) -> None:
    page = _page(as_viewer, stored())
    assert page.count("Not with a MAK") == 2
    assert "A MAK can be used for activation only." in page
    assert "Unattended Windows Setup Reference" in page


def test_a_retail_key_may_be_used_for_everything(as_viewer: Client) -> None:
    page = _page(as_viewer, stored(RETAIL))
    assert page.count("possible") == 2
    assert page.count("chosen") == 1


def test_a_kms_host_key_stands_in_no_answer_file(as_viewer: Client) -> None:
    page = _page(as_viewer, stored(KMS_HOST))
    assert "A KMS host key stands in no answer file" in page
    assert "all editions" in page


@pytest.mark.parametrize(("in_use", "word"), [(449, "left"), (450, "short"), (500, "used up")])
def test_the_stock_says_when_it_gets_short(as_viewer: Client, in_use: int, word: str) -> None:
    assert word in _page(as_viewer, stored(in_use=in_use))


def test_it_offers_only_what_the_person_may_do(as_viewer: Client, as_manager: Client, as_revealer: Client) -> None:
    key = stored()
    address = key.get_absolute_url()
    verbs = {verb: f'href="{address}{verb}/"' for verb in ("edit", "duplicate", "archive", "compromised", "delete")}
    assert not any(link in _page(as_viewer, key) for link in verbs.values())
    assert all(link in _page(as_manager, key) for link in verbs.values())
    assert f'action="{address}reveal/"' in _page(as_revealer, key)
    assert "but not reveal them" in _page(as_manager, key)


def test_a_standard_key_can_be_edited_and_archived_but_not_deleted(
    as_admin: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    key = standard_keys.get(last_five="T83GX")
    page = _page(as_admin, key)
    for verb, offered in {"edit": 1, "archive": 1, "delete": 0, "compromised": 0, "duplicate": 0}.items():
        assert page.count(f'href="{key.get_absolute_url()}{verb}/"') == offered, verb


def test_an_archived_key_can_be_restored(as_manager: Client) -> None:
    key = stored()
    keys.set_status(key, "archived", seen_version=1, origin=Origin())
    page = _page(as_manager, key)
    assert f'href="{key.get_absolute_url()}restore/"' in page
    assert f'href="{key.get_absolute_url()}archive/"' not in page


def test_a_compromised_key_can_be_archived_or_restored(as_manager: Client) -> None:
    key = stored()
    keys.set_status(key, "compromised", seen_version=1, origin=Origin())
    page = _page(as_manager, key)
    assert "do not use it any more" in page
    for verb, offered in {"archive": 1, "restore": 1, "compromised": 0}.items():
        assert page.count(f'href="{key.get_absolute_url()}{verb}/"') == offered, verb


def test_a_key_that_the_person_may_not_know_of_does_not_exist(db: None) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert stranger.get(stored().get_absolute_url()).status_code == 404
    assert stranger.get("/product-keys/999999/").status_code == 404


def test_the_history_tells_what_happened_and_who_did_it(as_viewer: Client, manager: User) -> None:
    key = stored(by=manager)
    keys.change_key(key, KeyValues(**MAK | {"name": "Renamed"}), seen_version=1, origin=Origin(manager))
    history = _page(as_viewer, key).split('id="history"')[1]
    assert history.index("Changed") < history.index("Added")
    assert history.count("mara.manager") == 2


class TestNamesBesideReveals:
    """Who revealed a key is for auditors; everybody else reads that it happened, and when."""

    def _revealed(self, revealer: User) -> ProductKey:
        key = stored()
        revealing.reveal(key, reason="device: INC-20418", origin=Origin(revealer))
        return key

    def test_others_read_neither_name_nor_reason(self, as_viewer: Client, revealer: User) -> None:
        page = _page(as_viewer, self._revealed(revealer))
        assert "Revealed" in page
        assert "rolf.revealer" not in page
        assert "INC-20418" not in page

    def test_auditors_read_both(self, as_viewer: Client, viewer: User, revealer: User) -> None:
        viewer.user_permissions.add(Permission.objects.get(codename="view_trailentry"))
        page = _page(as_viewer, self._revealed(revealer))
        assert "rolf.revealer" in page
        assert "Device replaced, INC-20418" in page

    def test_everybody_recognises_their_own(self, as_revealer: Client, revealer: User) -> None:
        page = _page(as_revealer, self._revealed(revealer))
        assert "Device replaced, INC-20418" in page
        assert "rolf.revealer" not in page.split('id="history"')[1]


def _with_a_long_history() -> ProductKey:
    """A key with 30 entries in the trail: added, then archived and restored by turns."""
    key = stored()
    for version in range(1, 30):
        keys.set_status(key, ["archived", "active"][version % 2 - 1], seen_version=version, origin=Origin())
    return key


def test_a_long_history_costs_no_more_queries(
    as_viewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    key = _with_a_long_history()
    as_viewer.get(key.get_absolute_url())
    with django_assert_max_num_queries(7):
        assert as_viewer.get(key.get_absolute_url()).content.count(b"<time") == 20


def test_a_long_history_goes_on_to_its_beginning_and_back(as_viewer: Client) -> None:
    key = _with_a_long_history()
    first = _page(as_viewer, key)
    assert f'href="{key.get_absolute_url()}?history=2#history" rel="next">Older entries</a>' in first
    assert "Newer entries" not in first
    last = as_viewer.get(key.get_absolute_url(), {"history": "2"}).content.decode()
    assert last.count("<time") == 10
    assert "Added" in last.split('id="history"')[1]
    assert f'href="{key.get_absolute_url()}?history=1#history" rel="prev">Newer entries</a>' in last
    assert "Older entries" not in last


def test_a_short_history_stands_on_one_page(as_viewer: Client) -> None:
    page = _page(as_viewer, stored())
    assert "Older entries" not in page
    assert "Newer entries" not in page


@pytest.mark.parametrize(("asked", "shown"), [("0", 10), ("many", 20), ("99", 10)])
def test_a_page_of_the_history_that_is_not_there_is_no_error(as_viewer: Client, asked: str, shown: int) -> None:
    page = as_viewer.get(_with_a_long_history().get_absolute_url(), {"history": asked})
    assert page.content.count(b"<time") == shown


def test_a_kms_host_key_at_its_limit_names_the_way_to_microsofts_activation_centre(as_viewer: Client) -> None:
    page = _page(as_viewer, stored(KMS_HOST, in_use=6))
    assert "has activated 6 KMS hosts already, and that is its limit." in page
    assert "activation centre" in page
    assert "leaves the count at 6." in page

    page = _page(as_viewer, stored(KMS_HOST, in_use=5))
    assert "activation centre" not in page
    assert "With another host it is 6 in use." in page
    assert "leaves the count at 5." in page
