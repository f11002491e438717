"""Stored keys for tests, made as the portal makes them: by the service, under the rules. The key itself is made up."""

from itertools import count
from typing import Any

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.domain.keycode import KeyCode
from productkeys.models import Agreement, ProductKey
from productkeys.services import agreements, keys
from productkeys.services.agreements import AgreementValues
from productkeys.services.keys import KeyValues
from productkeys.services.origin import Origin
from tests.made_up_keys import made_up_key

_seeds = count(1_000_000)

MAK: dict[str, Any] = {
    "name": "Windows 11 Enterprise, head office",
    "comment": "Contract 2024 to 2027",
    "key_type": "mak",
    "operating_system_id": "windows-11",
    "edition": "Enterprise",
    "architecture": "x64",
    "usage": "activation",
    "quantity": 500,
}
KMS_HOST = MAK | {
    "name": "KMS host, data centre",
    "key_type": "kms_host",
    "operating_system_id": "windows-server-2022",
    "edition": "",
    "architecture": "any",
    "quantity": 6,
}
RETAIL = MAK | {
    "name": "Windows 11 Pro, front desk",
    "key_type": "retail",
    "edition": "Professional",
    "usage": "installation_and_activation",
    "quantity": 1,
}


def new_code() -> KeyCode:
    """A made-up key that no other test has."""
    return keycode.parse(made_up_key(next(_seeds)))


def stored(values: dict[str, Any] = MAK, *, by: User | None = None, in_use: int = 0, **changes: Any) -> ProductKey:
    """A stored key: a MAK, or what `values` and `changes` say; `in_use` of it are used already."""
    key = keys.add_key(KeyValues(**{"code": new_code()} | values | changes), origin=Origin(by, "192.0.2.7"))
    if in_use:
        ProductKey.objects.filter(pk=key.pk).update(in_use=in_use)
        key.refresh_from_db()
    return key


def agreement(number: str = "4500-1", *, by: User | None = None, **values: Any) -> Agreement:
    """A stored agreement of this number."""
    return agreements.add(AgreementValues(number=number, **values), origin=Origin(by, "192.0.2.7"))


def posted(key: ProductKey, **changes: Any) -> dict[str, Any]:
    """What the edit page of `key` would send, with `changes`."""
    values = {
        "version": key.version,
        "name": key.name,
        "comment": key.comment,
        "key_type": key.key_type,
        "operating_system": key.operating_system_id,
        "edition": key.edition,
        "architecture": key.architecture,
        "usage": key.usage,
        "quantity": "" if key.quantity is None else key.quantity,
        "agreement": key.agreement_id or "",
    }
    return values | changes
