"""The key ring: the portal's master keys, read from its text and written as one.

A master key is a pair: `e1` seals product keys, `f1` makes the fingerprints by which they are found. Both change
together. The ring only holds keys; which of them are in force stands in the database (`models/registered_key.py`).
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_KEY_BYTES = 32
_ID = re.compile(r"[ef]([1-9][0-9]{0,5})")


class KeyRingProblem(Exception):
    """The key ring is missing, unreadable, or not the one of the stored keys; the message says what to do."""


class Checks(NamedTuple):
    """Values that tell, without giving them away, whether two rings mean the same pair of keys."""

    encryption: str
    fingerprint: str


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    """One master key. Its repr shows its number only."""

    number: int
    encryption: bytes
    fingerprint: bytes

    def __repr__(self) -> str:
        return f"<MasterKey {self.number}>"

    def checks(self) -> Checks:
        return Checks(
            _check(self.encryption, f"encryption:e{self.number}"),
            _check(self.fingerprint, f"fingerprint:f{self.number}"),
        )


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys by number. Its repr shows numbers only."""

    keys: Mapping[int, MasterKey]

    @property
    def newest(self) -> int:
        return max(self.keys)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read a ring from the JSON of `text()`. Raises KeyRingProblem without quoting any of it."""
        try:
            ring: Any = json.loads(text)
            encryption, fingerprint = (_half(ring[name]["keys"]) for name in ("encryption", "fingerprint"))
            keys = {
                number: MasterKey(number, encryption[number], fingerprint[number])
                for number in sorted(encryption.keys() | fingerprint.keys())
            }
            max(keys)  # an empty ring is none
        except (ValueError, KeyError, TypeError, AttributeError):
            # `from None`: the text and the values on the way hold the master keys.
            raise KeyRingProblem(
                "The key ring cannot be read: it is not the JSON that `manage.py prepare` writes. "
                "Restore it from the backup; do not make a new one, it would not open the stored keys."
            ) from None
        return cls(keys)

    def text(self) -> str:
        """The ring as JSON. It is the secret itself: for the ring's own place, and nothing else."""
        ring = {
            "encryption": {"keys": {f"e{key.number}": _base64(key.encryption) for key in self.keys.values()}},
            "fingerprint": {"keys": {f"f{key.number}": _base64(key.fingerprint) for key in self.keys.values()}},
        }
        return json.dumps(ring, indent=1)

    def with_new_key(self, number: int) -> "KeyRing":
        """This ring and a fresh random master key."""
        return KeyRing({**self.keys, number: _fresh(number)})

    def without(self, numbers: Iterable[int]) -> "KeyRing":
        gone = set(numbers)
        return KeyRing({number: key for number, key in self.keys.items() if number not in gone})

    def fitting(self, registered: Mapping[int, Checks]) -> tuple[MasterKey, ...]:
        """The keys of this ring that the database has registered, the newest last."""
        return tuple(key for number, key in sorted(self.keys.items()) if registered.get(number) == key.checks())

    def misfit(self, registered: Mapping[int, Checks]) -> str:
        """What is wrong with this ring beside the registered keys, and what to do; empty where it fits."""
        if missing := sorted(registered.keys() - self.keys.keys()):
            return (
                f"The key ring lacks master key {_listed(missing)}, which stored product keys need. Restore the whole "
                "ring from the backup, or take the one that `manage.py rotate_keys` extended."
            )
        if wrong := sorted(number for number in registered if self.keys[number].checks() != registered[number]):
            return (
                f"The key ring is not the one of this database (master key {_listed(wrong)} differs). Restore the ring "
                "that belongs to it, or point the portal at the database that belongs to this ring."
            )
        return ""


def new_key_ring_text() -> str:
    """A fresh ring with one random master key as JSON text, for a new portal and for tests."""
    return KeyRing({1: _fresh(1)}).text()


def _fresh(number: int) -> MasterKey:
    return MasterKey(number, secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_KEY_BYTES))


def _half(keys: Mapping[str, str]) -> dict[int, bytes]:
    half = {}
    for name, value in keys.items():
        found, key = _ID.fullmatch(name), base64.b64decode(value, validate=True)
        if not found or len(key) != _KEY_BYTES:
            raise ValueError
        half[int(found[1])] = key
    return half


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _check(key: bytes, name: str) -> str:
    return hmac.new(key, f"check:{name}".encode(), hashlib.sha256).hexdigest()


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in numbers)
