"""Refused rows leave as a file: with the keys as they were brought, for which the trail has an entry."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from keyportal.people.models import User
from productkeys.models import TrailEntry
from productkeys.models.trail import Action
from productkeys.services import reveal_limit, trail
from productkeys.services.origin import Origin
from tests.bringing import line, written
from tests.canary import Canaries
from tests.imports import act, brought, row

pytestmark = pytest.mark.django_db


def _exports() -> list[TrailEntry]:
    return list(TrailEntry.objects.filter(action=Action.KEYS_EXPORTED))


def test_the_trail_says_who_took_how_many_rows_of_which_import(
    as_manager: Client, manager: User, as_auditor: Client
) -> None:
    bad = row(Quantity="many")
    imp = brought(as_manager, row(), bad)
    act(as_manager, imp, "refused")
    (entry,) = _exports()
    assert (entry.actor_uid, entry.subject_uid, entry.subject_name) == (manager.uid, imp.uid, imp.name)
    assert entry.after == {"format": "csv", "refused_rows": 1}
    canaries = Canaries([bad["Product key"]])
    canaries.search("trail", repr(list(TrailEntry.objects.values())))
    assert canaries.sightings == []
    read = as_auditor.get(reverse("productkeys:trail")).content.decode()
    assert "Refused rows of an import, as they were brought" in read


def test_the_administration_says_it_in_words_too(as_admin: Client) -> None:
    act(as_admin, brought(as_admin, row(Quantity="many")), "refused")
    (entry,) = _exports()
    read = as_admin.get(f"/admin/productkeys/trailentry/{entry.pk}/change/").content.decode()
    assert "Refused rows of an import, as they were brought" in read


def test_it_is_no_reveal_and_takes_none_from_the_hour(as_manager: Client, manager: User, settings: Any) -> None:
    settings.REVEALS_PER_HOUR = 1
    assert not manager.has_perm("productkeys.reveal_productkey")
    imp = brought(as_manager, row(Quantity="many"))
    assert act(as_manager, imp, "refused").status_code == 200
    assert not reveal_limit.is_passed(Origin(manager))


def test_the_name_of_the_file_says_that_whole_keys_may_be_in_it(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    with time_machine.travel(timezone.now(), tick=False):
        answer = act(as_manager, imp, "refused")
        name = f"keyportal-refused-rows-PLAIN-{timezone.localdate()}.csv"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


def test_the_name_is_in_the_language_of_the_person(as_manager: Client, manager: User) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    User.objects.filter(pk=manager.pk).update(language="de")
    with translation.override("de"):
        assert "abgelehnte-zeilen-PLAIN" in act(as_manager, imp, "refused")["Content-Disposition"]


def test_who_signed_in_long_ago_confirms_first_and_nothing_leaves(as_manager: Client) -> None:
    imp = brought(as_manager, row(Quantity="many"))
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        answer = act(as_manager, imp, "refused")
    page = reverse("productkeys:import", args=[imp.pk])
    assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={page}"
    assert _exports() == []


def test_nothing_leaves_where_the_trail_cannot_be_written(as_manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    imp = brought(as_manager, row(Quantity="many"))

    def full(*_entries: TrailEntry) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(trail, "record", full)
    answer = act(as_manager, imp, "refused")
    assert answer.status_code == 302
    assert "nothing was exported" in as_manager.get(answer["Location"]).content.decode()


def test_the_command_line_leaves_the_same_entry(tmp_path: Path) -> None:
    file = tmp_path / "keys.csv"
    file.write_bytes(written([line(), line(Menge="0")]))
    with pytest.raises(CommandError):
        call_command("import_keys", str(file), "--refused", str(tmp_path / "rest.csv"), stdout=io.StringIO())
    (entry,) = _exports()
    assert (entry.actor_uid, entry.after) == (None, {"format": "csv", "refused_rows": 1})
