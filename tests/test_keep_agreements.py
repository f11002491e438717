"""Agreements: added, changed and deleted by whoever keeps the keys of their scope, and what their pages sum up."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.domain.keycode import mask
from productkeys.listing.agreements import term_in_words
from productkeys.models import Agreement, Scope, TrailEntry
from productkeys.services import agreements, keys
from productkeys.services.agreements import AgreementValues
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import PORTAL, Origin
from tests.factories import MAK, RETAIL, agreement, stored
from tests.made_up_keys import made_up_key
from tests.scoped import person_in, signed_in

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("productkeys:agreements"), reverse("productkeys:agreement-add")
PAPER = {
    "number": "4500-1",
    "vendor": "Bechtle",
    "bought_on": "2026-01-15",
    "valid_until": "2029-01-14",
    "licences": "1,000",
    "cost_centre": "K 4711",
    "proof": "DMS 2026/118",
    "note": "Three years, paid yearly.",
}


@pytest.fixture(autouse=True)
def _no_day_ends_meanwhile() -> Iterator[None]:
    with time_machine.travel(timezone.now(), tick=False):
        yield


def _page(client: Client, agreement: Agreement, name: str = "agreement") -> str:
    answer = client.get(reverse(f"productkeys:{name}", args=[agreement.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def _listed(client: Client, **parameters: str) -> list[str]:
    page = client.get(LIST, parameters).content.decode()
    return re.findall(r'<td><a href="/agreements/\d+/">([^<]+)</a>', page)


def _in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


# Adding


@pytest.mark.parametrize("field", ["number", "vendor", "cost_centre", "proof", "note"])
def test_a_key_that_was_typed_into_a_text_is_refused_and_comes_back_masked(as_manager: Client, field: str) -> None:
    key = made_up_key(8)
    html = as_manager.post(ADD, PAPER | {field: f"see {key}"}).content.decode()
    assert key[:17] not in html
    assert f"see {mask(key[-5:])}" in html
    assert not Agreement.objects.exists()


def test_it_works(as_manager: Client, manager: User) -> None:
    answer = as_manager.post(ADD, PAPER)
    made = Agreement.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == made.get_absolute_url()
    assert (made.number, made.vendor, made.licences) == ("4500-1", "Bechtle", 1000)
    assert (made.bought_on, made.valid_until) == (dt.date(2026, 1, 15), dt.date(2029, 1, 14))
    assert (made.created_by, made.version) == (manager, 1)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.subject_uid, entry.subject_name) == ("agreement-added", made.uid, "4500-1")
    assert entry.after["valid_until"] == "2029-01-14"
    assert entry.after["note"] == "Three years, paid yearly."


def test_a_number_is_all_it_takes(as_manager: Client) -> None:
    assert as_manager.post(ADD, {"number": "  4500-1 "}).status_code == 302
    assert Agreement.objects.get().number == "4500-1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"number": " "}, "The number of the agreement is missing."),
        ({"number": "x" * 101}, "100"),
        ({"valid_until": "2026-01-14"}, "The agreement would end before it was bought."),
        ({"valid_until": "soon"}, "Enter a valid date."),
        ({"licences": "0"}, "The number of licences must be at least 1."),
        ({"licences": "10000001"}, "The number of licences is more than 10,000,000."),
        ({"licences": "some"}, "The number of licences is not a whole number."),
        *(
            ({name: f"for {made_up_key(640_100)}"}, "This text contains a product key")
            for name in ("number", "vendor", "cost_centre", "proof", "note")
        ),
        ({"note": "x\u202ey"}, "change the direction of writing"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_nothing_typed_is_lost(
    as_manager: Client, changes: dict[str, str], message: str
) -> None:
    answer = as_manager.post(ADD, PAPER | changes)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert 'value="K 4711"' in page or "cost_centre" in changes
    assert not Agreement.objects.exists()
    assert not TrailEntry.objects.filter(action="agreement-added").exists()


def test_the_same_number_of_the_same_vendor_is_there_once(as_manager: Client) -> None:
    agreement("4500-1", vendor="Bechtle")
    assert "There is an agreement with this number and vendor already." in as_manager.post(ADD, PAPER).content.decode()
    assert as_manager.post(ADD, PAPER | {"vendor": "SoftwareOne"}).status_code == 302


def test_two_people_add_the_same_one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    agreement("4500-1")
    look, answers = agreements._same, iter([None])  # the first look comes before the other one has stored it
    monkeypatch.setattr(agreements, "_same", lambda *given: next(answers, look(*given)))
    with pytest.raises(Refused, match="agreement_there_already"):
        agreement("4500-1")


def test_the_service_judges_by_itself_whatever_a_tool_gives_it() -> None:
    with pytest.raises(Refused, match="agreement_number_needed, agreement_text_too_long"):
        agreements.add(AgreementValues(number="", note="x" * 2001), origin=PORTAL)


# Changing


def test_a_change_is_stored_and_in_the_trail(as_manager: Client, manager: User) -> None:
    made = agreement(vendor="Bechtle", valid_until=dt.date(2029, 1, 14))
    address = reverse("productkeys:agreement-edit", args=[made.pk])
    form = {"version": "1", "number": "4500-1", "vendor": "Bechtle", "valid_until": "2030-01-14"}
    assert as_manager.post(address, form)["Location"] == made.get_absolute_url()
    made.refresh_from_db()
    assert (made.valid_until, made.version, made.changed_by) == (dt.date(2030, 1, 14), 2, manager)
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.before, entry.after) == (
        "agreement-changed",
        {"valid_until": "2029-01-14"},
        {"valid_until": "2030-01-14"},
    )


def test_a_change_of_nothing_is_none(as_manager: Client) -> None:
    made = agreement(vendor="Bechtle")
    address = reverse("productkeys:agreement-edit", args=[made.pk])
    as_manager.post(address, {"version": "1", "number": "4500-1", "vendor": "Bechtle"})
    made.refresh_from_db()
    assert made.version == 1
    assert not TrailEntry.objects.filter(action="agreement-changed").exists()


def test_whoever_comes_second_sees_both_versions_and_loses_nothing(as_manager: Client, admin_user: User) -> None:
    made = agreement(vendor="Bechtle")
    values = AgreementValues(number="4500-1", vendor="Bechtle", licences=20, note="theirs")
    agreements.change(Agreement.objects.get(), values, seen_version=1, origin=Origin(admin_user))
    address = reverse("productkeys:agreement-edit", args=[made.pk])
    mine = {"version": "1", "number": "4500-1", "vendor": "Bechtle", "note": "mine", "licences": ""}

    answer = as_manager.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "admin changed this agreement on" in page
    assert re.search(r"<th scope=\"row\">Note</th><td>theirs</td><td><b>mine</b>", page)
    assert 'name="version" value="2"' in page
    assert 'name="licences" value="20"' in page  # only they touched it
    assert Agreement.objects.get().note == "theirs"

    again = mine | {"version": "2", "licences": "20"}
    assert as_manager.post(address, again).status_code == 302
    assert (Agreement.objects.get().note, Agreement.objects.get().version) == ("mine", 3)


def test_the_service_stores_nothing_on_top_of_what_nobody_saw() -> None:
    made = agreement()
    values = AgreementValues(number="4500-2")
    agreements.change(Agreement.objects.get(), values, seen_version=1, origin=PORTAL)
    with pytest.raises(ChangedMeanwhile):
        agreements.change(made, AgreementValues(number="4500-3"), seen_version=1, origin=PORTAL)
    assert Agreement.objects.get().number == "4500-2"


# Deleting


def test_an_agreement_without_keys_is_deleted(as_manager: Client) -> None:
    made = agreement(vendor="Bechtle")
    assert "Delete this agreement for good?" in _page(as_manager, made, "agreement-delete")
    address = reverse("productkeys:agreement-delete", args=[made.pk])
    assert as_manager.post(address, {"version": "1"})["Location"] == LIST
    assert not Agreement.objects.exists()
    entry = TrailEntry.objects.latest("id")
    assert (entry.action, entry.subject_name, entry.before["vendor"]) == ("agreement-deleted", "4500-1", "Bechtle")


def test_an_agreement_with_keys_stays(as_manager: Client) -> None:
    made = agreement()
    key = stored(agreement_id=made.pk)
    keys.set_status(key, Status.ARCHIVED, seen_version=1, origin=PORTAL)
    answer = as_manager.post(reverse("productkeys:agreement-delete", args=[made.pk]), {"version": "1"})
    assert answer.status_code == 409
    assert "The agreement cannot be deleted: product keys belong to it." in answer.content.decode()
    assert Agreement.objects.exists()


def test_an_agreement_that_somebody_changed_since_is_looked_at_again(as_manager: Client) -> None:
    made = agreement()
    agreements.change(Agreement.objects.get(), AgreementValues(number="4500-2"), seen_version=1, origin=PORTAL)
    answer = as_manager.post(reverse("productkeys:agreement-delete", args=[made.pk]), {"version": "1"})
    assert answer.status_code == 409
    assert "changed this agreement on" in answer.content.decode()
    assert Agreement.objects.exists()


# What its page says


def test_its_page_sums_up_its_keys(as_viewer: Client) -> None:
    made = agreement(vendor="Bechtle", licences=600)
    stored(MAK, quantity=500, in_use=487, agreement_id=made.pk)
    stored(RETAIL, agreement_id=made.pk, in_use=1)
    stored(RETAIL, agreement_id=made.pk)
    stored(RETAIL, quantity=None, agreement_id=made.pk)
    gone = stored(RETAIL, agreement_id=made.pk)
    keys.set_status(gone, Status.ARCHIVED, seen_version=1, origin=PORTAL)
    stored(MAK, quantity=70)

    page = _page(as_viewer, made)
    figures = re.findall(r'<td class="is-number[^"]*">(?:<a [^>]+>)?([\d,–]+)', page)
    assert figures == ["1", "500", "487", "13", "3", "2", "1", "1", "4", "502", "488", "14"]
    assert "98 licences more were bought than the keys here allow." in page
    assert "One of the keys has no limit" in page
    assert "One more key is in the archive" in page
    assert f"?type=retail&amp;agreement={made.pk}" in page


@pytest.mark.parametrize(
    ("licences", "sentence"),
    [
        (500, "The keys allow exactly as much as was bought."),
        (501, "1 licence more was bought than the keys here allow."),
        (499, "The keys allow 1 use more than licences were bought."),
        (None, ""),
    ],
)
def test_it_says_what_was_bought_against_what_the_keys_allow(
    as_viewer: Client, licences: int | None, sentence: str
) -> None:
    made = agreement(licences=licences)
    stored(quantity=500, agreement_id=made.pk)
    page = _page(as_viewer, made)
    assert sentence in page
    assert ("licence" in page.lower()) is (licences is not None)


def test_its_history_says_who_did_what(as_manager: Client) -> None:
    as_manager.post(ADD, PAPER)
    assert "Agreement added<span" in _page(as_manager, Agreement.objects.get())


# The list


def test_the_list_sums_up_and_begins_with_what_runs_out(as_viewer: Client) -> None:
    agreement("open")
    agreement("far", valid_until=_in_days(400))
    agreement("over", valid_until=_in_days(-1))
    agreement("late", valid_until=_in_days(60))
    soon = agreement("soon", valid_until=_in_days(0), licences=3)
    stored(agreement_id=soon.pk, quantity=500, in_use=7)
    assert _listed(as_viewer) == ["soon", "late", "far", "open", "over"]
    assert _listed(as_viewer, term="running-out") == ["soon", "late"]
    assert _listed(as_viewer, term="expired") == ["over"]
    assert _listed(as_viewer, term="nonsense") == _listed(as_viewer)
    first = re.search(r"<tbody>.*?</tr>", as_viewer.get(LIST).content.decode(), re.DOTALL)
    assert first
    assert re.findall(r'<td class="is-number kp-num">([^<]*)</td>', first[0]) == ["3", "1", "500", "7"]


def test_the_list_asks_as_often_for_many_as_for_one(
    as_viewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        stored(agreement_id=agreement(f"no. {number}", valid_until=_in_days(number)).pk)
    as_viewer.get(LIST)
    with django_assert_max_num_queries(5):  # session, person; how many, which, their sums
        as_viewer.get(LIST)


def test_the_list_goes_on_page_by_page(as_viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("productkeys.listing.agreements.PAGE", 2)
    for number in range(5):
        agreement(f"no. {number}")
    assert [_listed(as_viewer, page=page) for page in ("1", "2", "3")] == [
        ["no. 0", "no. 1"],
        ["no. 2", "no. 3"],
        ["no. 4"],
    ]


def test_an_empty_list_says_what_an_agreement_is(as_manager: Client, as_viewer: Client) -> None:
    assert "Add an agreement" in as_manager.get(LIST).content.decode()
    page = as_viewer.get(LIST).content.decode()
    assert "No agreement yet" in page
    assert ADD not in page


# Running out


@pytest.mark.parametrize(
    ("days", "mark", "words"),
    [
        (-1, "expired", "It has ended."),
        (0, "runs out", "Today is its last day."),
        (1, "runs out", "It runs out in 1 day."),
        (60, "runs out", "It runs out in 60 days."),
        (61, "", ""),
        (None, "", ""),
    ],
)
def test_what_runs_out_is_marked_in_the_list_on_its_page_and_beside_its_keys(
    as_viewer: Client, days: int | None, mark: str, words: str
) -> None:
    made = agreement(valid_until=None if days is None else _in_days(days))
    key = stored(agreement_id=made.pk)
    pages = {
        "list": as_viewer.get(LIST).content.decode().split("<tbody>")[1],
        "page": _page(as_viewer, made),
        "key": as_viewer.get(key.get_absolute_url()).content.decode(),
        "pane": as_viewer.get(reverse("productkeys:list"), {"open": key.pk}).content.decode(),
    }
    for place, page in pages.items():
        assert re.findall(r"</svg>(runs out|expired)</span>", page) == ([mark] if mark else []), place
        assert place == "list" or words in page


def test_how_long_before_is_a_setting(as_viewer: Client, settings: Any) -> None:
    settings.AGREEMENT_WARN_DAYS = 10
    agreement("a", valid_until=_in_days(10))
    agreement("b", valid_until=_in_days(11))
    assert _listed(as_viewer, term="running-out") == ["a"]


def test_the_day_is_that_of_the_portal_s_time_zone(as_viewer: Client) -> None:
    agreement("a", valid_until=dt.date(2026, 6, 30))
    with time_machine.travel(
        dt.datetime(2026, 6, 30, 22, 30, tzinfo=dt.UTC), tick=False
    ):  # the first of July in Berlin
        assert _listed(as_viewer, term="expired") == ["a"]


def test_a_day_that_ends_while_it_is_asked_for_counts_no_days_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    last = dt.date(2026, 6, 30)
    days = iter([last, last + dt.timedelta(days=1)])
    monkeypatch.setattr(timezone, "localdate", lambda: next(days))
    assert term_in_words(last) == "Today is its last day."


def test_a_strip_above_the_keys_says_that_agreements_run_out_and_costs_no_query(
    as_viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("productkeys:list")
    assert "run out soon" not in as_viewer.get(address).content.decode()
    agreement("a", valid_until=_in_days(5))
    agreement("b", valid_until=_in_days(5))
    agreement("c", valid_until=_in_days(500))
    agreement("d", valid_until=_in_days(-5))
    assert "2 agreements run out soon." in as_viewer.get(address).content.decode()
    with django_assert_num_queries(4):  # session, person; counts and rows
        as_viewer.get(address)


# In scopes


def test_an_agreement_of_another_scope_is_not_there(berlin: Scope, bonn: Scope) -> None:
    theirs = agreement("Rheinvertrag", scope_id=bonn.pk, valid_until=_in_days(1))
    everybodys = agreement("Rahmenvertrag")
    client = signed_in(person_in(berlin, "Key manager"))
    assert _listed(client) == ["Rahmenvertrag"]
    for page in ("agreement", "agreement-edit", "agreement-delete"):
        assert client.get(reverse(f"productkeys:{page}", args=[theirs.pk])).status_code == 404
        assert client.post(reverse(f"productkeys:{page}", args=[theirs.pk])).status_code in (404, 405)
    for page in ("agreement-edit", "agreement-delete"):
        assert client.get(reverse(f"productkeys:{page}", args=[everybodys.pk])).status_code == 403
    assert "run out soon" not in client.get(reverse("productkeys:list")).content.decode()
    assert "Edit" not in _page(client, everybodys).split("kp-ribbon")[1].split("</main>")[0]


def test_who_keeps_the_keys_of_a_scope_keeps_its_agreements(berlin: Scope, bonn: Scope) -> None:
    client = signed_in(person_in(berlin, "Key manager"))
    assert "scope" not in client.get(ADD).context["form"].fields  # there is nothing to choose
    assert client.post(ADD, {"number": "1"}).status_code == 302
    made = Agreement.objects.get()
    assert made.scope == berlin
    assert TrailEntry.objects.latest("id").after["scope"] == "Berlin"
    edit = reverse("productkeys:agreement-edit", args=[made.pk])
    assert client.post(edit, {"version": "1", "number": "2"}).status_code == 302
    assert client.post(reverse("productkeys:agreement-delete", args=[made.pk]), {"version": "2"}).status_code == 302


def test_a_scope_that_is_not_theirs_is_refused_whatever_is_sent(berlin: Scope, bonn: Scope) -> None:
    person = person_in(berlin, "Key manager")
    signed_in(person).post(ADD, {"number": "1", "scope": str(bonn.pk)})
    assert Agreement.objects.get().scope == berlin
    for scope in (bonn.pk, None):
        with pytest.raises(Refused, match="scope_not_yours"):
            agreements.add(AgreementValues(number="2", scope_id=scope), origin=Origin(person))
    theirs = agreement("3", scope_id=bonn.pk)
    with pytest.raises(Refused, match="agreement_not_yours"):
        agreements.change(theirs, AgreementValues(number="4"), seen_version=1, origin=Origin(person))
    with pytest.raises(Refused, match="agreement_not_yours"):
        agreements.delete(theirs, seen_version=1, origin=Origin(person))


def test_the_same_number_may_stand_in_two_scopes(as_manager: Client, berlin: Scope, bonn: Scope) -> None:
    agreement("1", scope_id=berlin.pk)
    assert as_manager.post(ADD, {"number": "1", "scope": str(bonn.pk)}).status_code == 302
    assert as_manager.post(ADD, {"number": "1", "scope": "all"}).status_code == 302
    assert as_manager.post(ADD, {"number": "1", "scope": str(berlin.pk)}).status_code == 200


def test_sums_are_over_the_keys_that_the_reader_sees(berlin: Scope, bonn: Scope) -> None:
    made = agreement(licences=900)
    stored(quantity=500, scope_id=berlin.pk, agreement_id=made.pk)
    stored(quantity=300, scope_id=bonn.pk, agreement_id=made.pk)
    page = _page(signed_in(person_in(berlin, "Viewer")), made)
    assert "400 licences more were bought than the keys here allow." in page
    assert "300" not in page.split('id="keys"')[1]
