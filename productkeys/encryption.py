"""Sealing a text to an identity, and the fingerprint by which it is found again.

A sealed text is AES-256-GCM under one of the master keys; it names that key, and it opens only for the identity that it
was sealed for, so that a ciphertext copied into another row is noticed. A fingerprint is HMAC-SHA-256 under the other
half of a master key.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from productkeys.key_ring import KeyRingProblem, MasterKey
from productkeys.key_ring_source import key_for, keys_in_force

_VERSION = "kp1"
_NONCE_BYTES = 12


def is_sealed(text: str) -> bool:
    """Whether `text` is a sealed text; no product key can be one, for `1` and `.` are not in its alphabet."""
    return text.startswith(f"{_VERSION}.")


def seal(plain: str, *, bound_to: str, key: MasterKey | None = None) -> str:
    """Encrypt `plain` so that it opens only for the identity `bound_to`; with `key`, or the newest in force."""
    key = key or keys_in_force()[-1]
    key_id, nonce = f"e{key.number}", secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key.encryption).encrypt(nonce, plain.encode(), _associated(key_id, bound_to))
    return f"{_VERSION}.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def open_sealed(sealed: str, *, bound_to: str) -> str:
    """The plain text of `sealed`.

    Raises `cryptography.exceptions.InvalidTag` where it was sealed for another identity or changed, and KeyRingProblem
    where the ring lacks its key.
    """
    _, key_id, body = sealed.split(".", 2)
    key = key_for(number_of(sealed))
    raw = base64.urlsafe_b64decode(body)
    return (
        AESGCM(key.encryption).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _associated(key_id, bound_to)).decode()
    )


def number_of(sealed: str) -> int:
    """The number of the master key that `sealed` was sealed with. Raises KeyRingProblem where it names none."""
    key_id = sealed.split(".", 2)[1]
    if not key_id[1:].isdecimal():
        raise KeyRingProblem("A sealed text names no master key: it was changed, or written by something else.")
    return int(key_id[1:])


def fingerprint(plain: str, *, key: MasterKey) -> str:
    """The keyed fingerprint of `plain`: equal for equal texts, and of no use to anybody without the ring."""
    digest = hmac.new(key.fingerprint, plain.encode(), hashlib.sha256).hexdigest()
    return f"f{key.number}.{digest}"


def _associated(key_id: str, bound_to: str) -> bytes:
    return f"{_VERSION}|{key_id}|{bound_to}".encode()
