"""Rotating the master key while the portal serves: add one, re-encrypt in batches, remove the old one.

Every step is a transaction or the exchange of one file, and each asks first what is done already. A run that was killed
is therefore carried on by the next one. docs/rotation.md says why no moment in between loses or doubles a key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction
from django.db.models import Count, ProtectedError

from productkeys import key_ring_source
from productkeys.domain.keycode import parse
from productkeys.fields import open_code, raise_alarm, sealed_values
from productkeys.key_ring import KeyRing, KeyRingProblem, MasterKey
from productkeys.models import ProductKey, RegisteredKey, TrailEntry
from productkeys.models.registered_key import registered_keys
from productkeys.models.trail import Action
from productkeys.services import readiness, sealed_secrets, trail
from productkeys.services.origin import Origin

BATCH_SIZE = 500


class NotRotated(Exception):
    """It cannot be done now; the message says what to do. Everything is as it was."""


@dataclass(frozen=True, slots=True)
class State:
    """Where the rotation stands. `entries` counts product keys by the number of their master key, `secrets` others."""

    in_ring: Sequence[int]
    registered: Sequence[int]
    entries: Mapping[int, int]
    secrets: Mapping[int, int]
    left_behind: int
    """Fingerprints of master keys that are not registered any more."""

    @property
    def newest(self) -> int:
        return max(self.registered)

    @property
    def outstanding(self) -> int:
        """Product keys and other secrets that an older master key than the newest sealed."""
        sealed = chain(self.entries.items(), self.secrets.items())
        return sum(count for number, count in sealed if number != self.newest)

    @property
    def under_way(self) -> bool:
        return len(self.registered) > 1


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run has re-encrypted so far, of how many, and the entries whose ciphertext does not open."""

    done: int
    total: int
    unreadable: frozenset[UUID]


def state() -> State:
    """Read where the rotation stands. Raises KeyRingProblem where the ring does not fit the database."""
    readiness.require_fitting_key_ring()
    registered = sorted(registered_keys())
    counts = ProductKey.objects.order_by().values_list("master_key").annotate(Count("pk"))
    return State(
        in_ring=sorted(key_ring_source.key_ring().keys),
        registered=registered,
        entries=dict(counts),
        secrets=sealed_secrets.counts(),
        left_behind=sum(ProductKey.objects.exclude(**{column: None}).count() for column in _unused_columns(registered)),
    )


def add_key(*, output: Path | None = None) -> int:
    """Put a fresh master key into the ring, or write the ring with it to the new file `output`; returns its number.

    Nothing is sealed with it before `begin` registers it. What an earlier run put there is taken. Raises NotRotated.
    """
    with key_ring_source.alone_with_the_ring():
        now = state()
        if now.under_way:
            raise NotRotated(
                "A rotation is under way. End it first: run `manage.py rotate_keys`, then with --remove-old."
            )
        return _add_key(now, output)


def _add_key(now: State, output: Path | None) -> int:
    number, ring = now.newest + 1, key_ring_source.key_ring()
    if number not in ring.keys:
        _store(ring.with_new_key(number), output)
    elif output:
        _store(ring, output)
    return number


def begin(*, origin: Origin) -> State:
    """Let new data be sealed with the ring's next master key, made here where the ring is a file. Raises NotRotated.

    Where a rotation is under way already, that one is carried on.
    """
    with key_ring_source.alone_with_the_ring():
        now = state()
        if not now.under_way:
            clear_left_behind()
            number = _add_key(now, None)  # what another machine registers meanwhile is the same, or does not fit
            with transaction.atomic():
                if readiness.register(key_ring_source.key_ring().keys[number]):
                    _record(Action.MASTER_KEY_ADDED, number - 1, number, origin)
    key_ring_source.forget()
    return state()


def reencrypt(*, origin: Origin, batch_size: int = BATCH_SIZE) -> Iterator[Progress]:
    """Seal with the newest master key what an older one sealed. Yields after each batch, which is then in the database.

    Rows that somebody else holds are left to a second pass, one at a time: who holds many rows never waits for another.
    """
    keys = key_ring_source.key_ring().fitting(registered_keys())
    older = ProductKey.objects.filter(master_key__lt=keys[-1].number)
    total, done, unreadable = older.count(), 0, frozenset[UUID]()
    for wait in chain([False], repeat(True)):
        before, after = done, 0
        size = 1 if wait else batch_size
        while rows := list(older.filter(pk__gt=after).order_by("pk").values_list("pk", "uid", "code")[:size]):
            after = rows[-1][0]
            count, faulty = _reencrypt(rows, keys, wait=wait)
            done, unreadable = done + count, unreadable | faulty
            yield Progress(done, max(total, done), unreadable)
        if wait and done == before:
            break
    if faulty := sealed_secrets.reencrypt(keys[-1]):
        yield Progress(done, max(total, done), unreadable | faulty)
    _record_once_all_is_done(keys, origin)


