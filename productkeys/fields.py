"""The model field that keeps a product key sealed, and the value it reads as."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from productkeys import encryption, key_ring_source
from productkeys.domain import keycode
from productkeys.domain.keycode import KeyCode
from productkeys.key_ring import MasterKey

logger = logging.getLogger(__name__)

SEALED_COLUMNS = ("code", "master_key_id", "fingerprint_odd", "fingerprint_even", "last_five")
"""The columns that belong to one key and are only written together."""


class SealedCode(str):
    """A stored product key: as text it is its mask, and only `open()` decrypts it.

    Being a `str`, whatever prints, formats, serialises or pickles it gets the mask or the ciphertext, never the key.
    """

    token: str
    uid: UUID

    def __new__(cls, token: str, uid: UUID, last_five: str) -> "SealedCode":
        code = super().__new__(cls, keycode.mask(last_five))
        code.token, code.uid = token, uid
        return code

    def __reduce__(self) -> tuple[Any, ...]:
        return SealedCode, (self.token, self.uid, self[-5:])

    def open(self) -> str:
        """The 29 characters. Raises InvalidTag where the ciphertext was sealed for another entry."""
        return open_code(self.token, self.uid)


def open_code(token: str, uid: UUID) -> str:
    """The 29 characters of the sealed `token` of the entry `uid`; for rows read without their model."""
    return encryption.open_sealed(token, bound_to=_identity(uid))


def open_public_code(token: str, uid: UUID, last_five: str) -> str:
    """The 29 characters of a published key, or its mask where the ciphertext is not that of the entry `uid`.

    One row that somebody changed in the database raises the alarm, but takes no list of a hundred others down.
    """
    try:
        return open_code(token, uid)
    except InvalidTag:
        raise_alarm(uid)
        return keycode.mask(last_five)


def raise_alarm(uid: UUID) -> None:
    """Log that the ciphertext of the entry `uid` was sealed for another one, or changed."""
    logger.critical(
        "ALARM: the sealed product key of the entry %s was sealed for another entry, or changed. "
        "Somebody wrote to the database past the portal. The key was not shown.",
        uid,
    )


def fingerprints_of(code: KeyCode, keys: Sequence[MasterKey] = ()) -> dict[str, str]:
    """The fingerprints of `code` by column: under the master keys in force, or under `keys`.

    Master keys take turns in two columns, each unique: those of odd number, those of even number. While one key takes
    over from another, every row that is written holds both. Whoever still writes with the old key alone therefore meets
    the same key in the old column, and a key is never stored twice (docs/rotation.md).
    """
    return {
        "fingerprint_odd" if key.number % 2 else "fingerprint_even": encryption.fingerprint(code.open(), key=key)
        for key in keys or key_ring_source.keys_in_force()
    }


def sealed_values(code: KeyCode, uid: UUID, keys: Sequence[MasterKey] = ()) -> dict[str, Any]:
    """What the SEALED_COLUMNS of the entry `uid` hold for `code`: sealed with the last of `keys`, found by all."""
    keys = keys or key_ring_source.keys_in_force()
    return {
        "code": encryption.seal(code.open(), bound_to=_identity(uid), key=keys[-1]),
        "master_key_id": keys[-1].number,
        "fingerprint_odd": None,
        "fingerprint_even": None,
        "last_five": code.last_five,
    } | fingerprints_of(code, keys)


def _identity(uid: UUID) -> str:
    return f"productkey:{uid}"


class _SealingAttribute(DeferredAttribute):
    """Seals on assignment, where `instance.uid` is known: neither `pre_save` (skipped by fixtures) nor
    `get_db_prep_save` (sees no instance) could."""

    field: "SealedCodeField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        token = super().__get__(instance, cls)
        if instance is None or not token:
            return token
        return SealedCode(token, instance.uid, instance.last_five)

    def __set__(self, instance: Any, value: "str | KeyCode | SealedCode | None") -> None:
        instance.__dict__[self.field.attname] = self._token(instance, value)

    def _token(self, instance: Any, value: "str | KeyCode | SealedCode | None") -> str:
        if not value:
            return ""
        if isinstance(value, SealedCode):
            if value.uid != instance.uid:
                raise TypeError("A sealed product key belongs to one entry; open it to store it in another.")
            return value.token
        if isinstance(value, str) and encryption.is_sealed(value):
            return value
        code = value if isinstance(value, KeyCode) else keycode.parse(value)
        values = sealed_values(code, instance.uid)
        token: str = values.pop("code")
        for name, column in values.items():
            setattr(instance, name, column)
        return token


class SealedCodeField(models.TextField["str | KeyCode | SealedCode", SealedCode]):
    """A product key, sealed for the `uid` of its row; assigning one also sets the other SEALED_COLUMNS.

    They and `uid` must be declared before it, so that they are there when a row is built.
    """

    descriptor_class = _SealingAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, SealedCode):
            return value.token
        if value and not (isinstance(value, str) and encryption.is_sealed(value)):
            raise TypeError(
                "A product key is stored sealed: assign it to an entry instead of writing or looking it up."
            )
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))
