"""Where the key ring comes from, when a process reads it again, and that nothing is ever sealed with a stray key."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import Settings

from keyportal.people.models import User
from productkeys import encryption, key_ring_source
from productkeys.domain import keycode
from productkeys.fields import sealed_values
from productkeys.key_ring import KeyRing, KeyRingProblem, new_key_ring_text
from productkeys.models import ProductKey, RegisteredKey, TrailEntry, TrailKey
from productkeys.models.trail import Action
from productkeys.services import answer_files, keys, readiness, rotation, sealing, trail_key
from productkeys.services.keys import Refused
from productkeys.services.origin import PORTAL, Origin
from productkeys.services.rotation import NotRotated
from productkeys.services.verifying import verify
from tests.answer_files import ORDINARY
from tests.crossing import just_before
from tests.factories import new_code, stored
from tests.made_up_keys import made_up_key
from tests.wizard import WINDOWS_11_ENTERPRISE, Wizard

pytestmark = pytest.mark.django_db

OWN = KeyRing.parse(os.environ["KEYPORTAL_KEY_RING"])
_LOOK_AGAIN_SECONDS = key_ring_source.LOOK_AGAIN_SECONDS
_COMMAND_AGAIN_SECONDS = key_ring_source.COMMAND_AGAIN_SECONDS


@pytest.fixture
def ring_file(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """The ring of the tests, in a file."""
    settings.KEY_RING, settings.KEY_RING_FILE = "", tmp_path / "key_ring.json"
    settings.KEY_RING_FILE.write_text(OWN.text())
    key_ring_source.forget()
    yield settings.KEY_RING_FILE
    key_ring_source.forget()


def _time_passes(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(key_ring_source, "LOOK_AGAIN_SECONDS", _LOOK_AGAIN_SECONDS - seconds)
    monkeypatch.setattr(key_ring_source, "COMMAND_AGAIN_SECONDS", _COMMAND_AGAIN_SECONDS - seconds)


def _use(path: Path, ring: KeyRing) -> None:
    """As somebody replaces a file: by another one."""
    beside = path.with_name("other")
    beside.write_text(ring.text())
    beside.replace(path)


# --- A ring that does not fit


@pytest.mark.parametrize(
    "text", ["", "{}", '{"encryption": {"keys": {}}, "fingerprint": {"keys": {}}}', OWN.text().replace('"f1"', '"f2"')]
)
def test_what_is_no_ring_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(KeyRingProblem, match="Restore it from the backup"):
        KeyRing.parse(text)


def test_a_ring_shows_no_key_in_its_repr() -> None:
    assert repr(OWN) == "KeyRing(keys={1: <MasterKey 1>})"


def test_nothing_is_sealed_with_another_ring_even_where_nobody_checked_it(settings: Settings, ring_file: Path) -> None:
    ring_file.write_text(new_key_ring_text())
    with pytest.raises(KeyRingProblem, match="nothing is stored"):
        stored()
    with pytest.raises(KeyRingProblem, match="not the one of this database"):
        readiness.require_fitting_key_ring()


def test_a_ring_that_is_swapped_while_the_portal_serves_is_not_taken(
    ring_file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = stored()
    for swapped in (new_key_ring_text(), "{", None):
        ring_file.write_text(swapped) if swapped else ring_file.unlink()
        _time_passes(monkeypatch, 2)
        key = stored()
        assert encryption.open_sealed(key.code.token, bound_to=f"productkey:{key.uid}")
        assert keys.find(keycode.parse(before.code.open())) == before
    assert caplog.text.count("The key ring changed and will not do") == 3


def test_a_key_that_waits_in_the_ring_is_not_used(ring_file: Path) -> None:
    _use(ring_file, OWN.with_new_key(2))
    key_ring_source.forget()
    readiness.require_fitting_key_ring()
    assert stored().master_key_id == 1


def test_a_key_that_waits_in_the_ring_is_written_out_again_and_not_doubled(ring_file: Path) -> None:
    assert rotation.add_key() == 2
    waiting = KeyRing.parse(ring_file.read_text())
    assert rotation.add_key(output=ring_file.with_name("for_the_other_machine")) == 2
    assert KeyRing.parse(ring_file.with_name("for_the_other_machine").read_text()) == waiting
    assert KeyRing.parse(ring_file.read_text()) == waiting


def test_the_database_itself_refuses_a_master_key_that_is_not_registered() -> None:
    key, code = stored(), new_code()
    values = sealed_values(code, key.uid, [OWN.with_new_key(2).keys[2]])
    with pytest.raises(IntegrityError, match="registeredkey"), transaction.atomic():  # noqa: PT012 - as a commit does
        ProductKey.objects.filter(pk=key.pk).update(**values)
        connection.check_constraints()


def test_the_database_itself_refuses_a_key_that_names_another_master_key_than_it_was_sealed_with() -> None:
    key, code = stored(), new_code()
    RegisteredKey.objects.create(number=2)
    values = sealed_values(code, key.uid, [OWN.keys[1]]) | {"master_key_id": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductKey.objects.filter(pk=key.pk).update(**values)


# --- A ring that changes, and a ring from a command


def test_a_process_finds_the_new_key_in_the_file_as_soon_as_a_text_names_it(ring_file: Path) -> None:
    assert stored().master_key_id == 1
    extended = OWN.with_new_key(2)
    _use(ring_file, extended)
    sealed = encryption.seal("text", bound_to="it", key=extended.keys[2])
    assert encryption.open_sealed(sealed, bound_to="it") == "text"


def test_a_process_seals_with_the_new_key_within_a_second(ring_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_ring_source.keys_in_force()
    extended = OWN.with_new_key(2)
    _use(ring_file, extended)
    readiness.register(extended.keys[2])
    assert [key.number for key in key_ring_source.keys_in_force()] == [1]
    _time_passes(monkeypatch, 1)
    key = stored()
    assert (key.master_key_id, str(key.fingerprint_odd)[:3], str(key.fingerprint_even)[:3]) == (2, "f1.", "f2.")


def test_a_ring_that_a_rotation_extended_a_moment_ago_is_not_called_unfit(ring_file: Path) -> None:
    assert key_ring_source.key_ring().newest == 1
    extended = OWN.with_new_key(2)
    _use(ring_file, extended)
    readiness.register(extended.keys[2])
    readiness.require_fitting_key_ring()
    assert key_ring_source.key_ring().newest == 2


def test_a_text_that_names_no_key_of_the_ring_says_what_to_do() -> None:
    sealed = encryption.seal("text", bound_to="it", key=OWN.with_new_key(2).keys[2])
    with pytest.raises(KeyRingProblem, match="holds no master key 2"):
        encryption.open_sealed(sealed, bound_to="it")


@pytest.fixture
def command(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """The file whose content the command prints."""
    file = tmp_path / "vault.json"
    file.write_text(OWN.text())
    settings.KEY_RING, settings.KEY_RING_COMMAND = "", f"cat {file}"
    key_ring_source.forget()
    yield file
    key_ring_source.forget()


def test_a_ring_may_come_from_a_command(command: Path) -> None:
    assert keys.find(keycode.parse((key := stored()).code.open())) == key


def test_a_command_is_run_again_for_a_key_that_the_database_knows(
    command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stored().master_key_id == 1
    extended = OWN.with_new_key(2)
    command.write_text(extended.text())
    readiness.register(extended.keys[2])
    _time_passes(monkeypatch, 10)
    assert stored().master_key_id == 2


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (f"{sys.executable} -c 'print(\"secret\"); exit(3)'", "ended with 3"),
        ("/nonexistent/vault read", "cannot be started"),
        ("unbalanced 'quote", "cannot be started"),
    ],
)
def test_a_command_that_fails_is_named_and_its_output_is_not(
    command: Path, settings: Settings, line: str, what: str
) -> None:
    settings.KEY_RING_COMMAND = line
    key_ring_source.forget()
    with pytest.raises(KeyRingProblem, match=f"KEYPORTAL_KEY_RING_COMMAND {what}. Run it by hand") as refusal:
        readiness.require_fitting_key_ring()
    assert "secret" not in str(refusal.value)


def test_two_sources_at_once_are_refused(command: Path, settings: Settings) -> None:
    settings.KEY_RING = OWN.text()
    key_ring_source.forget()
    with pytest.raises(KeyRingProblem, match="are both set"):
        readiness.require_fitting_key_ring()


# --- Rotating


def _rotate() -> None:
    rotation.begin(origin=PORTAL)
    list(rotation.reencrypt(origin=PORTAL))


def test_a_rotation_stands_in_the_trail_without_a_key_and_once(ring_file: Path) -> None:
    _rotate()
    _rotate()
    rotation.remove_old(origin=PORTAL)
    rotation.remove_old(origin=PORTAL)
    entries = TrailEntry.objects.filter(action__startswith="master_key").order_by("id")
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        (action, {"master_key": 1}, {"master_key": 2})
        for action in (Action.MASTER_KEY_ADDED, Action.MASTER_KEY_REPLACED, Action.MASTER_KEY_REMOVED)
    ]


def test_an_old_key_stays_as_long_as_something_needs_it(ring_file: Path) -> None:
    stored()
    rotation.begin(origin=PORTAL)
    with pytest.raises(NotRotated, match="still need an older master key: 98"):
        rotation.remove_old(origin=PORTAL)
    assert sorted(KeyRing.parse(ring_file.read_text()).keys) == [1, 2]


def test_a_file_that_somebody_has_checked_outlives_the_master_key_that_sealed_it(ring_file: Path, viewer: User) -> None:
    kept = answer_files.keep(ORDINARY.encode(), name="unattend.xml", origin=Origin(viewer))
    _rotate()
    rotation.remove_old(origin=PORTAL)
    kept.refresh_from_db()
    assert kept.secret.master_key_id == 2
    assert answer_files.data_of(kept).decode() == ORDINARY


def test_a_removed_key_leaves_no_fingerprint_behind(ring_file: Path) -> None:
    _rotate()
    assert not ProductKey.objects.filter(fingerprint_odd=None).exists()
    rotation.remove_old(origin=PORTAL)
    assert not ProductKey.objects.exclude(fingerprint_odd=None).exists()
    assert rotation.state().left_behind == 0


def test_what_a_rotation_on_another_machine_seals_meanwhile_keeps_its_fingerprint(ring_file: Path) -> None:
    with just_before('SELECT "productkeys_productkey"."id"', _rotate):
        rotation.clear_left_behind()
    assert not ProductKey.objects.filter(fingerprint_even=None).exists()


def test_an_entry_that_somebody_tampered_with_stops_nothing_and_keeps_the_old_key(
    ring_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key, other = stored(), stored()
    ProductKey.objects.filter(pk=key.pk).update(code=other.code.token)
    rotation.begin(origin=PORTAL)
    *_, last = rotation.reencrypt(origin=PORTAL)
    assert last.unreadable == {key.uid}
    assert f"ALARM: the sealed product key of the entry {key.uid}" in caplog.text
    assert rotation.state().outstanding == 1
    with pytest.raises(NotRotated):
        rotation.remove_old(origin=PORTAL)
    assert not TrailEntry.objects.filter(action=Action.MASTER_KEY_REPLACED).exists()


def test_a_ring_that_cannot_be_written_is_left_alone_and_says_what_to_do(ring_file: Path, settings: Settings) -> None:
    # As a container secret or a systemd credential: its place takes no second file. (Root may write anywhere else.)
    settings.KEY_RING_FILE = Path(f"/proc/self/fd/{os.open(ring_file, os.O_RDONLY)}")
    key_ring_source.forget()
    with pytest.raises(NotRotated, match="--add-key --output FILE"):
        rotation.begin(origin=PORTAL)
    assert KeyRing.parse(ring_file.read_text()) == OWN
    assert rotation.state().registered == [1]


def test_a_key_kept_by_the_wizard_outlives_a_rotation(ring_file: Path, as_manager: Client) -> None:
    page_2 = Wizard(as_manager).describe("mak").send(code=made_up_key(10), quantity="0", **WINDOWS_11_ENTERPRISE)
    _rotate()
    page_2.send(code="", quantity="5", **WINDOWS_11_ENTERPRISE)
    key = ProductKey.objects.get(name="Head office")
    assert (key.code.open(), key.master_key_id) == (made_up_key(10), 2)


def test_once_the_old_key_is_removed_the_wizard_asks_again(ring_file: Path, as_manager: Client) -> None:
    page_2 = Wizard(as_manager).describe("mak").send(code=made_up_key(10), quantity="0", **WINDOWS_11_ENTERPRISE)
    _rotate()
    rotation.remove_old(origin=PORTAL)
    again = page_2.send(code="", quantity="5", **WINDOWS_11_ENTERPRISE)
    assert again.step == "general"
    again.describe("mak").send(code=made_up_key(10), quantity="5", **WINDOWS_11_ENTERPRISE)
    assert ProductKey.objects.get(name="Head office").code.open() == made_up_key(10)


def test_a_pasted_key_is_found_and_refused_a_second_time_throughout(ring_file: Path) -> None:
    code = new_code()
    key = stored(code=code)
    rotation.begin(origin=PORTAL)
    steps = rotation.reencrypt(origin=PORTAL, batch_size=40)
    for _step in [None, *steps]:
        assert ProductKey.objects.holding(code).get() == key
        with pytest.raises(Refused):
            stored(code=code)
    rotation.remove_old(origin=PORTAL)
    assert ProductKey.objects.holding(code).get() == key


def test_the_key_of_the_trail_moves_along_and_all_it_proved_stays_proven(ring_file: Path) -> None:
    stored()
    sealing.seal()
    rotation.begin(origin=PORTAL)
    list(rotation.reencrypt(origin=PORTAL))
    assert encryption.number_of(TrailKey.objects.get().sealed) == 2
    rotation.remove_old(origin=PORTAL)
    trail_key.current.cache_clear()
    assert verify().is_whole
    stored()
    sealing.seal()
    assert verify().is_whole


def test_a_run_that_dies_while_it_writes_a_secret_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"

    def die(_descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            key_ring_source.make_key_ring(secret)
    assert not secret.exists()
    key_ring_source.make_key_ring(secret)
    assert KeyRing.parse(secret.read_text()).newest == 1
    assert secret.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [secret]
