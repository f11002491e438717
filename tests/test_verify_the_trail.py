"""The trail is verified on the command line, and its key is nobody's to replace."""

import json
from dataclasses import astuple
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from keyportal.people.models import User
from productkeys import encryption
from productkeys.key_ring import KeyRingProblem
from productkeys.models import TrailEntry, TrailKey
from productkeys.services import sealing, trail_key
from productkeys.services.sealing import Head
from productkeys.services.verifying import Report, verify
from tests.bent_trail import ENTRIES, SEALS, past_the_portal, place_of, sealed_entries, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(manager: User) -> list[int]:
    return sealed_entries(manager)


# The key of the trail


def test_a_key_of_somebodys_own_does_not_open(sealed: list[int]) -> None:
    row = TrailKey.objects.get()
    try:
        row.sealed = encryption.seal(json.dumps({"secret": "00" * 32}), bound_to="something else")
        row.save()
        trail_key.current.cache_clear()
        with pytest.raises(KeyRingProblem, match="somebody changed the table"):
            trail_key.current()
        row.delete()
        with pytest.raises(KeyRingProblem, match="Restore the table"):
            trail_key.keep()
    finally:
        trail_key.current.cache_clear()


# The commands


def _verify(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_whole_trail_ends_with_0_and_says_that_no_head_was_compared(sealed: list[int]) -> None:
    code, said = _verify()
    assert code == 0
    assert "The trail is whole" in said
    assert "an end that was cut off would not be noticed" in said


def test_a_broken_trail_ends_with_1_and_says_where(sealed: list[int]) -> None:
    past_the_portal(f"UPDATE {ENTRIES} SET actor_name = 'x' WHERE id = %s", sealed[3])  # noqa: S608
    code, said = _verify()
    assert code == 1
    assert f"number {place_of(sealed[3])}, entry {sealed[3]}: the entry was changed after it was written." in said
    code, said = _verify("--json")
    answer = json.loads(said)
    assert (code, answer["whole"], answer["first"]["entry"]) == (1, False, sealed[3])
    assert [finding["what"] for finding in answer["findings"]] == ["changed"]


def test_a_cut_end_shows_against_the_exported_heads(sealed: list[int], tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    call_command("seal_audit", export=heads, stdout=StringIO())
    write("one more")
    call_command("seal_audit", export=heads, stdout=StringIO())
    assert len(heads.read_text().splitlines()) == 2
    code, said = _verify("--against", str(heads))
    assert code == 0
    assert "would not be noticed" not in said
    past_the_portal(f"DELETE FROM {ENTRIES} WHERE id > %s", sealed[20])  # noqa: S608
    past_the_portal(f"DELETE FROM {SEALS} WHERE entry > %s", sealed[20])  # noqa: S608
    assert _verify()[0] == 0
    code, said = _verify("--against", str(heads))
    assert code == 1
    assert "its end was cut off" in said


def test_the_head_alone_is_asked_for(sealed: list[int]) -> None:
    head = sealing.head()
    assert head is not None
    assert Head(**json.loads(_verify("--head")[1])) == head
    assert astuple(head)[0] == TrailEntry.objects.count()


@pytest.mark.parametrize("content", [None, "no JSON", '{"sequence": 1}'])
def test_heads_that_cannot_be_read_prove_nothing(tmp_path: Path, content: str | None) -> None:
    heads = tmp_path / "heads"
    if content is not None:
        heads.write_text(content)
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", against=heads)
    assert refused.value.returncode == 2


def test_an_entry_says_when_it_was_made_and_not_when_it_was_sealed(sealed: list[int]) -> None:
    entry = TrailEntry.objects.latest("id")
    assert sealing.seal() == 0
    assert TrailEntry.objects.get(pk=entry.pk).at - entry.at == timedelta(0)
    assert isinstance(verify(), Report)
