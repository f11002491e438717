"""The key ring and what is done with it: sealing a text to an identity, and the fingerprint by which it is found again.

A sealed text is AES-256-GCM under one of the ring's encryption keys; it names that key, and it opens only for the
identity that it was sealed for, so that a ciphertext copied into another row is noticed. A fingerprint is HMAC-SHA-256
under a key of its own. Rings come from the environment, a file, or the file that `manage.py prepare` makes once; a ring
is never made by reading one.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = "kp1"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class KeyRingProblem(Exception):
    """The key ring is missing, unreadable, or not the one of the stored keys; the message says what to do."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Encryption and fingerprint keys by id, and which of them new values use. Its repr shows ids only."""

    encryption_id: str
    fingerprint_id: str
    _encryption: Mapping[str, bytes]
    _fingerprint: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"<KeyRing {self.encryption_id} {self.fingerprint_id}>"

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read a ring from the JSON of `new_key_ring_text`. Raises KeyRingProblem without quoting any of it."""
        try:
            ring: Any = json.loads(text)
            encryption, fingerprint = ring["encryption"], ring["fingerprint"]
            loaded = cls(
                encryption_id=encryption["current"],
                fingerprint_id=fingerprint["current"],
                _encryption={name: _key(value) for name, value in encryption["keys"].items()},
                _fingerprint={name: _key(value) for name, value in fingerprint["keys"].items()},
            )
            loaded.encryption_key(loaded.encryption_id)
            loaded.fingerprint_key(loaded.fingerprint_id)
        except (ValueError, KeyError, TypeError, AttributeError):
            # `from None`: the text and the values on the way hold the master keys.
            raise KeyRingProblem(
                "The key ring cannot be read: it is not the JSON that `manage.py prepare` writes. "
                "Restore it from the backup; do not make a new one, it would not open the stored keys."
            ) from None
        return loaded

    def encryption_key(self, key_id: str) -> bytes:
        return self._encryption[key_id]

    def fingerprint_key(self, key_id: str) -> bytes:
        return self._fingerprint[key_id]

    def check_values(self) -> dict[str, str]:
        """A value for each key id that tells, without giving it away, whether the ring still holds the same key."""
        keys = {f"encryption:{name}": key for name, key in self._encryption.items()}
        keys |= {f"fingerprint:{name}": key for name, key in self._fingerprint.items()}
        return {name: hmac.new(key, f"check:{name}".encode(), hashlib.sha256).hexdigest() for name, key in keys.items()}


def _key(value: str) -> bytes:
    key = base64.b64decode(value, validate=True)
    if len(key) != _KEY_BYTES:
        raise ValueError
    return key


def new_key_ring_text() -> str:
    """A fresh ring of random keys as JSON text, for `make_key_ring` and for tests."""

    def half(name: str) -> dict[str, object]:
        return {"current": name, "keys": {name: base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}}

    return json.dumps({"encryption": half("e1"), "fingerprint": half("f1")}, indent=1)


def make_key_ring(path: Path) -> None:
    """Write a fresh ring to `path`, readable by its owner only. Raises FileExistsError where there is one already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key_ring_text())
        file.flush()
        os.fsync(file.fileno())


def key_ring_is_configured() -> bool:
    """Whether a ring stands in the environment or in its file."""
    return bool(settings.KEY_RING) or settings.KEY_RING_FILE.is_file()


@lru_cache(maxsize=1)
def key_ring() -> KeyRing:
    """The portal's ring, read once per process. Raises KeyRingProblem where there is none."""
    if settings.KEY_RING:
        return KeyRing.parse(settings.KEY_RING)
    try:
        return KeyRing.parse(settings.KEY_RING_FILE.read_text())
    except OSError as error:
        raise KeyRingProblem(
            f"The key ring {settings.KEY_RING_FILE} cannot be read ({error.strerror}). Restore it from the backup, or "
            "set KEYPORTAL_KEY_RING or KEYPORTAL_KEY_RING_FILE. On a new portal, run `manage.py prepare`."
        ) from None


def is_sealed(text: str) -> bool:
    """Whether `text` is a sealed text; no product key can be one, for `1` and `.` are not in its alphabet."""
    return text.startswith(f"{_VERSION}.")


def seal(plain: str, *, bound_to: str) -> str:
    """Encrypt `plain` so that it opens only for the identity `bound_to`."""
    ring = key_ring()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(ring.encryption_key(ring.encryption_id)).encrypt(
        nonce, plain.encode(), _associated(ring.encryption_id, bound_to)
    )
    return f"{_VERSION}.{ring.encryption_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def open_sealed(sealed: str, *, bound_to: str) -> str:
    """The plain text of `sealed`.

    Raises `cryptography.exceptions.InvalidTag` where it was sealed for another identity or changed, and KeyRingProblem
    where the ring lacks its key.
    """
    _, key_id, body = sealed.split(".", 2)
    try:
        key = key_ring().encryption_key(key_id)
    except KeyError:
        raise KeyRingProblem(
            f"The key ring holds no encryption key {key_id!r}: add it again from the backup."
        ) from None
    raw = base64.urlsafe_b64decode(body)
    return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _associated(key_id, bound_to)).decode()


def fingerprint(plain: str) -> str:
    """The keyed fingerprint of `plain`: equal for equal texts, and of no use to anybody without the ring."""
    ring = key_ring()
    digest = hmac.new(ring.fingerprint_key(ring.fingerprint_id), plain.encode(), hashlib.sha256).hexdigest()
    return f"{ring.fingerprint_id}.{digest}"


def _associated(key_id: str, bound_to: str) -> bytes:
    return f"{_VERSION}|{key_id}|{bound_to}".encode()