def remove_old(*, origin: Origin) -> State:
    """Take every master key but the newest out of force, then out of the ring's file. Raises NotRotated.

    A ring that is not a file is left to its owner.
    """
    now = state()
    if now.outstanding:
        raise NotRotated(
            f"Entries that still need an older master key: {now.outstanding:,}. Run `manage.py rotate_keys` first."
        )
    old = [number for number in now.registered if number != now.newest]
    try:
        with transaction.atomic():
            for number in old:
                if RegisteredKey.objects.filter(number=number).delete()[0]:  # else another run was faster
                    _record(Action.MASTER_KEY_REMOVED, number, now.newest, origin)
    except (ProtectedError, IntegrityError):
        # Somebody stored with the old key between the count and the commit; the foreign key noticed.
        raise NotRotated(
            "Something was stored with the old master key at this moment: a process does not know the new one yet. "
            "Restart the portal where the ring stands in the environment, and run `manage.py rotate_keys` again."
        ) from None
    clear_left_behind()
    if key_ring_source.is_a_file():
        with key_ring_source.alone_with_the_ring():
            ring = key_ring_source.key_ring()
            if unused := [number for number in ring.keys if number < now.newest]:
                _store(ring.without(unused), None)
    return state()


def clear_left_behind() -> None:
    """Remove the fingerprints of master keys that are not registered any more."""
    registered = list(registered_keys())
    for column in _unused_columns(registered):
        # What a key registered since then seals uses the column again.
        left = ProductKey.objects.filter(master_key__in=registered).exclude(**{column: None})
        while pks := list(left.values_list("pk", flat=True)[:BATCH_SIZE]):
            with transaction.atomic():
                free = list(left.select_for_update(skip_locked=True).filter(pk__in=pks).values_list("pk", flat=True))
                if not ProductKey.objects.filter(pk__in=free).update(**{column: None}):
                    return  # all of them are held by somebody else: the next run clears them


def _unused_columns(registered: Sequence[int]) -> list[str]:
    """The column that belongs to no registered master key; none while one takes over from another."""
    odd = {number % 2 for number in registered}
    return [column for rest, column in ((1, "fingerprint_odd"), (0, "fingerprint_even")) if rest not in odd]


def _reencrypt(
    rows: Sequence[tuple[int, UUID, str]], keys: Sequence[MasterKey], *, wait: bool
) -> tuple[int, frozenset[UUID]]:
    """How many of `rows` (pk, uid, token) were sealed anew, and the uids of those that do not open."""
    fresh, faulty = {}, set()
    for pk, uid, token in rows:  # before the transaction: on SQLite everybody who writes waits for it
        try:
            fresh[pk] = token, sealed_values(parse(open_code(token, uid)), uid, keys)
        except (InvalidTag, ValueError):
            raise_alarm(uid)
            faulty.add(uid)
    moved = 0
    with transaction.atomic():
        locked = ProductKey.objects.select_for_update(skip_locked=not wait).filter(pk__in=fresh)
        held = dict(locked.order_by("pk").values_list("pk", "code"))
        for pk, (token, values) in fresh.items():
            if held.get(pk) == token:  # otherwise held, changed or deleted by somebody else meanwhile
                moved += ProductKey.objects.filter(pk=pk).update(**values)
    return moved, frozenset(faulty)


def _record_once_all_is_done(keys: Sequence[MasterKey], origin: Origin) -> None:
    *older, newest = (key.number for key in keys)
    with transaction.atomic():
        RegisteredKey.objects.select_for_update().get(number=newest)  # of two runs that end at once, one records it
        recorded = TrailEntry.objects.filter(action=Action.MASTER_KEY_REPLACED, after__master_key=newest).exists()
        if older and not recorded and not state().outstanding:
            _record(Action.MASTER_KEY_REPLACED, older[-1], newest, origin)


def _record(action: Action, before: int, after: int, origin: Origin) -> None:
    trail.record(trail.entry(action, origin=origin, before={"master_key": before}, after={"master_key": after}))


def _store(ring: KeyRing, output: Path | None) -> None:
    try:
        if output:
            key_ring_source.write_key_ring(ring, output)
        elif key_ring_source.is_a_file():
            key_ring_source.replace_key_ring(ring)
        else:
            raise NotRotated(
                "The key ring stands in the environment or comes from a command, where this command cannot change it. "
                "Run `manage.py rotate_keys --add-key --output FILE`, put the ring of that file in the place of the "
                "present one on every machine, restart the portal everywhere, and run `manage.py rotate_keys` again."
            )
    except OSError as error:
        raise NotRotated(
            f"The key ring cannot be written ({error.filename}: {error.strerror}). Where its file is read-only, run "
            "`manage.py rotate_keys --add-key --output FILE` and put that file in its place; see docs/rotation.md."
        ) from None


__all__ = ["KeyRingProblem", "NotRotated", "Progress", "State", "add_key", "begin", "reencrypt", "remove_old", "state"]
