"""What the database itself refuses, whoever writes to it: the rules that one row can tell."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError

from productkeys.domain.choices import KeyType, Usage
from productkeys.domain.rules import ACTIVATION_ONLY_TYPES, MAX_QUANTITY
from productkeys.models import OperatingSystem, ProductKey
from tests.factories import KMS_HOST, MAK, RETAIL, new_code, stored

pytestmark = pytest.mark.django_db

GVLK = MAK | {"key_type": "gvlk", "usage": "installation_and_activation", "quantity": None}
AVMA = GVLK | {"key_type": "avma", "operating_system_id": "windows-server-2022", "edition": "ServerStandard"}
OEM = RETAIL | {"key_type": "oem"}
ESU = MAK | {"key_type": "esu", "edition": ""}
BY_TYPE = {"gvlk": GVLK, "mak": MAK, "kms_host": KMS_HOST, "retail": RETAIL, "oem": OEM, "avma": AVMA, "esu": ESU}


def _refuses(constraint: str, values: dict[str, Any], **changes: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ProductKey.objects.create(**values | {"code": new_code()} | changes)


@pytest.mark.parametrize("key_type", KeyType.values)
def test_a_sound_key_of_each_type_is_stored(key_type: str) -> None:
    assert ProductKey.objects.create(**BY_TYPE[key_type], code=new_code()).key_type == key_type


@pytest.mark.parametrize("usage", [Usage.INSTALLATION, Usage.BOTH])
@pytest.mark.parametrize("key_type", sorted(ACTIVATION_ONLY_TYPES))
def test_mak_kms_host_and_esu_are_for_activation_only(key_type: str, usage: str) -> None:
    _refuses("mak_host_esu_activate_only", BY_TYPE[key_type], usage=usage)


@pytest.mark.parametrize("key_type", sorted(ACTIVATION_ONLY_TYPES))
def test_mak_kms_host_and_esu_have_a_quantity(key_type: str) -> None:
    _refuses("counted_types_have_quantity", BY_TYPE[key_type], quantity=None)


@pytest.mark.parametrize("quantity", [0, MAX_QUANTITY + 1])
def test_a_quantity_is_positive_and_within_reason(quantity: int) -> None:
    _refuses("quantity_positive", MAK, quantity=quantity)


@pytest.mark.parametrize("key_type", ["gvlk", "avma"])
def test_gvlk_and_avma_have_no_quantity(key_type: str) -> None:
    _refuses("published_types_have_no_quantity", BY_TYPE[key_type], quantity=5)


@pytest.mark.parametrize("quantity", [None, 2])
def test_an_oem_key_is_for_one_device(quantity: int | None) -> None:
    _refuses("one_device_types_have_one", OEM, quantity=quantity)


def test_no_more_is_in_use_than_there_is() -> None:
    _refuses("in_use_within_quantity", MAK, in_use=501)
    key = stored(in_use=500)
    with pytest.raises(IntegrityError, match="in_use_within_quantity"), transaction.atomic():
        ProductKey.objects.filter(pk=key.pk).update(in_use=F("in_use") + 1)
    with pytest.raises(IntegrityError, match="in_use_within_quantity"), transaction.atomic():
        ProductKey.objects.filter(pk=key.pk).update(quantity=499)


def test_less_than_nothing_is_not_in_use() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductKey.objects.filter(pk=stored().pk).update(in_use=F("in_use") - 1)


def test_the_same_key_is_stored_once() -> None:
    key = stored()
    _refuses("fingerprint_odd", MAK, code=key.code.open())


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("key_type_known", {"key_type": "volume"}),
        ("architecture_known", {"architecture": "mips"}),
        ("usage_known", {"usage": "anything", "key_type": "retail"}),
        ("status_known", {"status": "lost"}),
    ],
)
def test_only_known_choices_are_stored(constraint: str, changes: dict[str, Any]) -> None:
    _refuses(constraint, MAK, **changes)


@pytest.mark.parametrize("key_type", ["mak", "kms_host", "retail", "oem", "esu"])
def test_only_gvlk_and_avma_are_ever_public(key_type: str) -> None:
    _refuses("only_public_types_are_published", BY_TYPE[key_type], published=True)


def test_an_operating_system_that_has_keys_is_not_removed() -> None:
    with pytest.raises(ProtectedError):
        OperatingSystem.objects.get(pk="windows-7").delete()


def test_a_constraint_holds_for_many_rows_at_once() -> None:
    stored(), stored()
    with pytest.raises(IntegrityError, match="mak_host_esu_activate_only"), transaction.atomic():
        ProductKey.objects.filter(key_type="mak").update(usage=Usage.INSTALLATION)
    rows = [ProductKey(**MAK | {"usage": "installation"}, code=new_code())]
    for row in rows:
        row.prepare_text()
    with pytest.raises(IntegrityError, match="mak_host_esu_activate_only"), transaction.atomic():
        ProductKey.objects.bulk_create(rows)
