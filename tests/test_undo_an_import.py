"""Undoing an import by its page: what it means is said first, a worker does it, and what stands in its way is named."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from keyportal.people.models import User
from productkeys.domain import rulebook
from productkeys.models import Agreement, Import, ProductKey, TrailEntry, TrailRow
from productkeys.models.importing import State
from productkeys.models.trail import Action
from productkeys.services import agreements, many_rows
from productkeys.services.agreements import AgreementValues
from productkeys.services.importing import worker
from productkeys.services.importing.running import Cancelled
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import PORTAL
from tests.factories import stored
from tests.imports import GOOD_ROWS, HEADS, act, bring, brought, checked_import, csv_of, page, row, stored_of, words_of

pytestmark = pytest.mark.django_db


def _undo(client: Client, imp: Import, **answer: Any) -> Any:
    return client.post(reverse("productkeys:import-undo", args=[imp.pk]), **answer)


def test_undoing_says_first_what_it_means_and_then_a_worker_does_it(as_manager: Client) -> None:
    known = stored(name="Old name")
    imp = stored_of(as_manager, row(), row(Name="New name", Product_key=known.code.open()))
    address = reverse("productkeys:import-undo", args=[imp.pk])
    assert "as long as nobody has changed any of these keys" in as_manager.get(address).content.decode()
    assert Import.objects.get().state == State.DONE
    assert as_manager.post(address)["Location"] == reverse("productkeys:import", args=[imp.pk])
    assert ProductKey.objects.filter(name="Branch Kiel").exists()
    worker.work_once()
    assert "This import was undone" in page(as_manager, imp)
    assert not ProductKey.objects.filter(name="Branch Kiel").exists()
    known.refresh_from_db()
    assert known.name == "Old name"


def test_agreements_that_somebody_changed_meanwhile_are_named_when_it_is_undone(as_manager: Client) -> None:
    bring(as_manager, csv_of([row() | {"Agreement": number} for number in ("V-1", "V-2")], (*HEADS, "Agreement")))
    imp = checked_import(Import.objects.get())
    act(as_manager, imp, "start", GOOD_ROWS)
    checked_import(Import.objects.get())
    changed = Agreement.objects.get(number="V-1")
    values = replace(AgreementValues.of(changed), note="checked")
    agreements.change(changed, values, seen_version=1, origin=PORTAL)
    _undo(as_manager, imp)
    worker.work_once()
    html = page(as_manager, imp)
    assert "Agreements that stayed" in html
    assert f'<a href="{changed.get_absolute_url()}">V-1</a>' in html
    assert "V-2" not in html


def test_an_import_whose_keys_were_touched_stays(as_manager: Client) -> None:
    imp = stored_of(as_manager, row(Name="Touched"))
    ProductKey.objects.filter(name="Touched").update(version=2)
    answer = _undo(as_manager, imp)
    assert answer.status_code == 409
    assert "It cannot be undone any more" in answer.content.decode()
    assert "<li>Touched</li>" in answer.content.decode()
    assert ProductKey.objects.filter(name="Touched").exists()
    assert Import.objects.get().state == State.DONE


def test_an_import_whose_keys_its_person_may_not_delete_any_more_stays(as_manager: Client, manager: User) -> None:
    imp = stored_of(as_manager, row(Name="Mine"))
    manager.user_permissions.remove(Permission.objects.get(codename="delete_productkey"))
    answer = _undo(as_manager, imp)
    assert answer.status_code == 409
    assert "<li>Mine</li>" in answer.content.decode()
    assert f"<li>{rulebook.KEY_NOT_YOURS.broken().text}</li>" in unescape(answer.content.decode())


def test_only_what_is_done_can_be_undone(as_manager: Client) -> None:
    imp = brought(as_manager, row())
    answer = _undo(as_manager, imp)
    assert answer["Location"] == reverse("productkeys:import", args=[imp.pk])
    assert Import.objects.get().state == State.CHECKED


def test_while_it_waits_to_be_undone_the_page_says_what_happens_and_follows(as_manager: Client) -> None:
    imp = stored_of(as_manager, row(), row())
    _undo(as_manager, imp)
    html = page(as_manager, imp)
    assert "Undoing the import" in html
    assert "0 of 2" in words_of(html)
    assert "Waits for its turn" in html
    assert "nothing is half done" in html
    assert """hx-vals='{"seen": "undoing"}' hx-trigger="every 3s\"""" in html
    assert '<noscript><meta http-equiv="refresh"' in html
    assert "Is being undone" in as_manager.get(reverse("productkeys:imports")).content.decode()
    worker.work_once()
    address = reverse("productkeys:import", args=[imp.pk])
    assert as_manager.get(address, {"seen": "undoing"}, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_who_asks_twice_to_undo_an_import_is_led_to_its_page(as_manager: Client) -> None:
    imp = stored_of(as_manager, row())
    _undo(as_manager, imp)
    answer = _undo(as_manager, imp, follow=True)
    assert "Waits for its turn" in answer.content.decode()
    assert worker.work_once()
    assert not worker.work_once()


def test_a_key_that_is_touched_before_the_worker_comes_keeps_the_import_and_the_page_says_so(
    as_manager: Client,
) -> None:
    known = stored(name="Old name")
    imp = stored_of(as_manager, row(Name="Touched"), row(Name="New name", Product_key=known.code.open()))
    _undo(as_manager, imp)
    ProductKey.objects.filter(name="Touched").update(version=2)
    worker.work_once()
    html = page(as_manager, imp)
    assert "It cannot be undone any more" in html
    assert "<li>Touched</li>" in html
    assert "2 keys" not in html
    assert Import.objects.get().state == State.DONE
    assert set(ProductKey.objects.filter(name__in=("Touched", "New name")).values_list("name", flat=True)) == {
        "Touched",
        "New name",
    }
    assert not TrailEntry.objects.filter(action=Action.IMPORT_UNDONE).exists()
    ProductKey.objects.filter(name="Touched").update(version=1)
    _undo(as_manager, imp)
    assert "It cannot be undone" not in page(as_manager, imp)
    worker.work_once()
    assert "This import was undone" in page(as_manager, imp)


def test_what_the_rules_have_against_a_key_as_it_was_is_said_in_the_readers_language(as_manager: Client) -> None:
    known = stored(name="Known", quantity=10)
    imp = stored_of(as_manager, row(Product_key=known.code.open()))
    ProductKey.objects.filter(pk=known.pk).update(in_use=118)
    _undo(as_manager, imp)
    worker.work_once()
    problem = rulebook.QUANTITY_BELOW_USE.broken(in_use=118)
    assert f"<li>{problem.text}</li>" in unescape(page(as_manager, imp))
    with override("de"):
        said = problem.text
    german = as_manager.get(reverse("productkeys:import", args=[imp.pk]), headers={"Accept-Language": "de"})
    assert f"<li>{said}</li>" in unescape(german.content.decode())


def test_whoever_may_not_add_keys_any_more_when_the_worker_comes_keeps_the_import(
    as_manager: Client, manager: User
) -> None:
    imp = stored_of(as_manager, row())
    _undo(as_manager, imp)
    rights = list(manager.user_permissions.all())
    manager.user_permissions.clear()
    worker.work_once()
    manager.user_permissions.set(rights)
    assert "Nothing was undone: your account may not add keys any more." in page(as_manager, imp)
    assert ProductKey.objects.filter(name="Branch Kiel").exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError, "Nothing was undone: something in the portal broke."),
        (Cancelled, "1 key was added"),
        (IntegrityError, "It cannot be undone any more"),
        (ChangedMeanwhile(None), "It cannot be undone any more"),
        (Refused([rulebook.KEY_NOT_YOURS.broken()]), f"<li>{rulebook.KEY_NOT_YOURS.message}"),
    ],
)
def test_an_undoing_that_is_stopped_half_way_is_not_begun_again_by_itself(
    as_manager: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def stop(*_values: object) -> None:
        raise error

    imp = stored_of(as_manager, row())
    _undo(as_manager, imp)
    monkeypatch.setattr(many_rows, "delete", stop)
    assert worker.work_once()
    assert not worker.work_once()
    html = unescape(page(as_manager, imp))
    assert said in html or said in words_of(html)
    assert ProductKey.objects.filter(name="Branch Kiel").exists()


def test_an_import_that_waits_to_be_undone_may_stay_after_all(as_manager: Client) -> None:
    imp = stored_of(as_manager, row())
    _undo(as_manager, imp)
    assert re.search(r"<button[^>]* form=\"cancel-form\"", page(as_manager, imp))
    answer = act(as_manager, imp, "cancel", follow=True)
    assert "What came of it" in answer.content.decode()
    assert not worker.work_once()
    assert ProductKey.objects.filter(name="Branch Kiel").exists()
    _undo(as_manager, imp)
    worker.work_once()
    assert Import.objects.get().state == State.UNDONE


def test_what_is_undone_is_in_the_trail_as_its_persons(as_manager: Client, manager: User) -> None:
    imp = stored_of(as_manager, row(), row())
    _undo(as_manager, imp, REMOTE_ADDR="192.0.2.99")
    worker.work_once()
    entry = TrailEntry.objects.get(action=Action.IMPORT_UNDONE)
    assert (entry.actor_uid, entry.address, entry.subject_uid) == (manager.uid, "192.0.2.99", imp.uid)
    assert entry.after["removed"] == TrailRow.objects.filter(entry_uid=entry.uid).count() == 2
