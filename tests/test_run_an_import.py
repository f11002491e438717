"""Storing what was looked at: start, how far it is, the result, cancelling; and whose an import is."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from keyportal.people.models import User
from productkeys.models import Import, ImportChunk, ImportPart, ProductKey, SealedSecret
from productkeys.models.importing import State
from productkeys.services.importing import steps, worker
from productkeys.services.origin import PORTAL, Origin
from productkeys.tables.formats import Format
from tests.factories import stored
from tests.imports import GOOD_ROWS, HEADS, act, brought, checked_import, csv_of, page, row, stored_of, words_of
from tests.routes import all_routes

pytestmark = pytest.mark.django_db

ALL_OR_NOTHING = {"mode": "all-or-nothing"}


def test_ready_rows_are_stored_and_the_result_says_so(as_manager: Client) -> None:
    known = stored(quantity=10)
    imp = brought(as_manager, row(), row(), row(Product_key=known.code.open()), row(Quantity="many"))
    answer = act(as_manager, imp, "start", GOOD_ROWS)
    assert answer["Location"] == reverse("productkeys:import", args=[imp.pk])
    assert not ProductKey.objects.filter(name="Branch Kiel").exists()
    worker.work_once()
    words = words_of(page(as_manager, imp))
    assert "2 keys were added" in words
    assert "1 key was changed as the file says" in words
    assert "1 row was refused and left out" in words
    assert ProductKey.objects.filter(name="Branch Kiel").count() == 3


def test_nothing_of_the_file_is_left_afterwards(as_manager: Client) -> None:
    stored_of(as_manager, row())
    assert not ImportPart.objects.exists()
    assert not ImportChunk.objects.exists()


def test_while_it_waits_for_a_worker_the_page_says_what_happens(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    with time_machine.travel(timezone.now(), tick=False):
        act(as_manager, imp, "start", GOOD_ROWS)
        assert "Waits for its turn" in page(as_manager, imp)
    Import.objects.update(began_at=timezone.now() - timedelta(seconds=20))
    html = page(as_manager, imp)
    assert "Nobody works on it at the moment" in html
    assert "manage.py work" in html
    assert "nothing is half done" in html
    assert 'hx-trigger="every 3s"' in html
    assert '<noscript><meta http-equiv="refresh"' in html


def test_the_button_waits_until_every_row_is_checked(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    Import.objects.update(state=State.CHECKING)
    html = page(as_manager, imp)
    assert "Starts when all rows are checked" in html
    assert re.search(r"<button[^>]* disabled", html)
    answer = act(as_manager, imp, "start", GOOD_ROWS, follow=True)
    assert "Nothing was done" in answer.content.decode()
    assert Import.objects.get().state == State.CHECKING


def test_how_far_the_check_is(as_manager: Client) -> None:
    imp, now = brought(as_manager, row()), timezone.now()
    lease = {"began_at": now - timedelta(seconds=2), "lease_until": now + timedelta(seconds=20)}
    Import.objects.update(state=State.CHECKING, total=1_000, checked=400, **lease)
    with time_machine.travel(now, tick=False):
        html = page(as_manager, imp)
    assert '<progress id="progress" value="400" max="1000">' in html
    words = words_of(html)
    assert "400 of 1,000" in words
    assert "About 3 seconds left" in words
    assert "rows per second" in words


def test_a_page_that_asks_how_far_it_is_is_told_to_start_anew_at_another_step(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    address = reverse("productkeys:import", args=[imp.pk])

    def asked(seen: str) -> Any:
        return as_manager.get(address, {"seen": seen}, headers={"HX-Request": "true"})

    assert "HX-Refresh" not in asked("checking")
    act(as_manager, imp, "start", GOOD_ROWS)
    assert asked("checking")["HX-Refresh"] == "true"
    assert "HX-Refresh" not in asked("storing")
    worker.work_once()
    assert asked("storing")["HX-Refresh"] == "true"
    assert "HX-Refresh" not in as_manager.get(address, {"seen": "storing"})


def test_all_or_nothing_is_locked_while_rows_are_refused(as_manager: Client) -> None:
    imp = brought(as_manager, row(), row(Quantity="many"))
    html = page(as_manager, imp)
    assert 'value="all-or-nothing" disabled' in html
    assert "1 row is refused: mend it first." in html
    answer = act(as_manager, imp, "start", ALL_OR_NOTHING, follow=True)
    assert "mend the refused rows first" in answer.content.decode()
    assert Import.objects.get().state == State.CHECKED


def test_all_or_nothing_without_refused_rows(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    act(as_manager, imp, "start", ALL_OR_NOTHING)
    assert checked_import(Import.objects.get()).state == State.DONE


def test_all_or_nothing_goes_back_to_the_preview_where_somebody_was_faster(as_manager: Client) -> None:
    known = stored()
    imp = brought(as_manager, row(), row(Product_key=known.code.open()))
    act(as_manager, imp, "start", ALL_OR_NOTHING)
    ProductKey.objects.filter(pk=known.pk).update(version=9)
    imp = checked_import(Import.objects.get())
    assert imp.state == State.CHECKING
    assert "was changed since you saw the preview" in page(as_manager, imp)


def test_an_import_is_discarded_before_anything_is_stored(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    act(as_manager, imp, "cancel")
    assert "nothing of it was stored" in page(as_manager, imp)
    assert not ImportPart.objects.exists()
    assert not ProductKey.objects.filter(name="Branch Kiel").exists()


def test_an_import_is_cancelled_while_it_is_being_stored(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    act(as_manager, imp, "start", GOOD_ROWS)
    assert ">Cancel<" in page(as_manager, imp).replace("</svg>Cancel", "</svg>>Cancel")
    act(as_manager, imp, "cancel")
    assert not worker.work_once()
    assert Import.objects.get().state == State.CANCELLED


@pytest.mark.parametrize("path", ["", "rows/0/"])
@pytest.mark.parametrize("sealed", [0, 1, 2])
@pytest.mark.parametrize("ending", ["cancelled", "read anew"])
def test_an_import_that_ends_or_is_read_anew_while_its_page_is_made_is_shown_as_it_is_then(
    as_manager: Client, path: str, sealed: int, ending: str
) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    opened = 0

    def end_it(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal opened
        if sql.startswith("SELECT") and f'FROM "{SealedSecret._meta.db_table}"' in sql:
            opened += 1
            if opened == sealed + 1:
                if ending == "cancelled":
                    steps.cancel(imp)
                else:
                    steps.change_format(imp, Format.of(imp.format), origin=PORTAL)
        return execute(sql, *rest)

    address = reverse("productkeys:import", args=[imp.pk])
    with connection.execute_wrapper(end_it):
        answer = as_manager.get(f"{address}{path}", follow=True)
    assert opened > sealed
    assert answer.status_code == 200
    assert ("This import was cancelled" in answer.content.decode()) == (ending == "cancelled")


@pytest.mark.parametrize("seen", ["last", "", "x"])
def test_what_is_stored_is_what_the_person_has_seen(as_manager: Client, manager: User, seen: str) -> None:
    imp = brought(as_manager, row())
    sent = {"mode": "good-rows", "attempt": imp.attempt if seen == "last" else seen}
    assert f'name="attempt" value="{imp.attempt}"' in page(as_manager, imp)
    steps.change_plan(imp, defaults={"labels": "changed in another window"}, origin=Origin(manager))
    imp = checked_import(Import.objects.get())
    answer = act(as_manager, imp, "start", sent, follow=True)
    assert Import.objects.get().state == State.CHECKED
    assert ("this import is further than the page that you saw" in answer.content.decode()) == (seen == "last")


@pytest.mark.parametrize("name", ["format", "columns", "values", "defaults", "mend", "start", "cancel", "refused"])
def test_no_step_is_taken_with_an_import_that_is_over(as_manager: Client, name: str) -> None:
    imp = stored_of(as_manager, row())
    if name == "mend":
        answer: Any = as_manager.post(reverse("productkeys:import-row", args=[imp.pk, 0]), {"name": "x"}, follow=True)
    else:
        answer = act(as_manager, imp, name, {"mode": "good-rows"}, follow=True)
        assert "Nothing was done" in answer.content.decode()
    assert answer.status_code == 200
    assert Import.objects.get().state == State.DONE


# How it ended


@pytest.mark.parametrize(
    ("state", "fault", "said"),
    [
        (State.FAILED, {"code": "internal"}, "something in the portal broke"),
        (State.FAILED, {"code": "damaged"}, "is not what was brought"),
        (State.FAILED, {"code": "no-right"}, "may not add keys any more"),
        (State.FAILED, {"code": "never heard of"}, "Nothing was stored."),
        (State.CANCELLED, {"code": "too-old"}, "Nobody decided about it for a day"),
        (State.CANCELLED, {}, "This import was cancelled"),
    ],
)
def test_how_an_import_ended(as_manager: Client, state: State, fault: dict[str, str], said: str) -> None:
    imp = brought(as_manager, row())
    Import.objects.update(state=state, fault=fault)
    assert said in unescape(page(as_manager, imp))


def test_a_file_that_turns_out_unreadable_says_why(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    Import.objects.update(state=State.FAILED, fault={"code": "file-too-many-rows", "params": {"limit": 5}})
    assert "What you brought is deleted." in page(as_manager, imp)


# Whose


def test_ones_own_imports_are_listed_newest_first(as_manager: Client) -> None:
    for number in range(27):
        Import.objects.create(person=User.objects.get(), name=f"File {number:02}")
    html = as_manager.get(reverse("productkeys:imports")).content.decode()
    assert html.index("File 26") < html.index("File 02")
    assert "File 01" not in html
    assert "File 01" in as_manager.get(reverse("productkeys:imports"), {"page": 2}).content.decode()


def test_an_import_of_somebody_else_is_not_there(as_manager: Client, as_admin: Client) -> None:
    imp = brought(as_manager, row())
    assert "keys.csv" not in as_admin.get(reverse("productkeys:imports")).content.decode()
    routes = [path for _name, path in all_routes() if path.startswith("/imports/{uid}/")]
    assert len(routes) > 10
    for path in routes:
        address = path.format(uid=imp.pk, index=0)
        assert as_admin.post(address, GOOD_ROWS).status_code in ((405,) if path == "/imports/{uid}/" else (404,)), path
        assert as_admin.get(address).status_code in (404, 405), path
    assert list(Import.objects.values()) == list(Import.objects.filter(pk=imp.pk, attempt=imp.attempt).values())


def test_the_preview_says_what_a_new_key_brings_along(as_manager: Client, manager: User) -> None:
    rows = [row(Agreement="V-9", Labels="DMZ; Pool", Raum="B 2.14")]
    data = csv_of(rows, (*HEADS, "Agreement", "Labels", "Raum"))
    imp = checked_import(steps.begin(data, name="keys.csv", origin=Origin(manager)))
    assert "Agreement: V-9 (new) · Labels: DMZ, Pool · Comment: Raum: B 2.14" in page(as_manager, imp)
