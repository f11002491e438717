"""The audit log by person, key, kind and day: filters find what they say, and a typed key comes into no address."""

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.origin import PORTAL, Origin
from tests.auditing import TRAIL, busy_days, may_see_keys, page_of, table_of
from tests.factories import new_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(manager: User, revealer: User) -> dict[str, ProductKey]:
    return busy_days(manager, revealer)


@pytest.mark.parametrize(
    ("asked", "found", "not_found"),
    [
        ({"person": "mara.manager"}, ["First", "Second"], ["rolf.revealer"]),
        ({"person": "ROLF.revealer"}, ["First", "Revealed"], ["Second"]),
        ({"key": "Second"}, ["Second"], ["First"]),
        ({"kind": "revealed"}, ["First"], ["Second"]),
        ({"since": "2026-03-05", "until": "2026-03-05"}, ["Revealed"], ["Added"]),
        ({"since": "2026-03-03", "until": "2026-03-04"}, ["Added"], ["Revealed"]),
        ({"person": "mara.manager", "key": "First", "until": "2026-03-31"}, ["First"], ["Second"]),
    ],
)
def test_filters_find_what_they_say(
    as_auditor: Client, busy: dict[str, ProductKey], asked: dict[str, str], found: list[str], not_found: list[str]
) -> None:
    table = table_of(as_auditor, **asked)
    assert all(words in table for words in found)
    assert not any(words in table for words in not_found)


@pytest.mark.parametrize("asked", [{"since": "0001-01-01"}, {"until": "9999-12-31"}])
def test_from_the_first_day_of_all_and_to_the_last_one_nothing_is_left_out(
    as_auditor: Client, busy: dict[str, ProductKey], asked: dict[str, str]
) -> None:
    table = table_of(as_auditor, **asked)
    assert all(words in table for words in ("First", "Second", "Revealed"))


def test_a_key_is_found_under_the_name_it_has_now_and_by_its_last_five(
    as_auditor: Client, auditor: User, busy: dict[str, ProductKey], manager: User
) -> None:
    may_see_keys(auditor)
    key = busy["first"]
    keys.change_key(key, keys.KeyValues.of(key, name="Renamed"), seen_version=1, origin=Origin(manager))
    for text in ("renamed", key.last_five, key.last_five.lower()):
        table = table_of(as_auditor, key=text)
        assert "Revealed" in table
        assert "Second" not in table


def test_a_deleted_key_is_found_by_the_name_it_had(as_auditor: Client, busy: dict[str, ProductKey]) -> None:
    keys.delete(busy["second"], seen_version=1, origin=PORTAL)
    assert "Deleted" in table_of(as_auditor, key="Second")


def test_what_is_asked_for_leads_to_an_address_that_can_be_kept(as_auditor: Client, viewer: User) -> None:
    answer = as_auditor.post(TRAIL, {"person": viewer.username, "kind": "revealed", "key": "", "since": "2026-03-01"})
    assert answer["Location"] == f"{TRAIL}?person=vera.viewer&kind=revealed&since=2026-03-01"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"person": "nobody"}, "Nobody has this user name."),
        ({"kind": "everything"}, "There is no such kind of entry."),
        ({"since": "yesterday"}, "Enter a valid date."),
        ({"since": "2026-03-04", "until": "2026-03-03"}, "This day is before the first one."),
    ],
)
def test_what_is_not_understood_is_said_beside_its_field(
    as_auditor: Client, asked: dict[str, str], message: str
) -> None:
    answer = as_auditor.post(TRAIL, asked)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert message in page_of(as_auditor, **asked)


@pytest.mark.parametrize("field", ["person", "key"])
def test_a_typed_product_key_comes_into_no_address_and_no_page(as_auditor: Client, field: str) -> None:
    typed = new_code().open()
    answer = as_auditor.post(TRAIL, {field: typed}, follow=True)
    assert answer.redirect_chain == [(TRAIL, 302)]
    assert typed not in answer.content.decode()
    assert "Product keys are searched in the list of product keys only." in answer.content.decode()


def test_where_nothing_is_found_the_page_says_what_to_do(as_auditor: Client) -> None:
    assert "Take a filter away, or choose more days." in page_of(as_auditor, since="2020-01-01", until="2020-01-02")
