"""What Microsoft counts of a MAK, beside what the portal counted: entered with its day, compared, kept in the trail."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from keyportal.people.models import User
from productkeys.domain.choices import Difference
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import keys, microsoft_count
from productkeys.services.keys import ChangedMeanwhile, KeyValues, Refused
from productkeys.services.origin import Origin
from tests.admin_keys import change_page
from tests.factories import KMS_HOST, MAK, RETAIL, new_code, posted, stored
from tests.listed import choices, names, page

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 31)
ESU = MAK | {"name": "ESU", "key_type": "esu", "operating_system_id": "windows-10", "edition": ""}


def counted(used: int, *, by: User | None = None, day: date = DAY, imported: bool = False, **values: Any) -> ProductKey:
    """A stored MAK of which Microsoft counts `used` activations."""
    key = stored(**values)
    microsoft_count.record(key, used, day, seen_version=key.version, origin=Origin(by), imported=imported)
    return key


def _enter(client: Client, key: ProductKey, used: object, day: object = DAY, **changes: Any) -> Any:
    sent = {"version": key.version, "microsoft_used": used, "microsoft_counted_on": day} | changes
    return client.post(reverse("productkeys:microsoft-count", args=[key.pk]), sent)


# Entering it


def test_a_person_enters_the_number_and_its_day(as_manager: Client, manager: User) -> None:
    key = stored(in_use=480)

    assert _enter(as_manager, key, "495")["Location"] == key.get_absolute_url()

    key.refresh_from_db()
    assert (key.microsoft_used, key.microsoft_counted_on, key.microsoft_counted_by) == (495, DAY, manager)
    assert not key.microsoft_count_imported
    assert (key.version, key.changed_by) == (2, manager)


def test_the_trail_has_it_once(as_manager: Client, manager: User) -> None:
    key = counted(12)
    entries = TrailEntry.objects.count()

    _enter(as_manager, key, 15)

    entry = TrailEntry.objects.latest("id")
    assert TrailEntry.objects.count() == entries + 1
    assert (entry.action, entry.actor_name) == ("changed", manager.username)
    assert entry.before == {"microsoft_used": 12, "microsoft_counted_on": "2026-01-31"}
    assert entry.after == {"microsoft_used": 15, "microsoft_counted_on": "2026-01-31"}


def test_the_same_number_of_the_same_day_changes_nothing(as_manager: Client) -> None:
    key = counted(12)
    entries = TrailEntry.objects.count()
    assert _enter(as_manager, key, 12).status_code == 302
    key.refresh_from_db()
    assert (key.version, TrailEntry.objects.count()) == (2, entries)


def test_more_than_the_quantity_is_taken_and_said(as_manager: Client) -> None:
    key = stored()
    assert _enter(as_manager, key, 512).status_code == 302
    html = as_manager.get(key.get_absolute_url()).content.decode()
    assert "That is more than the quantity of 500 that is entered here." in html


def test_an_esu_key_is_counted_by_microsoft_as_well(as_manager: Client) -> None:
    assert _enter(as_manager, stored(ESU), 12).status_code == 302


@pytest.mark.parametrize(
    ("used", "day", "message"),
    [
        ("", DAY, "The number is missing."),
        ("-1", DAY, "The number that Microsoft counts lies between 0 and 10,000,000."),
        ("10000001", DAY, "The number that Microsoft counts lies between 0 and 10,000,000."),
        ("some", DAY, "This is not a whole number."),
        ("1.234", DAY, "The number can be read in two ways."),
        ("7", "", "The day is missing."),
        ("7", "31st", "This is no day."),
        ("7", timezone.localdate() + timedelta(days=2), "This day is still to come."),
    ],
)
def test_what_cannot_be_is_refused(as_manager: Client, used: str, day: object, message: str) -> None:
    key = stored()
    answer = _enter(as_manager, key, used, day)
    assert message in answer.content.decode()
    key.refresh_from_db()
    assert (key.microsoft_used, key.version) == (None, 1)


@pytest.mark.parametrize("values", [KMS_HOST, RETAIL])
def test_a_key_that_microsoft_does_not_count_says_why(as_manager: Client, values: dict[str, Any]) -> None:
    key = stored(values)
    address = reverse("productkeys:microsoft-count", args=[key.pk])
    assert "count is kept for MAK and ESU keys." in as_manager.get(address).content.decode()
    assert _enter(as_manager, key, 7).status_code == 409
    with pytest.raises(Refused):
        microsoft_count.record(key, 7, DAY, seen_version=1, origin=Origin())
    assert "Enter what Microsoft counts" not in as_manager.get(key.get_absolute_url()).content.decode()


def test_who_comes_second_is_asked_to_look_again(as_manager: Client) -> None:
    key = counted(12)
    answer = _enter(as_manager, key, 30, version=1)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Nothing is saved yet" in html
    assert 'value="30"' in html
    key.refresh_from_db()
    assert key.microsoft_used == 12
    with pytest.raises(ChangedMeanwhile):
        microsoft_count.record(key, 12, DAY, seen_version=1, origin=Origin())


def test_another_product_key_in_the_entry_starts_without_a_count(as_manager: Client) -> None:
    key = counted(12)
    as_manager.post(reverse("productkeys:edit", args=[key.pk]), posted(key, code=new_code().open()))
    key.refresh_from_db()
    assert (key.microsoft_used, key.microsoft_counted_on) == (None, None)
    assert TrailEntry.objects.latest("id").before["microsoft_used"] == 12


def test_any_other_change_keeps_it(manager: User) -> None:
    key = counted(12)
    values = KeyValues.of(key, comment="Changed")
    keys.change_key(key, values, seen_version=key.version, origin=Origin(manager))
    key.refresh_from_db()
    assert key.microsoft_used == 12


# Reading it


def _detail(client: Client, key: ProductKey) -> str:
    return " ".join(client.get(key.get_absolute_url()).content.decode().split())


def test_the_page_of_a_mak_shows_both_numbers_and_calls_its_own_an_estimate(as_viewer: Client, manager: User) -> None:
    manager.first_name, manager.last_name = "Mara", "Manager"
    manager.save()
    html = _detail(as_viewer, counted(495, in_use=480, by=manager))
    assert "<b>480</b><small>an estimate: a device that is set up anew activates again</small>" in html
    assert "<b>495</b><small>on 31 Jan 2026, entered by Mara Manager</small>" in html
    assert "<b>Microsoft counts 15 activations more than the portal.</b>" in html


def test_it_says_where_a_file_brought_the_number(as_viewer: Client, manager: User) -> None:
    assert "on 31 Jan 2026, imported by" in _detail(as_viewer, counted(495, by=manager, imported=True))


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (481, "Microsoft counts 1 activation more than the portal."),
        (470, "Microsoft counts 10 activations less than the portal."),
        (480, "Microsoft and the portal count the same."),
    ],
)
def test_the_difference_stands_in_words_on_the_page_and_in_the_pane(as_viewer: Client, used: int, words: str) -> None:
    key = counted(used, in_use=480)
    assert words in _detail(as_viewer, key)
    assert words in page(as_viewer, page=1, open=key.pk)


def test_a_mak_that_was_never_compared_says_so(as_viewer: Client) -> None:
    html = _detail(as_viewer, stored())
    assert "not entered yet" in html
    assert "Enter what Microsoft counts" not in html  # that is for those who may change the key


def test_the_administration_shows_both_numbers(as_manager: Client) -> None:
    html = as_manager.get(change_page(counted(495, in_use=480))).content.decode()
    assert "495 (31 Jan 2026, KeyPortal). Microsoft counts 15 activations more than the portal." in html
    assert "Nobody has entered yet what Microsoft counts." in as_manager.get(change_page(stored())).content.decode()


def test_the_trail_reads_as_words(as_auditor: Client) -> None:
    counted(12, imported=True)
    html = as_auditor.get(reverse("productkeys:trail")).content.decode()
    for text in ("Used as Microsoft counts", "Counted on", "31 Jan 2026", "Brought by an import"):
        assert text in html


# The list


@pytest.fixture
def compared() -> None:
    for name, used in {"more": 20, "less": 5, "same": 12}.items():
        counted(used, name=name, in_use=12)
    stored(name="never", in_use=12)
    stored(KMS_HOST, name="host")
    stored(RETAIL, name="retail")


@pytest.mark.parametrize("difference", Difference.values)
def test_the_filter_finds_the_keys_of_each_difference(as_viewer: Client, compared: None, difference: str) -> None:
    assert names(page(as_viewer, difference=difference)) == [difference]


def test_it_counts_what_each_would_find(as_viewer: Client, compared: None, standard_keys: QuerySet[ProductKey]) -> None:
    offered = choices(page(as_viewer, facet="difference"))
    labels = [str(label) for label in Difference.labels]
    assert {label: offered[label] for label in labels} == dict.fromkeys(labels, "1")


def test_the_column_shows_the_number_and_the_difference(as_viewer: Client, viewer: User, compared: None) -> None:
    viewer.columns = ["type", "name", "microsoft"]
    viewer.save()
    cells = {}
    for row in page(as_viewer).split("<tr id=")[1:]:
        cell = row.split('<td class="c-microsoft"')[1].split("</td>")[0]
        cells[names(row)[0]] = cell.partition("<span")[2].partition(">")[2].replace("</span>", "")
    assert cells["more"] == "20<small>8 more</small>"
    assert cells["less"] == "5<small>7 less</small>"
    assert cells["same"] == "12<small>the same</small>"
    assert cells["never"] == "<small>never compared</small>"
    assert cells["host"] == cells["retail"] == ""
